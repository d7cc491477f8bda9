# METADATA
# title: Time restriction
# description: >-
#   Lets the wallet sign only in named windows of the week, by the clock of a time zone, and never on a named date. Summer time
#   is in what the clock shows. Judges transactions and messages.
# schemas:
#   - input: schema.input
# custom:
#   facts:
#     - request.local_times
#   settings: schema.rules.time_restriction
#   reasons:
#     TIME_ALLOWED: the clock of the zone is within a window, and its date is not blacked out
#     TIME_NOT_ALLOWED: the clock of the zone is outside every window
#     DATE_BLACKED_OUT: the date in the zone is one that the data blacks out
#     TIME_RESTRICTION_UNDECIDED: the time in the zone is not known, or a setting that the rule needs is missing or of another type
package countersign.rules.time_restriction

import data.countersign.settings

terms := settings.wallet.time_restriction

# METADATA
# title: Verdict
# description: Allow within a window on a date that is not blacked out.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "TIME_RESTRICTION_UNDECIDED",
		"message": "the time cannot be checked",
		"remedy": "allowed: only where the policy data of this wallet has time_restriction with time_zone and windows, and the input has request.local_times of that zone",
		"facts": {},
	}],
}

verdict := {"decision": "allow", "reasons": [{"code": "TIME_ALLOWED", "message": "it is a time at which this wallet may sign", "facts": {}}]} if {
	readable
	some_window_open
	not date_label
} else := {"decision": "deny", "reasons": violations} if {
	readable
}

day_before := {
	"monday": "sunday",
	"tuesday": "monday",
	"wednesday": "tuesday",
	"thursday": "wednesday",
	"friday": "thursday",
	"saturday": "friday",
	"sunday": "saturday",
}

now := input.request.local_times[terms.time_zone]

readable if {
	shown := now
	is_string(shown.date)

	# countersign-mutate: condition lives because null and booleans are below 0 and text is above 1440
	is_number(shown.minute_of_day)
	shown.minute_of_day >= 0
	shown.minute_of_day < 1440
	is_string(shown.weekday)
	windows := terms.windows
	is_array(windows)
	count(windows) > 0
	is_object(blackout_dates)
}

blackout_dates := object.get(terms, "blackout_dates", {})

date_label := label if {
	label := blackout_dates[now.date]
	is_string(label)
}

# A date with a label of another type is blacked out all the same.
date_label := "" if {
	label := blackout_dates[now.date]
	not is_string(label)
}

# HH:MM past midnight; 24:00 is the end of the day. A window that has none is never open. Not by to_number: in WebAssembly that
# takes "1e" and "1." for numbers.
minutes(text) := sum if {
	count(text) == 5
	substring(text, 2, 1) == ":"
	place := indexof(hours, substring(text, 0, 3))
	place >= 0
	tens := digit(text, 3)
	tens < 6
	sum := (place * 20) + ((tens * 10) + digit(text, 4))
	sum <= 1440
}

# What ends with a colon stands here only at three times its hour.
hours := "00:01:02:03:04:05:06:07:08:09:10:11:12:13:14:15:16:17:18:19:20:21:22:23:24:"

digit(text, place) := n if {
	n := indexof("0123456789", substring(text, place, 1))
	n >= 0
}

# One that ends no later than it begins reaches into the next day.
open(window) if {
	now.weekday in window.weekdays
	from := minutes(window.from)
	from <= now.minute_of_day
	closes_later(from, minutes(window.to))
} else if {
	day_before[now.weekday] in window.weekdays
	to := minutes(window.to)
	now.minute_of_day < to
	from := minutes(window.from)
	to <= from
	from < 1440
}

closes_later(from, to) if {
	now.minute_of_day < to
} else if {
	to <= from
}

violations := array.concat(
	[{
		"code": "DATE_BLACKED_OUT",
		"message": $"it is {clock} in {terms.time_zone}, a date on which nothing is signed ({date_label})",
		"remedy": $"allowed: on other dates, {opening}",
		"facts": facts,
	} |
		date_label
	],
	[{
		"code": "TIME_NOT_ALLOWED",
		"message": $"it is {clock} in {terms.time_zone}",
		"remedy": $"allowed: {opening}",
		"facts": facts,
	} |
		not some_window_open
	],
)

some_window_open if {
	some window in terms.windows
	is_array(window.weekdays)
	open(window)
}

facts := {"time_zone": terms.time_zone, "date": now.date, "weekday": now.weekday, "minute_of_day": now.minute_of_day}

clock := $"{now.weekday} {now.date} {clock_text}"

# Hours without a division.
clock_text := $"{two_digits(hour)}:{two_digits(now.minute_of_day - (hour * 60))}" if {
	# countersign-mutate: number lives because no minute of a day is in an hour behind the last
	some hour in numbers.range(0, 23)
	hour * 60 <= now.minute_of_day
	now.minute_of_day < (hour * 60) + 60
}

two_digits(n) := $"0{n}" if n < 10

two_digits(n) := $"{n}" if n >= 10

opening := $"{concat("; ", [window_text(window) | some window in array.slice(terms.windows, 0, 10)])} by the clock of {terms.time_zone}"

window_text(window) := $"{concat(", ", window.weekdays)} from {window.from} to {window.to}"
