# METADATA
# title: Payment reference
# description: >-
#   A transaction that sends anything carries exactly one memo, and the memo is a reference: one of the known prefixes, a space and
#   more, no longer than the data says.
# schemas:
#   - input: schema.input
# custom:
#   facts: [effects.outflows, transaction.instructions]
#   settings: schema.rules.payment_reference
#   reasons:
#     PAYMENT_REFERENCED: allows; what is sent carries a reference
#     NOTHING_SENT: allows; nothing leaves the wallet, so nothing need be referenced
#     PAYMENT_REFERENCE_MISSING: denies; something is sent without exactly one memo
#     PAYMENT_REFERENCE_UNKNOWN: denies; the memo is no reference
#     PAYMENT_REFERENCE_UNDECIDED: denies; a fact or a setting is missing or of another type
package countersign.rules.payment_reference

import data.countersign.settings

memo_program := "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"

setting := settings.wallet.payment_reference

# METADATA
# title: Verdict
# description: Allow when nothing is sent, or when the one memo is a reference.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "PAYMENT_REFERENCE_UNDECIDED",
		"message": "the reference of the payment cannot be checked",
		"remedy": "allowed: inputs with effects.outflows and transaction.instructions, for wallets with settings for payment_reference",
		"facts": {},
	}],
}

verdict := {
	"decision": "allow",
	"reasons": [{"code": "NOTHING_SENT", "message": "nothing leaves the wallet", "facts": {}}],
} if {
	established
	count(input.effects.outflows) == 0
} else := {
	"decision": "allow",
	"reasons": [{
		"code": "PAYMENT_REFERENCED",
		"message": "the payment carries a reference",
		"facts": {"reference": memos[0]},
	}],
} if {
	established
	count(memos) == 1
	referenced(memos[0])
} else := {
	"decision": "deny",
	"reasons": [{
		"code": "PAYMENT_REFERENCE_UNKNOWN",
		"message": "the memo is no reference that is known",
		"remedy": $"allowed: up to {setting.longest} characters that begin with {concat(" or ", setting.prefixes)} and a space",
		"facts": {},
	}],
} if {
	established
	count(memos) == 1
} else := {
	"decision": "deny",
	"reasons": [{
		"code": "PAYMENT_REFERENCE_MISSING",
		"message": $"the payment has {count(memos)} memos",
		"remedy": "allowed: exactly one memo, the reference of the payment",
		"facts": {"memos": count(memos)},
	}],
} if {
	established
}

established if {
	is_array(input.effects.outflows)
	is_array(input.transaction.instructions)
	is_array(setting.prefixes)
	is_number(setting.longest)
}

# A memo that is no text stands without one, and counts all the same.
# countersign-lint: allow agent-text-decides because a payment without a reference is denied; a reference by itself lets nothing pass
memos := [object.get(instruction, ["texts", "text"], "") |
	some instruction in input.transaction.instructions
	instruction.program == memo_program
]

referenced(memo) if {
	count(memo) <= setting.longest
	some prefix in setting.prefixes
	startswith(memo, $"{prefix} ")
	count(memo) > count(prefix) + 1
}
