# METADATA
# title: Spending limit
# description: >-
#   Limits what leaves the wallet, an asset each, as a gross sum over all its accounts and all instructions: in one transaction,
#   over time, and for each recipient by itself. An asset without a limit per transaction may not leave, whatever its limits over
#   time. Where the policy data says how many decimals an asset has, the chain must say the same.
# schemas:
#   - input: schema.input
# custom:
#   facts: [effects.outflows, effects.outflows_by_recipient, effects.transfers, wallet.address]
#   settings: schema.rules.spending_limit
#   reasons:
#     SPENDING_WITHIN_LIMIT: allows; every asset that leaves has a limit per transaction and is within it
#     SPENDING_LIMIT_EXCEEDED: denies; more of an asset leaves than its limit per transaction
#     ASSET_NOT_ALLOWED: denies; an asset leaves that has no limit per transaction
#     ASSET_DECIMALS_MISMATCH: denies; an asset has other decimals on chain than the policy data says
#     RECIPIENT_LIMIT_EXCEEDED: denies; one recipient gets more of an asset than its limit per transaction
#     RECIPIENT_UNKNOWN: denies; who gets an asset that has limits for each recipient could not be established
#     WINDOW_LIMIT_MALFORMED: denies; the limits over time of an asset that leaves cannot be read
#     SPENDING_LIMIT_UNDECIDED: denies; a fact or a setting is missing or of another type
package countersign.rules.spending_limit

import data.countersign.settings
import data.countersign.terms
import data.countersign.wording

setting := settings.wallet.spending_limit

maxima := setting.per_transaction

windows := object.get(setting, "per_window", {})

per_recipient := object.get(setting, "per_recipient", {})

# METADATA
# title: Verdict
# description: Allow when every asset that leaves has a limit and its sums are within their limits; limits over time go with it.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "SPENDING_LIMIT_UNDECIDED",
		"message": "the spending limit cannot be checked",
		"remedy": "allowed: only with effects.outflows in the input and spending_limit.per_transaction in the policy data of this wallet; with spending_limit.per_recipient, also effects.outflows_by_recipient, and a recipient of every transfer of its assets",
		"facts": {},
	}],
}

verdict := {
	"decision": "allow", "reasons": [{
		"code": "SPENDING_WITHIN_LIMIT",
		"message": "of every asset that leaves the wallet no more than its limit per transaction",
		"facts": {},
	}],
	"limits": array.concat(asset_limits, recipient_limits),
} if {
	outflows := input.effects.outflows
	is_array(outflows)
	most := maxima
	is_object(most)
	every outflow in outflows {
		# countersign-mutate: condition lives because a sum of what is no number is undefined
		is_number(outflow.amount)
		outflow.amount >= 0
		is_number(most[outflow.asset])
		total(outflow.asset) <= most[outflow.asset]
		decimals_agree(outflow)
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

decimals_agree(outflow) if not declared(outflow.asset)

decimals_agree(outflow) if outflow.decimals == data.countersign.assets[outflow.asset].decimals

# Whatever its value: what is declared wrongly agrees with nothing.
# countersign-lint: allow not-over-missing because the list of assets is optional: what it does not declare has nothing to agree with
declared(asset) if type_name(data.countersign.assets[asset]) != ""

asset_limits := [] if windows == {}

asset_limits := array.flatten(lists) if {
	given := windows
	is_object(given)

	# countersign-mutate: condition lives because there are no limits in what is empty; it spares the search
	given != {}
	every entries in given {
		is_array(entries)
	}
	lists := [limits_of_asset(asset) | some asset in assets]
	count(lists) == count(assets)
}

limits_of_asset(asset) := terms.limits(
	concat("/", ["spending_limit", asset]),
	{"kind": "outflow", "asset": asset},
	object.get(windows, asset, null),
)

violations := array.flatten([
	[excess(asset) |
		some asset in assets
		total(asset) > maxima[asset]
	],
	[unlimited(asset) |
		some asset in assets
		not maxima[asset]
	],
	[mismatch(outflow) |
		some outflow in input.effects.outflows
		not decimals_agree(outflow)
	],
	[terms.malformed($"spending_limit.per_window.{asset}") |
		some asset in assets
		not limits_of_asset(asset)
	],
	recipient_violations,
])

unlimited(asset) := {
	"code": "ASSET_NOT_ALLOWED",
	"message": $"sends {wording.amount(total(asset), asset)}, which has no limit per transaction",
	"remedy": $"allowed: only assets with a limit: {wording.names(maxima)}",
	"facts": {"asset": asset, "amount": total(asset)},
} if {
	is_object(maxima)
}

excess(asset) := {
	"code": "SPENDING_LIMIT_EXCEEDED",
	"message": $"sends {wording.amount(total(asset), asset)}",
	"remedy": $"at most {wording.amount(maxima[asset], asset)} per transaction is allowed",
	"facts": {"asset": asset, "amount": total(asset), "limit": maxima[asset]},
}

mismatch(outflow) := {
	"code": "ASSET_DECIMALS_MISMATCH",
	"message": $"sends {wording.amount(outflow.amount, outflow.asset)}, which has {stated} decimals on chain and {declared} in the policy data",
	"remedy": "allowed: only assets whose decimals are the same in both: every amount in the data hangs on them",
	"facts": {"asset": outflow.asset, "amount": outflow.amount, "decimals": stated, "declared": declared},
} if {
	stated := object.get(outflow, "decimals", "unknown")
	declared := object.get(data.countersign.assets[outflow.asset], "decimals", "unknown")
}
