package countersign.rules.spending_limit_windows_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.spending_limit.verdict

daily := {"max": 20000, "rolling_seconds": 86400}

setting(change) := fixtures.agents_with("spending_limit", object.union(
	{"per_transaction": {"SOL": 10000, fixtures.mint: 500}},
	change,
))

sending(outflows) := fixtures.request_with("/effects/outflows", outflows)

sol := {"asset": "SOL", "amount": 10, "decimals": 9}

tokens := {"asset": fixtures.mint, "amount": 5, "decimals": 6}

test_allow_with_the_limits_over_time_of_what_leaves if {
	v := verdict with input as sending([tokens, sol])
		with data.countersign.agents as setting({"per_window": {
			"SOL": [daily, {"max": 100000, "calendar": "month", "time_zone": "Europe/Zurich", "scope": "wallet"}],
			fixtures.mint: [{"max": 7, "lifetime": true}],
			"Other": [daily],
		}})
	v.decision == "allow"
	[[limit.id, limit.measure, limit.max] | some limit in v.limits] == [
		[$"spending_limit/{fixtures.mint}/lifetime/agent_wallet", {"kind": "outflow", "asset": fixtures.mint}, 7],
		["spending_limit/SOL/rolling:86400/agent_wallet", {"kind": "outflow", "asset": "SOL"}, 20000],
		["spending_limit/SOL/calendar:month:Europe/Zurich/wallet", {"kind": "outflow", "asset": "SOL"}, 100000],
	]
}

test_allow_without_limits_over_time_where_nothing_with_one_leaves if {
	v := verdict with input as sending([sol]) with data.countersign.agents as setting({"per_window": {fixtures.mint: [daily]}})
	v.decision == "allow"
	v.limits == []
	w := verdict with input as sending([]) with data.countersign.agents as setting({"per_window": {"SOL": [daily]}})
	w.decision == "allow"
	w.limits == []
	x := verdict with input as sending([sol]) with data.countersign.agents as setting({})
	x.limits == []
}

test_allow_one_limit_for_an_asset_in_several_entries if {
	v := verdict with input as sending([sol, sol]) with data.countersign.agents as setting({"per_window": {"SOL": [daily]}})
	v.decision == "allow"
	count(v.limits) == 1
}

test_deny_an_asset_that_has_only_limits_over_time if {
	v := verdict with input as sending([{"asset": "Other", "amount": 1}])
		with data.countersign.agents as setting({"per_window": {"Other": [daily]}})
	v.decision == "deny"
	[reason.code | some reason in v.reasons] == ["ASSET_NOT_ALLOWED"]
	not v.limits
}

test_deny_above_the_limit_per_transaction_whatever_the_limits_over_time if {
	v := verdict with input as sending([{"asset": "SOL", "amount": 10001}])
		with data.countersign.agents as setting({"per_window": {"SOL": [daily]}})
	v.decision == "deny"
}

test_deny_limits_over_time_that_cannot_be_read if {
	every entries in [
		[],
		{},
		"x",
		1,
		true,
		false,
		[{"max": 1}],
		[{"max": "1", "rolling_seconds": 60}],
		[{"max": 1, "rolling_seconds": 60, "lifetime": true}],
		[daily, daily],
	] {
		v := verdict with input as sending([sol]) with data.countersign.agents as setting({"per_window": {"SOL": entries}})
		v.decision == "deny"
		[reason.code | some reason in v.reasons] == ["WINDOW_LIMIT_MALFORMED"]
		v.reasons[0].facts == {"setting": "spending_limit.per_window.SOL"}
	}
}

test_deny_limits_over_time_of_an_asset_that_are_null if {
	v := verdict with input as sending([sol]) with data.countersign.agents as setting({"per_window": {"SOL": null}})
	v.decision == "deny"
	w := verdict with input as sending([sol]) with data.countersign.agents as setting({"per_window": {"SOL": [daily], fixtures.mint: null}})
	w.decision == "deny"
}

test_deny_limits_over_time_of_another_type if {
	every value in [[], [daily], "x", 1, true, false, null] {
		v := verdict with input as sending([sol]) with data.countersign.agents as setting({"per_window": value})
		v.decision == "deny"
		w := verdict with input as sending([]) with data.countersign.agents as setting({"per_window": value})
		w.decision == "deny"
	}
}

test_deny_decimals_other_than_those_of_the_data if {
	every decimals, shown in {5: 5, 9: 9, 0: 0, "6": "6", null: null} {
		outflow := object.union(tokens, {"decimals": decimals})
		v := verdict with input as sending([outflow])
			with data.countersign.agents as setting({})
			with data.countersign.assets as {fixtures.mint: {"symbol": "USDC", "decimals": 6}}
		v.decision == "deny"
		v.reasons == [{
			"code": "ASSET_DECIMALS_MISMATCH",
			"message": $"sends 5 base units of {fixtures.mint}, which has {shown} decimals on chain and 6 in the policy data",
			"remedy": "allowed: only assets whose decimals are the same in both: every amount in the data hangs on them",
			"facts": {"asset": fixtures.mint, "amount": 5, "decimals": shown, "declared": 6},
		}]
	}
}

test_deny_decimals_that_are_not_known_where_the_data_says_some if {
	v := verdict with input as sending([object.remove(tokens, ["decimals"])])
		with data.countersign.agents as setting({})
		with data.countersign.assets as {fixtures.mint: {"symbol": "USDC", "decimals": 6}}
	v.decision == "deny"
	v.reasons[0].facts.decimals == "unknown"
}

test_deny_what_is_declared_without_decimals if {
	every declared in [{}, {"symbol": "USDC"}, {"decimals": "6"}, false, null, 6, "USDC"] {
		v := verdict with input as sending([tokens])
			with data.countersign.agents as setting({})
			with data.countersign.assets as {fixtures.mint: declared}
		v.decision == "deny"
	}
	v := verdict with input as sending([tokens])
		with data.countersign.agents as setting({})
		with data.countersign.assets as {fixtures.mint: {"symbol": "USDC"}}
	v.reasons[0].facts.declared == "unknown"
}

test_allow_the_decimals_of_the_data_and_assets_that_it_does_not_declare if {
	v := verdict with input as sending([tokens, sol])
		with data.countersign.agents as setting({})
		with data.countersign.assets as {fixtures.mint: {"symbol": "USDC", "decimals": 6}}
	v.decision == "allow"
}

test_deny_names_only_the_asset_whose_decimals_differ if {
	v := verdict with input as sending([object.union(tokens, {"decimals": 9}), sol])
		with data.countersign.agents as setting({})
		with data.countersign.assets as {fixtures.mint: {"symbol": "USDC", "decimals": 6}}
	[reason.facts.asset | some reason in v.reasons] == [fixtures.mint]
}
