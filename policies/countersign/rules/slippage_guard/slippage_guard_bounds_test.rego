package countersign.rules.slippage_guard_bounds_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.slippage_guard.verdict
import data.countersign.rules.slippage_guard_scene_test.assertion
import data.countersign.rules.slippage_guard_scene_test.by_pair
import data.countersign.rules.slippage_guard_scene_test.calling
import data.countersign.rules.slippage_guard_scene_test.guaranteeing
import data.countersign.rules.slippage_guard_scene_test.pool
import data.countersign.rules.slippage_guard_scene_test.ratio
import data.countersign.rules.slippage_guard_scene_test.swap
import data.countersign.rules.slippage_guard_scene_test.swaps
import data.countersign.rules.slippage_guard_scene_test.vault

decided(request, settings) := v if {
	v := verdict with input as request
		with data.countersign.agents as fixtures.agents_with("slippage_guard", settings)
}

codes(request, settings) := [reason.code | some reason in decided(request, settings).reasons]

test_allow_a_ratio_up_from_its_bound if {
	every case in [
		[100, 95, "allow"],
		[100, 94, "deny"],
		[101, 95, "deny"],
		[101, 96, "allow"],
		[1, 1, "allow"],
		[2, 1, "deny"],
		[0, 1, "allow"],
		[18446744073709551615, 17524406870024074034, "deny"],
		[18446744073709551615, 17524406870024074035, "allow"],
	] {
		[amount_in, minimum, decision] := case
		decided(calling(swap({"minimum_out": minimum, "amount_in": amount_in})), swaps(ratio)).decision == decision
	}
}

test_allow_arguments_in_structs if {
	settings := swaps({"minimum_out": "params.limits.minimum_out", "bound": {"at_least": 5}})
	decided(calling(swap({"params": {"limits": {"minimum_out": 5}}})), settings).decision == "allow"
	decided(calling(swap({"params": {"limits": {"minimum_out": 4}}})), settings).decision == "deny"
	decided(calling(swap({"minimum_out": 5})), settings).decision == "deny"
}

test_deny_a_minimum_of_nothing if {
	every bound in [{"at_least": 1}, {"at_least": 0}, {"out": 1, "in": 1}] {
		settings := swaps(object.union(object.remove(ratio, ["bound"]), {"bound": bound}))
		every arguments in [
			{"minimum_out": 0, "amount_in": 0},
			{"minimum_out": -1, "amount_in": 0},
			{"amount_in": 0},
			{"minimum_out": null, "amount_in": 0},
			{"minimum_out": "5", "amount_in": 0},
			{"minimum_out": true, "amount_in": 0},
			{"minimum_out": [5], "amount_in": 0},
		] {
			v := decided(calling(swap(arguments)), settings)
			v.decision == "deny"
			v.reasons[0].code == "MINIMUM_OUT_MISSING"
			v.reasons[0].remedy == "allowed: with minimum_out above 0 and within its bound"
		}
	}
}

test_allow_a_minimum_by_its_argument_whatever_its_guarantee if {
	guarantee := {
		"instruction": 0,
		"basis": "message",
		"kind": "argument",
		"argument": "minimum_out",
		"operator": ">=",
		"amount": 94,
	}
	request := calling(swap({"minimum_out": 95, "amount_in": 100}))
	decided(guaranteeing(request, [guarantee]), swaps(ratio)).decision == "allow"
}

test_allow_one_for_one if {
	one := swaps(object.union(object.remove(ratio, ["bound"]), {"bound": {"out": 1, "in": 1}}))
	decided(calling(swap({"minimum_out": 7, "amount_in": 7})), one).decision == "allow"
	codes(calling(swap({"minimum_out": 6, "amount_in": 7})), one) == ["MINIMUM_OUT_TOO_LOW"]
}

test_deny_a_ratio_of_nothing if {
	nothing := {"minimum_out": 5, "amount_in": 0}
	every bound in [{"out": 0, "in": 1}, {"out": 1, "in": 0}, {"out": 95, "in": 100, "unless": 1}] {
		settings := swaps(object.union(object.remove(ratio, ["bound"]), {"bound": bound}))
		decided(calling(swap(nothing)), settings).decision == "deny"
	}
	decided(calling(swap(nothing)), swaps(ratio)).decision == "allow"
}

test_deny_a_ratio_without_what_goes_in if {
	every arguments in [
		{"minimum_out": 5},
		{"minimum_out": 5, "amount_in": null},
		{"minimum_out": 5, "amount_in": "1"},
		{"minimum_out": 5, "amount_in": -1},
	] {
		decided(calling(swap(arguments)), swaps(ratio)).decision == "deny"
	}
}

