package countersign.rules.rate_limit_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.rate_limit.verdict

limited(per_window) := fixtures.agents_with("rate_limit", {"per_window": per_window})

per_minute := [{"max": 10, "rolling_seconds": 60}]

message := json.patch(fixtures.request, [
	{"op": "remove", "path": "/transaction"},
	{"op": "remove", "path": "/effects"},
	{"op": "remove", "path": "/simulation"},
	{"op": "remove", "path": "/chain"},
	{"op": "add", "path": "/message", "value": {"envelope": "none", "sha256": "00", "size": 2, "text": "hi"}},
])

test_allow_with_the_limits_of_the_data if {
	entries := array.concat(per_minute, [{"max": 100, "calendar": "day", "time_zone": "Europe/Zurich", "scope": "agent"}])
	v := verdict with input as fixtures.request with data.countersign.agents as limited(entries)
	v.decision == "allow"
	[reason.code | some reason in v.reasons] == ["RATE_LIMITED"]
	v.limits == [
		{
			"id": "rate_limit/rolling:60/agent_wallet",
			"scope": "agent_wallet",
			"measure": {"kind": "count"},
			"window": {"kind": "rolling", "seconds": 60},
			"max": 10,
			"on_exceed": "deny",
		},
		{
			"id": "rate_limit/calendar:day:Europe/Zurich/agent",
			"scope": "agent",
			"measure": {"kind": "count"},
			"window": {"kind": "calendar", "unit": "day", "time_zone": "Europe/Zurich"},
			"max": 100,
			"on_exceed": "deny",
		},
	]
}

test_allow_a_message_with_the_same_limits if {
	v := verdict with input as message with data.countersign.agents as limited(per_minute)
	v.decision == "allow"
	[limit.id | some limit in v.limits] == ["rate_limit/rolling:60/agent_wallet"]
}

test_deny_without_a_limit if {
	every per_window in [[], [{}], [{"max": 10}], [{"max": "10", "rolling_seconds": 60}], array.concat(per_minute, per_minute)] {
		v := verdict with input as fixtures.request with data.countersign.agents as limited(per_window)
		v.decision == "deny"
		[reason.code | some reason in v.reasons] == ["WINDOW_LIMIT_MALFORMED"]
		v.reasons[0].facts == {"setting": "rate_limit.per_window"}
	}
}

test_deny_limits_of_another_type if {
	every per_window in [null, {}, {"x": per_minute[0]}, "x", 1, true, false] {
		v := verdict with input as fixtures.request with data.countersign.agents as limited(per_window)
		v.decision == "deny"
		not v.limits
	}
}

test_deny_without_settings if {
	v := verdict with input as fixtures.request with data.countersign.agents as fixtures.agents
	v.decision == "deny"
	v.reasons[0].code == "RATE_LIMIT_UNDECIDED"
	w := verdict with input as fixtures.request with data.countersign.agents as fixtures.agents_with("rate_limit", {})
	w.decision == "deny"
}

test_deny_without_anything_to_sign if {
	v := verdict with input as fixtures.request_without("/transaction") with data.countersign.agents as limited(per_minute)
	v.decision == "deny"
	v.reasons[0].code == "RATE_LIMIT_UNDECIDED"
	w := verdict with input as json.patch(message, [{"op": "remove", "path": "/message"}])
		with data.countersign.agents as limited(per_minute)
	w.decision == "deny"
}

test_deny_facts_of_another_type if {
	every value in [[], "x", true, null, 1] {
		v := verdict with input as fixtures.request_with("/transaction", value)
			with data.countersign.agents as limited(per_minute)
		v.decision == "deny"
		w := verdict with input as json.patch(message, [{"op": "add", "path": "/message", "value": value}])
			with data.countersign.agents as limited(per_minute)
		w.decision == "deny"
	}
}
