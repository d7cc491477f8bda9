package countersign.rules.program_allowlist_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.program_allowlist.verdict

swap := fixtures.described_instruction(fixtures.mystery, fixtures.wallet)

quote := fixtures.described_instruction(fixtures.mystery, fixtures.friend)

unread := fixtures.unknown_instruction(fixtures.mystery, fixtures.wallet)

router := {fixtures.mystery: {"instructions": ["swap"], "unknown_effects": "simulated_but_not_guaranteed"}}

# The token program, called with the wallet's signature.
pay := object.union(fixtures.transfer_instruction, {"program": fixtures.token, "program_name": "spl_token"})

with_token(listed) := object.union(listed, {fixtures.token: {"instructions": ["transfer"]}})

simulating(instruction, ran) := json.patch(calling(instruction), [{
	"op": "replace",
	"path": "/simulation",
	"value": fixtures.simulation(ran, fixtures.request.effects),
}])

with_simulation(request, changes) := json.patch(request, [{"op": "replace", "path": "/simulation", "value": changes}])

test_allow_a_described_instruction_that_is_named_and_simulated if {
	every listed in [["swap"], ["*"]] {
		v := verdict with input as simulating(swap, [[1, swap]])
			with data.countersign.agents as programs({fixtures.mystery: {
				"instructions": listed,
				"unknown_effects": "simulated_but_not_guaranteed",
			}})
		v.decision == "allow"
		v.permitted_missing == [{"fact": "instruction", "instruction": 0}]
	}
}

test_deny_a_described_instruction_that_is_not_named if {
	every listed in [[], ["unknown"], ["quote"]] {
		v := verdict with input as simulating(swap, [[1, swap]])
			with data.countersign.agents as programs({fixtures.mystery: {
				"instructions": listed,
				"unknown_effects": "simulated_but_not_guaranteed",
			}})
		v.decision == "deny"
		v.reasons[0].code == "INSTRUCTION_NOT_ALLOWED"
	}
}

test_deny_a_described_instruction_without_a_permission_for_its_effects if {
	v := verdict with input as simulating(quote, [[1, quote]])
		with data.countersign.agents as programs({fixtures.mystery: {"instructions": ["*"]}})
	v.decision == "deny"
	v.reasons[0].code == "EFFECTS_UNKNOWN"
	v.reasons[0].message == $"calls swap of mystery ({fixtures.mystery}), whose effects are not in its message"
	v.reasons[0].remedy == "allowed: only where unknown_effects of its program permits that"
	w := verdict with input as calling(quote) with data.countersign.agents as programs({fixtures.mystery: {"instructions": ["*"]}})
	[reason.code | some reason in w.reasons] == ["EFFECTS_UNKNOWN"]
}

test_allow_an_unread_instruction_that_is_named_unknown_and_simulated if {
	v := verdict with input as simulating(unread, [[1, unread]])
		with data.countersign.agents as programs({fixtures.mystery: {
			"instructions": ["unknown"],
			"unknown_effects": "simulated_but_not_guaranteed",
		}})
	v.decision == "allow"
}

test_deny_an_unread_instruction_that_is_not_named_unknown if {
	every listed in [[], ["*"], ["swap"]] {
		v := verdict with input as simulating(unread, [[1, unread]])
			with data.countersign.agents as programs({fixtures.mystery: {
				"instructions": listed,
				"unknown_effects": "simulated_but_not_guaranteed",
			}})
		v.decision == "deny"
		v.reasons[0].code == "INSTRUCTION_UNKNOWN"
	}
}

# Each simulation that does not do, and the code of its denial.
unfit := {
	"SIMULATION_NOT_RUN": {"status": "not_run"},
	"SIMULATION_UNAVAILABLE": {"status": "unavailable", "reason": "no answer in 800 ms"},
	"SIMULATION_FAILED": {"status": "failed", "slot": 1, "error": "\"AccountNotFound\""},
	"SIMULATION_INCOMPLETE": object.union(
		fixtures.simulation([[1, swap]], fixtures.request.effects),
		{"complete": false, "missing": ["inner instructions"]},
	),
	"SIMULATION_DIVERGES": object.union(
		fixtures.simulation([[1, swap]], fixtures.request.effects),
		{"diverges": true, "divergences": [{"account": fixtures.wallet, "change": "lamports", "detail": "x"}]},
	),
}

