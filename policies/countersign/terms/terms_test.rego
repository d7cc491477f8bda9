package countersign.terms_test

import data.countersign.terms

day := {"max": 5, "rolling_seconds": 86400}

approval := {"quorum": 2, "groups": ["treasurers"], "timeout_seconds": 60}

limits(entries) := terms.limits("rule/SOL", {"kind": "count"}, entries)

test_no_entry_is_no_limit if limits(null) == []

test_a_rolling_window_of_one_agent_and_wallet_denies_what_exceeds_it if {
	limits([day]) == [{
		"id": "rule/SOL/rolling:86400/agent_wallet",
		"scope": "agent_wallet",
		"measure": {"kind": "count"},
		"window": {"kind": "rolling", "seconds": 86400},
		"max": 5,
		"on_exceed": "deny",
	}]
}

test_a_window_of_the_calendar_has_its_time_zone if {
	[limit] := limits([{"max": 0, "calendar": "week", "time_zone": "Europe/Zurich", "scope": "wallet", "on_exceed": "deny"}])
	limit.id == "rule/SOL/calendar:week:Europe/Zurich/wallet"
	limit.scope == "wallet"
	limit.window == {"kind": "calendar", "unit": "week", "time_zone": "Europe/Zurich"}
}

test_a_lifetime_never_ends if {
	[limit] := limits([{"max": terms.largest_max, "lifetime": true, "scope": "global"}])
	limit.id == "rule/SOL/lifetime/global"
	limit.window == {"kind": "lifetime"}
	limit.max == 79228162514264337593543950336
}

test_people_may_approve_what_exceeds_a_limit if {
	[limit] := limits([object.union(day, {"on_exceed": "require_approval", "approval": approval})])
	limit.on_exceed == "require_approval"
	limit.approval == approval
}

test_each_entry_is_a_limit if {
	entries := [day, object.union(day, {"scope": "agent"}), object.union(day, {"rolling_seconds": 60})]
	[limit.id | some limit in limits(entries)] == [
		"rule/SOL/rolling:86400/agent_wallet",
		"rule/SOL/rolling:86400/agent",
		"rule/SOL/rolling:60/agent_wallet",
	]
}

test_two_entries_of_one_window_and_scope_are_malformed if {
	not limits([day, object.union(day, {"max": 6})])
	not limits([day, object.union(day, {"scope": "agent_wallet"})])
}

swap := "SwapsVeR1fyB1ocKsAreA11Thesame1111111111111"

test_a_group_of_agents_shares_a_limit if {
	[limit] := limits([object.union(day, {"scope": "agent_group", "group": "makers"})])
	limit.id == "rule/SOL/rolling:86400/agent_group:makers"
	limit.scope == "agent_group"
	limit.group == "makers"
}

test_a_limit_may_count_what_calls_a_program_alone if {
	[all, some_, net] := terms.limits("rule/SOL", {"kind": "outflow", "asset": "SOL"}, [
		day,
		object.union(day, {"program": swap}),
		object.union(day, {"program": swap, "net": true}),
	])
	all.measure == {"kind": "outflow", "asset": "SOL"}
	some_.id == $"rule/SOL/rolling:86400/agent_wallet/program:{swap}"
	some_.measure == {"kind": "outflow", "asset": "SOL", "program": swap}
	net.id == $"rule/SOL/rolling:86400/agent_wallet/net/program:{swap}"
	net.measure == {"kind": "outflow", "asset": "SOL", "program": swap, "net": true}
}

test_a_limit_may_count_net_of_what_comes_in if {
	[limit] := terms.limits("rule/SOL", {"kind": "outflow", "asset": "SOL"}, [object.union(day, {"net": true})])
	limit.id == "rule/SOL/rolling:86400/agent_wallet/net"
	limit.measure == {"kind": "outflow", "asset": "SOL", "net": true}
}

