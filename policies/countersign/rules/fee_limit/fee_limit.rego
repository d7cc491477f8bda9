# METADATA
# title: Fee limit
# description: >-
#   Limits the fee of a transaction where the wallet pays it, and the rent that the wallet puts into new accounts. Neither
#   counts against the spending limit.
# schemas:
#   - input: schema.input
package countersign.rules.fee_limit

import data.countersign.settings

limits := settings.wallet.fee_limit

# METADATA
# title: Verdict
# description: Allow when fee and rent are known and within their limits.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "FEE_LIMIT_UNDECIDED",
		"message": "fee and rent cannot be checked: it needs effects.fee and effects.rent_lamports in the input and fee_limit.max_fee_lamports and max_rent_lamports in the policy data of this wallet",
		"facts": {},
	}],
}

verdict := {"decision": "allow", "reasons": [finding]} if {
	is_number(limits.max_fee_lamports)
	is_number(limits.max_rent_lamports)
	is_number(input.effects.rent_lamports)
	input.effects.rent_lamports <= limits.max_rent_lamports
	fee_permitted
} else := {"decision": "deny", "reasons": violations} if {
	count(violations) > 0
}

fee_permitted if {
	is_string(input.effects.fee.payer)
	is_string(input.wallet.address)
	input.effects.fee.payer != input.wallet.address
}

fee_permitted if {
	is_number(input.effects.fee.total_lamports)
	input.effects.fee.payer == input.wallet.address
	input.effects.fee.total_lamports <= limits.max_fee_lamports
}

finding := {"code": "FEE_WITHIN_LIMIT", "message": "the wallet pays no more fee and rent than their limits", "facts": {}}

violations := array.concat(
	[{
		"code": "FEE_LIMIT_EXCEEDED",
		"message": $"the wallet pays a fee of {input.effects.fee.total_lamports} lamports; at most {limits.max_fee_lamports} is allowed",
		"facts": {"fee_lamports": input.effects.fee.total_lamports, "limit": limits.max_fee_lamports},
	} |
		not fee_permitted
	],
	[{
		"code": "RENT_LIMIT_EXCEEDED",
		"message": $"the wallet pays {input.effects.rent_lamports} lamports of rent for new accounts; at most {limits.max_rent_lamports} is allowed",
		"facts": {"rent_lamports": input.effects.rent_lamports, "limit": limits.max_rent_lamports},
	} |
		input.effects.rent_lamports > limits.max_rent_lamports
	],
)
