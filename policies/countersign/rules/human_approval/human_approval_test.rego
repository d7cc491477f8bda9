package countersign.rules.human_approval_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.human_approval.verdict

outflow(asset, amount) := fixtures.request_with("/effects/outflows", [{"asset": asset, "amount": amount}])

terms(setting, value) := fixtures.agents_with($"human_approval/{setting}", value)

test_allow_up_to_the_threshold if {
	v := verdict with input as outflow("SOL", 5000) with data.countersign.agents as fixtures.agents
	v == {
		"decision": "allow",
		"reasons": [{"code": "NO_APPROVAL_NEEDED", "message": "nothing asks for approval", "facts": {}}],
	}
}

test_allow_nothing_spent if {
	v := verdict with input as fixtures.request_with("/effects/outflows", [])
		with data.countersign.agents as fixtures.agents
	v.decision == "allow"
}

test_require_approval_above_the_threshold if {
	v := verdict with input as outflow("SOL", 5001) with data.countersign.agents as fixtures.agents
	v == {
		"decision": "require_approval",
		"approval": {"quorum": 1, "groups": ["treasurers"], "timeout_seconds": 3600},
		"reasons": [{
			"code": "APPROVAL_ABOVE_AMOUNT",
			"message": "sends 5001 lamports of SOL",
			"remedy": "at most 5000 lamports of SOL is allowed without approval",
			"facts": {"asset": "SOL", "amount": 5001, "threshold": 5000},
		}],
	}
}

test_require_approval_for_a_sum_split_over_entries if {
	outflows := [{"asset": "SOL", "amount": 3000}, {"asset": "SOL", "amount": 3000}]
	v := verdict with input as fixtures.request_with("/effects/outflows", outflows)
		with data.countersign.agents as fixtures.agents
	v.decision == "require_approval"
}

test_require_approval_for_an_asset_without_a_threshold if {
	v := verdict with input as outflow(fixtures.mint, 1) with data.countersign.agents as fixtures.agents
	v.decision == "require_approval"
	v.reasons[0].code == "APPROVAL_ASSET_WITHOUT_THRESHOLD"
}

test_require_approval_one_above_two_to_53 if {
	v := verdict with input as outflow("SOL", fixtures.two_to_53 + 1)
		with data.countersign.agents as terms("above", {"SOL": fixtures.two_to_53})
	v.decision == "require_approval"
}

test_require_approval_for_a_named_program if {
	v := verdict with input as fixtures.request
		with data.countersign.agents as terms("programs", {fixtures.system: "system"})
	v.decision == "require_approval"
	[reason.code | some reason in v.reasons] == ["APPROVAL_PROGRAM"]
	v.reasons[0].message == $"calls program {fixtures.system}, which needs approval"
}

calling_inside(program) := json.patch(fixtures.simulated_request, [{
	"op": "add",
	"path": "/simulation/instructions/-",
	"value": {"depth": 2, "instruction": object.union(fixtures.transfer_instruction, {"program": program})},
}])

test_require_approval_for_a_named_program_that_another_is_seen_to_call if {
	v := verdict with input as calling_inside(fixtures.mystery)
		with data.countersign.agents as terms("programs", {fixtures.mystery: "mystery"})
	v.decision == "require_approval"
	[reason.facts | some reason in v.reasons] == [{"program": fixtures.mystery}]
	w := verdict with input as calling_inside(fixtures.stranger)
		with data.countersign.agents as terms("programs", {fixtures.mystery: "mystery"})
	w.decision == "allow"
}

# One that did not run tells of no instructions, and only tightens where it does.
test_only_what_is_signed_counts_where_a_simulation_tells_of_nothing if {
	request := json.patch(calling_inside(fixtures.mystery), [{"op": "remove", "path": "/simulation/instructions"}])
	v := verdict with input as request with data.countersign.agents as terms("programs", {fixtures.mystery: "mystery"})
	v.decision == "allow"
	w := verdict with input as request with data.countersign.agents as terms("programs", {fixtures.system: "system"})
	w.decision == "require_approval"
}

test_deny_without_the_facts_of_a_simulation if {
	every path in ["/simulation", "/simulation/instructions/1/instruction", "/simulation/instructions/1/instruction/program"] {
		v := verdict with input as json.patch(calling_inside(fixtures.mystery), [{"op": "remove", "path": path}])
			with data.countersign.agents as fixtures.agents
		v.decision == "deny"
	}
	every value in [{}, {"x": {}}, null, true] {
		request := json.patch(fixtures.simulated_request, [{"op": "add", "path": "/simulation/instructions", "value": value}])
		v := verdict with input as request with data.countersign.agents as fixtures.agents
		v.decision == "deny"
	}
}

test_require_approval_always if {
	v := verdict with input as fixtures.request with data.countersign.agents as terms("always", true)
	v.decision == "require_approval"
	v.reasons[0].code == "APPROVAL_ALWAYS_REQUIRED"
}

test_what_leaves_up_to_its_threshold_is_no_cause if {
	v := verdict with input as outflow("SOL", 5000) with data.countersign.agents as terms("always", true)
	[reason.code | some reason in v.reasons] == ["APPROVAL_ALWAYS_REQUIRED"]
}

test_deny_programs_that_are_no_text if {
	every path in ["/transaction/instructions/0/program", "/simulation/instructions/1/instruction/program"] {
		every program in [{}, [], true, null, 1] {
			request := json.patch(calling_inside(fixtures.mystery), [{"op": "replace", "path": path, "value": program}])
			v := verdict with input as request with data.countersign.agents as fixtures.agents
			v.decision == "deny"
		}
	}
}

