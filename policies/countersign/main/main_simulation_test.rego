package countersign.main_simulation_test

import data.countersign.fixtures_test as fixtures
import data.countersign.main
import data.countersign.main.result

shown(path, value) := json.patch(fixtures.simulated_request, [{
	"op": "add",
	"path": concat("", ["/simulation/effects", path]),
	"value": value,
}])

decided(request) := json.unmarshal(text) if {
	text := result with input as request with data.countersign.agents as fixtures.agents
}

test_allow_what_a_simulation_confirms if {
	document := decided(fixtures.simulated_request)
	document.decision == "allow"
	document.reasons == decided(fixtures.request).reasons
}

test_deny_what_only_the_simulation_shows if {
	every case in [
		{"path": "/outflows/0/amount", "value": 10001, "code": "SPENDING_LIMIT_EXCEEDED"},
		{"path": "/transfers/-", "value": fixtures.sol_transfer(fixtures.stranger, 1), "code": "RECIPIENT_NOT_ALLOWED"},
		{"path": "/rent_lamports", "value": 5000001, "code": "RENT_LIMIT_EXCEEDED"},
		{
			"path": "/closes/-",
			"value": {"instruction": 0, "basis": "simulation", "account": "A", "owner": fixtures.wallet, "destination": "B"},
			"code": "CLOSE_DESTINATION_NOT_ALLOWED",
		},
	] {
		document := decided(shown(case.path, case.value))
		document.decision == "deny"
		[reason.code | some reason in document.reasons] == [case.code]
		startswith(document.reasons[0].message, "in its simulation: ")
	}
}

test_require_approval_for_what_only_the_simulation_shows if {
	document := decided(shown("/outflows/0/amount", 5001))
	document.decision == "require_approval"
	document.approval == {"quorum": 1, "groups": ["treasurers"], "timeout_seconds": 3600}
	[reason.message | some reason in document.reasons] == ["in its simulation: sends 5001 lamports of SOL"]
}

test_require_approval_says_once_what_message_and_simulation_say if {
	request := json.patch(fixtures.simulated_request, [
		{"op": "replace", "path": "/effects/outflows/0/amount", "value": 5001},
		{"op": "replace", "path": "/simulation/effects/outflows/0/amount", "value": 5001},
	])
	document := decided(request)
	document.decision == "require_approval"
	count(document.reasons) == 1
}

test_require_approval_says_what_the_simulation_shows_beyond_the_message if {
	request := json.patch(shown("/outflows/0/amount", 6000), [{
		"op": "replace",
		"path": "/effects/outflows/0/amount",
		"value": 5001,
	}])
	[reason.message | some reason in decided(request).reasons] == [
		"sends 5001 lamports of SOL",
		"in its simulation: sends 6000 lamports of SOL",
	]
}

test_a_reason_to_agree_with_the_message_is_no_remark_where_people_must_approve if {
	reason := {"code": "AGREED", "message": "agreed", "facts": {}}
	request := fixtures.request_with("/effects/outflows/0/amount", 5001)
	not main.remarked({"decision": "allow", "reasons": [reason]}, reason) with input as request
		with data.countersign.agents as fixtures.agents
	main.remarked({"decision": "require_approval", "reasons": [reason]}, reason) with input as request
		with data.countersign.agents as fixtures.agents
}

test_rules_judge_no_simulation_that_did_not_succeed if {
	every status in ["not_run", "unavailable", "failed"] {
		request := json.patch(fixtures.simulated_request, [{"op": "replace", "path": "/simulation/status", "value": status}])
		verdicts := main.simulated_verdicts with input as request with data.countersign.agents as fixtures.agents
		verdicts == {}
	}
}

test_deny_a_fact_that_only_the_simulation_misses if {
	document := decided(shown("/missing", [{"fact": "token_account", "instruction": 0, "detail": "x"}]))
	document.decision == "deny"
	[reason.code | some reason in document.reasons] == ["FACT_MISSING"]
}

test_deny_a_simulation_that_fails if {
	request := fixtures.request_with("/simulation", {"status": "failed", "slot": 7, "error": "\"AccountNotFound\""})
	document := decided(request)
	document.decision == "deny"
	document.reasons == [{
		"code": "SIMULATION_FAILED",
		"rule": "main",
		"message": "the transaction fails when it is simulated: \"AccountNotFound\"",
		"remedy": "allowed: transactions that succeed",
		"facts": {"slot": 7},
	}]
}

test_deny_a_simulation_that_diverges if {
	divergence := {"account": fixtures.wallet, "change": "lamports", "detail": "expected 5, left 4"}
	request := json.patch(fixtures.simulated_request, [
		{"op": "replace", "path": "/simulation/diverges", "value": true},
		{"op": "replace", "path": "/simulation/divergences", "value": [divergence]},
	])
	document := decided(request)
	document.decision == "deny"
	[reason.code | some reason in document.reasons] == ["SIMULATION_DIVERGES"]
	document.reasons[0].facts == {"account": fixtures.wallet, "change": "lamports"}
}

test_allow_without_a_simulation_what_needs_none if {
	every simulation in [{"status": "not_run"}, {"status": "unavailable", "reason": "no answer"}] {
		decided(fixtures.request_with("/simulation", simulation)).decision == "allow"
	}
	incomplete := json.patch(fixtures.simulated_request, [
		{"op": "replace", "path": "/simulation/complete", "value": false},
		{"op": "replace", "path": "/simulation/missing", "value": ["inner instructions"]},
	])
	decided(incomplete).decision == "allow"
}

