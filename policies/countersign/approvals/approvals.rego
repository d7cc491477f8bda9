# METADATA
# title: Approvals
# description: >-
#   How what several rules ask of people becomes one requirement that meets them all. The gateway joins the requirements of limits the
#   same way.
package countersign.approvals

import data.countersign.terms

largest_quorum := 16

# METADATA
# title: Joint requirement
# description: >-
#   The largest quorum, all seats, the shortest time, the one list of groups, and an escalation only as far as every rule that
#   restricts the voters escalates. Undefined where nobody asks, where a requirement cannot be read, where rules name different groups
#   and where nobody could fill all seats.
joint(given) := object.union(
	{"quorum": quorum, "groups": groups, "timeout_seconds": timeout},
	object.union(per_group(seats), escalation(requirements, timeout)),
) if {
	requirements := [terms.approval(one) | some one in given]
	count(requirements) == count(given)
	groups := one_list({sort(one.groups) |
		some one in requirements
		count(one.groups) > 0
	})
	seats := joint_seats(requirements)
	terms.seats_within(seats, groups)
	timeout := min([one.timeout_seconds | some one in requirements])
	quorum := max(array.concat([one.quorum | some one in requirements], [terms.seat_count(seats)]))
	quorum <= largest_quorum
}

one_list(lists) := [] if count(lists) == 0

one_list(lists) := list if {
	count(lists) == 1
	some list in lists
}

# Of each group the largest number that anybody wants of it.
joint_seats(requirements) := [{"group": group, "quorum": most} |
	asked := [one |
		some requirement in requirements
		some one in requirement.per_group
	]
	some group in sort({one.group | some one in asked})
	most := max([one.quorum | some one in asked; one.group == group])
]

per_group([]) := {}

per_group(seats) := {"per_group": seats} if count(seats) > 0

# Who restricts the voters and does not escalate keeps the others from it.
escalation(requirements, timeout) := {"escalation": {"after_seconds": after, "groups": shared}} if {
	restricting := [one | some one in requirements; restricts(one)]
	escalations := [one.escalation | some one in restricting]
	count(escalations) == count(restricting)
	after := max([one.after_seconds | some one in escalations])
	after < timeout
	shared := sort({group |
		some group in escalations[0].groups
		every one in escalations {
			group in one.groups
		}
	})
	count(shared) > 0
} else := {}

restricts(requirement) if count(requirement.groups) > 0

restricts(requirement) if requirement.per_group
