package countersign.rules.authority_guard_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.authority_guard.verdict

effect(name, entry) := fixtures.request_with($"/effects/{name}", [entry])

guard(settings) := fixtures.agents_with("authority_guard", settings)

approval := {
	"instruction": 0,
	"account": "Account",
	"owner": fixtures.wallet,
	"delegate": fixtures.friend,
	"asset": fixtures.mint,
	"amount": 10,
}

authority_change := {
	"instruction": 0,
	"kind": "close_account",
	"account": "Account",
	"from": fixtures.wallet,
	"to": fixtures.friend,
}

close := {"instruction": 0, "account": "Account", "owner": fixtures.wallet, "destination": fixtures.friend}

creation := {
	"instruction": 0,
	"kind": "new",
	"account": "Account",
	"payer": fixtures.wallet,
	"owner_program": fixtures.token,
	"rent_lamports": 2039280,
}

burn := {"instruction": 0, "kind": "burn", "asset": fixtures.mint, "account": "Account", "amount": 10}

operation := {"instruction": 0, "kind": "nonce_advance", "account": fixtures.nonce}

durable := fixtures.request_with("/transaction/lifetime", {
	"kind": "durable_nonce",
	"nonce": "Value",
	"nonce_account": fixtures.nonce,
	"nonce_authority": fixtures.wallet,
})

# Each effect that the guard looks at, with the least settings that allow it and the code of its denial.
cases := {
	"approval": {
		"request": effect("approvals", approval),
		"settings": {"delegates": {fixtures.friend: {fixtures.mint: 10}}},
		"code": "DELEGATE_NOT_ALLOWED",
	},
	"authority change": {
		"request": effect("authority_changes", authority_change),
		"settings": {"authority_changes": {"close_account": {fixtures.friend: "a friend"}}},
		"code": "AUTHORITY_CHANGE_NOT_ALLOWED",
	},
	"authority given up": {
		"request": effect("authority_changes", object.remove(authority_change, ["to"])),
		"settings": {"authority_changes": {"close_account": {"none": "given up"}}},
		"code": "AUTHORITY_CHANGE_NOT_ALLOWED",
	},
	"close": {
		"request": effect("closes", close),
		"settings": {"close_destinations": {fixtures.friend: "a friend"}},
		"code": "CLOSE_DESTINATION_NOT_ALLOWED",
	},
	"creation": {
		"request": effect("creations", creation),
		"settings": {"account_owner_programs": {fixtures.token: "token"}},
		"code": "ACCOUNT_OWNER_PROGRAM_NOT_ALLOWED",
	},
	"burn": {
		"request": effect("supply_changes", burn),
		"settings": {"supply_changes": {"burn": {fixtures.mint: 10}}},
		"code": "SUPPLY_CHANGE_NOT_ALLOWED",
	},
	"operation": {
		"request": effect("operations", operation),
		"settings": {"operations": {fixtures.nonce: ["nonce_advance"]}},
		"code": "OPERATION_NOT_ALLOWED",
	},
	"durable nonce": {
		"request": durable,
		"settings": {"durable_nonces": {fixtures.nonce: "ours"}},
		"code": "DURABLE_NONCE_NOT_ALLOWED",
	},
}

test_allow_a_transaction_that_changes_no_control if {
	v := verdict with input as fixtures.request with data.countersign.agents as fixtures.agents
	v.decision == "allow"
}

test_deny_each_effect_that_the_data_does_not_name if {
	every case in cases {
		v := verdict with input as case.request with data.countersign.agents as fixtures.agents
		v.decision == "deny"
		[reason.code | some reason in v.reasons] == [case.code]
		contains(v.reasons[0].remedy, "allowed")
		not contains(v.reasons[0].message, "undefined")
		not contains(v.reasons[0].remedy, "undefined")
	}
}

test_allow_each_effect_that_the_data_names if {
	every case in cases {
		v := verdict with input as case.request with data.countersign.agents as guard(case.settings)
		v.decision == "allow"
	}
}

test_deny_each_effect_that_other_settings_name if {
	every name, case in cases {
		every other in object.remove(cases, [name]) {
			v := verdict with input as case.request with data.countersign.agents as guard(other.settings)
			v.decision == "deny"
		}
	}
}

test_allow_more_room_with_the_operation_that_makes_it if {
	larger := object.union(creation, {"kind": "larger", "account": fixtures.nonce, "owner_program": fixtures.mystery})
	both := json.patch(effect("creations", larger), [{"op": "add", "path": "/effects/operations", "value": [operation]}])
	permitted := verdict with input as both with data.countersign.agents as guard(cases.operation.settings)
	permitted.decision == "allow"
	refused := verdict with input as both with data.countersign.agents as fixtures.agents
	refused.decision == "deny"
	[reason.code | some reason in refused.reasons] == [cases.operation.code]
}

