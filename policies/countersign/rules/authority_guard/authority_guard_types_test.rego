package countersign.rules.authority_guard_types_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.authority_guard.verdict

codes(request, settings) := [reason.code | some reason in v.reasons] if {
	v := verdict with input as request
		with data.countersign.agents as fixtures.agents_with("authority_guard", settings)
}

test_allow_says_that_nothing_changes_hands if codes(fixtures.request, {}) == ["CONTROL_UNCHANGED"]

# The same on both sides is not the same account.
test_deny_a_close_whose_owner_and_destination_are_no_accounts if {
	every odd in [1, true, null, {}, []] {
		close := {"instruction": 0, "account": "Account", "owner": odd, "destination": odd}
		codes(fixtures.request_with("/effects/closes", [close]), {}) == ["CLOSE_DESTINATION_NOT_ALLOWED"]
	}
}

test_deny_an_operation_whose_kind_is_no_text if {
	operation := {"instruction": 0, "kind": 5, "account": fixtures.nonce}
	settings := {"operations": {fixtures.nonce: [5]}}
	codes(fixtures.request_with("/effects/operations", [operation]), settings) == ["OPERATION_NOT_ALLOWED"]
}

test_deny_a_lifetime_of_another_kind_for_what_it_is if {
	every lifetime in [{"kind": "other", "nonce_account": fixtures.nonce}, {"kind": "other"}] {
		codes(fixtures.request_with("/transaction/lifetime", lifetime), {}) == ["AUTHORITY_GUARD_UNDECIDED"]
	}
}

test_deny_amounts_that_are_no_numbers if {
	settings := {
		"delegates": {fixtures.friend: {fixtures.mint: 10}},
		"supply_changes": {"burn": {fixtures.mint: 10}},
	}
	every odd in ["10", true, null, [], {}] {
		approval := {
			"instruction": 0,
			"account": "Account",
			"owner": fixtures.wallet,
			"delegate": fixtures.friend,
			"asset": fixtures.mint,
			"amount": odd,
		}
		burn := {"instruction": 0, "kind": "burn", "asset": fixtures.mint, "account": "Account", "amount": odd}
		codes(fixtures.request_with("/effects/approvals", [approval]), settings) == ["DELEGATE_NOT_ALLOWED"]
		codes(fixtures.request_with("/effects/supply_changes", [burn]), settings) == ["SUPPLY_CHANGE_NOT_ALLOWED"]
	}
}