test_deny_a_simulation_that_does_not_do if {
	every code, simulation in unfit {
		v := verdict with input as with_simulation(calling(swap), simulation)
			with data.countersign.agents as programs(router)
		v.decision == "deny"
		[reason.code | some reason in v.reasons] == [code]
		v.reasons[0].remedy == "allowed: only with a simulation that succeeds, is complete and explains every change"
	}
}

test_allow_effects_without_the_wallet_whatever_the_simulation if {
	every code, simulation in unfit {
		fitting := object.union(simulation, {"instructions": [{"depth": 1, "instruction": quote}]})
		v := verdict with input as with_simulation(calling(quote), fitting)
			with data.countersign.agents as programs({fixtures.mystery: {
				"instructions": ["swap"],
				"unknown_effects": "without_wallet_signature",
			}})
		code != ""
		v.decision == "allow"
	}
}

test_deny_effects_without_the_wallet_where_the_simulation_shows_the_wallet_below if {
	inside := object.union(quote, {"accounts": [{"role": "user", "address": fixtures.wallet, "signer": false, "writable": true}]})
	expected := {0: "deny", 1: "allow"}
	every index, decision in expected {
		v := verdict with input as simulating(quote, [[1, quote], [2, object.union(inside, {"index": index})]])
			with data.countersign.agents as programs({fixtures.mystery: {
				"instructions": ["swap"],
				"unknown_effects": "without_wallet_signature",
			}})
		v.decision == decision
	}
}

test_allow_inner_calls_with_the_wallet_that_are_named if {
	v := verdict with input as simulating(swap, [[1, swap], [2, pay]])
		with data.countersign.agents as programs(with_token(router))
	v.decision == "allow"
}

test_deny_inner_calls_with_the_wallet_that_are_not_named if {
	every called in [pay, object.union(pay, {"program": fixtures.stranger}), object.union(swap, {"name": "drain"})] {
		v := verdict with input as simulating(swap, [[1, swap], [2, called]])
			with data.countersign.agents as programs(router)
		v.decision == "deny"
		[reason.code | some reason in v.reasons] == ["INNER_CALL_NOT_ALLOWED"]
		v.reasons[0].facts == {"instruction": 0, "program": called.program}
		startswith(v.reasons[0].remedy, "allowed: ")
	}
}

test_deny_inner_calls_of_unread_instructions_with_the_wallet if {
	v := verdict with input as simulating(swap, [[1, swap], [2, unread]])
		with data.countersign.agents as programs(router)
	v.decision == "deny"
	v.reasons[0].code == "INNER_CALL_NOT_ALLOWED"
}

test_allow_inner_calls_without_the_wallet if {
	unsigned := object.union(pay, {"accounts": [{"role": "source", "address": fixtures.wallet, "signer": false, "writable": true}]})
	other := object.union(pay, {"accounts": [{"role": "source", "address": fixtures.friend, "signer": true, "writable": true}]})
	every called in [unsigned, other] {
		v := verdict with input as simulating(swap, [[1, swap], [2, called]])
			with data.countersign.agents as programs(router)
		v.decision == "allow"
	}
}

test_allow_what_a_known_instruction_calls_among_known_programs if {
	# The fixture's transfer stands for a known instruction that calls the token program.
	v := verdict with input as simulating(fixtures.transfer_instruction, [[1, fixtures.transfer_instruction], [2, pay]])
		with data.countersign.agents as fixtures.agents
	v.decision == "allow"
}

test_allow_what_a_known_instruction_calls_one_after_another if {
	ran := [[1, fixtures.transfer_instruction], [2, pay], [2, pay], [3, pay], [2, pay]]
	v := verdict with input as simulating(fixtures.transfer_instruction, ran) with data.countersign.agents as fixtures.agents
	v.decision == "allow"
}

test_deny_what_a_known_instruction_calls_beyond_known_programs if {
	every called in [swap, unread] {
		ran := [[1, fixtures.transfer_instruction], [2, called]]
		v := verdict with input as simulating(fixtures.transfer_instruction, ran)
			with data.countersign.agents as fixtures.agents
		v.decision == "deny"
		v.reasons[0].code == "INNER_CALL_NOT_ALLOWED"
	}
}

