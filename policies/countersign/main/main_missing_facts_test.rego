package countersign.main_missing_facts_test

import data.countersign.fixtures_test as fixtures
import data.countersign.main.result

test_deny_a_missing_fact if {
	missing := [{"fact": "token_account", "instruction": 0, "detail": "not on chain"}]
	text := result with input as fixtures.request_with("/effects/missing", missing)
		with data.countersign.agents as fixtures.agents
	document := json.unmarshal(text)
	document.decision == "deny"
	document.reasons == [{
		"code": "FACT_MISSING",
		"rule": "main",
		"message": "a fact could not be established: token_account of instruction 0 (not on chain)",
		"remedy": "allowed only where a rule permits that it is missing",
		"facts": {"fact": "token_account", "instruction": 0},
	}]
}

test_deny_a_missing_instruction_in_words if {
	missing := [
		{"fact": "instruction", "instruction": 3, "detail": "not known"},
		{"fact": "amount", "detail": "hidden"},
		{"fact": "instruction", "detail": "not told which"},
	]
	text := result with input as fixtures.request_with("/effects/missing", missing)
		with data.countersign.agents as fixtures.agents
	messages := {reason.message | some reason in json.unmarshal(text).reasons}
	messages == {
		"a fact could not be established: what instruction 3 does (not known)",
		"a fact could not be established: amount (hidden)",
		"a fact could not be established: instruction (not told which)",
	}
}

test_allow_a_missing_fact_only_where_a_rule_permits_it if {
	programs := {fixtures.mystery: {"instructions": ["unknown"], "unknown_effects": "without_wallet_signature"}}
	agents := fixtures.agents_with("program_allowlist", {"programs": programs})
	patches := [{
		"op": "replace",
		"path": "/transaction/instructions",
		"value": [fixtures.unknown_instruction(fixtures.mystery, fixtures.friend)],
	}]
	unread := json.patch(fixtures.request, patches)
	expected := {
		"allow": [{"fact": "instruction", "instruction": 0, "detail": "x"}],
		"deny": [{"fact": "instruction", "detail": "x"}],
	}
	every decision, missing in expected {
		text := result with input as json.patch(unread, [{"op": "add", "path": "/effects/missing", "value": missing}])
			with data.countersign.agents as agents
		json.unmarshal(text).decision == decision
	}
}

test_deny_without_the_list_of_missing_facts if {
	text := result with input as fixtures.request_without("/effects/missing")
		with data.countersign.agents as fixtures.agents
	document := json.unmarshal(text)
	document.decision == "deny"
	document.reasons[0].code == "INPUT_INCOMPLETE"
}

test_deny_a_missing_fact_of_what_needs_approval if {
	request := object.union(fixtures.request, {"effects": {
		"outflows": [{"asset": "SOL", "amount": 5001}],
		"missing": [{"fact": "mint", "instruction": 0, "detail": "x"}],
	}})
	text := result with input as request with data.countersign.agents as fixtures.agents
	document := json.unmarshal(text)
	document.decision == "deny"
	[reason.code | some reason in document.reasons] == ["FACT_MISSING"]
}

test_deny_names_only_the_missing_facts_that_no_rule_permits if {
	programs := {
		fixtures.mystery: {"instructions": ["unknown"], "unknown_effects": "without_wallet_signature"},
		fixtures.system: {"instructions": ["transfer"]},
	}
	known := object.union(fixtures.transfer_instruction, {"index": 1})
	patches := [
		{
			"op": "replace",
			"path": "/transaction/instructions",
			"value": [fixtures.unknown_instruction(fixtures.mystery, fixtures.friend), known],
		},
		{"op": "replace", "path": "/effects/missing", "value": [
			{"fact": "instruction", "instruction": 0, "detail": "unknown program"},
			{"fact": "token_account", "instruction": 0, "detail": "not on chain"},
			{"fact": "instruction", "instruction": 1, "detail": "no effects are known"},
		]},
	]
	text := result with input as json.patch(fixtures.request, patches)
		with data.countersign.agents as fixtures.agents_with("program_allowlist", {"programs": programs})
	document := json.unmarshal(text)
	document.decision == "deny"
	[reason.facts | some reason in document.reasons] == [
		{"fact": "token_account", "instruction": 0},
		{"fact": "instruction", "instruction": 1},
	]
}

test_deny_missing_facts_of_another_type if {
	every request in fixtures.mistyped(["/effects/missing"]) {
		text := result with input as request with data.countersign.agents as fixtures.agents
		json.unmarshal(text).decision == "deny"
	}
}

test_deny_without_facts if {
	every path in ["/v", "/agent", "/agent/id", "/wallet", "/wallet/id", "/wallet/address", "/transaction", "/effects"] {
		text := result with input as fixtures.request_without(path) with data.countersign.agents as fixtures.agents
		json.unmarshal(text).decision == "deny"
	}
}
