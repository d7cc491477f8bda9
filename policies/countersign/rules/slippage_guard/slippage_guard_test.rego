package countersign.rules.slippage_guard_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.slippage_guard.verdict
import data.countersign.rules.slippage_guard_scene_test.absolute
import data.countersign.rules.slippage_guard_scene_test.asserting
import data.countersign.rules.slippage_guard_scene_test.assertion
import data.countersign.rules.slippage_guard_scene_test.by_pair
import data.countersign.rules.slippage_guard_scene_test.calling
import data.countersign.rules.slippage_guard_scene_test.guaranteeing
import data.countersign.rules.slippage_guard_scene_test.pool
import data.countersign.rules.slippage_guard_scene_test.ratio
import data.countersign.rules.slippage_guard_scene_test.simulating
import data.countersign.rules.slippage_guard_scene_test.swap
import data.countersign.rules.slippage_guard_scene_test.swaps
import data.countersign.rules.slippage_guard_scene_test.vault

decided(request, settings) := v if {
	v := verdict with input as request
		with data.countersign.agents as fixtures.agents_with("slippage_guard", settings)
}

codes(request, settings) := [reason.code | some reason in decided(request, settings).reasons]

test_allow_known_instructions if {
	v := decided(fixtures.request, {"programs": {}})
	v.decision == "allow"
	v.reasons[0].code == "SLIPPAGE_BOUNDED"
	decided(fixtures.simulated_request, {"programs": {}}).decision == "allow"
}

test_allow_a_minimum_up_from_its_bound if {
	every minimum, decision in {4: "deny", 5: "allow", 6: "allow"} {
		decided(calling(swap({"minimum_out": minimum})), swaps(absolute)).decision == decision
	}
}

test_deny_says_what_must_come_out if {
	v := decided(calling(swap({"minimum_out": 4})), swaps(absolute))
	v == {"decision": "deny", "reasons": [{
		"code": "MINIMUM_OUT_TOO_LOW",
		"message": $"calls swap of mystery ({fixtures.mystery}) with at least 4 base units to come out",
		"remedy": "allowed: at least 5",
		"facts": {"instruction": 0, "program": fixtures.mystery, "minimum_out": 4},
	}]}
	least := decided(calling(swap({"minimum_out": 1, "amount_in": 0})), swaps(object.union(absolute, {"amount_in": "amount_in"})))
	least.reasons[0].message == $"calls swap of mystery ({fixtures.mystery}) with at least 1 base units to come out for 0"
	w := decided(calling(swap({"minimum_out": 94, "amount_in": 100})), swaps(ratio))
	w.reasons[0].message == $"calls swap of mystery ({fixtures.mystery}) with at least 94 base units to come out for 100"
	w.reasons[0].remedy == "allowed: at least 95 for every 100 that go in"
}

test_deny_every_swap_that_is_not_bounded if {
	good := swap({"minimum_out": 5})
	bad := object.union(swap({"minimum_out": 4}), {"index": 1})
	v := decided(fixtures.request_with("/transaction/instructions", [good, bad]), swaps(absolute))
	v.decision == "deny"
	[reason.facts.instruction | some reason in v.reasons] == [1]
}

# What other_amount_threshold and a quote guarantee hangs on other arguments: only the gateway's reading of it counts.
test_deny_what_could_be_a_swap_and_is_not_named if {
	described := swap({"minimum_out": 5})
	unread := fixtures.unknown_instruction(fixtures.mystery, fixtures.friend)
	v := decided(calling(object.union(described, {"name": "swap_exact"})), swaps(absolute))
	v.reasons == [{
		"code": "SWAP_NOT_NAMED",
		"message": $"calls swap_exact of mystery ({fixtures.mystery}), which could be a swap",
		"remedy": "allowed: of that program swap",
		"facts": {"instruction": 0, "program": fixtures.mystery},
	}]
	both := {"programs": {fixtures.mystery: {"swaps": {"swap": absolute}, "others": ["close"]}}}
	u := decided(calling(object.union(described, {"name": "swap_exact"})), both)
	u.reasons[0].remedy == "allowed: of that program close, swap"
	codes(calling(described), {"programs": {}}) == ["SWAP_NOT_NAMED"]
	codes(calling(unread), {"programs": {}}) == ["SWAP_NOT_NAMED"]
	w := decided(calling(unread), swaps(absolute))
	w.reasons[0].message == $"calls an instruction of {fixtures.mystery} that cannot be read, which could be a swap"
	elsewhere := decided(calling(object.union(described, {"program": fixtures.stranger})), object.union(
		swaps(absolute),
		{"other_programs": {fixtures.friend: "x"}},
	))
	elsewhere.reasons[0].remedy == $"allowed: programs {fixtures.friend}, {fixtures.mystery}"
}

