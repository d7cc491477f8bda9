package countersign.explanation_test

import data.countersign.fixtures_test as fixtures
import data.countersign.main.explanation

explained(request, agents) := json.unmarshal(text) if {
	text := explanation with input as request with data.countersign.agents as agents
}

said(document, key) := [rule[key] | some rule in document.rules]

enabled := fixtures.settings.enabled

test_each_enabled_rule_says_what_it_thinks_of_the_message if {
	document := explained(fixtures.request, fixtures.agents)
	document.v == 1
	document.decision == "allow"
	document.main == []
	said(document, "rule") == enabled
	said(document, "on") == ["message" | some _ in enabled]
	said(document, "decision") == ["allow" | some _ in enabled]
	some rule in document.rules
	rule.rule == "spending_limit"
	[reason.code | some reason in rule.reasons] == ["SPENDING_WITHIN_LIMIT"]
}

test_each_says_what_it_thinks_of_the_simulation_as_well if {
	document := explained(fixtures.simulated_request, fixtures.agents)
	said(document, "rule") == array.concat(enabled, enabled)
	said(document, "on") == array.concat(["message" | some _ in enabled], ["simulation" | some _ in enabled])
	said(document, "decision") == ["allow" | some _ in array.concat(enabled, enabled)]
}

test_a_simulation_that_did_not_succeed_has_nothing_to_say if {
	failed := {"status": "failed", "slot": 1, "error": "x", "effects": fixtures.request.effects}
	document := explained(fixtures.request_with("/simulation", failed), fixtures.agents)
	document.decision == "deny"
	said(document, "on") == ["message" | some _ in enabled]
}

test_main_says_what_holds_whatever_the_rules_say_and_nothing_of_theirs if {
	failed := fixtures.request_with("/simulation", {"status": "failed", "slot": 1, "error": "x"})
	request := json.patch(failed, [{"op": "replace", "path": "/effects/outflows/0/amount", "value": 10001}])
	document := explained(request, fixtures.agents)
	[reason.code | some reason in document.main] == ["SIMULATION_FAILED"]
	some rule in document.rules
	rule.rule == "spending_limit"
	rule.decision == "deny"
	[reason.code | some reason in rule.reasons] == ["SPENDING_LIMIT_EXCEEDED"]
}

test_a_rule_that_gives_no_verdict_says_none if {
	names := array.concat(enabled, ["no_such_rule"])
	document := explained(fixtures.request, fixtures.agents_with("enabled", names))
	document.decision == "deny"
	document.rules[count(enabled)] == {"rule": "no_such_rule", "on": "message", "decision": "none", "reasons": []}
}

test_without_data_only_main_speaks if {
	document := explained(fixtures.request, {})
	document.decision == "deny"
	[reason.code | some reason in document.main] == ["AGENT_NOT_CONFIGURED"]
	document.rules == []
}