test_deny_terms_that_cannot_be_read if {
	every setting, values in {
		"always": ["true", 1],
		"above": [[], {"SOL": "5000"}, {"SOL": 5000, fixtures.mint: "5"}],
		"programs": [["x"], true],
		"quorum": [0, 17, 1.5, "1"],
		"groups": ["treasurers", [1]],
		"timeout_seconds": [0, 2592001, "3600"],
	} {
		every value in values {
			v := verdict with input as outflow("SOL", 5001) with data.countersign.agents as terms(setting, value)
			v.decision == "deny"
		}
	}
}

test_deny_without_a_setting if {
	every setting in ["always", "above", "programs", "quorum", "groups", "timeout_seconds"] {
		v := verdict with input as fixtures.request
			with data.countersign.agents as fixtures.agents_without($"human_approval/{setting}")
		v.decision == "deny"
		v.reasons[0].code == "HUMAN_APPROVAL_UNDECIDED"
	}
}

test_deny_without_facts if {
	every path in [
		"/effects/outflows",
		"/effects/outflows/0/asset",
		"/effects/outflows/0/amount",
		"/transaction/instructions",
		"/transaction/instructions/0/program",
	] {
		v := verdict with input as fixtures.request_without(path) with data.countersign.agents as fixtures.agents
		v.decision == "deny"
	}
}

test_allow_each_asset_at_its_own_threshold if {
	outflows := [{"asset": "SOL", "amount": 10}, {"asset": fixtures.mint, "amount": 7}, {"asset": "Other", "amount": 0}]
	v := verdict with input as fixtures.request_with("/effects/outflows", outflows)
		with data.countersign.agents as terms("above", {"SOL": 10, fixtures.mint: 7, "Other": 0})
	v.decision == "allow"
}

test_require_approval_on_the_narrowest_and_widest_terms if {
	every setting, values in {"quorum": [1, 16], "timeout_seconds": [1, 2592000], "groups": [[], ["a", "b"]]} {
		every value in values {
			v := verdict with input as outflow("SOL", 5001) with data.countersign.agents as terms(setting, value)
			v.decision == "require_approval"
			v.approval[setting] == value
		}
	}
}

test_deny_facts_of_another_type if {
	every request in fixtures.mistyped([
		"/effects/outflows",
		"/effects/outflows/0",
		"/effects/outflows/0/asset",
		"/effects/outflows/0/amount",
		"/transaction/instructions",
		"/transaction/instructions/0",
	]) {
		v := verdict with input as request with data.countersign.agents as fixtures.agents
		v.decision != "allow"
	}
}

test_deny_a_negative_amount if {
	v := verdict with input as outflow("SOL", -1) with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

message := json.patch(fixtures.request, [
	{"op": "remove", "path": "/transaction"},
	{"op": "remove", "path": "/effects"},
	{"op": "remove", "path": "/simulation"},
	{"op": "remove", "path": "/chain"},
	{"op": "add", "path": "/message", "value": {"envelope": "none", "sha256": "00", "size": 2, "text": "hi"}},
])

test_allow_a_message_where_approval_is_not_always_required if {
	every agents in [fixtures.agents, friendly] {
		v := verdict with input as message with data.countersign.agents as agents
		v.decision == "allow"
	}
}

test_require_approval_for_a_message_always if {
	v := verdict with input as message with data.countersign.agents as terms("always", true)
	v.decision == "require_approval"
	v.approval == {"quorum": 1, "groups": ["treasurers"], "timeout_seconds": 3600}
	v.reasons == [{
		"code": "APPROVAL_ALWAYS_REQUIRED",
		"message": "everything that this wallet signs needs approval",
		"remedy": "allowed: nothing without approval",
		"facts": {},
	}]
}

test_deny_what_is_no_message_and_no_transaction if {
	every value in [[], "x", true, false, null, 1] {
		v := verdict with input as json.patch(message, [{"op": "add", "path": "/message", "value": value}])
			with data.countersign.agents as fixtures.agents
		v.decision == "deny"
	}
	v := verdict with input as json.patch(message, [{"op": "remove", "path": "/message"}]) with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_a_message_that_is_a_transaction_too if {
	v := verdict with input as object.union(fixtures.request, {"message": message.message}) with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_programs_with_a_label_that_is_no_text if {
	v := verdict with input as fixtures.request with data.countersign.agents as terms("programs", {fixtures.system: false})
	v.decision == "deny"
}

test_deny_a_transaction_without_instructions if {
	v := verdict with input as fixtures.request_with("/transaction/instructions", [])
		with data.countersign.agents as fixtures.agents
	v.decision == "deny"
	v.reasons[0].code == "HUMAN_APPROVAL_UNDECIDED"
}

test_deny_facts_that_cannot_be_read_even_where_approval_is_always_required if {
	every path in ["/effects/outflows/0/asset", "/effects/outflows/0/amount", "/transaction/instructions"] {
		every value in [{}, true, null] {
			v := verdict with input as fixtures.request_with(path, value) with data.countersign.agents as terms("always", true)
			v.decision == "deny"
		}
	}
	v := verdict with input as json.patch(message, [{"op": "remove", "path": "/message"}])
		with data.countersign.agents as terms("always", true)
	v.decision == "deny"
}
