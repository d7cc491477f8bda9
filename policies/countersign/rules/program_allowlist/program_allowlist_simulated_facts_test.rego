package countersign.rules.program_allowlist_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.program_allowlist.verdict

test_deny_a_simulation_that_did_not_succeed_whatever_it_claims if {
	whole := fixtures.simulation([[1, swap]], fixtures.request.effects)
	every status in ["not_run", "unavailable", "failed"] {
		v := verdict with input as with_simulation(calling(swap), object.union(whole, {"status": status}))
			with data.countersign.agents as programs(router)
		v.decision == "deny"
	}
}

test_deny_a_simulation_of_no_known_status_and_one_without_a_list_of_what_ran if {
	transfer := fixtures.transfer_instruction
	whole := fixtures.simulation([[1, transfer]], fixtures.request.effects)
	every changes in [{"status": "fine"}, {"instructions": {}}, {"instructions": {"x": whole.instructions[0]}}] {
		v := verdict with input as with_simulation(calling(transfer), object.union(whole, changes))
			with data.countersign.agents as fixtures.agents
		v.decision == "deny"
	}
}

without_wallet := programs({fixtures.mystery: {"instructions": ["swap"], "unknown_effects": "without_wallet_signature"}})

test_deny_the_wallet_counts_as_given_where_what_ran_is_not_told if {
	request := json.patch(simulating(quote, [[1, quote]]), [{"op": "replace", "path": "/simulation/instructions", "value": {}}])
	v := verdict with input as request with data.countersign.agents as without_wallet
	[reason.code | some reason in v.reasons] == ["WALLET_GIVEN_TO_UNKNOWN_EFFECTS"]
}

test_deny_an_index_that_is_no_number if {
	every index in [{}, [], true, null, "0"] {
		numbered := object.union(quote, {"index": index})
		every request in [calling(numbered), simulating(numbered, [[1, numbered]])] {
			v := verdict with input as request with data.countersign.agents as without_wallet
			v.decision == "deny"
		}
	}
}