# The known instruction at depth 1 is not the caller of what stands below the swap.
test_deny_inner_calls_by_their_own_caller if {
	known := object.union(fixtures.transfer_instruction, {"index": 0})
	routed := object.union(swap, {"index": 1})
	listed := object.union(router, {fixtures.system: {"instructions": ["transfer"]}})
	request := json.patch(simulating(known, [[1, known], [1, routed], [2, pay]]), [{
		"op": "add",
		"path": "/transaction/instructions/-",
		"value": routed,
	}])
	v := verdict with input as request with data.countersign.agents as programs(listed)
	v.decision == "deny"
	v.reasons[0].code == "INNER_CALL_NOT_ALLOWED"
	w := verdict with input as request with data.countersign.agents as programs(with_token(listed))
	w.decision == "allow"
}

test_deny_inner_calls_whose_caller_is_not_told if {
	every ran in [[[2, pay], [1, fixtures.transfer_instruction]], [[1, fixtures.transfer_instruction], [3, pay]]] {
		v := verdict with input as simulating(fixtures.transfer_instruction, ran)
			with data.countersign.agents as fixtures.agents
		v.decision == "deny"
		v.reasons[0].code == "INNER_CALL_NOT_ALLOWED"
	}
}

test_deny_an_inner_call_says_what_its_program_may_be_called_for if {
	v := verdict with input as simulating(swap, [[1, swap], [2, object.union(swap, {"name": "drain"})]])
		with data.countersign.agents as programs(router)
	v.reasons[0].remedy == "allowed: of that program swap, where its effects are known or permitted to be unknown"
}

test_deny_simulations_with_a_fact_missing if {
	whole := simulating(swap, [[1, swap], [2, pay]])
	every path in [
		"/simulation",
		"/simulation/status",
		"/simulation/complete",
		"/simulation/diverges",
		"/simulation/instructions",
		"/simulation/instructions/1/depth",
		"/simulation/instructions/1/instruction",
		"/simulation/instructions/1/instruction/kind",
		"/simulation/instructions/1/instruction/name",
		"/simulation/instructions/1/instruction/program",
	] {
		v := verdict with input as json.patch(whole, [{"op": "remove", "path": path}])
			with data.countersign.agents as programs(with_token(router))
		v.decision == "deny"
	}
}

test_deny_inner_calls_whose_accounts_are_not_told if {
	unnamed := object.union(pay, {"program": fixtures.stranger})
	every account in [{}, {"address": fixtures.friend}, {"signer": false}, {"address": fixtures.friend, "signer": "no"}] {
		v := verdict with input as simulating(swap, [[1, swap], [2, object.union(unnamed, {"accounts": [account]})]])
			with data.countersign.agents as programs(router)
		v.decision == "deny"
	}
	listed := object.union(unnamed, {"accounts": {"x": {"address": fixtures.friend, "signer": false}}})
	w := verdict with input as simulating(swap, [[1, swap], [2, listed]]) with data.countersign.agents as programs(router)
	w.decision == "deny"
	v := verdict with input as simulating(swap, [[1, swap], [2, object.remove(unnamed, ["accounts"])]])
		with data.countersign.agents as programs(router)
	v.decision == "deny"
}

test_deny_inner_calls_without_the_address_of_the_wallet if {
	other := object.union(pay, {"accounts": [{"role": "source", "address": fixtures.friend, "signer": true, "writable": true}]})
	request := simulating(swap, [[1, swap], [2, other]])
	v := verdict with input as json.patch(request, [{"op": "remove", "path": "/wallet/address"}])
		with data.countersign.agents as programs(router)
	v.decision == "deny"
}

test_deny_inner_calls_at_a_depth_that_is_none if {
	unsigned := object.union(pay, {"accounts": []})
	every depth in [0, 0.5, -1, null] {
		every called in [pay, unsigned] {
			v := verdict with input as simulating(swap, [[1, swap], [depth, called]])
				with data.countersign.agents as programs(router)
			v.decision == "deny"
		}
	}
	v := verdict with input as simulating(swap, [[1, swap], ["2", pay]])
		with data.countersign.agents as programs(router)
	v.decision == "deny"
}
