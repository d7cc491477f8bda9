package countersign.rules.human_approval_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.human_approval.verdict

knowing(recipients) := terms("known_recipients", recipients)

friendly := knowing({fixtures.friend: "a friend"})

paying(recipient) := json.patch(fixtures.request, [
	{"op": "replace", "path": "/effects/transfers/0/recipient", "value": recipient},
	{"op": "replace", "path": "/effects/outflows_by_recipient/0/recipient", "value": recipient},
])

test_allow_known_recipients_and_the_wallet_itself if {
	every recipient in [fixtures.friend, fixtures.wallet] {
		v := verdict with input as paying(recipient) with data.countersign.agents as friendly
		v.decision == "allow"
	}
}

test_allow_any_recipient_where_none_is_asked_about if {
	v := verdict with input as paying(fixtures.stranger) with data.countersign.agents as fixtures.agents
	v.decision == "allow"
}

test_require_approval_for_a_new_recipient if {
	v := verdict with input as paying(fixtures.stranger) with data.countersign.agents as friendly
	v.decision == "require_approval"
	v.reasons == [{
		"code": "APPROVAL_NEW_RECIPIENT",
		"message": $"pays {fixtures.stranger}, who is not among the known recipients",
		"remedy": $"allowed: without approval {fixtures.friend} (a friend)",
		"facts": {"recipient": fixtures.stranger},
	}]
}

test_require_approval_for_every_recipient_where_none_is_known if {
	v := verdict with input as paying(fixtures.friend) with data.countersign.agents as knowing({})
	v.decision == "require_approval"
}

test_require_approval_for_a_new_recipient_of_one_transfer_or_one_sum if {
	every path in ["/effects/transfers/0/recipient", "/effects/outflows_by_recipient/0/recipient"] {
		request := json.patch(fixtures.request, [{"op": "replace", "path": path, "value": fixtures.stranger}])
		v := verdict with input as request with data.countersign.agents as friendly
		v.decision == "require_approval"
	}
}

test_deny_known_recipients_that_cannot_be_read if {
	every value in [[], [fixtures.friend], "x", true, false, null, {fixtures.friend: false}, {fixtures.friend: 1}] {
		v := verdict with input as fixtures.request with data.countersign.agents as knowing(value)
		v.decision != "allow"
	}
	every value in [[], "x", true, false, null] {
		v := verdict with input as fixtures.request with data.countersign.agents as knowing(value)
		v.decision == "deny"
	}
}

test_deny_recipients_that_are_not_known if {
	every path in [
		"/effects/transfers",
		"/effects/transfers/0/recipient",
		"/effects/outflows_by_recipient",
		"/effects/outflows_by_recipient/0/recipient",
		"/wallet/address",
	] {
		v := verdict with input as fixtures.request_without(path) with data.countersign.agents as friendly
		v.decision == "deny"
	}
}

test_deny_recipients_of_another_type if {
	every path in ["/effects/transfers", "/effects/transfers/0", "/effects/outflows_by_recipient", "/effects/outflows_by_recipient/0"] {
		every value in [{}, {"x": {}}, true, null, "1"] {
			v := verdict with input as fixtures.request_with(path, value) with data.countersign.agents as friendly
			v.decision == "deny"
		}
	}
}
