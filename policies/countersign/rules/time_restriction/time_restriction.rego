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
#     TIME_RESTRICTION_UNDECIDED: the time in the zone is not known, or a window cannot be read
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
		"remedy": "allowed: only where the input has request.local_times of the time zone that time_restriction of this wallet names, and every window there has weekdays, from and to (HH:MM)",
		"facts": {},
	}],
}

verdict := {"decision": "allow", "reasons": [within]} if {
	readable
	some window in windows
	open(window)
	not date_label
} else := {"decision": "deny", "reasons": violations} if {
	readable
	count(violations) > 0
}

within := {"code": "TIME_ALLOWED", "message": "it is a time at which this wallet may sign", "facts": {}}

# By the week: the day after is the one beside.
days := {
	"monday": "tuesday",
	"tuesday": "wednesday",
	"wednesday": "thursday",
	"thursday": "friday",
	"friday": "saturday",
	"saturday": "sunday",
	"sunday": "monday",
}

now := input.request.local_times[terms.time_zone]

# Every window must be readable: one that is not could be the one that was meant.
readable if {
	is_string(terms.time_zone)
	is_string(now.date)
	is_number(now.minute_of_day)
	now.minute_of_day >= 0
	now.minute_of_day < 1440
	days[now.weekday]
	is_array(terms.windows)
	count(terms.windows) > 0
	count(windows) == count(terms.windows)
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

windows := [{"weekdays": window.weekdays, "from": from, "to": to} |
	some window in terms.windows
	weekdays_readable(window.weekdays)
	from := minutes(window.from)
	from < 1440
	to := minutes(window.to)
]

weekdays_readable(weekdays) if {
	is_array(weekdays)
	count(weekdays) > 0
	every weekday in weekdays {
		days[weekday]
	}
}

# HH:MM past midnight; 24:00 is the end of the day.
minutes(text) := (hours * 60) + past if {
	count(text) == 5
	substring(text, 2, 1) == ":"
	hours := (digit(text, 0) * 10) + digit(text, 1)
	past := (digit(text, 3) * 10) + digit(text, 4)
	past < 60
	(hours * 60) + past <= 1440
}

digit(text, place) := n if {
	n := indexof("0123456789", substring(text, place, 1))
	n >= 0
}

open(window) if {
	window.from < window.to
	now.weekday in window.weekdays
	now.minute_of_day >= window.from
	now.minute_of_day < window.to
}

# One that ends no later than it begins reaches into the next day.
open(window) if {
	window.to <= window.from
	now.weekday in window.weekdays
	now.minute_of_day >= window.from
}

open(window) if {
	window.to <= window.from
	some weekday in window.weekdays
	days[weekday] == now.weekday
	now.minute_of_day < window.to
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
	some window in windows
	open(window)
}

facts := {"time_zone": terms.time_zone, "date": now.date, "weekday": now.weekday, "minute_of_day": now.minute_of_day}

clock := $"{now.weekday} {now.date} {clock_text}"

# Hours without a division.
clock_text := $"{two_digits(hour)}:{two_digits(now.minute_of_day - (hour * 60))}" if {
	some hour in numbers.range(0, 23)
	hour * 60 <= now.minute_of_day
	now.minute_of_day < (hour * 60) + 60
}

two_digits(n) := $"0{n}" if n < 10

two_digits(n) := $"{n}" if n >= 10

opening := $"{concat("; ", [window_text(window) | some window in array.slice(terms.windows, 0, 10)])} by the clock of {terms.time_zone}"

window_text(window) := $"{concat(", ", window.weekdays)} from {window.from} to {window.to}"
