package countersign.rules.spending_limit_recipients_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.spending_limit.verdict

daily := {"max": 20000, "rolling_seconds": 86400}

setting(per_recipient) := fixtures.agents_with("spending_limit", {
	"per_transaction": {"SOL": 10000, fixtures.mint: 500},
	"per_recipient": per_recipient,
})

paying(sums) := json.patch(fixtures.request, [
	{"op": "replace", "path": "/effects/outflows_by_recipient", "value": sums},
	{"op": "replace", "path": "/effects/transfers", "value": []},
])

sol(recipient, amount) := {"asset": "SOL", "recipient": recipient, "amount": amount}

test_allow_each_recipient_up_to_its_limit if {
	v := verdict with input as paying([sol(fixtures.friend, 600), sol(fixtures.stranger, 600)])
		with data.countersign.agents as setting({"per_transaction": {"SOL": 600}})
	v.decision == "allow"
	v.limits == []
}

test_deny_more_to_one_recipient_than_its_limit if {
	v := verdict with input as paying([sol(fixtures.friend, 600), sol(fixtures.stranger, 601)])
		with data.countersign.agents as setting({"per_transaction": {"SOL": 600}})
	v.decision == "deny"
	v.reasons == [{
		"code": "RECIPIENT_LIMIT_EXCEEDED",
		"message": $"sends 601 lamports of SOL to {fixtures.stranger}",
		"remedy": "at most 600 lamports of SOL per transaction is allowed to one recipient",
		"facts": {"asset": "SOL", "recipient": fixtures.stranger, "amount": 601, "limit": 600},
	}]
}

test_deny_a_sum_to_one_recipient_in_parts if {
	v := verdict with input as paying([sol(fixtures.friend, 400), sol(fixtures.friend, 201)])
		with data.countersign.agents as setting({"per_transaction": {"SOL": 600}})
	v.decision == "deny"
	count(v.reasons) == 1
	v.reasons[0].facts.amount == 601
}

test_deny_one_above_two_to_53_to_one_recipient if {
	v := verdict with input as paying([sol(fixtures.friend, fixtures.two_to_53 + 1)])
		with data.countersign.agents as setting({"per_transaction": {"SOL": fixtures.two_to_53}})
	v.decision == "deny"
}

test_allow_any_amount_to_the_wallet_and_of_other_assets if {
	v := verdict with input as paying([sol(fixtures.wallet, 700), {"asset": fixtures.mint, "recipient": fixtures.friend, "amount": 700}])
		with data.countersign.agents as setting({"per_transaction": {"SOL": 600}, "per_window": {"SOL": [daily]}})
	v.decision == "allow"
	v.limits == []
}

test_allow_with_the_limits_over_time_of_each_recipient if {
	sums := [sol(fixtures.stranger, 1), sol(fixtures.friend, 1), sol(fixtures.wallet, 1)]
	agents := fixtures.agents_with("spending_limit", {
		"per_transaction": {"SOL": 10000},
		"per_window": {"SOL": [daily]},
		"per_recipient": {"per_window": {"SOL": [{"max": 5, "calendar": "day", "time_zone": "Europe/Zurich", "scope": "wallet"}]}},
	})
	v := verdict with input as paying(sums) with data.countersign.agents as agents
	v.decision == "allow"
	[[limit.id, limit.measure] | some limit in v.limits] == [
		["spending_limit/SOL/rolling:86400/agent_wallet", {"kind": "outflow", "asset": "SOL"}],
		[
			$"spending_limit/SOL/to:{fixtures.friend}/calendar:day:Europe/Zurich/wallet",
			{"kind": "outflow", "asset": "SOL", "recipient": fixtures.friend},
		],
		[
			$"spending_limit/SOL/to:{fixtures.stranger}/calendar:day:Europe/Zurich/wallet",
			{"kind": "outflow", "asset": "SOL", "recipient": fixtures.stranger},
		],
	]
}

test_deny_limits_over_time_that_cannot_be_read if {
	every entries in [[], {}, "x", false, [{"max": 1}], [daily, daily]] {
		v := verdict with input as paying([sol(fixtures.friend, 1), sol(fixtures.stranger, 1)])
			with data.countersign.agents as setting({"per_window": {"SOL": entries}})
		v.decision == "deny"
		[reason.code | some reason in v.reasons] == ["WINDOW_LIMIT_MALFORMED"]
		v.reasons[0].facts == {"setting": "spending_limit.per_recipient.per_window.SOL"}
	}
}

test_deny_settings_of_another_type if {
	every value in [[], "x", 1, true, false, null] {
		every per_recipient in [value, {"per_transaction": value}, {"per_window": value}] {
			every request in [fixtures.request, paying([])] {
				v := verdict with input as request with data.countersign.agents as setting(per_recipient)
				v.decision == "deny"
			}
		}
	}
	every limit in ["600", null, false, true, [], {}] {
		v := verdict with input as fixtures.request
			with data.countersign.agents as setting({"per_transaction": {"SOL": limit}})
		v.decision == "deny"
	}
}

