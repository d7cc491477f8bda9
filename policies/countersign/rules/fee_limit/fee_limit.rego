# METADATA
# title: Fee limit
# description: >-
#   Limits the fee of a transaction where the wallet pays it, and the rent that the wallet puts into new accounts: in one
#   transaction, and over time. Neither counts against the spending limit.
# schemas:
#   - input: schema.input
# custom:
#   facts: [effects.fee.payer, effects.fee.total_lamports, effects.rent_lamports, wallet.address]
#   settings: schema.rules.fee_limit
#   reasons:
#     FEE_WITHIN_LIMIT: allows; the wallet pays no fee, or one within its limit, and its rent is within its limit
#     FEE_LIMIT_EXCEEDED: denies; the wallet pays more fee than its limit per transaction
#     RENT_LIMIT_EXCEEDED: denies; the wallet pays more rent than its limit per transaction
#     WINDOW_LIMIT_MALFORMED: denies; the limits over time of fee or rent cannot be read
#     FEE_LIMIT_UNDECIDED: denies; a fact or a setting is missing or of another type
package countersign.rules.fee_limit

import data.countersign.settings
import data.countersign.terms

maxima := settings.wallet.fee_limit

windows := object.get(maxima, "per_window", {})

# METADATA
# title: Verdict
# description: Allow when fee and rent are known and within their limits; limits over time go with what the wallet pays.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "FEE_LIMIT_UNDECIDED",
		"message": "fee and rent cannot be checked",
		"remedy": "allowed: only with effects.fee and effects.rent_lamports in the input and fee_limit.max_fee_lamports and max_rent_lamports in the policy data of this wallet",
		"facts": {},
	}],
}

verdict := {"decision": "allow", "reasons": [{"code": "FEE_WITHIN_LIMIT", "message": "the wallet pays no more fee and rent than their limits", "facts": {}}], "limits": limits} if {
	most := maxima
	is_number(most.max_fee_lamports)
	is_number(most.max_rent_lamports)
	rent := input.effects.rent_lamports
	is_number(rent)
	rent <= most.max_rent_lamports
	fee_permitted
} else := {"decision": "deny", "reasons": violations} if {
	count(violations) > 0
}

fee_permitted if {
	payer := input.effects.fee.payer
	is_string(payer)
	is_string(input.wallet.address)
	payer != input.wallet.address
}

fee_permitted if {
	fee := input.effects.fee
	is_number(fee.total_lamports)
	fee.payer == input.wallet.address
	fee.total_lamports <= maxima.max_fee_lamports
}

limits := [] if windows == {}

# Both must be readable, also where the wallet pays only one of them.
limits := array.concat(
	[limit |
		input.effects.fee.payer == input.wallet.address
		some limit in fee_limits
	],
	[limit |
		input.effects.rent_lamports > 0
		some limit in rent_limits
	],
) if {
	# countersign-mutate: condition lives because there are no limits in what is empty; it spares the search
	windows != {}
	every entries in windows {
		is_array(entries)
	}
	is_array(fee_limits)
	is_array(rent_limits)
}

fee_limits := terms.limits("fee_limit/fee", {"kind": "fee"}, object.get(windows, "fee", null))

rent_limits := terms.limits("fee_limit/rent", {"kind": "rent"}, object.get(windows, "rent", null))

violations := array.flatten([
	[{
		"code": "FEE_LIMIT_EXCEEDED",
		"message": $"the wallet pays a fee of {input.effects.fee.total_lamports} lamports",
		"remedy": $"at most {maxima.max_fee_lamports} is allowed",
		"facts": {"fee_lamports": input.effects.fee.total_lamports, "limit": maxima.max_fee_lamports},
	} |
		not fee_permitted
	],
	[{
		"code": "RENT_LIMIT_EXCEEDED",
		"message": $"the wallet pays {input.effects.rent_lamports} lamports of rent for new accounts",
		"remedy": $"at most {maxima.max_rent_lamports} is allowed",
		"facts": {"rent_lamports": input.effects.rent_lamports, "limit": maxima.max_rent_lamports},
	} |
		input.effects.rent_lamports > maxima.max_rent_lamports
	],
	[terms.malformed("fee_limit.per_window") |
		is_object(maxima)
		not limits
	],
])
