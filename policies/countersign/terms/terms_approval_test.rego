package countersign.terms_test

import data.countersign.terms

seated := object.union(approval, {
	"quorum": 3,
	"groups": ["treasurers", "security"],
	"per_group": [{"group": "treasurers", "quorum": 2}, {"group": "security", "quorum": 1}],
	"escalation": {"after_seconds": 59, "groups": ["board"]},
})

test_seats_and_an_escalation_are_terms if {
	terms.approval(seated) == seated
	terms.approval(object.union(seated, {"groups": []}))
	[limit] := limits([object.union(day, {"on_exceed": "require_approval", "approval": seated})])
	limit.approval == seated
}

test_seats_have_their_bounds if {
	one := {"group": "treasurers", "quorum": 1}
	every seats in [
		null, {}, "treasurers", [], ["treasurers"], [one, one], [{"group": "treasurers"}], [{"quorum": 1}],
		[{"group": 1, "quorum": 1}], [{"group": "treasurers", "quorum": 0}], [{"group": "treasurers", "quorum": "1"}],
		[object.union(one, {"extra": 1})], [one, {"group": "security", "quorum": 1, "extra": 1}], {"x": one},
		# More than the quorum, and of a group that may not vote.
		[{"group": "treasurers", "quorum": 4}], [{"group": "treasurers", "quorum": 2}, {"group": "security", "quorum": 2}],
		[{"group": "board", "quorum": 1}],
	] {
		not terms.approval(object.union(object.remove(seated, ["per_group"]), {"per_group": seats}))
	}
}

test_a_seat_may_be_of_the_whole_quorum if {
	terms.approval(object.union(approval, {"quorum": 16, "per_group": [{"group": "treasurers", "quorum": 16}]}))
}

test_a_seat_is_of_a_group_where_anybody_may_vote if {
	not terms.approval(object.union(approval, {"groups": [], "per_group": [{"group": 1, "quorum": 1}]}))
}

test_an_escalation_may_come_after_a_second if {
	terms.approval(object.union(approval, {"escalation": {"after_seconds": 1, "groups": ["board"]}}))
}

test_an_escalation_has_its_bounds if {
	every escalation in [
		null, {}, [], "board", {"after_seconds": 1}, {"groups": ["board"]},
		{"after_seconds": 0, "groups": ["board"]}, {"after_seconds": 60, "groups": ["board"]},
		{"after_seconds": 1.5, "groups": ["board"]}, {"after_seconds": "1", "groups": ["board"]},
		{"after_seconds": 1, "groups": []}, {"after_seconds": 1, "groups": [1]}, {"after_seconds": 1, "groups": "board"},
		{"after_seconds": 1, "groups": ["board"], "extra": 1},
	] {
		not terms.approval(object.union(object.remove(seated, ["escalation"]), {"escalation": escalation}))
	}
}
