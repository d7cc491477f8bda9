package countersign.completeness_test

import data.countersign.completeness
import data.countersign.fixtures_test as fixtures

test_complete if {
	completeness.complete with input as fixtures.request
}

test_complete_with_an_instruction_that_cannot_be_read if {
	instructions := [fixtures.unknown_instruction(fixtures.mystery, fixtures.wallet)]
	completeness.complete with input as fixtures.request_with("/transaction/instructions", instructions)
}

test_complete_with_a_durable_nonce if {
	lifetime := {"kind": "durable_nonce", "nonce": "a", "nonce_account": "b", "nonce_authority": "c"}
	completeness.complete with input as fixtures.request_with("/transaction/lifetime", lifetime)
}

test_complete_without_facts_that_may_be_absent if {
	every path in [
		"/effects/transfers/0/decimals",
		"/effects/transfers/0/source_owner",
		"/effects/transfers/0/recipient",
		"/effects/outflows/0/decimals",
		"/chain/slot",
	] {
		completeness.complete with input as fixtures.request_without(path)
	}
}

test_incomplete_without_any_one_fact if {
	every path in [
		"/v",
		"/context",
		"/request",
		"/request/time",
		"/agent/id",
		"/wallet/address",
		"/transaction/fee_payer",
		"/transaction/lifetime/blockhash",
		"/transaction/signers/0",
		"/transaction/signers/0/signed",
		"/transaction/instructions/0/kind",
		"/transaction/instructions/0/accounts/0/role",
		"/transaction/instructions/0/accounts/1/signer",
		"/effects/fee/base_lamports",
		"/effects/approvals",
		"/effects/inflows",
		"/effects/transfers/0/source",
		"/effects/outflows/0/amount",
		"/effects/outflows_by_recipient/0/asset",
		"/effects/rent_lamports",
		"/simulation",
		"/chain",
		"/chain/cached",
		"/chain/cached/0/address",
		"/chain/cached/0/slot",
		"/chain/endpoints",
	] {
		not completeness.complete with input as fixtures.request_without(path)
	}
}

test_incomplete_with_a_fact_of_another_type if {
	every path, value in {
		"/context/purpose": 1,
		"/request/time_unix_ms": "1767225600000",
		"/transaction/signers/0/signed": "false",
		"/transaction/instructions": {},
		"/effects/transfers/0/amount": "1000",
		"/effects/outflows/0/decimals": "9",
		"/effects/closes": {},
		"/effects/operations": {},
		"/effects/transfers/0/withheld": "0",
		"/chain/slot": "5",
		"/chain/cached": {},
	} {
		not completeness.complete with input as fixtures.request_with(path, value)
	}
}

test_complete_with_a_simulation if {
	described := fixtures.described_instruction(fixtures.mystery, fixtures.wallet)
	every simulation in [
		fixtures.simulated_request.simulation,
		fixtures.simulation([[1, described], [2, fixtures.transfer_instruction]], fixtures.request.effects),
		{"status": "failed", "slot": 1, "error": "x"},
		{"status": "unavailable", "reason": "x"},
	] {
		completeness.complete with input as fixtures.request_with("/simulation", simulation)
	}
}

test_complete_with_a_batch_and_free_text if {
	batch := object.union(fixtures.transfer_instruction, {
		"name": "batch",
		"parts": [fixtures.transfer_instruction],
		"texts": {"memo": "x"},
	})
	completeness.complete with input as fixtures.request_with("/transaction/instructions/0", batch)
}

test_complete_with_facts_of_a_mint if {
	mint := {"mint": "A", "token_program": "B", "decimals": 6, "extensions": ["pausable"]}
	full := object.union(mint, {
		"permanent_delegate": "C",
		"transfer_hook": "D",
		"transfer_fee": {"basis_points": 1, "maximum": 2},
	})
	completeness.complete with input as fixtures.request_with("/effects/mints", [mint, full])
	every change in [{"extensions": "pausable"}, {"extensions": [1]}, {"permanent_delegate": 1}, {"transfer_hook": null}, {"transfer_fee": 1}] {
		not completeness.complete with input as fixtures.request_with("/effects/mints", [object.union(mint, change)])
	}
}

test_incomplete_with_an_instruction_of_another_shape if {
	transfer := fixtures.transfer_instruction
	described := fixtures.described_instruction(fixtures.mystery, fixtures.wallet)
	every instruction in [
		object.union(transfer, {"kind": "batch"}),
		object.union(transfer, {"parts": {}}),
		object.union(transfer, {"parts": [described]}),
		object.union(transfer, {"parts": [object.union(transfer, {"parts": [transfer]})]}),
		object.union(transfer, {"texts": []}),
		object.union(described, {"parts": [transfer]}),
		object.remove(described, ["arguments"]),
		object.remove(described, ["program_name"]),
	] {
		not completeness.complete with input as fixtures.request_with("/transaction/instructions/0", instruction)
	}
}

test_incomplete_with_a_simulation_of_another_shape if {
	every simulation in [
		{},
		{"status": "fine"},
		{"status": "failed", "slot": 1},
		{"status": "unavailable"},
		object.union(fixtures.simulated_request.simulation, {"missing": {}}),
		object.union(fixtures.simulated_request.simulation, {"divergences": {}}),
		object.union(fixtures.simulated_request.simulation, {"complete": false}),
		object.union(fixtures.simulated_request.simulation, {"diverges": true}),
		object.union(fixtures.simulated_request.simulation, {"slot": "1"}),
	] {
		not completeness.complete with input as fixtures.request_with("/simulation", simulation)
	}
}

message := {
	"v": 1,
	"request": object.union(fixtures.request.request, {"method": "sign_message"}),
	"agent": fixtures.request.agent,
	"wallet": fixtures.request.wallet,
	"message": {"envelope": "none", "sha256": "ab", "size": 5},
	"context": {},
}

test_complete_with_each_way_to_ask_for_a_transaction if {
	every method in ["sign", "sign_and_send"] {
		completeness.complete with input as fixtures.request_with("/request/method", method)
	}
}

test_incomplete_with_another_way_to_ask if {
	every method in ["sign_message", "simulate", ""] {
		not completeness.complete with input as fixtures.request_with("/request/method", method)
	}
	every method in ["sign", "sign_and_send", ""] {
		other := json.patch(message, [{"op": "replace", "path": "/request/method", "value": method}])
		not completeness.complete with input as other
	}
}

test_incomplete_as_both_transaction_and_message if {
	not completeness.complete with input as fixtures.request_with("/message", message.message)
	completeness.complete with input as message
	every part in ["chain", "effects", "simulation", "transaction"] {
		both := object.union(message, {part: fixtures.request[part]})
		not completeness.complete with input as both
	}
}
