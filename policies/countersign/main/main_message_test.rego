package countersign.main_message_test

import data.countersign.fixtures_test as fixtures
import data.countersign.main.result

request := {
	"v": 1,
	"request": object.union(fixtures.request.request, {"method": "sign_message"}),
	"agent": fixtures.request.agent,
	"wallet": fixtures.request.wallet,
	"message": {"envelope": "none", "sha256": "ab", "size": 5, "text": "hello"},
	"context": {},
}

# The wallet with these settings for messages beside those for transactions.
agents(changes) := {"trader": {"wallets": {"treasury": object.union(fixtures.settings, changes)}}}

allowing := {"enabled_for_messages": ["message_guard"], "message_guard": {"texts": ["hello"]}}

decided(asked, changes) := json.unmarshal(text) if {
	text := result with input as asked with data.countersign.agents as agents(changes)
}

codes(asked, changes) := [reason.code | some reason in decided(asked, changes).reasons]

test_allow_a_message_that_is_named if {
	document := decided(request, allowing)
	document.decision == "allow"
	document.reasons[0].facts == {"rules": "message_guard"}
}

test_deny_a_message_that_is_not_named if {
	document := decided(json.patch(request, [{"op": "replace", "path": "/message/text", "value": "other"}]), allowing)
	document.decision == "deny"
	[reason.rule | some reason in document.reasons] == ["message_guard"]
}

test_deny_a_message_where_only_transactions_have_rules if {
	document := decided(request, {})
	document.decision == "deny"
	[reason.code | some reason in document.reasons] == ["RULES_NOT_CONFIGURED"]
	document.reasons[0].remedy == "enabled_for_messages must list at least one rule"
}

# Time alone says nothing of what would be signed.
test_deny_a_message_without_its_guard_waived_or_not if {
	rules := {
		"enabled_for_messages": ["time_restriction"],
		"time_restriction": {"time_zone": "UTC", "windows": {"thursday": [{"from": "00:00", "until": "24:00"}]}},
	}
	every waiver in [{}, {"waived": ["message_guard"]}] {
		document := decided(request, object.union(rules, waiver))
		document.decision == "deny"
		document.reasons[0].code == "GUARD_NOT_ENABLED"
		document.reasons[0].facts == {"rules": "message_guard"}
		document.reasons[0].remedy == "each must stand in enabled_for_messages"
	}
}

test_deny_a_message_that_is_not_described_in_full if {
	every path in ["/message/sha256", "/context", "/request/time"] {
		codes(json.patch(request, [{"op": "remove", "path": path}]), allowing) == ["INPUT_INCOMPLETE"]
	}
}

test_deny_a_message_that_comes_with_facts_of_a_transaction if {
	every part in ["chain", "effects", "simulation", "transaction"] {
		both := object.union(request, {part: fixtures.request[part]})
		codes(both, allowing) == ["INPUT_INCOMPLETE"]
	}
}

test_deny_a_transaction_by_the_rules_for_messages if {
	settings := object.union(object.remove(allowing, ["message_guard"]), {"enabled": ["message_guard"], "message_guard": {"texts": ["hello"]}})
	decided(fixtures.request, settings).decision == "deny"
}

test_require_approval_for_a_message if {
	asking := object.union(allowing, {
		"enabled_for_messages": ["message_guard", "human_approval"],
		"human_approval": {"always": true},
	})
	document := decided(request, asking)
	document.decision == "require_approval"
	document.approval == {"quorum": 1, "groups": ["treasurers"], "timeout_seconds": 3600}
}
