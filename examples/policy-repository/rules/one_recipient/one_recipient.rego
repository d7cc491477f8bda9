# METADATA
# title: One recipient
# description: A transaction sends to one recipient at most, so that what a person approves is one payment. It needs no settings.
# schemas:
#   - input: schema.input
# custom:
#   facts: [effects.outflows, effects.outflows_by_recipient]
#   reasons:
#     ONE_RECIPIENT: allows; everything that leaves goes to one recipient
#     NOTHING_SENT: allows; nothing leaves the wallet
#     SEVERAL_RECIPIENTS: denies; what leaves goes to several recipients
#     RECIPIENTS_UNDECIDED: denies; a fact is missing or of another type, or nobody can tell who gets what leaves
package countersign.rules.one_recipient

# METADATA
# title: Verdict
# description: Allow when nothing is sent, or when everything that is sent goes to the same recipient.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "RECIPIENTS_UNDECIDED",
		"message": "it cannot be told who gets what leaves",
		"remedy": "allowed: inputs with effects.outflows_by_recipient for every asset in effects.outflows",
		"facts": {},
	}],
}

verdict := {
	"decision": "allow",
	"reasons": [{"code": "NOTHING_SENT", "message": "nothing leaves the wallet", "facts": {}}],
} if {
	established
	count(input.effects.outflows_by_recipient) == 0
} else := {
	"decision": "allow",
	"reasons": [{
		"code": "ONE_RECIPIENT",
		"message": "everything that leaves goes to one recipient",
		"facts": {"recipient": recipients[0]},
	}],
} if {
	established
	count(recipients) == 1
} else := {
	"decision": "deny",
	"reasons": [{
		"code": "SEVERAL_RECIPIENTS",
		"message": $"pays {count(recipients)} recipients: {concat(", ", recipients)}",
		"remedy": "at most 1 recipient is allowed; send a transaction to each",
		"facts": {"recipients": count(recipients)},
	}],
} if {
	established
}

# Each asset that leaves has a recipient that is known.
established if {
	is_array(input.effects.outflows)
	is_array(input.effects.outflows_by_recipient)
	every part in input.effects.outflows_by_recipient {
		is_string(part.asset)
		is_string(part.recipient)
	}
	every outflow in input.effects.outflows {
		outflow.asset in assets_with_recipient
	}
}

assets_with_recipient := {part.asset | some part in input.effects.outflows_by_recipient}

recipients := sort({part.recipient | some part in input.effects.outflows_by_recipient})
