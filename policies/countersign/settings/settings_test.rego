package countersign.settings_test

import data.countersign.fixtures_test as fixtures
import data.countersign.settings

agents := {"trader": {"wallets": {"treasury": {"enabled": ["for_transactions"], "enabled_for_messages": ["for_messages"]}}}}

asked := {"agent": {"id": "trader"}, "wallet": {"id": "treasury"}}

test_transactions_have_rules_of_their_own if {
	settings.enabled == ["for_transactions"] with input as fixtures.request with data.countersign.agents as agents
}

test_messages_have_rules_of_their_own if {
	message := object.union(asked, {"message": {"size": 1}})
	settings.enabled == ["for_messages"] with input as message with data.countersign.agents as agents
}

test_what_is_neither_has_no_rules if {
	every part in [{}, {"message": "text"}, {"transaction": []}] {
		other := object.union(asked, part)
		not settings.enabled with input as other with data.countersign.agents as agents
	}
}

test_another_agent_or_wallet_has_no_settings if {
	every other in [{"agent": {"id": "other"}}, {"wallet": {"id": "other"}}] {
		request := object.union(asked, other)
		not settings.wallet with input as request with data.countersign.agents as agents
	}
}
