# METADATA
# title: Address allowlist
# description: >-
#   Lets assets go only to recipients that the data names. A recipient is the owner of the receiving account. Every transfer
#   of the transaction is looked at, whoever pays it. The wallet may always pay itself. Rent that the wallet pays must stay with
#   it, or with any of the recipients: who can close an account can take its rent.
# schemas:
#   - input: schema.input
# custom:
#   facts: [effects.transfers, effects.outflows_by_recipient, effects.creations, wallet.address]
#   settings: schema.rules.address_allowlist
#   reasons:
#     RECIPIENTS_ALLOWED: allows; every recipient is on the list
#     RECIPIENT_NOT_ALLOWED: denies; a recipient is not on the list for its asset
#     RECIPIENT_UNKNOWN: denies; who owns a receiving account could not be established
#     RENT_RECIPIENT_NOT_ALLOWED: denies; somebody who is not on the list could take rent that the wallet pays
#     ADDRESS_ALLOWLIST_UNDECIDED: denies; a fact or a setting is missing or of another type
package countersign.rules.address_allowlist

import data.countersign.settings
import data.countersign.wording

list := settings.wallet.address_allowlist

# METADATA
# title: Verdict
# description: Allow when the recipient of every transfer, of every sum and of every rent is known and named.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "ADDRESS_ALLOWLIST_UNDECIDED",
		"message": "recipients cannot be checked",
		"remedy": "allowed: only with effects.transfers, effects.outflows_by_recipient and effects.creations in the input and address_allowlist.recipients in the policy data of this wallet",
		"facts": {},
	}],
}

verdict := {"decision": "allow", "reasons": [{"code": "RECIPIENTS_ALLOWED", "message": "every recipient is on the list", "facts": {}}]} if {
	effects := input.effects
	is_array(effects.transfers)
	is_array(effects.outflows_by_recipient)
	is_object(list.recipients)
	every transfer in effects.transfers {
		permitted(transfer.asset, transfer.recipient)
	}
	every sum in effects.outflows_by_recipient {
		permitted(sum.asset, sum.recipient)
	}
	is_array(effects.creations)
	every creation in effects.creations {
		rent_permitted(creation)
	}
} else := {"decision": "deny", "reasons": violations} if {
	count(violations) > 0
}

permitted(asset, recipient) if {
	is_string(asset)
	recipient == input.wallet.address
}

permitted(asset, recipient) if is_string(allowed(asset)[recipient])

rent_permitted(creation) if {
	is_string(creation.payer)
	is_string(input.wallet.address)
	creation.payer != input.wallet.address
}

rent_permitted(creation) if creation.rent_lamports == 0

rent_permitted(creation) if creation.refundable_to in {"nobody", input.wallet.address}

# Whether a program may have accounts at all is no question of recipients.
rent_permitted(creation) if creation.refundable_to == creation.owner_program

rent_permitted(creation) if creation.refundable_to in recipients_of_anything

recipients_of_anything contains recipient if {
	some recipient, label in list.recipients
	is_string(label)
}

recipients_of_anything contains recipient if {
	some listed_recipients in list.recipients_by_asset
	some recipient, label in listed_recipients
	is_string(label)
}

# For an asset with a list of its own only that list counts.
allowed(asset) := object.get(list, ["recipients_by_asset", asset], list.recipients) if is_string(asset)

destinations contains [transfer.asset, transfer.recipient] if some transfer in input.effects.transfers

destinations contains [sum.asset, sum.recipient] if some sum in input.effects.outflows_by_recipient

violations := array.flatten([
	[stranger(asset, recipient) |
		some [asset, recipient] in sort(destinations)
		not permitted(asset, recipient)
	],
	[unknown(transfer) |
		some transfer in input.effects.transfers
		not transfer.recipient
	],
	[rent_taker(creation) |
		some creation in input.effects.creations
		not rent_permitted(creation)
	],
])

stranger(asset, recipient) := {
	"code": "RECIPIENT_NOT_ALLOWED",
	"message": $"recipient {recipient} of {asset} is not on the list",
	"remedy": $"allowed: {wording.listing(allowed(asset))}",
	"facts": {"asset": asset, "recipient": recipient},
} if {
	is_object(allowed(asset))
}

rent_taker(creation) := {
	"code": "RENT_RECIPIENT_NOT_ALLOWED",
	"message": $"pays {creation.rent_lamports} lamports of rent for {creation.account}, which {creation.refundable_to} can take back",
	"remedy": $"allowed: the wallet itself and {wording.listing({recipient: "" | some recipient in recipients_of_anything})}",
	"facts": {
		"instruction": creation.instruction,
		"account": creation.account,
		"recipient": creation.refundable_to,
	},
} if {
	is_object(list.recipients)
}

unknown(transfer) := {
	"code": "RECIPIENT_UNKNOWN",
	"message": $"the owner of {transfer.destination}, which receives {transfer.asset}, could not be established",
	"remedy": $"allowed: {wording.listing(allowed(transfer.asset))}",
	"facts": {"asset": transfer.asset, "destination": transfer.destination, "instruction": transfer.instruction},
} if {
	is_object(allowed(transfer.asset))
}
