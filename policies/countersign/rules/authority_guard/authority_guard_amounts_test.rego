package countersign.rules.authority_guard_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.authority_guard.verdict

test_deny_an_approval_above_its_amount_even_when_it_is_split if {
	request := fixtures.request_with("/effects/approvals", [approval, approval])
	v := verdict with input as request with data.countersign.agents as guard(cases.approval.settings)
	v.decision == "deny"
	v.reasons[0].message == $"lets {fixtures.friend} move 10 base units of {fixtures.mint} later"
	v.reasons[0].remedy == $"at most 10 per transaction is allowed; delegates with an amount: {fixtures.friend}"
}

test_deny_a_burn_above_its_amount_even_when_it_is_split if {
	request := fixtures.request_with("/effects/supply_changes", [burn, burn])
	v := verdict with input as request with data.countersign.agents as guard(cases.burn.settings)
	v.decision == "deny"
}

test_deny_an_approval_one_above_two_to_53 if {
	large := object.union(approval, {"amount": fixtures.two_to_53 + 1})
	v := verdict with input as effect("approvals", large)
		with data.countersign.agents as guard({"delegates": {fixtures.friend: {fixtures.mint: fixtures.two_to_53}}})
	v.decision == "deny"
}

test_allow_each_delegate_and_each_asset_up_to_its_own_amount if {
	others := [
		object.union(approval, {"delegate": fixtures.stranger, "amount": 7}),
		object.union(approval, {"asset": "Other", "amount": 0}),
	]
	v := verdict with input as fixtures.request_with("/effects/approvals", array.concat([approval], others))
		with data.countersign.agents as guard({"delegates": {
			fixtures.friend: {fixtures.mint: 10, "Other": 0},
			fixtures.stranger: {fixtures.mint: 7},
		}})
	v.decision == "allow"
}

test_allow_each_kind_and_each_asset_of_supply_up_to_its_own_amount if {
	others := [
		object.union(burn, {"kind": "mint", "amount": 7}),
		object.union(burn, {"asset": "Other", "amount": 0}),
	]
	v := verdict with input as fixtures.request_with("/effects/supply_changes", array.concat([burn], others))
		with data.countersign.agents as guard({"supply_changes": {
			"burn": {fixtures.mint: 10, "Other": 0},
			"mint": {fixtures.mint: 7},
		}})
	v.decision == "allow"
}

test_deny_negative_amounts if {
	every request in [
		effect("approvals", object.union(approval, {"amount": -1})),
		effect("supply_changes", object.union(burn, {"amount": -1})),
	] {
		settings := object.union(cases.approval.settings, cases.burn.settings)
		v := verdict with input as request with data.countersign.agents as guard(settings)
		v.decision == "deny"
	}
}

test_deny_amounts_in_the_data_that_are_text if {
	every request in [effect("approvals", approval), effect("supply_changes", burn)] {
		v := verdict with input as request with data.countersign.agents as guard({
			"delegates": {fixtures.friend: {fixtures.mint: "10"}},
			"supply_changes": {"burn": {fixtures.mint: "10"}},
		})
		v.decision == "deny"
	}
}
