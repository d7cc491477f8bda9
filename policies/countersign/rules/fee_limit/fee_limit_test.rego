package countersign.rules.fee_limit_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.fee_limit.verdict

fee(lamports) := fixtures.request_with("/effects/fee/total_lamports", lamports)

rent(lamports) := fixtures.request_with("/effects/rent_lamports", lamports)

test_allow_fee_and_rent_at_their_limits if {
	request := object.union(fee(10000), {"effects": {"rent_lamports": 5000000}})
	v := verdict with input as request with data.countersign.agents as fixtures.agents
	v.decision == "allow"
	[reason.code | some reason in v.reasons] == ["FEE_WITHIN_LIMIT"]
}

test_allow_any_fee_that_another_pays if {
	request := object.union(fee(99999999), {"effects": {"fee": {"payer": fixtures.friend}}})
	v := verdict with input as request with data.countersign.agents as fixtures.agents
	v.decision == "allow"
}

test_deny_a_fee_above_the_limit if {
	v := verdict with input as fee(10001) with data.countersign.agents as fixtures.agents
	v.decision == "deny"
	v.reasons == [{
		"code": "FEE_LIMIT_EXCEEDED",
		"message": "the wallet pays a fee of 10001 lamports",
		"remedy": "at most 10000 is allowed",
		"facts": {"fee_lamports": 10001, "limit": 10000},
	}]
}

test_deny_rent_above_the_limit if {
	v := verdict with input as rent(5000001) with data.countersign.agents as fixtures.agents
	v.decision == "deny"
	v.reasons[0].code == "RENT_LIMIT_EXCEEDED"
}

test_deny_rent_above_the_limit_when_another_pays_the_fee if {
	request := object.union(rent(5000001), {"effects": {"fee": {"payer": fixtures.friend}}})
	v := verdict with input as request with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_one_above_two_to_53 if {
	every setting, request in {
		"max_fee_lamports": fee(fixtures.two_to_53 + 1),
		"max_rent_lamports": rent(fixtures.two_to_53 + 1),
	} {
		v := verdict with input as request
			with data.countersign.agents as fixtures.agents_with($"fee_limit/{setting}", fixtures.two_to_53)
		v.decision == "deny"
	}
}

test_deny_limits_that_are_text if {
	every setting in ["max_fee_lamports", "max_rent_lamports"] {
		v := verdict with input as fixtures.request
			with data.countersign.agents as fixtures.agents_with($"fee_limit/{setting}", "10000")
		v.decision == "deny"
		v.reasons[0].code == "FEE_LIMIT_UNDECIDED"
	}
}

test_deny_without_settings if {
	every path in ["fee_limit", "fee_limit/max_fee_lamports", "fee_limit/max_rent_lamports"] {
		v := verdict with input as fixtures.request with data.countersign.agents as fixtures.agents_without(path)
		v.decision == "deny"
		v.reasons[0].code == "FEE_LIMIT_UNDECIDED"
	}
}

test_deny_without_facts if {
	every path in [
		"/effects/fee",
		"/effects/fee/payer",
		"/effects/fee/total_lamports",
		"/effects/rent_lamports",
		"/wallet/address",
	] {
		v := verdict with input as fixtures.request_without(path) with data.countersign.agents as fixtures.agents
		v.decision == "deny"
	}
}

test_deny_names_only_what_is_above_its_limit if {
	request := object.union(fee(10001), {"effects": {"rent_lamports": 5000000}})
	v := verdict with input as request with data.countersign.agents as fixtures.agents
	[reason.code | some reason in v.reasons] == ["FEE_LIMIT_EXCEEDED"]
}

test_deny_facts_of_another_type if {
	every request in fixtures.mistyped([
		"/effects/fee",
		"/effects/fee/total_lamports",
		"/effects/rent_lamports",
	]) {
		v := verdict with input as request with data.countersign.agents as fixtures.agents
		v.decision == "deny"
	}
}

test_deny_a_payer_or_a_wallet_that_is_no_address if {
	every path in ["/effects/fee/payer", "/wallet/address"] {
		every address in [{}, [], true, null, 1] {
			v := verdict with input as fixtures.request_with(path, address)
				with data.countersign.agents as fixtures.agents
			v.decision == "deny"
		}
	}
}

per_minute := {"max": 7000, "rolling_seconds": 60}

windows(per_window) := fixtures.agents_with("fee_limit/per_window", per_window)

both := {"fee": [per_minute], "rent": [object.union(per_minute, {"scope": "wallet"})]}

test_allow_with_the_limits_over_time_of_what_the_wallet_pays if {
	v := verdict with input as rent(1) with data.countersign.agents as windows(both)
	v.decision == "allow"
	[[limit.id, limit.measure, limit.max] | some limit in v.limits] == [
		["fee_limit/fee/rolling:60/agent_wallet", {"kind": "fee"}, 7000],
		["fee_limit/rent/rolling:60/wallet", {"kind": "rent"}, 7000],
	]
}

test_allow_without_limits_over_time_for_what_the_wallet_does_not_pay if {
	sponsored := object.union(fixtures.request, {"effects": {"fee": {"payer": fixtures.friend}}})
	v := verdict with input as sponsored with data.countersign.agents as windows(both)
	v.decision == "allow"
	v.limits == []
	w := verdict with input as fixtures.request with data.countersign.agents as windows(both)
	[limit.measure.kind | some limit in w.limits] == ["fee"]
	x := verdict with input as rent(1) with data.countersign.agents as windows({"fee": [per_minute]})
	[limit.measure.kind | some limit in x.limits] == ["fee"]
	y := verdict with input as rent(1) with data.countersign.agents as fixtures.agents
	y.limits == []
}

test_deny_limits_over_time_that_cannot_be_read if {
	every entries in [[], {}, "x", 1, false, null, [{"max": 1}], [per_minute, per_minute]] {
		every name in ["fee", "rent"] {
			v := verdict with input as fixtures.request with data.countersign.agents as windows({name: entries})
			v.decision == "deny"
			[reason.code | some reason in v.reasons] == ["WINDOW_LIMIT_MALFORMED"]
			v.reasons[0].facts == {"setting": "fee_limit.per_window"}
		}
	}
}

test_deny_limits_over_time_of_another_type if {
	every value in [[], [per_minute], "x", 1, true, false, null, {"fee": [per_minute], "rent": null}] {
		v := verdict with input as fixtures.request with data.countersign.agents as windows(value)
		v.decision == "deny"
	}
}
