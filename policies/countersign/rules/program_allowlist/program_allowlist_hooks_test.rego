package countersign.rules.program_allowlist_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.program_allowlist.verdict

hooked(hooks) := json.patch(fixtures.simulated_request, [
	{"op": "add", "path": "/effects/missing", "value": [{"fact": "transfer_hook", "instruction": 0, "detail": "x"}]},
	{
		"op": "add",
		"path": "/effects/transfers",
		"value": [object.union(fixtures.sol_transfer(fixtures.friend, 1), {"asset": asset}) | some asset, _ in hooks],
	},
	{"op": "add", "path": "/effects/mints", "value": [mint | some mint in hooks]},
])

mint_with(changes) := object.union({"mint": fixtures.mint, "extensions": ["transfer_hook"]}, changes)

hook_list := {
	fixtures.system: {"instructions": ["transfer"]},
	fixtures.mystery: {"instructions": [], "unknown_effects": "simulated_but_not_guaranteed"},
}

test_allow_a_transfer_hook_to_be_missing_where_its_program_is_listed_and_simulated if {
	request := hooked({fixtures.mint: mint_with({"transfer_hook": fixtures.mystery})})
	v := verdict with input as request with data.countersign.agents as programs(hook_list)
	v.decision == "allow"
	v.permitted_missing == [{"fact": "transfer_hook", "instruction": 0}]
}

test_allow_a_transfer_hook_to_be_missing_whatever_another_instruction_transfers if {
	request := json.patch(hooked({fixtures.mint: mint_with({"transfer_hook": fixtures.mystery})}), [{
		"op": "add",
		"path": "/effects/transfers/-",
		"value": object.union(fixtures.sol_transfer(fixtures.friend, 1), {"instruction": 1}),
	}])
	v := verdict with input as request with data.countersign.agents as programs(hook_list)
	v.permitted_missing == [{"fact": "transfer_hook", "instruction": 0}]
}

passing(changes) := json.patch(hooked({fixtures.mint: mint_with({"transfer_hook": fixtures.mystery})}), [{
	"op": "replace",
	"path": "/effects/cpi_signers",
	"value": [object.union({"instruction": 0, "program": fixtures.mystery, "signer": fixtures.wallet}, changes)],
}])

test_allow_a_transfer_hook_to_be_missing_where_others_get_the_wallet if {
	every changes in [{"basis": "simulation"}, {"program": fixtures.stranger}, {"instruction": 1}] {
		v := verdict with input as passing(changes) with data.countersign.agents as programs(hook_list)
		v.permitted_missing == [{"fact": "transfer_hook", "instruction": 0}]
	}
}

test_a_transfer_hook_stays_missing_otherwise if {
	ours := hooked({fixtures.mint: mint_with({"transfer_hook": fixtures.mystery})})
	weaker := object.union(hook_list, {fixtures.mystery: {"unknown_effects": "without_wallet_signature"}})
	cases := [
		[ours, weaker],
		[ours, object.remove(hook_list, [fixtures.mystery])],
		[with_simulation(ours, {"status": "not_run"}), hook_list],
		[with_simulation(ours, object.union(ours.simulation, {"complete": false})), hook_list],
		[hooked({fixtures.mint: mint_with({"transfer_hook": fixtures.stranger})}), hook_list],
		[hooked({fixtures.mint: mint_with({})}), hook_list],
		[hooked({}), hook_list],
		[json.patch(ours, [{"op": "replace", "path": "/effects/mints", "value": []}]), hook_list],
		[passing({"basis": "message"}), hook_list],
		[passing({}), hook_list],
		[json.patch(ours, [{"op": "replace", "path": "/effects/cpi_signers", "value": [{}]}]), hook_list],
		[json.patch(ours, [{"op": "remove", "path": "/effects/cpi_signers"}]), hook_list],
		[json.patch(ours, [{"op": "replace", "path": "/effects/cpi_signers", "value": {}}]), hook_list],
		[json.patch(ours, [{"op": "remove", "path": "/effects/missing"}]), hook_list],
		[json.patch(ours, [{"op": "replace", "path": "/effects/missing/0/fact", "value": "token_account"}]), hook_list],
		[json.patch(ours, [{"op": "remove", "path": "/effects/transfers"}]), hook_list],
		[json.patch(ours, [{"op": "remove", "path": "/effects/mints"}]), hook_list],
		[
			hooked({
				fixtures.mint: mint_with({"transfer_hook": fixtures.mystery}),
				fixtures.stranger: mint_with({"mint": fixtures.stranger}),
			}),
			hook_list,
		],
	]
	every case in cases {
		v := verdict with input as case[0] with data.countersign.agents as programs(case[1])
		v.decision == "allow"
		v.permitted_missing == []
	}
}
