package countersign.rules.payment_reference_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.payment_reference.verdict

memo_program := "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"

agents := fixtures.agents_with("payment_reference", {"prefixes": ["salary", "bonus"], "longest": 20})

memo(text) := {
	"index": 1,
	"kind": "known",
	"program": memo_program,
	"program_name": "memo",
	"name": "add_memo",
	"arguments": {},
	"texts": {"text": text},
	"accounts": [],
}

with_memo(text) := fixtures.request_with("/transaction/instructions/-", memo(text))

judged(request) := v if {
	v := verdict with input as request with data.countersign.agents as agents
}

codes(v) := [reason.code | some reason in v.reasons]

test_allow_a_reference if {
	every text in ["salary 2026-01", "bonus x", "salary 4567890123456"] {
		v := judged(with_memo(text))
		v.decision == "allow"
		codes(v) == ["PAYMENT_REFERENCED"]
	}
}

test_allow_without_a_payment if {
	v := judged(fixtures.request_with("/effects/outflows", []))
	v.decision == "allow"
	codes(v) == ["NOTHING_SENT"]
}

test_deny_without_a_memo if {
	v := judged(fixtures.request)
	v.decision == "deny"
	codes(v) == ["PAYMENT_REFERENCE_MISSING"]
	v.reasons[0].message == "the payment has 0 memos"
}

test_deny_two_memos if {
	v := judged(json.patch(with_memo("salary 1"), [{
		"op": "add",
		"path": "/transaction/instructions/-",
		"value": memo("salary 2"),
	}]))
	v.decision == "deny"
	codes(v) == ["PAYMENT_REFERENCE_MISSING"]
}

test_deny_what_is_no_reference if {
	every text in ["rent 1", "salary", "salary ", "Salary 1", " salary 1", "salary 45678901234567", ""] {
		v := judged(with_memo(text))
		v.decision == "deny"
		codes(v) == ["PAYMENT_REFERENCE_UNKNOWN"]
	}
}

test_deny_a_memo_that_is_no_text if {
	bytes := object.remove(memo("salary 1"), ["texts"])
	v := judged(fixtures.request_with("/transaction/instructions/-", bytes))
	v.decision == "deny"
	codes(v) == ["PAYMENT_REFERENCE_UNKNOWN"]
}

test_deny_another_program_that_says_it if {
	v := judged(fixtures.request_with("/transaction/instructions/-", object.union(
		memo("salary 1"),
		{"program": fixtures.mystery},
	)))
	v.decision == "deny"
}

test_deny_without_facts if {
	every path in ["/effects/outflows", "/effects", "/transaction/instructions", "/transaction"] {
		v := verdict with input as json.patch(with_memo("salary 1"), [{"op": "remove", "path": path}])
			with data.countersign.agents as agents
		v.decision == "deny"
		codes(v) == ["PAYMENT_REFERENCE_UNDECIDED"]
	}
}

test_deny_facts_of_another_type if {
	every request in fixtures.mistyped(["/effects/outflows", "/transaction/instructions"]) {
		judged(request).decision == "deny"
	}
}

test_deny_without_settings if {
	every missing in ["payment_reference", "payment_reference/prefixes", "payment_reference/longest"] {
		path := $"/trader/wallets/treasury/{missing}"
		v := verdict with input as with_memo("salary 1")
			with data.countersign.agents as json.patch(agents, [{"op": "remove", "path": path}])
		v.decision == "deny"
		codes(v) == ["PAYMENT_REFERENCE_UNDECIDED"]
	}
}