# Promise 7: what the message denies stays denied, however well its simulation looks.
test_deny_what_the_message_denies_whatever_the_simulation if {
	every path, value in {
		"/effects/outflows/0/amount": 10001,
		"/effects/fee/total_lamports": 10001,
		"/effects/missing": [{"fact": "instruction", "instruction": 0, "detail": "x"}],
		"/effects/transfers/0/recipient": fixtures.stranger,
		"/transaction/instructions/0/name": "assign",
	} {
		request := json.patch(fixtures.simulated_request, [{"op": "replace", "path": path, "value": value}])
		decided(request).decision == "deny"
	}
}

test_deny_without_a_fact_of_the_simulation if {
	every path in [
		"/simulation",
		"/simulation/status",
		"/simulation/slot",
		"/simulation/units_consumed",
		"/simulation/complete",
		"/simulation/missing",
		"/simulation/diverges",
		"/simulation/divergences",
		"/simulation/instructions",
		"/simulation/instructions/0/depth",
		"/simulation/instructions/0/instruction/name",
		"/simulation/effects",
		"/simulation/effects/missing",
		"/simulation/effects/outflows",
		"/simulation/effects/fee/payer",
	] {
		document := decided(json.patch(fixtures.simulated_request, [{"op": "remove", "path": path}]))
		document.decision == "deny"
		document.reasons[0].code == "INPUT_INCOMPLETE"
	}
}

test_deny_flags_that_do_not_say_what_their_lists_say if {
	every path, value in {
		"/simulation/complete": false,
		"/simulation/missing": ["inner instructions"],
		"/simulation/diverges": true,
		"/simulation/divergences": [{"account": "A", "change": "lamports", "detail": "x"}],
	} {
		document := decided(json.patch(fixtures.simulated_request, [{"op": "replace", "path": path, "value": value}]))
		document.decision == "deny"
		document.reasons[0].code == "INPUT_INCOMPLETE"
	}
}

test_deny_a_rule_that_gives_no_verdict_on_the_simulation if {
	verdict := {"decision": "maybe"}
	text := result with input as fixtures.simulated_request
		with data.countersign.agents as fixtures.agents
		with data.countersign.rules.fee_limit.verdict as verdict
	document := json.unmarshal(text)
	document.decision == "deny"
	[reason.code | some reason in document.reasons] == ["RULE_VERDICT_MALFORMED"]
}

# The gateway writes none of these; what did not succeed shows nothing.
test_what_a_simulation_left_that_did_not_succeed_counts_for_nothing if {
	effects := json.patch(fixtures.request.effects, [{
		"op": "replace",
		"path": "/outflows",
		"value": [{"asset": "SOL", "amount": 5001}],
	}])
	left := {"effects": effects, "diverges": false, "complete": true}
	not_run := fixtures.request_with("/simulation", object.union(left, {"status": "not_run"}))
	asked := result with input as not_run with data.countersign.agents as fixtures.agents
	json.unmarshal(asked).decision == "allow"
	failed := fixtures.request_with("/simulation", object.union(
		left,
		{"status": "failed", "slot": 1, "error": "x", "effects": fixtures.request.effects},
	))
	refused := result with input as failed with data.countersign.agents as fixtures.agents
	json.unmarshal(refused).decision == "deny"
}

limits(outflows, shown) := [limit.id | some limit in json.unmarshal(text).limits] if {
	agents := fixtures.agents_with("spending_limit", {
		"per_transaction": {"SOL": 10000},
		"per_window": {"SOL": [{"max": 20000, "rolling_seconds": 60}]},
	})
	text := result with data.countersign.agents as agents with input as json.patch(fixtures.simulated_request, [
		{"op": "replace", "path": "/effects/outflows", "value": outflows},
		{"op": "replace", "path": "/simulation/effects/outflows", "value": shown},
	])
}

test_limits_count_for_what_only_the_simulation_shows_and_once_for_what_both_say if {
	outflows := fixtures.request.effects.outflows
	limits([], []) == []
	limits(outflows, []) == ["spending_limit/SOL/rolling:60/agent_wallet"]
	limits([], outflows) == ["spending_limit/SOL/rolling:60/agent_wallet"]
	limits(outflows, outflows) == ["spending_limit/SOL/rolling:60/agent_wallet"]
}

missing_facts := [{"fact": name, "instruction": 0, "detail": "x"} | some name in ["token_account", "mint"]]

permitting(names) := {"fee_limit": {
	"decision": "allow",
	"reasons": [],
	"permitted_missing": [{"fact": name, "instruction": 0} | some name in names],
}}

# Which missing facts are told, where message and simulation miss both and each permits some.
told(permitted, permitted_in_simulation) := [reason.facts.fact | some reason in json.unmarshal(text).reasons] if {
	request := json.patch(shown("/missing", missing_facts), [{
		"op": "add",
		"path": "/effects/missing",
		"value": missing_facts,
	}])
	text := result with input as request
		with data.countersign.agents as fixtures.agents_with("enabled", ["fee_limit"])
		with data.countersign.main.unguarded as set()
		with data.countersign.main.verdicts as permitting(permitted)
		with data.countersign.main.simulated_verdicts as permitting(permitted_in_simulation)
}

test_deny_names_each_missing_fact_once_wherever_it_is_not_permitted if {
	told([], []) == ["token_account", "mint"]
	told(["mint"], ["mint"]) == ["token_account"]
	told(["mint"], []) == ["token_account", "mint"]
	told([], ["mint"]) == ["token_account", "mint"]
}