test_what_is_not_net_of_anything_is_malformed if {
	every measure in [{"kind": "count"}, {"kind": "fee"}, {"kind": "outflow", "asset": "SOL", "recipient": swap}] {
		not terms.limits("x", measure, [object.union(day, {"net": true})])
	}
	every net in [false, 1, "true", null] {
		not terms.limits("x", {"kind": "outflow", "asset": "SOL"}, [object.union(day, {"net": net})])
	}
	not terms.limits("x", {"kind": "count"}, [object.union(day, {"net": true, "program": swap})])
}

test_a_group_stands_with_its_scope_alone if {
	not limits([object.union(day, {"group": "makers"})])
	not limits([object.union(day, {"scope": "agent_group"})])
	every group in ["", "Makers", "-a", 1, null, ["makers"]] {
		not limits([object.union(day, {"scope": "agent_group", "group": group})])
	}
}

test_a_program_is_an_address if {
	every program in ["", "swap", 1, null, "0OIl111111111111111111111111111111"] {
		not limits([object.union(day, {"program": program})])
		not terms.limits("x", {"kind": "outflow", "asset": "SOL"}, [object.union(day, {"net": true, "program": program})])
	}
}

test_one_malformed_entry_spoils_all if not limits([day, {"max": 5}])

test_what_is_no_list_of_entries_is_malformed if {
	every entries in [[], {}, "x", 1, true, false, {"x": day}, [null], ["x"], [[]], [day, null]] {
		not limits(entries)
	}
}

test_entries_with_a_wrong_part_are_malformed if {
	every key, values in {
		"max": [-1, 0.5, "5", null, terms.largest_max + 1, {}],
		"rolling_seconds": [0, -1, 0.5, 31622401, "60", null, true],
		"scope": ["everybody", 1, null, {}],
		"on_exceed": ["allow", 1, null, true],
		"approval": [approval, {}, false],
		"lifetime": [true],
		"calendar": ["day"],
		"time_zone": ["UTC"],
		"extra": [1],
	} {
		every value in values {
			not limits([object.union(day, {key: value})])
		}
	}
}

test_a_rolling_window_is_of_a_second_to_366_days if {
	every seconds in [1, 31622400] {
		[limit] := limits([{"max": 5, "rolling_seconds": seconds}])
		limit.window == {"kind": "rolling", "seconds": seconds}
	}
}

test_windows_of_another_kind_are_malformed if {
	every window in [
		{},
		{"lifetime": false},
		{"lifetime": 1},
		{"calendar": "day"},
		{"time_zone": "UTC"},
		{"calendar": "year", "time_zone": "UTC"},
		{"calendar": "day", "time_zone": 1},
		{"calendar": "day", "time_zone": "UTC", "rolling_seconds": 60},
		{"calendar": "day", "time_zone": "UTC", "extra": 1},
	] {
		not limits([object.union({"max": 5}, window)])
	}
	limits([{"max": 5, "calendar": "month", "time_zone": "UTC"}])
}

test_approval_of_an_excess_needs_its_terms_in_full if {
	asking := object.union(day, {"on_exceed": "require_approval"})
	not limits([asking])
	not limits([object.union(asking, {"approval": object.union(approval, {"extra": 1})})])
	not limits([object.union(asking, {"approval": null})])
	every key in object.keys(approval) {
		not limits([object.union(asking, {"approval": object.remove(approval, [key])})])
	}
}

test_terms_of_approval_are_taken_out_of_what_holds_more if {
	terms.approval(object.union(approval, {"always": true})) == approval
}

test_terms_of_approval_have_their_bounds if {
	every key, values in {
		"quorum": [0, 17, 1.5, "1", null],
		"timeout_seconds": [0, 2592001, 0.5, "60", null],
		"groups": ["x", {}, [1], null],
	} {
		every value in values {
			not terms.approval(object.union(approval, {key: value}))
		}
	}
	every key, values in {"quorum": [1, 16], "timeout_seconds": [1, 2592000], "groups": [[], ["a", "b"]]} {
		every value in values {
			terms.approval(object.union(approval, {key: value}))
		}
	}
}

test_a_malformed_setting_is_named if {
	reason := terms.malformed("rate_limit.per_window")
	reason.message == "the limits over time in rate_limit.per_window of the policy data cannot be read"
	startswith(reason.remedy, "allowed: ")
}
