package countersign.rules.one_recipient_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.one_recipient.verdict

judged(request) := v if {
	v := verdict with input as request
}

codes(v) := [reason.code | some reason in v.reasons]

part(asset, recipient) := {"asset": asset, "recipient": recipient, "amount": 1}

paying(parts) := json.patch(fixtures.request, [
	{"op": "replace", "path": "/effects/outflows_by_recipient", "value": parts},
	{
		"op": "replace",
		"path": "/effects/outflows",
		"value": [{"asset": asset, "amount": 1} | some asset in {given.asset | some given in parts}],
	},
])

test_allow_one_recipient if {
	v := judged(fixtures.request)
	v.decision == "allow"
	codes(v) == ["ONE_RECIPIENT"]
}

test_allow_two_assets_to_one_recipient if {
	judged(paying([part("SOL", fixtures.friend), part(fixtures.mint, fixtures.friend)])).decision == "allow"
}

test_allow_when_nothing_is_sent if {
	v := judged(paying([]))
	v.decision == "allow"
	codes(v) == ["NOTHING_SENT"]
}

test_deny_two_recipients if {
	every asset in ["SOL", fixtures.mint] {
		v := judged(paying([part("SOL", fixtures.friend), part(asset, fixtures.stranger)]))
		v.decision == "deny"
		codes(v) == ["SEVERAL_RECIPIENTS"]
		v.reasons[0].facts == {"recipients": 2}
	}
}

test_deny_an_asset_that_nobody_is_known_to_get if {
	request := fixtures.request_with("/effects/outflows/-", {"asset": fixtures.mint, "amount": 1})
	v := judged(request)
	v.decision == "deny"
	codes(v) == ["RECIPIENTS_UNDECIDED"]
}

test_deny_without_facts if {
	every path in [
		"/effects/outflows",
		"/effects/outflows_by_recipient",
		"/effects/outflows_by_recipient/0",
		"/effects/outflows_by_recipient/0/recipient",
		"/effects/outflows_by_recipient/0/asset",
		"/effects",
	] {
		v := judged(fixtures.request_without(path))
		v.decision == "deny"
		codes(v) == ["RECIPIENTS_UNDECIDED"]
	}
}

test_deny_nothing_sent_by_half_of_the_facts if {
	every outflows in [null, {}, [{"asset": "SOL", "amount": 1}]] {
		v := judged(json.patch(paying([]), [{"op": "replace", "path": "/effects/outflows", "value": outflows}]))
		v.decision == "deny"
		codes(v) == ["RECIPIENTS_UNDECIDED"]
	}
}

test_deny_recipients_that_are_no_list if {
	parts := {"x": part("SOL", fixtures.friend)}
	v := judged(fixtures.request_with("/effects/outflows_by_recipient", parts))
	v.decision == "deny"
	codes(v) == ["RECIPIENTS_UNDECIDED"]
}

test_deny_an_asset_that_is_no_text if {
	v := judged(paying([part(5, fixtures.friend)]))
	v.decision == "deny"
	codes(v) == ["RECIPIENTS_UNDECIDED"]
}

test_deny_facts_of_another_type if {
	every request in fixtures.mistyped(["/effects/outflows", "/effects/outflows_by_recipient"]) {
		judged(request).decision == "deny"
	}
}
