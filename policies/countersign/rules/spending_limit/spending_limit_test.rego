package countersign.rules.spending_limit_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.spending_limit.verdict

outflow(asset, amount) := fixtures.request_with("/effects/outflows", [{"asset": asset, "amount": amount}])

limits(per_transaction) := fixtures.agents_with("spending_limit", {"per_transaction": per_transaction})

test_allow_a_sum_at_the_limit if {
	v := verdict with input as outflow("SOL", 10000) with data.countersign.agents as fixtures.agents
	v.decision == "allow"
	[reason.code | some reason in v.reasons] == ["SPENDING_WITHIN_LIMIT"]
}

test_allow_nothing_spent if {
	v := verdict with input as fixtures.request_with("/effects/outflows", [])
		with data.countersign.agents as fixtures.agents
	v.decision == "allow"
	[reason.code | some reason in v.reasons] == ["SPENDING_WITHIN_LIMIT"]
}

test_deny_a_sum_above_the_limit if {
	v := verdict with input as outflow("SOL", 10001) with data.countersign.agents as fixtures.agents
	v.decision == "deny"
	v.reasons == [{
		"code": "SPENDING_LIMIT_EXCEEDED",
		"message": "sends 10001 lamports of SOL",
		"remedy": "at most 10000 lamports of SOL per transaction is allowed",
		"facts": {"asset": "SOL", "amount": 10001, "limit": 10000},
	}]
}

test_deny_an_asset_without_a_limit if {
	v := verdict with input as outflow(fixtures.mint, 1) with data.countersign.agents as fixtures.agents
	v.decision == "deny"
	v.reasons[0].code == "ASSET_NOT_ALLOWED"
	v.reasons[0].message == $"sends 1 base units of {fixtures.mint}, which has no limit per transaction"
	v.reasons[0].remedy == "allowed: only assets with a limit: SOL"
}

test_deny_one_asset_too_much_among_several if {
	outflows := [{"asset": "SOL", "amount": 1}, {"asset": fixtures.mint, "amount": 8}]
	v := verdict with input as fixtures.request_with("/effects/outflows", outflows)
		with data.countersign.agents as limits({"SOL": 10, fixtures.mint: 7})
	v.decision == "deny"
	count(v.reasons) == 1
}

test_deny_a_sum_split_over_entries if {
	outflows := [{"asset": "SOL", "amount": 6000}, {"asset": "SOL", "amount": 6000}]
	v := verdict with input as fixtures.request_with("/effects/outflows", outflows)
		with data.countersign.agents as fixtures.agents
	v.decision == "deny"
	v.reasons[0].facts.amount == 12000
}

test_deny_when_inflow_makes_it_even if {
	request := object.union(outflow("SOL", 10001), {"effects": {"inflows": [{"asset": "SOL", "amount": 10001}]}})
	v := verdict with input as request with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_any_amount_with_a_limit_of_zero if {
	v := verdict with input as outflow("SOL", 1) with data.countersign.agents as limits({"SOL": 0})
	v.decision == "deny"
	v.reasons[0].code == "SPENDING_LIMIT_EXCEEDED"
}

test_deny_one_above_two_to_53 if {
	v := verdict with input as outflow("SOL", fixtures.two_to_53 + 1)
		with data.countersign.agents as limits({"SOL": fixtures.two_to_53})
	v.decision == "deny"
	v.reasons[0].message == "sends 9007199254740993 lamports of SOL"
	v.reasons[0].remedy == "at most 9007199254740992 lamports of SOL per transaction is allowed"
}

test_allow_two_to_53_plus_one_at_its_limit if {
	v := verdict with input as outflow("SOL", fixtures.two_to_53 + 1)
		with data.countersign.agents as limits({"SOL": fixtures.two_to_53 + 1})
	v.decision == "allow"
}

test_deny_sums_beyond_u64 if {
	outflows := [{"asset": "SOL", "amount": fixtures.u64_max}, {"asset": "SOL", "amount": 1}]
	v := verdict with input as fixtures.request_with("/effects/outflows", outflows)
		with data.countersign.agents as limits({"SOL": fixtures.u64_max})
	v.decision == "deny"
	v.reasons[0].facts.amount == 18446744073709551616
}

test_deny_an_amount_that_is_text if {
	v := verdict with input as outflow("SOL", "1") with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_a_negative_amount if {
	v := verdict with input as outflow("SOL", -1) with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_a_limit_that_is_text if {
	v := verdict with input as outflow("SOL", 1) with data.countersign.agents as limits({"SOL": "10000"})
	v.decision == "deny"
	v.reasons[0].code == "SPENDING_LIMIT_UNDECIDED"
}

test_deny_without_outflows if {
	v := verdict with input as fixtures.request_without("/effects/outflows")
		with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_without_the_asset if {
	v := verdict with input as fixtures.request_without("/effects/outflows/0/asset")
		with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_without_the_amount if {
	v := verdict with input as fixtures.request_without("/effects/outflows/0/amount")
		with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_without_settings if {
	some path in ["spending_limit", "spending_limit/per_transaction"]
	v := verdict with input as fixtures.request with data.countersign.agents as fixtures.agents_without(path)
	v.decision == "deny"
	v.reasons[0].code == "SPENDING_LIMIT_UNDECIDED"
}

test_allow_each_asset_at_its_own_limit if {
	outflows := [{"asset": "SOL", "amount": 10}, {"asset": fixtures.mint, "amount": 7}, {"asset": "Other", "amount": 0}]
	v := verdict with input as fixtures.request_with("/effects/outflows", outflows)
		with data.countersign.agents as limits({"SOL": 10, fixtures.mint: 7, "Other": 0})
	v.decision == "allow"
}

test_deny_names_only_what_is_above_its_limit if {
	outflows := [{"asset": "SOL", "amount": 10}, {"asset": fixtures.mint, "amount": 8}]
	v := verdict with input as fixtures.request_with("/effects/outflows", outflows)
		with data.countersign.agents as limits({"SOL": 10, fixtures.mint: 7})
	[reason.facts.asset | some reason in v.reasons] == [fixtures.mint]
}

test_deny_facts_of_another_type if {
	every request in fixtures.mistyped(["/effects/outflows", "/effects/outflows/0", "/effects/outflows/0/amount"]) {
		v := verdict with input as request with data.countersign.agents as fixtures.agents
		v.decision == "deny"
	}
}

test_deny_what_leaves_by_limits_that_are_a_list if {
	v := verdict with input as outflow("SOL", 1) with data.countersign.agents as limits([])
	[reason.code | some reason in v.reasons] == ["SPENDING_LIMIT_UNDECIDED"]
}

test_deny_limits_of_another_type if {
	every per_transaction in [[], [10000], "SOL", true, null] {
		v := verdict with input as fixtures.request_with("/effects/outflows", [])
			with data.countersign.agents as limits(per_transaction)
		v.decision == "deny"
	}
}
