# A swap, and the settings that bound it, for the tests of the rule.
package countersign.rules.slippage_guard_scene_test

import data.countersign.fixtures_test as fixtures

pool := "Poo1111111111111111111111111111111111111111"

vault := "Vau1t11111111111111111111111111111111111111"

# A swap with these arguments, of the program that an IDL describes.
swap(arguments) := {
	"index": 0,
	"kind": "described",
	"program": fixtures.mystery,
	"program_name": "mystery",
	"name": "swap",
	"arguments": arguments,
	"accounts": [
		{"role": "user", "address": fixtures.wallet, "signer": true, "writable": true},
		{"role": "input_mint", "address": fixtures.mint, "signer": false, "writable": false},
		{"role": "output_mint", "address": pool, "signer": false, "writable": false},
	],
}

calling(instruction) := fixtures.request_with("/transaction/instructions", [instruction])

guaranteeing(request, guarantees) := json.patch(request, [{
	"op": "replace",
	"path": "/effects/guarantees",
	"value": guarantees,
}])

simulating(instruction, ran) := json.patch(calling(instruction), [{
	"op": "replace",
	"path": "/simulation",
	"value": fixtures.simulation(ran, fixtures.request.effects),
}])

swaps(named) := {"programs": {fixtures.mystery: {"swaps": {"swap": named}}}}

absolute := {"minimum_out": "minimum_out", "bound": {"at_least": 5}}

ratio := {"minimum_out": "minimum_out", "amount_in": "amount_in", "bound": {"out": 95, "in": 100}}

by_pair := {
	"minimum_out": "minimum_out",
	"amount_in": "amount_in",
	"role_in": "input_mint",
	"role_out": "output_mint",
	"bounds": {fixtures.mint: {pool: {"out": 95, "in": 100}}},
}

assertion := {
	"instruction": 1,
	"basis": "asserted",
	"kind": "token_amount",
	"account": vault,
	"operator": ">=",
	"amount": 900,
}

asserting := {"balances": {vault: {"token_amount": 900}}}