test_allow_only_pairs_with_a_bound if {
	arguments := {"minimum_out": 95, "amount_in": 100}
	decided(calling(swap(arguments)), swaps(by_pair)).decision == "allow"
	codes(calling(swap({"minimum_out": 94, "amount_in": 100})), swaps(by_pair)) == ["MINIMUM_OUT_TOO_LOW"]
	every bounds in [
		{fixtures.mint: {vault: {"at_least": 1}}},
		{pool: {fixtures.mint: {"at_least": 1}}},
		{vault: {pool: {"at_least": 1}}},
	] {
		settings := swaps(object.union(object.remove(by_pair, ["bounds"]), {"bounds": bounds}))
		v := decided(calling(swap(arguments)), settings)
		[reason.code | some reason in v.reasons] == ["PAIR_NOT_ALLOWED"]
		contains(v.reasons[0].message, $"input_mint {fixtures.mint}, output_mint {pool}")
	}
}

test_deny_a_role_that_is_not_there_once if {
	whole := swap({"minimum_out": 95, "amount_in": 100})
	[user, into, out] := whole.accounts
	every accounts in [[user, into], [user, out], [user, into, out, out], [user, into, into, out]] {
		codes(calling(object.union(whole, {"accounts": accounts})), swaps(by_pair)) == ["PAIR_NOT_ALLOWED"]
	}
}

test_allow_a_derived_minimum_by_its_guarantee_alone if {
	every name in ["other_amount_threshold", "quoted_out_amount"] {
		settings := swaps({"minimum_out": name, "bound": {"at_least": 5}})
		request := calling(swap({name: 1000}))
		guarantee := {
			"instruction": 0,
			"basis": "message",
			"kind": "argument",
			"argument": name,
			"operator": ">=",
			"amount": 5,
		}
		codes(request, settings) == ["MINIMUM_OUT_MISSING"]
		decided(guaranteeing(request, [guarantee]), settings).decision == "allow"
		codes(guaranteeing(request, [object.union(guarantee, {"amount": 4})]), settings) == ["MINIMUM_OUT_TOO_LOW"]
		every change in [
			{"instruction": 1},
			{"kind": "token_amount"},
			{"argument": "minimum_out"},
			{"operator": "<="},
			{"operator": "!="},
			{"operator": ">"},
			{"amount": "5"},
			{"amount": null},
		] {
			codes(guaranteeing(request, [object.union(guarantee, change)]), settings) == ["MINIMUM_OUT_MISSING"]
		}
		codes(guaranteeing(request, [guarantee, object.union(guarantee, {"amount": 4})]), settings) == ["MINIMUM_OUT_TOO_LOW"]
	}
	nested := swaps({"minimum_out": "params.other_amount_threshold", "bound": {"at_least": 5}})
	codes(calling(swap({"params": {"other_amount_threshold": 1000}})), nested) == ["MINIMUM_OUT_MISSING"]
}

test_deny_swaps_whose_settings_cannot_be_read if {
	request := guaranteeing(calling(swap({"minimum_out": 1000, "amount_in": 1})), [assertion])
	every named in [
		{},
		null,
		"x",
		[],
		true,
		{"amount_in": "amount_in"},
		{"minimum_out": "minimum_out"},
		{"minimum_out": null, "bound": {"at_least": 5}},
		{"minimum_out": "minimum_out", "bound": {}},
		{"minimum_out": "minimum_out", "bound": null},
		{"minimum_out": "minimum_out", "bound": {"at_least": "5"}},
		{"minimum_out": "minimum_out", "bound": {"at_least": null}},
		{"minimum_out": "minimum_out", "bound": {"at_least": 5, "unless": 1}},
		{"minimum_out": "minimum_out", "bounds": {}},
		object.union(ratio, {"bound": {"out": 0, "in": 100}}),
		object.union(object.remove(ratio, ["bound"]), {"bound": {"out": 95}}),
		object.union(object.remove(ratio, ["bound"]), {"bound": {"out": 1, "in": 0}}),
		object.union(object.remove(ratio, ["bound"]), {"bound": {"out": null, "in": 100}}),
		object.union(object.remove(ratio, ["bound"]), {"bound": {"out": 1, "in": "1"}}),
		object.remove(ratio, ["amount_in"]),
		object.remove(by_pair, ["role_in"]),
		object.remove(by_pair, ["role_out"]),
		object.union(by_pair, {"bound": {"at_least": 1}}),
		{"balances": {}},
		{"balances": null},
		{"balances": {vault: {}}},
		{"balances": {vault: null}},
		{"balances": {vault: {"token_amount": null}}},
		{"balances": {vault: {"token_amount": "1"}}},
		{"balances": {vault: {"mint_supply": 1}}},
	] {
		decided(request, swaps(named)).decision == "deny"
	}
}
