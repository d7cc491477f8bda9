package countersign.main_test

import data.countersign.fixtures_test as fixtures
import data.countersign.main.result

all_allow := {"decision": "allow", "reasons": []}

approval(quorum, groups, seconds) := {
	"decision": "require_approval",
	"reasons": [{"code": "ASK", "message": "asks", "facts": {}}],
	"approval": {"quorum": quorum, "groups": groups, "timeout_seconds": seconds},
}

guards := ["address_allowlist", "authority_guard", "fee_limit", "program_allowlist", "spending_limit"]

waiving(names) := json.patch(fixtures.agents, [{"op": "add", "path": "/trader/wallets/treasury/waived", "value": names}])

# Only these rules, with the library's own waived.
enabled(names) := json.patch(waiving(guards), [{
	"op": "replace",
	"path": "/trader/wallets/treasury/enabled",
	"value": names,
}])

test_allow_an_ordinary_transfer if {
	text := result with input as fixtures.request with data.countersign.agents as fixtures.agents
	document := json.unmarshal(text)
	document.v == 1
	document.decision == "allow"
	document.limits == []
	document.approval == null
	document.reasons == [{
		"code": "ALLOWED",
		"rule": "main",
		"message": "every enabled rule agrees",
		"facts": {"rules": concat(" ", fixtures.settings.enabled)},
	}]
}

test_deny_names_every_rule_that_denies if {
	request := object.union(fixtures.request, {"effects": {
		"outflows": [{"asset": "SOL", "amount": 10001}],
		"fee": {"total_lamports": 10001},
	}})
	text := result with input as request with data.countersign.agents as fixtures.agents
	document := json.unmarshal(text)
	document.decision == "deny"
	[reason.rule | some reason in document.reasons] == ["fee_limit", "spending_limit"]
}

test_require_approval_when_a_rule_asks_and_none_denies if {
	request := fixtures.request_with("/effects/outflows", [{"asset": "SOL", "amount": 5001}])
	text := result with input as request with data.countersign.agents as fixtures.agents
	document := json.unmarshal(text)
	document.decision == "require_approval"
	document.approval == {"quorum": 1, "groups": ["treasurers"], "timeout_seconds": 3600}
	[reason.rule | some reason in document.reasons] == ["human_approval"]
}

test_deny_wins_over_require_approval if {
	request := object.union(fixtures.request, {"effects": {
		"outflows": [{"asset": "SOL", "amount": 5001}],
		"fee": {"total_lamports": 10001},
	}})
	text := result with input as request with data.countersign.agents as fixtures.agents
	document := json.unmarshal(text)
	document.decision == "deny"
	document.approval == null
	[reason.rule | some reason in document.reasons] == ["fee_limit"]
}

test_deny_writes_amounts_beyond_u64_exactly if {
	outflows := [{"asset": "SOL", "amount": fixtures.u64_max}, {"asset": "SOL", "amount": 2}]
	text := result with input as fixtures.request_with("/effects/outflows", outflows)
		with data.countersign.agents as fixtures.agents
	contains(text, `"amount":18446744073709551617`)
}

test_deny_an_empty_input if {
	text := result with input as {} with data.countersign.agents as fixtures.agents
	document := json.unmarshal(text)
	document.decision == "deny"
	document.reasons[0].code == "INPUT_VERSION_UNSUPPORTED"
}

test_deny_another_input_version if {
	every v in [0, 2, "1", null, true] {
		text := result with input as fixtures.request_with("/v", v) with data.countersign.agents as fixtures.agents
		document := json.unmarshal(text)
		document.decision == "deny"
		[reason.code | some reason in document.reasons] == ["INPUT_VERSION_UNSUPPORTED"]
	}
}

test_deny_an_agent_that_the_data_does_not_name if {
	text := result with input as fixtures.request_with("/agent/id", "other")
		with data.countersign.agents as fixtures.agents
	document := json.unmarshal(text)
	document.decision == "deny"
	document.reasons[0].code == "AGENT_NOT_CONFIGURED"
	startswith(document.reasons[0].message, "agent other may do nothing")
}

test_deny_a_wallet_that_the_data_does_not_name_for_the_agent if {
	text := result with input as fixtures.request_with("/wallet/id", "other")
		with data.countersign.agents as fixtures.agents
	document := json.unmarshal(text)
	document.decision == "deny"
	document.reasons[0].message == "agent trader may do nothing with wallet other"
	document.reasons[0].remedy == "it may use: treasury"
}

test_deny_without_data if {
	every agents in [{}, {"trader": {}}, {"trader": {"wallets": {"treasury": {}}}}, {"trader": true}] {
		text := result with input as fixtures.request with data.countersign.agents as agents
		json.unmarshal(text).decision == "deny"
	}
}

test_deny_without_enabled_rules if {
	every names in [[], {}, {"x": "spending_limit"}, "spending_limit", null] {
		text := result with input as fixtures.request with data.countersign.agents as enabled(names)
		document := json.unmarshal(text)
		document.decision == "deny"
		document.reasons[0].code == "RULES_NOT_CONFIGURED"
		document.reasons[0].remedy == "enabled must list at least one rule"
	}
}

test_deny_when_a_guard_is_neither_enabled_nor_waived if {
	every guard in guards {
		others := [name | some name in fixtures.settings.enabled; name != guard]
		text := result with input as fixtures.request
			with data.countersign.agents as fixtures.agents_with("enabled", others)
		document := json.unmarshal(text)
		document.decision == "deny"
		[reason.code | some reason in document.reasons] == ["GUARD_NOT_ENABLED"]
		document.reasons[0].facts == {"rules": guard}
		document.reasons[0].remedy == "each must stand in enabled, or in waived to let everything of its kind pass"
	}
}

