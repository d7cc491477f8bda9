# METADATA
# title: Spending limit
# description: >-
#   Limits what leaves the wallet in one transaction, an asset each, as a gross sum over all its accounts and all
#   instructions. An asset without a limit may not leave.
# schemas:
#   - input: schema.input
package countersign.rules.spending_limit

import data.countersign.settings
import data.countersign.wording

maxima := settings.wallet.spending_limit.per_transaction

# METADATA
# title: Verdict
# description: Allow when every asset that leaves has a limit and its sum is within it.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "SPENDING_LIMIT_UNDECIDED",
		"message": "the spending limit cannot be checked: it needs effects.outflows in the input and spending_limit.per_transaction in the policy data of this wallet",
		"facts": {},
	}],
}

verdict := {"decision": "allow", "reasons": [within]} if {
	is_array(input.effects.outflows)
	is_object(maxima)
	every outflow in input.effects.outflows {
		is_number(outflow.amount)
		outflow.amount >= 0
		is_number(maxima[outflow.asset])
		total(outflow.asset) <= maxima[outflow.asset]
	}
} else := {"decision": "deny", "reasons": violations} if {
	count(violations) > 0
}

# Sorted, because sets have another order in WebAssembly than in opa.
assets := sort({outflow.asset | some outflow in input.effects.outflows})

# Gross: every entry of the asset counts, and nothing that comes in is taken off.
total(asset) := sum([outflow.amount |
	some outflow in input.effects.outflows
	outflow.asset == asset
])

within := {
	"code": "SPENDING_WITHIN_LIMIT",
	"message": "of every asset that leaves the wallet no more than its limit per transaction",
	"facts": {},
}

violations := array.concat(
	[excess(asset) |
		some asset in assets
		total(asset) > maxima[asset]
	],
	[unlimited(asset) |
		some asset in assets
		not maxima[asset]
	],
)

unlimited(asset) := {
	"code": "ASSET_NOT_ALLOWED",
	"message": $"sends {wording.amount(total(asset), asset)}, which has no limit; assets with a limit: {wording.names(maxima)}",
	"facts": {"asset": asset, "amount": total(asset)},
} if {
	is_object(maxima)
}

excess(asset) := {
	"code": "SPENDING_LIMIT_EXCEEDED",
	"message": $"sends {wording.amount(total(asset), asset)}; at most {maxima[asset]} per transaction is allowed",
	"facts": {"asset": asset, "amount": total(asset), "limit": maxima[asset]},
}