test_allow_what_is_named_as_no_swap if {
	settings := {"programs": {fixtures.mystery: {"others": ["close"]}}, "other_programs": {fixtures.stranger: "oracle"}}
	decided(calling(object.union(swap({}), {"name": "close"})), settings).decision == "allow"
	codes(calling(swap({})), settings) == ["SWAP_NOT_NAMED"]
	every instruction in [
		object.union(swap({}), {"program": fixtures.stranger}),
		fixtures.unknown_instruction(fixtures.stranger, fixtures.wallet),
	] {
		decided(calling(instruction), settings).decision == "allow"
	}
}

test_deny_an_unread_instruction_of_a_program_that_is_named if {
	unread := fixtures.unknown_instruction(fixtures.mystery, fixtures.friend)
	both := object.union(swaps(absolute), {"other_programs": {fixtures.mystery: "x"}})
	codes(calling(unread), both) == ["SWAP_NOT_NAMED"]
	codes(calling(swap({"minimum_out": 4})), both) == ["MINIMUM_OUT_TOO_LOW"]
	named := {"programs": {fixtures.mystery: {"others": ["unknown"]}}}
	codes(calling(object.union(unread, {"name": "unknown"})), named) == ["SWAP_NOT_NAMED"]
}

test_deny_a_swap_that_is_also_named_as_none if {
	settings := {"programs": {fixtures.mystery: {"swaps": {"swap": absolute}, "others": ["swap"]}}}
	codes(calling(swap({"minimum_out": 4})), settings) == ["MINIMUM_OUT_TOO_LOW"]
	decided(calling(swap({"minimum_out": 5})), settings).decision == "allow"
}

test_allow_a_swap_with_an_assertion_behind_it if {
	request := calling(swap({"minimum_out": 0}))
	every change in [{}, {"amount": 901}, {"operator": ">"}, {"operator": "=="}, {"instruction": 7}] {
		v := decided(guaranteeing(request, [object.union(assertion, change)]), swaps(asserting))
		v.decision == "allow"
	}
	of_lamports := object.union(assertion, {"kind": "lamports", "account": fixtures.wallet})
	lamports := swaps({"balances": {fixtures.wallet: {"lamports": 900}}})
	decided(guaranteeing(request, [of_lamports]), lamports).decision == "allow"
}

test_deny_a_swap_without_the_assertion_behind_it if {
	request := calling(swap({"minimum_out": 1000}))
	v := decided(request, swaps(asserting))
	v.reasons == [{
		"code": "BALANCE_NOT_ASSERTED",
		"message": $"calls swap of mystery ({fixtures.mystery}) and nothing behind it asserts what is left",
		"remedy": $"allowed: with assertions behind it of at least 900 (token_amount) in {vault}",
		"facts": {"instruction": 0, "program": fixtures.mystery},
	}]
	every change in [
		{"instruction": 0},
		{"instruction": "1"},
		{"basis": "message"},
		{"basis": "simulation"},
		{"kind": "lamports"},
		{"kind": "token_delegated_amount"},
		{"account": pool},
		{"operator": "<="},
		{"operator": "<"},
		{"operator": "!="},
		{"amount": 899},
		{"amount": "900"},
		{"amount": null},
	] {
		codes(guaranteeing(request, [object.union(assertion, change)]), swaps(asserting)) == ["BALANCE_NOT_ASSERTED"]
	}
}

test_deny_an_assertion_of_what_is_no_balance if {
	delegated := object.union(assertion, {"kind": "token_delegated_amount"})
	settings := swaps({"balances": {vault: {"token_delegated_amount": 900}}})
	decided(guaranteeing(calling(swap({})), [delegated]), settings).decision == "deny"
}

test_deny_an_assertion_behind_a_swap_that_stands_nowhere if {
	every index in [null, "0", true] {
		request := calling(object.union(object.remove(swap({}), ["index"]), {"index": index}))
		decided(guaranteeing(request, [assertion]), swaps(asserting)).decision == "deny"
	}
}

