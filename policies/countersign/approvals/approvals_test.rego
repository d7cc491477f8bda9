package countersign.approvals_test

import data.countersign.approvals.joint

asks(quorum, groups, seconds) := {"quorum": quorum, "groups": groups, "timeout_seconds": seconds}

seats(group, quorum) := {"group": group, "quorum": quorum}

with_seats(requirement, per_group) := object.union(requirement, {"per_group": per_group})

escalating(requirement, after, groups) := object.union(
	requirement,
	{"escalation": {"after_seconds": after, "groups": groups}},
)

test_the_largest_quorum_and_the_shortest_time_count if {
	joint([asks(1, [], 60), asks(3, [], 600)]) == asks(3, [], 60)
}

test_the_one_list_of_groups_counts if {
	joint([asks(1, ["b", "a"], 60), asks(1, [], 60), asks(1, ["a", "b"], 60)]) == asks(1, ["a", "b"], 60)
	not joint([asks(1, ["a"], 60), asks(1, ["b"], 60)])
}

test_nobody_asks if not joint([])

test_what_cannot_be_read_spoils_all if {
	not joint([asks(1, [], 60), asks(0, [], 60)])
	not joint([asks(1, [], 60), null])
	not joint([asks(1, "a", 60)])
}

test_all_seats_count if {
	one := with_seats(asks(2, [], 60), [seats("b", 2)])
	other := with_seats(asks(3, [], 60), [seats("b", 1), seats("a", 2)])
	joint([one, other]) == with_seats(asks(4, [], 60), [seats("a", 2), seats("b", 2)])
	joint([asks(5, [], 60), one]) == with_seats(asks(5, [], 60), [seats("b", 2)])
}

test_each_group_has_its_own_seats if {
	one := with_seats(asks(5, [], 60), [seats("a", 1), seats("b", 3)])
	joint([one, with_seats(asks(1, [], 60), [seats("a", 1)])]) == one
}

test_seats_that_nobody_could_fill_cannot_be_joined if {
	not joint([with_seats(asks(1, [], 60), [seats("b", 1)]), asks(1, ["a"], 60)])
	not joint([with_seats(asks(9, [], 60), [seats("a", 9)]), with_seats(asks(8, [], 60), [seats("b", 8)])])
	joint([with_seats(asks(8, [], 60), [seats("a", 8)]), with_seats(asks(8, [], 60), [seats("b", 8)])]).quorum == 16
}

test_an_escalation_counts_as_far_as_all_escalate if {
	one := escalating(asks(1, ["a"], 60), 10, ["x", "y", "z"])
	other := escalating(asks(1, ["a"], 60), 20, ["z", "y"])
	joint([one]) == one
	joint([one, other]) == escalating(asks(1, ["a"], 60), 20, ["y", "z"])
	joint([one, escalating(asks(1, ["a"], 60), 20, ["w"])]) == asks(1, ["a"], 60)
}

test_who_restricts_and_does_not_escalate_keeps_others_from_it if {
	one := escalating(asks(1, ["a"], 60), 10, ["x"])
	joint([one, asks(2, ["a"], 60)]) == asks(2, ["a"], 60)
	joint([one, with_seats(asks(1, [], 60), [seats("a", 1)])]) == with_seats(asks(1, ["a"], 60), [seats("a", 1)])
	joint([one, asks(2, [], 60)]) == escalating(asks(2, ["a"], 60), 10, ["x"])
}

test_an_escalation_after_the_shortest_time_is_none if {
	one := escalating(asks(1, ["a"], 60), 30, ["x"])
	joint([one, asks(1, [], 30)]) == asks(1, ["a"], 30)
	joint([one, asks(1, [], 31)]) == escalating(asks(1, ["a"], 31), 30, ["x"])
}

test_an_escalation_to_others_where_anybody_may_vote_is_none if {
	joint([escalating(asks(1, [], 60), 30, ["x"])]) == asks(1, [], 60)
}
