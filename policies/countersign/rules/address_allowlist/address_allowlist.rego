# METADATA
# title: Address allowlist
# description: >-
#   Lets assets go only to recipients that the data names. A recipient is the owner of the receiving account. Every transfer
#   of the transaction is looked at, whoever pays it. The wallet may always pay itself.
# schemas:
#   - input: schema.input
package countersign.rules.address_allowlist

import data.countersign.settings
import data.countersign.wording

list := settings.wallet.address_allowlist

# METADATA
# title: Verdict
# description: Allow when the recipient of every transfer and of every sum is known and named.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "ADDRESS_ALLOWLIST_UNDECIDED",
		"message": "recipients cannot be checked: it needs effects.transfers and effects.outflows_by_recipient in the input and address_allowlist.recipients in the policy data of this wallet",
		"facts": {},
	}],
}

verdict := {"decision": "allow", "reasons": [listed]} if {
	is_array(input.effects.transfers)
	is_array(input.effects.outflows_by_recipient)
	is_object(list.recipients)
	every transfer in input.effects.transfers {
		permitted(transfer.asset, transfer.recipient)
	}
	every sum in input.effects.outflows_by_recipient {
		permitted(sum.asset, sum.recipient)
	}
} else := {"decision": "deny", "reasons": violations} if {
	count(violations) > 0
}

permitted(asset, recipient) if {
	is_string(asset)
	recipient == input.wallet.address
}

permitted(asset, recipient) if is_string(allowed(asset)[recipient])

# For an asset with a list of its own only that list counts.
allowed(asset) := list.recipients_by_asset[asset] if {
	list.recipients_by_asset[asset]
} else := list.recipients if {
	is_string(asset)
}

destinations contains [transfer.asset, transfer.recipient] if some transfer in input.effects.transfers

destinations contains [sum.asset, sum.recipient] if some sum in input.effects.outflows_by_recipient

listed := {"code": "RECIPIENTS_ALLOWED", "message": "every recipient is on the list", "facts": {}}

violations := array.concat(
	[stranger(asset, recipient) |
		some [asset, recipient] in sort(destinations)
		not permitted(asset, recipient)
	],
	[unknown(transfer) |
		some transfer in input.effects.transfers
		not transfer.recipient
	],
)

stranger(asset, recipient) := {
	"code": "RECIPIENT_NOT_ALLOWED",
	"message": $"recipient {recipient} of {asset} is not on the list; allowed: {wording.listing(allowed(asset))}",
	"facts": {"asset": asset, "recipient": recipient},
} if {
	is_object(allowed(asset))
}

unknown(transfer) := {
	"code": "RECIPIENT_UNKNOWN",
	"message": $"the owner of {transfer.destination}, which receives {transfer.asset}, could not be established; allowed: {wording.listing(allowed(transfer.asset))}",
	"facts": {"asset": transfer.asset, "destination": transfer.destination, "instruction": transfer.instruction},
} if {
	is_object(allowed(transfer.asset))
}