test_deny_one_assertion_where_two_are_asked_for if {
	request := guaranteeing(calling(swap({})), [assertion])
	every balances in [
		{vault: {"token_amount": 900, "lamports": 1}},
		{vault: {"token_amount": 900}, pool: {"token_amount": 1}},
	] {
		codes(request, swaps({"balances": balances})) == ["BALANCE_NOT_ASSERTED"]
	}
}

test_deny_unless_minimum_and_balances_hold_where_both_are_named if {
	both := swaps(object.union(absolute, asserting))
	good := calling(swap({"minimum_out": 5}))
	low := calling(swap({"minimum_out": 4}))
	decided(guaranteeing(good, [assertion]), both).decision == "allow"
	codes(good, both) == ["BALANCE_NOT_ASSERTED"]
	codes(guaranteeing(low, [assertion]), both) == ["MINIMUM_OUT_TOO_LOW"]
	codes(low, both) == ["MINIMUM_OUT_TOO_LOW", "BALANCE_NOT_ASSERTED"]
}

test_deny_settings_that_cannot_be_read if {
	every settings in [
		{},
		{"programs": null},
		{"programs": []},
		{"programs": {}, "other_programs": null},
		{"programs": {}, "other_programs": [fixtures.mystery]},
		null,
	] {
		codes(fixtures.request, settings) == ["SLIPPAGE_GUARD_UNDECIDED"]
	}
	every label in [false, null, 5] {
		decided(calling(swap({})), {"programs": {}, "other_programs": {fixtures.mystery: label}}).decision == "deny"
	}
	v := verdict with input as fixtures.request with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_without_facts if {
	every path in [
		"/wallet/address",
		"/effects",
		"/effects/guarantees",
		"/transaction",
		"/transaction/instructions",
		"/transaction/instructions/0",
		"/simulation",
		"/simulation/status",
	] {
		codes(fixtures.request_without(path), swaps(absolute)) == ["SLIPPAGE_GUARD_UNDECIDED"]
	}
	every name in ["kind", "program", "name", "arguments", "index", "accounts"] {
		settings := swaps(by_pair)
		whole := swap({"minimum_out": 95, "amount_in": 100})
		guarded := object.remove(whole, [name])
		expected := {true: "allow", false: "deny"}[name == "index"]
		decided(calling(guarded), settings).decision == expected
	}
}

test_deny_without_facts_of_the_simulation if {
	top := swap({"minimum_out": 5})
	every path in ["/simulation/status", "/simulation/instructions", "/simulation/instructions/0/depth"] {
		request := json.patch(simulating(top, [[1, top]]), [{"op": "remove", "path": path}])
		codes(request, swaps(absolute)) == ["SLIPPAGE_GUARD_UNDECIDED"]
	}
}

test_deny_facts_of_another_type if {
	every request in fixtures.mistyped([
		"/transaction/instructions",
		"/transaction/instructions/0",
		"/transaction/instructions/0/kind",
		"/effects/guarantees",
		"/simulation",
		"/simulation/status",
	]) {
		decided(request, swaps(absolute)).decision == "deny"
	}
	every request in fixtures.mistyped(["/wallet/address"]) {
		changed := request.wallet.address != "1"
		expected := {true: "deny", false: "allow"}[changed]
		decided(request, swaps(absolute)).decision == expected
	}
}

test_deny_says_what_is_missing_and_not_what_is_wrong_besides if {
	request := json.patch(calling(swap({"minimum_out": 4})), [{"op": "remove", "path": "/wallet/address"}])
	codes(request, swaps(absolute)) == ["SLIPPAGE_GUARD_UNDECIDED"]
}

test_deny_instructions_that_are_no_list if {
	request := fixtures.request_with("/transaction/instructions", {"x": fixtures.transfer_instruction})
	codes(request, swaps(absolute)) == ["SLIPPAGE_GUARD_UNDECIDED"]
}

test_deny_a_kind_of_instruction_that_is_not_known if {
	strange := object.union(swap({}), {"kind": "strange", "program": fixtures.stranger})
	settings := {"programs": {}, "other_programs": {fixtures.stranger: "oracle"}}
	codes(calling(strange), settings) == ["SWAP_NOT_NAMED"]
}

test_deny_a_message if {
	request := object.remove(fixtures.request, ["transaction", "effects", "simulation", "chain"])
	codes(request, {"programs": {}}) == ["SLIPPAGE_GUARD_UNDECIDED"]
}