test_allow_without_a_guard_that_is_waived if {
	agents := json.patch(waiving(["address_allowlist"]), [{
		"op": "replace",
		"path": "/trader/wallets/treasury/enabled",
		"value": [name | some name in fixtures.settings.enabled; name != "address_allowlist"],
	}])
	text := result with input as fixtures.request with data.countersign.agents as agents
	json.unmarshal(text).decision == "allow"
}

test_deny_a_waiver_of_another_type if {
	every waived in ["address_allowlist", {"x": "address_allowlist"}, [["address_allowlist"]], true, null] {
		others := [name | some name in fixtures.settings.enabled; name != "spending_limit"]
		agents := json.patch(waiving(waived), [{
			"op": "replace",
			"path": "/trader/wallets/treasury/enabled",
			"value": others,
		}])
		text := result with input as fixtures.request with data.countersign.agents as agents
		json.unmarshal(text).decision == "deny"
	}
}

test_deny_a_rule_that_does_not_exist if {
	text := result with input as fixtures.request
		with data.countersign.agents as enabled(["spending_limit", "spendin_limit"])
	document := json.unmarshal(text)
	document.decision == "deny"
	[[reason.rule, reason.code] | some reason in document.reasons] == [["spendin_limit", "RULE_UNKNOWN"]]
}

test_deny_a_verdict_that_is_none if {
	every verdict in [true, "allow", {}, {"decision": "yes"}, {"decision": "deny"}, {"decision": "deny", "reasons": []}] {
		text := result with input as fixtures.request
			with data.countersign.agents as enabled(["spending_limit", "fee_limit"])
			with data.countersign.rules.fee_limit.verdict as verdict
		document := json.unmarshal(text)
		document.decision == "deny"
		document.reasons[0].code == "RULE_VERDICT_MALFORMED"
	}
}

test_require_approval_joins_terms if {
	text := result with input as fixtures.request
		with data.countersign.agents as enabled(["spending_limit", "fee_limit"])
		with data.countersign.rules.fee_limit.verdict as approval(2, [], 60)
		with data.countersign.rules.spending_limit.verdict as approval(1, ["b", "a"], 3600)
	document := json.unmarshal(text)
	document.decision == "require_approval"
	document.approval == {"quorum": 2, "groups": ["a", "b"], "timeout_seconds": 60}
	count(document.reasons) == 2
}

test_deny_terms_of_approval_that_cannot_be_joined if {
	every other in [approval(1, ["b"], 60), object.remove(approval(1, [], 60), ["approval"]), approval("1", [], 60)] {
		text := result with input as fixtures.request
			with data.countersign.agents as enabled(["spending_limit", "fee_limit"])
			with data.countersign.rules.fee_limit.verdict as approval(1, ["a"], 60)
			with data.countersign.rules.spending_limit.verdict as other
		document := json.unmarshal(text)
		document.decision == "deny"
	}
}

test_deny_a_verdict_of_another_kind_with_reasons if {
	verdict := {"decision": "yes", "reasons": [{"code": "YES", "message": "yes", "facts": {}}]}
	text := result with input as fixtures.request
		with data.countersign.agents as enabled(["fee_limit"])
		with data.countersign.rules.fee_limit.verdict as verdict
	document := json.unmarshal(text)
	document.decision == "deny"
	document.reasons[0].code == "RULE_VERDICT_MALFORMED"
}

test_deny_terms_of_approval_of_another_type if {
	every other in [approval(1, "a", 60), approval(1, {}, 60), approval(1, [], "60")] {
		text := result with input as fixtures.request
			with data.countersign.agents as enabled(["fee_limit"])
			with data.countersign.rules.fee_limit.verdict as other
		document := json.unmarshal(text)
		document.decision == "deny"
		document.reasons[0].code == "APPROVAL_REQUIREMENTS_CONFLICT"
	}
}

# No rule reads these.
test_deny_a_transaction_that_is_not_described_in_full if {
	every path in ["/chain/endpoints", "/context", "/effects/fee/base_lamports"] {
		text := result with input as fixtures.request_without(path) with data.countersign.agents as fixtures.agents
		document := json.unmarshal(text)
		document.decision == "deny"
		[reason.code | some reason in document.reasons] == ["INPUT_INCOMPLETE"]
	}
}

# No such denial is known: whatever it were, it would have a reason.
test_deny_says_so_where_nothing_says_why if {
	text := result with input as fixtures.request_with("/v", 2)
		with data.countersign.agents as fixtures.agents
		with data.countersign.main.refusals as []
	json.unmarshal(text).reasons == [{
		"code": "POLICY_UNDECIDED",
		"rule": "main",
		"message": "the policy came to no decision",
		"remedy": "allowed: only what every enabled rule agrees to",
		"facts": {},
	}]
}

test_allow_with_what_a_rule_remarks if {
	remark := {"code": "NOT_GUARANTEED", "message": "what it does is not guaranteed", "facts": {"instructions": "1"}}
	agrees := {"decision": "allow", "reasons": [{"code": "FINE", "message": "fine", "facts": {}}, remark]}
	document := json.unmarshal(result) with input as fixtures.request
		with data.countersign.agents as fixtures.agents
		with data.countersign.rules.fee_limit.verdict as agrees
	[reason.code | some reason in document.reasons] == ["ALLOWED", "NOT_GUARANTEED"]
	document.reasons[1].rule == "fee_limit"
}

test_deny_says_where_a_missing_guard_would_stand if {
	enabled := [name | some name in fixtures.settings.enabled; name != "fee_limit"]
	document := json.unmarshal(result) with input as fixtures.request
		with data.countersign.agents as fixtures.agents_with("enabled", enabled)
	document.reasons[0].remedy == "each must stand in enabled, or in waived to let everything of its kind pass"
}
