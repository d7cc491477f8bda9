package countersign.rules.time_restriction_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.time_restriction.verdict

zone := "Europe/Zurich"

weekdays := ["monday", "tuesday", "wednesday", "thursday", "friday"]

office := {"weekdays": weekdays, "from": "09:00", "to": "17:30"}

night := {"weekdays": ["friday"], "from": "22:00", "to": "06:00"}

# Windows are judged by what the clock shows; the same for a transaction and for a message.
at(weekday, minute) := at_in(fixtures.request, weekday, minute)

at_in(request, weekday, minute) := json.patch(request, [{"op": "add", "path": "/request/local_times", "value": {zone: {
	"date": "2026-03-06",
	"weekday": weekday,
	"minute_of_day": minute,
}}}])

message := {
	"v": 1,
	"request": object.union(fixtures.request.request, {"method": "sign_message"}),
	"agent": fixtures.request.agent,
	"wallet": fixtures.request.wallet,
	"message": {"envelope": "none", "sha256": "00", "size": 1, "text": "x"},
	"context": {},
}

terms(windows) := {"time_zone": zone, "windows": windows}

decided(request, settings) := v if {
	v := verdict with input as request
		with data.countersign.agents as fixtures.agents_with("time_restriction", settings)
}

test_allow_within_a_window if {
	every minute in [540, 541, 1049] {
		decided(at("monday", minute), terms([office])).decision == "allow"
		decided(at_in(message, "friday", minute), terms([office])).decision == "allow"
	}
}

test_deny_outside_every_window if {
	every case in [["monday", 539], ["monday", 1050], ["monday", 0], ["monday", 1439], ["saturday", 600], ["sunday", 1049]] {
		[weekday, minute] := case
		v := decided(at(weekday, minute), terms([office]))
		v.decision == "deny"
		[reason.code | some reason in v.reasons] == ["TIME_NOT_ALLOWED"]
		decided(at_in(message, weekday, minute), terms([office])).decision == "deny"
	}
}

test_deny_says_when_it_is_and_when_it_would_be_allowed if {
	v := decided(at("saturday", 545), terms([office, night]))
	v.reasons == [{
		"code": "TIME_NOT_ALLOWED",
		"message": "it is saturday 2026-03-06 09:05 in Europe/Zurich",
		"remedy": "allowed: monday, tuesday, wednesday, thursday, friday from 09:00 to 17:30; friday from 22:00 to 06:00 by the clock of Europe/Zurich",
		"facts": {"time_zone": zone, "date": "2026-03-06", "weekday": "saturday", "minute_of_day": 545},
	}]
	last := decided(at("saturday", 1439), terms([office]))
	last.reasons[0].message == "it is saturday 2026-03-06 23:59 in Europe/Zurich"
	first := decided(at("saturday", 0), terms([office]))
	first.reasons[0].message == "it is saturday 2026-03-06 00:00 in Europe/Zurich"
}

test_allow_within_a_window_that_reaches_into_the_next_day if {
	every case in [["friday", 1320, "allow"], ["friday", 1439, "allow"], ["saturday", 0, "allow"], ["saturday", 359, "allow"]] {
		decided(at(case[0], case[1]), terms([night])).decision == case[2]
	}
	every case in [["friday", 1319], ["saturday", 360], ["friday", 0], ["saturday", 1320], ["thursday", 1400], ["sunday", 10]] {
		decided(at(case[0], case[1]), terms([night])).decision == "deny"
	}
}

test_allow_from_sunday_into_monday if {
	late := {"weekdays": ["sunday"], "from": "23:00", "to": "01:00"}
	decided(at("monday", 59), terms([late])).decision == "allow"
	decided(at("monday", 60), terms([late])).decision == "deny"
	decided(at("sunday", 59), terms([late])).decision == "deny"
}

test_allow_from_every_day_into_the_next if {
	every day, next in {
		"monday": "tuesday",
		"tuesday": "wednesday",
		"wednesday": "thursday",
		"thursday": "friday",
		"friday": "saturday",
		"saturday": "sunday",
		"sunday": "monday",
	} {
		window := {"weekdays": [day], "from": "23:59", "to": "00:59"}
		decided(at(day, 1439), terms([window])).decision == "allow"
		decided(at(next, 58), terms([window])).decision == "allow"
		decided(at(next, 59), terms([window])).decision == "deny"
		decided(at(day, 58), terms([window])).decision == "deny"
	}
}

test_allow_a_whole_day_and_a_day_from_noon_to_noon if {
	whole := {"weekdays": ["friday"], "from": "00:00", "to": "24:00"}
	every minute in [0, 720, 1439] {
		decided(at("friday", minute), terms([whole])).decision == "allow"
		decided(at("saturday", minute), terms([whole])).decision == "deny"
	}
	noon := {"weekdays": ["friday"], "from": "12:00", "to": "12:00"}
	decided(at("friday", 720), terms([noon])).decision == "allow"
	decided(at("saturday", 719), terms([noon])).decision == "allow"
	decided(at("friday", 719), terms([noon])).decision == "deny"
	decided(at("saturday", 720), terms([noon])).decision == "deny"
}

test_allow_in_the_second_of_two_windows if {
	decided(at("friday", 1400), terms([office, night])).decision == "allow"
}

