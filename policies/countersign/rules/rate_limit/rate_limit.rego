# METADATA
# title: Rate limit
# description: >-
#   Limits how often the wallet signs over time, transactions and messages together. The rule names the limits that hold; the
#   gateway counts, so that nothing counts twice and nothing is forgotten.
# schemas:
#   - input: schema.input
# custom:
#   facts: [message, transaction]
#   settings: schema.rules.rate_limit
#   reasons:
#     RATE_LIMITED: allows; at least one limit over time goes with the decision
#     WINDOW_LIMIT_MALFORMED: denies; the limits over time cannot be read
#     RATE_LIMIT_UNDECIDED: denies; a fact or a setting is missing
package countersign.rules.rate_limit

import data.countersign.settings
import data.countersign.terms

windows := settings.wallet.rate_limit.per_window

# METADATA
# title: Verdict
# description: Allow with the limits of the data, at least one; deny where they cannot be read.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "RATE_LIMIT_UNDECIDED",
		"message": "how often the wallet signs cannot be limited",
		"remedy": "allowed: only with a transaction or a message in the input and rate_limit.per_window in the policy data of this wallet",
		"facts": {},
	}],
}

verdict := {
	"decision": "allow", "reasons": [{
		"code": "RATE_LIMITED",
		"message": "how often the wallet signs is limited over time",
		"facts": {},
	}],
	"limits": limits,
} if {
	something_to_sign
	count(limits) > 0
} else := {"decision": "deny", "reasons": [terms.malformed("rate_limit.per_window")]} if {
	something_to_sign
	is_array(windows)
}

something_to_sign if is_object(input.transaction)

something_to_sign if is_object(input.message)

limits := terms.limits("rate_limit", {"kind": "count"}, windows)