test_deny_a_creation_of_no_kind_for_another_program if {
	odd := object.remove(object.union(creation, {"owner_program": fixtures.mystery}), ["kind"])
	v := verdict with input as effect("creations", odd) with data.countersign.agents as guard(cases.creation.settings)
	v.decision == "deny"
}

test_allow_a_close_to_its_owner if {
	v := verdict with input as effect("closes", object.union(close, {"destination": fixtures.wallet}))
		with data.countersign.agents as fixtures.agents
	v.decision == "allow"
}

test_deny_a_close_of_an_account_of_another_to_the_wallet if {
	foreign := object.union(close, {"owner": fixtures.friend, "destination": fixtures.wallet})
	v := verdict with input as effect("closes", foreign) with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_another_operation_than_the_named_one if {
	v := verdict with input as effect("operations", object.union(operation, {"kind": "nonce_withdraw"}))
		with data.countersign.agents as guard(cases.operation.settings)
	v.decision == "deny"
	startswith(v.reasons[0].remedy, "allowed: nonce_advance on this account;")
}

test_deny_each_effect_with_a_fact_missing if {
	every name, fields in {
		"approval": ["asset", "delegate", "amount"],
		"authority change": ["kind", "to"],
		"close": ["owner", "destination"],
		"creation": ["owner_program"],
		"burn": ["kind", "asset", "amount"],
		"operation": ["kind", "account"],
	} {
		every missing in fields {
			v := verdict with input as without_field(cases[name].request, missing)
				with data.countersign.agents as guard(object.remove(cases[name].settings, ["close_destinations"]))
			v.decision == "deny"
		}
	}
}

without_field(request, field) := object.union(request, {"effects": {name: stripped |
	some name in [
		"approvals",
		"authority_changes",
		"closes",
		"creations",
		"operations",
		"supply_changes",
	]
	stripped := [object.remove(entry, [field]) | some entry in request.effects[name]]
}})

test_deny_without_facts if {
	every path in [
		"/transaction/lifetime",
		"/transaction/lifetime/kind",
		"/effects/approvals",
		"/effects/authority_changes",
		"/effects/closes",
		"/effects/creations",
		"/effects/operations",
		"/effects/supply_changes",
	] {
		v := verdict with input as fixtures.request_without(path) with data.countersign.agents as fixtures.agents
		v.decision == "deny"
		v.reasons[0].code == "AUTHORITY_GUARD_UNDECIDED"
	}
}

test_deny_a_durable_nonce_without_its_account if {
	request := json.patch(durable, [{"op": "remove", "path": "/transaction/lifetime/nonce_account"}])
	v := verdict with input as request with data.countersign.agents as guard(cases["durable nonce"].settings)
	v.decision == "deny"
}

test_deny_without_settings if {
	v := verdict with input as fixtures.request with data.countersign.agents as fixtures.agents_without("authority_guard")
	v.decision == "deny"
	v.reasons[0].code == "AUTHORITY_GUARD_UNDECIDED"
}

# Each effect twice: once as the settings allow it, and once with what they do not name.
test_deny_names_only_what_the_data_does_not if {
	every name, change in {
		"approval": {"delegate": fixtures.stranger},
		"authority change": {"to": fixtures.stranger},
		"burn": {"asset": "Other"},
		"close": {"destination": fixtures.stranger},
		"creation": {"owner_program": fixtures.mystery},
		"operation": {"account": fixtures.stranger},
	} {
		some field, [entry] in cases[name].request.effects
		field in {"approvals", "authority_changes", "closes", "creations", "operations", "supply_changes"}
		entries := [entry, object.union(entry, change)]
		v := verdict with input as fixtures.request_with($"/effects/{field}", entries)
			with data.countersign.agents as guard(cases[name].settings)
		v.decision == "deny"
		count(v.reasons) == 1
	}
}

test_deny_another_effect_on_a_named_durable_nonce if {
	v := verdict with input as json.patch(durable, [{"op": "add", "path": "/effects/closes", "value": [close]}])
		with data.countersign.agents as guard(cases["durable nonce"].settings)
	[reason.code | some reason in v.reasons] == ["CLOSE_DESTINATION_NOT_ALLOWED"]
}

test_deny_a_lifetime_of_another_kind if {
	request := json.patch(durable, [{"op": "replace", "path": "/transaction/lifetime/kind", "value": "forever"}])
	v := verdict with input as request with data.countersign.agents as guard(cases["durable nonce"].settings)
	v.decision == "deny"
}

test_deny_facts_of_another_type if {
	every request in fixtures.mistyped([
		"/transaction/lifetime",
		"/transaction/lifetime/kind",
		"/effects/approvals",
		"/effects/authority_changes",
		"/effects/closes",
		"/effects/creations",
		"/effects/operations",
		"/effects/supply_changes",
	]) {
		v := verdict with input as request with data.countersign.agents as fixtures.agents
		v.decision == "deny"
	}
}