test_deny_on_a_date_that_is_blacked_out if {
	settings := object.union(terms([office]), {"blackout_dates": {"2026-03-06": "the books are closed"}})
	v := decided(at("friday", 600), settings)
	v.decision == "deny"
	[reason.code | some reason in v.reasons] == ["DATE_BLACKED_OUT"]
	v.reasons[0].message == "it is friday 2026-03-06 10:00 in Europe/Zurich, a date on which nothing is signed (the books are closed)"
	startswith(v.reasons[0].remedy, "allowed: on other dates, monday, ")
	both := decided(at("saturday", 600), settings)
	[reason.code | some reason in both.reasons] == ["DATE_BLACKED_OUT", "TIME_NOT_ALLOWED"]
}

test_deny_on_a_date_whose_label_is_no_text if {
	every label in [false, null, 5, ""] {
		v := decided(at("friday", 600), object.union(terms([office]), {"blackout_dates": {"2026-03-06": label}}))
		v.decision == "deny"
		v.reasons[0].code == "DATE_BLACKED_OUT"
	}
}

test_allow_on_another_date_than_one_that_is_blacked_out if {
	settings := object.union(terms([office]), {"blackout_dates": {"2026-03-07": "x"}})
	decided(at("friday", 600), settings).decision == "allow"
}

test_deny_without_the_clock_of_the_zone if {
	every path in [
		"/request",
		"/request/local_times",
		"/request/local_times/Europe~1Zurich",
		"/request/local_times/Europe~1Zurich/date",
		"/request/local_times/Europe~1Zurich/weekday",
		"/request/local_times/Europe~1Zurich/minute_of_day",
	] {
		v := decided(json.patch(at("monday", 600), [{"op": "remove", "path": path}]), terms([office]))
		v.decision == "deny"
		v.reasons[0].code == "TIME_RESTRICTION_UNDECIDED"
	}
	other := decided(at("monday", 600), object.union(terms([office]), {"time_zone": "UTC"}))
	other.reasons[0].code == "TIME_RESTRICTION_UNDECIDED"
}

test_deny_a_clock_of_another_type if {
	every minute in ["600", null, true, [600], -1, 1440] {
		decided(at("monday", minute), terms([office])).reasons[0].code == "TIME_RESTRICTION_UNDECIDED"
	}
	every weekday in [null, 1, ["monday"], {}] {
		decided(at(weekday, 600), terms([office])).reasons[0].code == "TIME_RESTRICTION_UNDECIDED"
	}
	every weekday in ["Monday", "mon", ""] {
		decided(at(weekday, 600), terms([office])).reasons[0].code == "TIME_NOT_ALLOWED"
	}
	every date in [null, 20260306, {}] {
		request := json.patch(at("monday", 600), [{
			"op": "replace",
			"path": "/request/local_times/Europe~1Zurich/date",
			"value": date,
		}])
		decided(request, terms([office])).reasons[0].code == "TIME_RESTRICTION_UNDECIDED"
	}
}

# Each window permits something by itself, so one that cannot be read permits nothing, and takes nothing away.
test_deny_by_a_window_that_cannot_be_read if {
	open := {"weekdays": ["monday", "tuesday", "sunday"], "from": "00:00", "to": "24:00"}
	v := decided(at("monday", 600), terms([open]))
	v.reasons == [{"code": "TIME_ALLOWED", "message": "it is a time at which this wallet may sign", "facts": {}}]
	every change in [
		{"from": "0:00"},
		{"from": "25:00"},
		{"from": "00:60"},
		{"from": "00-00"},
		{"from": "0:000"},
		{"from": "1::00"},
		{"from": "00:0_"},
		{"from": "0a:00"},
		{"from": "0_:00"},
		{"from": "0.:00"},
		{"from": "00:0."},
		{"from": "-1:00"},
		{"from": "+1:00"},
		{"from": ".1:00"},
		{"from": "00:-5"},
		{"from": "1e:00"},
		{"from": 0},
		{"from": null},
		{"from": ["0", "0", ":", "0", "0"]},
		{"from": "24:00", "to": "23:59"},
		{"to": "24:01"},
		{"to": "23:59:00"},
		{"to": " 7:30"},
		{"to": "1७:30"},
		{"to": 1440},
		{"to": null},
		{"weekdays": []},
		{"weekdays": ["mon"]},
		{"weekdays": "monday"},
		{"weekdays": {"x": "monday"}},
		{"weekdays": null},
	] {
		window := object.union(object.remove(open, object.keys(change)), change)
		denied := decided(at("monday", 600), terms([window]))
		denied.decision == "deny"
		[reason.code | some reason in denied.reasons] == ["TIME_NOT_ALLOWED"]
		decided(at("monday", 600), terms([window, open])).decision == "allow"
	}
	every missing in ["weekdays", "from", "to"] {
		decided(at("monday", 600), terms([object.remove(open, [missing])])).decision == "deny"
	}
}

test_deny_without_settings if {
	every settings in [
		{},
		{"time_zone": zone},
		{"windows": [office]},
		terms([]),
		terms({}),
		terms({"x": office}),
		terms(null),
		object.union(terms([office]), {"time_zone": null}),
		object.union(terms([office]), {"blackout_dates": null}),
		object.union(terms([office]), {"blackout_dates": ["2026-03-06"]}),
	] {
		v := decided(at("monday", 600), settings)
		v.decision == "deny"
		v.reasons[0].code == "TIME_RESTRICTION_UNDECIDED"
	}
	v := verdict with input as at("monday", 600) with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}