test_deny_limits_over_time_that_are_null if {
	v := verdict with input as paying([sol(fixtures.friend, 1)]) with data.countersign.agents as setting({"per_window": {"SOL": null}})
	v.decision == "deny"
}

test_deny_a_recipient_that_is_not_known_of_an_asset_with_limits if {
	every per_recipient in [{"per_transaction": {"SOL": 1000}}, {"per_window": {"SOL": [daily]}}] {
		v := verdict with input as fixtures.request_without("/effects/transfers/0/recipient")
			with data.countersign.agents as setting(per_recipient)
		v.decision == "deny"
		v.reasons[0].code == "RECIPIENT_UNKNOWN"
		v.reasons[0].message == $"the owner of {fixtures.friend}, which receives SOL, could not be established"
	}
	v := verdict with input as fixtures.request_without("/effects/transfers/0/recipient")
		with data.countersign.agents as setting({"per_transaction": {fixtures.mint: 600}})
	v.decision == "allow"
}

test_deny_without_facts if {
	every path in [
		"/effects/transfers",
		"/effects/outflows_by_recipient",
		"/effects/outflows_by_recipient/0/asset",
		"/effects/outflows_by_recipient/0/recipient",
		"/effects/outflows_by_recipient/0/amount",
		"/wallet/address",
	] {
		every per_recipient in [{"per_transaction": {"SOL": 10000}}, {"per_window": {"SOL": [daily]}}] {
			v := verdict with input as fixtures.request_without(path) with data.countersign.agents as setting(per_recipient)
			v.decision == "deny"
		}
	}
	nameless := json.patch(fixtures.request, [
		{"op": "remove", "path": "/effects/transfers/0/recipient"},
		{"op": "remove", "path": "/effects/transfers/0/asset"},
	])
	v := verdict with input as nameless with data.countersign.agents as setting({"per_transaction": {fixtures.mint: 600}})
	v.decision == "deny"
}

test_deny_facts_of_another_type if {
	every request in fixtures.mistyped([
		"/effects/transfers",
		"/effects/transfers/0",
		"/effects/outflows_by_recipient",
		"/effects/outflows_by_recipient/0",
		"/effects/outflows_by_recipient/0/amount",
	]) {
		v := verdict with input as request with data.countersign.agents as setting({"per_transaction": {"SOL": 10000}})
		v.decision == "deny"
	}
}

test_deny_an_amount_that_is_text_of_any_asset if {
	v := verdict with input as paying([sol(fixtures.friend, "1")])
		with data.countersign.agents as setting({"per_transaction": {fixtures.mint: 600}})
	v.decision == "deny"
}

test_deny_an_asset_that_is_no_text_where_its_recipient_is_not_known if {
	every asset in [{}, [], true, null, 1] {
		request := fixtures.request_with("/effects/transfers", [{"asset": asset, "destination": fixtures.friend}])
		v := verdict with input as request with data.countersign.agents as setting({"per_transaction": {fixtures.mint: 600}})
		v.decision == "deny"
	}
}

test_deny_names_no_recipient_where_none_has_a_limit if {
	request := json.patch(fixtures.request, [
		{"op": "replace", "path": "/effects/transfers", "value": [{"asset": 1, "destination": fixtures.friend}]},
		{"op": "replace", "path": "/effects/outflows/0/amount", "value": 10001},
	])
	v := verdict with input as request with data.countersign.agents as setting({})
	[reason.code | some reason in v.reasons] == ["SPENDING_LIMIT_EXCEEDED"]
}

test_deny_a_negative_amount_to_a_recipient if {
	v := verdict with input as paying([sol(fixtures.friend, -1)])
		with data.countersign.agents as setting({"per_transaction": {"SOL": 600}})
	v.decision == "deny"
}

test_allow_two_assets_to_one_recipient_each_at_its_limit if {
	v := verdict with input as paying([sol(fixtures.friend, 600), {"asset": fixtures.mint, "recipient": fixtures.friend, "amount": 5}])
		with data.countersign.agents as setting({"per_transaction": {"SOL": 600, fixtures.mint: 5}})
	v.decision == "allow"
}

test_allow_nothing_sent_to_a_recipient if {
	v := verdict with input as paying([sol(fixtures.friend, 0)])
		with data.countersign.agents as setting({"per_transaction": {"SOL": 0}})
	v.decision == "allow"
}

test_deny_names_only_the_recipient_that_is_not_known if {
	transfers := [
		fixtures.sol_transfer(fixtures.friend, 1),
		object.remove(fixtures.sol_transfer(fixtures.stranger, 1), ["recipient"]),
	]
	v := verdict with input as fixtures.request_with("/effects/transfers", transfers)
		with data.countersign.agents as setting({"per_transaction": {"SOL": 1000}})
	[reason.facts.destination | some reason in v.reasons] == [fixtures.stranger]
}
