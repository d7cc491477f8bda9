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

other_keys := ["max", "scope", "on_exceed", "approval"]

# METADATA
# title: Limits
# description: >-
#   The limits of a decision for the window limits of the policy data; null, where the data has none, stands for no limit. Each
#   id begins with the prefix and names window and scope: two limits of one window and scope are malformed.
limits(_, _, entries) := [] if entries == null

limits(prefix, measure, entries) := found if {
	is_array(entries)
	count(entries) > 0
	found := [limit(prefix, measure, entry) | some entry in entries]
	count(found) == count(entries)
	count({one.id | some one in found}) == count(found)
}

limit(prefix, measure, entry) := maximum(prefix, measure, entry, {"on_exceed": "deny"}) if {
	object.get(entry, "on_exceed", "deny") == "deny"
	object.get(entry, "approval", null) == null
}

limit(prefix, measure, entry) := maximum(prefix, measure, entry, {
	"on_exceed": "require_approval",
	"approval": approval(entry.approval),
}) if {
	entry.on_exceed == "require_approval"
	count(entry.approval) == 3
}

maximum(prefix, measure, entry, consequence) := object.union(consequence, {
	"id": $"{prefix}/{window.name}/{scope}",
	"scope": scope,
	"measure": measure,
	"window": window.document,
	"max": entry.max,
}) if {
	whole(entry.max, 0, largest_max)
	scope := object.get(entry, "scope", "agent_wallet")
	scope in scopes
	window := window_of(object.remove(entry, other_keys))
}

# Exactly one kind of window, and no key that is not known.
window_of({"rolling_seconds": seconds}) := {
	"name": $"rolling:{seconds}",
	"document": {"kind": "rolling", "seconds": seconds},
} if {
	whole(seconds, 1, longest_window_seconds)
}

window_of({"calendar": unit, "time_zone": time_zone}) := {
	"name": $"calendar:{unit}:{time_zone}",
	"document": {"kind": "calendar", "unit": unit, "time_zone": time_zone},
} if {
	unit in {"day", "week", "month"}
	is_string(time_zone)
}

window_of({"lifetime": true}) := {"name": "lifetime", "document": {"kind": "lifetime"}}

# METADATA
# title: Approval
# description: Who must approve, and by when, out of an object that may hold more.
approval(given) := {"quorum": given.quorum, "groups": given.groups, "timeout_seconds": given.timeout_seconds} if {
	whole(given.quorum, 1, 16)
	whole(given.timeout_seconds, 1, 2592000)
	is_array(given.groups)
	every group in given.groups {
		is_string(group)
	}
}

# METADATA
# title: Malformed
# description: The reason to deny where the limits over time of a setting cannot be read.
malformed(setting) := {
	"code": "WINDOW_LIMIT_MALFORMED",
	"message": $"the limits over time in {setting} of the policy data cannot be read",
	"remedy": "allowed: one or more, each with a max, its own window (rolling_seconds, or calendar and time_zone, or lifetime: true) and, where people may approve what exceeds it, on_exceed: require_approval with its approval",
	"facts": {"setting": setting},
}

# What is no number has no remainder.
whole(n, least, most) if {
	n >= least
	n <= most
	n % 1 == 0
}
