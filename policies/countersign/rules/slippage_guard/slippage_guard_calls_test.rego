package countersign.rules.slippage_guard_calls_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.slippage_guard.verdict
import data.countersign.rules.slippage_guard_scene_test.absolute
import data.countersign.rules.slippage_guard_scene_test.asserting
import data.countersign.rules.slippage_guard_scene_test.assertion
import data.countersign.rules.slippage_guard_scene_test.calling
import data.countersign.rules.slippage_guard_scene_test.guaranteeing
import data.countersign.rules.slippage_guard_scene_test.simulating
import data.countersign.rules.slippage_guard_scene_test.swap

decided(request, settings) := v if {
	v := verdict with input as request
		with data.countersign.agents as fixtures.agents_with("slippage_guard", settings)
}

codes(request, settings) := [reason.code | some reason in decided(request, settings).reasons]

venue := "Venue11111111111111111111111111111111111111"

# The venue's swap, called with the wallet's signature by the instruction of this index.
inner(index, minimum) := object.union(swap({"minimum_out": minimum}), {"index": index, "program": venue})

wrapper := object.union(swap({}), {"name": "wrap"})

# The router's swap, a wrapper that is said to swap nothing, and the venue's swap.
listed := {"programs": {
	fixtures.mystery: {"swaps": {"swap": absolute}, "others": ["wrap"]},
	venue: {"swaps": {"swap": absolute}},
}}

test_allow_what_a_bounded_swap_calls_inside if {
	top := swap({"minimum_out": 5})
	every called in [inner(0, 0), object.union(inner(0, 0), {"program": fixtures.stranger})] {
		decided(simulating(top, [[1, top], [2, called]]), listed).decision == "allow"
	}
}

test_deny_a_swap_inside_what_is_said_to_swap_nothing if {
	every minimum, decision in {4: "deny", 5: "allow"} {
		decided(simulating(wrapper, [[1, wrapper], [2, inner(0, minimum)]]), listed).decision == decision
	}
	v := decided(simulating(wrapper, [[1, wrapper], [2, inner(0, 4)]]), listed)
	[reason.code | some reason in v.reasons] == ["MINIMUM_OUT_TOO_LOW"]
	startswith(v.reasons[0].message, "instruction 0 is seen to do this inside: calls swap of mystery")
	unnamed := object.union(inner(0, 5), {"program": fixtures.stranger})
	codes(simulating(wrapper, [[1, wrapper], [2, unnamed]]), listed) == ["SWAP_NOT_NAMED"]
}

test_deny_a_swap_inside_another_instruction_than_the_bounded_one if {
	top := swap({"minimum_out": 5})
	second := object.union(wrapper, {"index": 1})
	request := json.patch(simulating(top, [[1, top], [1, second], [2, inner(1, 0)]]), [{
		"op": "add",
		"path": "/transaction/instructions/-",
		"value": second,
	}])
	codes(request, listed) == ["MINIMUM_OUT_MISSING"]
}

test_allow_inside_what_does_not_get_the_signature_or_is_known if {
	without := object.union(inner(0, 0), {"accounts": [{
		"role": "user",
		"address": fixtures.wallet,
		"signer": false,
		"writable": true,
	}]})
	of_another := object.union(inner(0, 0), {"accounts": [{
		"role": "user",
		"address": fixtures.friend,
		"signer": true,
		"writable": true,
	}]})
	every called in [without, of_another, fixtures.transfer_instruction] {
		decided(simulating(wrapper, [[1, wrapper], [2, called]]), listed).decision == "allow"
	}
}

test_deny_inside_what_does_not_tell_who_signs if {
	every accounts in [
		null,
		{},
		"x",
		[{"role": "user", "address": fixtures.friend, "writable": true}],
		[{"role": "user", "signer": false, "writable": true}],
		[{"role": "user", "address": fixtures.friend, "signer": "false", "writable": true}],
	] {
		called := object.union(object.remove(inner(0, 0), ["accounts"]), {"accounts": accounts})
		decided(simulating(wrapper, [[1, wrapper], [2, called]]), listed).decision == "deny"
	}
}

# The guarantee of an instruction's own argument says nothing of an argument of the same name in what it calls.
test_deny_inside_a_derived_minimum if {
	derived := {"minimum_out": "other_amount_threshold", "bound": {"at_least": 5}}
	settings := {"programs": {
		fixtures.mystery: {"others": ["wrap"]},
		venue: {"swaps": {"swap": derived}},
	}}
	called := object.union(swap({"other_amount_threshold": 5}), {"program": venue})
	request := guaranteeing(simulating(wrapper, [[1, wrapper], [2, called]]), [{
		"instruction": 0,
		"basis": "message",
		"kind": "argument",
		"argument": "other_amount_threshold",
		"operator": ">=",
		"amount": 5,
	}])
	codes(request, settings) == ["MINIMUM_OUT_MISSING"]
}

test_allow_inside_with_an_assertion_behind if {
	settings := {"programs": {
		fixtures.mystery: {"others": ["wrap"]},
		venue: {"swaps": {"swap": asserting}},
	}}
	request := simulating(wrapper, [[1, wrapper], [2, inner(0, 0)]])
	decided(guaranteeing(request, [assertion]), settings).decision == "allow"
	codes(request, settings) == ["BALANCE_NOT_ASSERTED"]
}

test_deny_a_simulation_that_does_not_tell_what_ran if {
	top := swap({"minimum_out": 5})
	whole := simulating(top, [[1, top]])
	decided(whole, listed).decision == "allow"
	every path in [
		"/simulation/instructions",
		"/simulation/instructions/0/depth",
		"/simulation/instructions/0",
		"/simulation/status",
	] {
		every value in [null, {}, "x", true, [{}], {"x": {"depth": 1}}] {
			changed := json.patch(whole, [{"op": "replace", "path": path, "value": value}])
			decided(changed, listed).decision == "deny"
		}
	}
}

test_allow_without_a_simulation_what_needs_none if {
	every simulation in [{"status": "not_run"}, {"status": "unavailable", "reason": "x"}, {"status": "failed", "slot": 1, "error": "x"}] {
		request := json.patch(calling(swap({"minimum_out": 5})), [{"op": "replace", "path": "/simulation", "value": simulation}])
		decided(request, listed).decision == "allow"
	}
}
