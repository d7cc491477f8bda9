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
	} {
		not completeness.complete with input as fixtures.request_with(path, value)
	}
}
