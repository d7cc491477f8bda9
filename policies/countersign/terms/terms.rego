# METADATA
# title: Terms
# description: >-
#   Limits over time and approvals, as the policy data writes them and as a decision carries them. Rules say which limits hold;
#   the gateway counts. What is malformed in any part is undefined here, so that a rule that needs it denies.
package countersign.terms

# 366 days.
longest_window_seconds := 31622400

# 2^96, far beyond every sum of u64 amounts.
largest_max := 79228162514264337593543950336

scopes := ["agent_wallet", "wallet", "agent", "global"]

other_keys := ["max", "scope", "group", "net", "program", "on_exceed", "approval"]

# METADATA
# title: Limits
# description: >-
#   The limits of a decision for the window limits of the policy data; null, where the data has none, stands for no limit. Each
#   id begins with the prefix and names window, scope and what of the measure counts: two limits that agree in these are malformed.
limits(_, _, entries) := [] if entries == null

limits(prefix, measure, entries) := found if {
	is_array(entries)
	count(entries) > 0
	found := [limit(prefix, measure, entry) | some entry in entries]
	count(found) == count(entries)
	count({one.id | some one in found}) == count(found)
}

limit(prefix, measure, entry) := maximum(prefix, measure, entry, "deny") if {
	object.get(entry, "on_exceed", "deny") == "deny"
	object.get(entry, "approval", null) == null
}

limit(prefix, measure, entry) := object.union(
	maximum(prefix, measure, entry, "require_approval"),
	{"approval": entry.approval},
) if {
	entry.on_exceed == "require_approval"

	# No key that is not known.
	approval(entry.approval) == entry.approval
}

maximum(prefix, measure, entry, on_exceed) := object.union(whose.document, {
	"id": concat("", [prefix, "/", window.name, "/", whose.name, part.name]),
	"measure": part.measure,
	"window": window.document,
	"max": entry.max,
	"on_exceed": on_exceed,
}) if {
	whole(entry.max, 0, largest_max)
	whose := whose_of(entry, object.get(entry, "scope", "agent_wallet"))
	part := part_of(measure, entry, [key | some key, _ in entry; key in ["net", "program"]])
	window := window_of(entry, [key | some key, _ in entry; not key in other_keys])
}

whose_of(entry, scope) := {"name": scope, "document": {"scope": scope}} if {
	scope in scopes
	object.get(entry, "group", null) == null
}

whose_of(entry, "agent_group") := {
	"name": $"agent_group:{entry.group}",
	"document": {"scope": "agent_group", "group": entry.group},
} if {
	regex.match(`^[a-z0-9][a-z0-9_-]{0,63}$`, entry.group)
}

# Net of what comes in, or of transactions alone that call a program.
part_of(measure, _, []) := {"name": "", "measure": measure}

part_of(measure, entry, ["net"]) := {"name": "/net", "measure": object.union(measure, {"net": true})} if {
	net_of(measure, entry)
}

part_of(measure, entry, ["program"]) := {
	"name": $"/program:{entry.program}",
	"measure": object.union(measure, {"program": entry.program}),
} if {
	is_address(entry.program)
}

part_of(measure, entry, ["net", "program"]) := {
	"name": $"/net/program:{entry.program}",
	"measure": object.union(measure, {"net": true, "program": entry.program}),
} if {
	net_of(measure, entry)
	is_address(entry.program)
}

net_of(measure, entry) if {
	entry.net == true
	measure.kind == "outflow"
	object.get(measure, "recipient", null) == null
}

is_address(text) if regex.match(`^[1-9A-HJ-NP-Za-km-z]{32,44}$`, text)

# Exactly one kind of window, and no key that is not known.
window_of(entry, ["rolling_seconds"]) := {
	"name": $"rolling:{entry.rolling_seconds}",
	"document": {"kind": "rolling", "seconds": entry.rolling_seconds},
} if {
	whole(entry.rolling_seconds, 1, longest_window_seconds)
}

window_of(entry, keys) := {
	"name": $"calendar:{entry.calendar}:{entry.time_zone}",
	"document": {"kind": "calendar", "unit": entry.calendar, "time_zone": entry.time_zone},
} if {
	count(keys) == 2
	entry.calendar in ["day", "week", "month"]
	is_string(entry.time_zone)
}

window_of(entry, ["lifetime"]) := {"name": "lifetime", "document": {"kind": "lifetime"}} if entry.lifetime == true

# METADATA
# title: Approval
# description: Who must approve, and by when, out of an object that may hold more.
approval(given) := object.filter(given, approval_keys) if {
	whole(given.quorum, 1, 16)
	whole(given.timeout_seconds, 1, 2592000)
	names(given.groups)
	seats_readable(given)
	escalation_readable(given)
}

approval_keys := ["quorum", "groups", "per_group", "escalation", "timeout_seconds"]

seats_readable(given) if not "per_group" in object.keys(given)

seats_readable(given) if {
	seats := given.per_group
	is_array(seats)
	count(seats) > 0
	every one in seats {
		is_string(one.group)
		whole(one.quorum, 1, given.quorum)
		count(one) == 2
	}
	count({one.group | some one in seats}) == count(seats)
	seat_count(seats) <= given.quorum
	seats_within(seats, given.groups)
}

seat_count(seats) := sum([one.quorum | some one in seats])

# Who fills a seat must be among those who may vote.
seats_within(_, groups) if count(groups) == 0

seats_within(seats, groups) if {
	every one in seats {
		one.group in groups
	}
}

escalation_readable(given) if not "escalation" in object.keys(given)

escalation_readable(given) if {
	whole(given.escalation.after_seconds, 1, given.timeout_seconds - 1)
	names(given.escalation.groups)
	count(given.escalation.groups) > 0
	count(given.escalation) == 2
}

names(given) if {
	is_array(given)
	every name in given {
		is_string(name)
	}
}

# METADATA
# title: Malformed
# description: The reason to deny where the limits over time of a setting cannot be read.
malformed(setting) := {
	"code": "WINDOW_LIMIT_MALFORMED",
	"message": $"the limits over time in {setting} of the policy data cannot be read",
	"remedy": "allowed: one or more, each with a max, its own window (rolling_seconds, or calendar and time_zone, or lifetime: true), a group exactly with the scope agent_group, net only of all that leaves of an asset, and, where people may approve what exceeds it, on_exceed: require_approval with its approval",
	"facts": {"setting": setting},
}

# What is no number has no remainder.
whole(n, least, most) if {
	n >= least
	n <= most
	n % 1 == 0
}
