# What one recipient may get. The annotations of the package stand in spending_limit.rego.
package countersign.rules.spending_limit

import data.countersign.terms
import data.countersign.wording

recipient_maxima := object.get(per_recipient, "per_transaction", {})

recipient_windows := object.get(per_recipient, "per_window", {})

recipient_limits := [] if per_recipient == {}

recipient_limits := array.flatten(lists) if {
	# countersign-mutate: condition lives because there are no limits in what is empty; it spares the search
	per_recipient != {}
	recipients_known
	recipients_within
	lists := [limits_of_receiver(asset, recipient) | some [asset, recipient] in receivers]
	count(lists) == count(receivers)
}

recipients_known if {
	is_object(recipient_maxima)
	is_object(recipient_windows)
	every entries in recipient_windows {
		is_array(entries)
	}
	is_array(input.effects.transfers)
	every transfer in input.effects.transfers {
		recipient_known(transfer)
	}
}

recipient_known(transfer) if is_string(transfer.recipient)

recipient_known(transfer) if {
	is_string(transfer.asset)
	not transfer.asset in object.keys(recipient_maxima)
	not transfer.asset in object.keys(recipient_windows)
}

recipients_within if {
	is_string(input.wallet.address)
	is_array(input.effects.outflows_by_recipient)
	every sum in input.effects.outflows_by_recipient {
		is_string(sum.asset)
		is_string(sum.recipient)
		is_number(sum.amount)
		sum.amount >= 0
	}
	every receiver in receivers {
		receiver_within(receiver[0], receiver[1])
	}
}

receiver_within(asset, _) if not asset in object.keys(recipient_maxima)

receiver_within(asset, recipient) if {
	is_number(recipient_maxima[asset])
	received(asset, recipient) <= recipient_maxima[asset]
}

# What the wallet pays itself is no question of recipients.
receivers := sort({[sum.asset, sum.recipient] |
	some sum in input.effects.outflows_by_recipient
	sum.recipient != input.wallet.address
})

# The sums may be given in parts.
received(asset, recipient) := sum([part.amount |
	some part in input.effects.outflows_by_recipient
	part.asset == asset
	part.recipient == recipient
])

limits_of_receiver(asset, recipient) := terms.limits(
	$"spending_limit/{asset}/to:{recipient}",
	{"kind": "outflow", "asset": asset, "recipient": recipient},
	object.get(recipient_windows, asset, null),
)

recipient_violations := [] if per_recipient == {}

recipient_violations := array.flatten([
	[recipient_excess(asset, recipient) |
		some [asset, recipient] in receivers
		received(asset, recipient) > recipient_maxima[asset]
	],
	[recipient_unknown(transfer) |
		some transfer in input.effects.transfers
		not recipient_known(transfer)
	],
	[terms.malformed($"spending_limit.per_recipient.per_window.{asset}") |
		some asset in sort({asset | some [asset, recipient] in receivers; not limits_of_receiver(asset, recipient)})
	],
]) if {
	per_recipient != {}
}

recipient_excess(asset, recipient) := {
	"code": "RECIPIENT_LIMIT_EXCEEDED",
	"message": $"sends {wording.amount(received(asset, recipient), asset)} to {recipient}",
	"remedy": $"at most {wording.amount(recipient_maxima[asset], asset)} per transaction is allowed to one recipient",
	"facts": {
		"asset": asset,
		"recipient": recipient,
		"amount": received(asset, recipient),
		"limit": recipient_maxima[asset],
	},
}

recipient_unknown(transfer) := {
	"code": "RECIPIENT_UNKNOWN",
	"message": $"the owner of {transfer.destination}, which receives {transfer.asset}, could not be established",
	"remedy": "allowed: only recipients that are known, where the asset has a limit for each",
	"facts": {"asset": transfer.asset, "destination": transfer.destination},
}
