package countersign.rules.simulation_guard_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.simulation_guard.verdict

strict := {"required": true, "min_endpoints": 1}

decided(request, settings) := v if {
	v := verdict with input as request
		with data.countersign.agents as fixtures.agents_with("simulation_guard", settings)
}

simulated_as(simulation) := fixtures.request_with("/simulation", simulation)

# Each simulation that does not do, and the code of its denial.
unfit := {
	"SIMULATION_NOT_RUN": {"status": "not_run"},
	"SIMULATION_UNAVAILABLE": {"status": "unavailable", "reason": "no answer in 800 ms"},
	"SIMULATION_FAILED": {"status": "failed", "slot": 1, "error": "\"AccountNotFound\""},
	"SIMULATION_DIVERGES": object.union(fixtures.simulated_request.simulation, {
		"diverges": true,
		"divergences": [{"account": fixtures.wallet, "change": "lamports", "detail": "x"}],
	}),
	"SIMULATION_INCOMPLETE": object.union(fixtures.simulated_request.simulation, {
		"complete": false,
		"missing": ["inner instructions"],
	}),
}

test_allow_a_simulation_that_is_complete if {
	v := decided(fixtures.simulated_request, strict)
	v.decision == "allow"
	v.reasons[0].code == "SIMULATION_FIT"
}

test_deny_a_simulation_that_does_not_do if {
	every code, simulation in unfit {
		v := decided(simulated_as(simulation), strict)
		v.decision == "deny"
		[reason.code | some reason in v.reasons] == [code]
		v.reasons[0].remedy == "allowed: only with a simulation that succeeds, is complete and explains every change"
	}
}

test_deny_says_why_there_is_none_and_what_it_lacks if {
	messages := {code: decided(simulated_as(simulation), strict).reasons[0].message |
		some code, simulation in unfit
	}
	messages == {
		"SIMULATION_NOT_RUN": "no simulation was run",
		"SIMULATION_UNAVAILABLE": "there is no simulation: no answer in 800 ms",
		"SIMULATION_FAILED": "the transaction fails when it is simulated: \"AccountNotFound\"",
		"SIMULATION_DIVERGES": "the simulation shows changes that no decoded instruction explains",
		"SIMULATION_INCOMPLETE": "the simulation lacks inner instructions",
	}
}

test_allow_none_where_none_is_required if {
	lax := {"required": false, "min_endpoints": 1}
	every code, simulation in unfit {
		expected := {true: "allow", false: "deny"}[code in {"SIMULATION_NOT_RUN", "SIMULATION_UNAVAILABLE"}]
		decided(simulated_as(simulation), lax).decision == expected
	}
	decided(fixtures.simulated_request, lax).decision == "allow"
}

test_deny_one_that_does_not_say_whether_it_is_complete if {
	every complete in [null, 1, "x"] {
		request := json.patch(fixtures.simulated_request, [{
			"op": "replace",
			"path": "/simulation/complete",
			"value": complete,
		}])
		decided(request, object.union(strict, {"allow_incomplete": true})).decision == "deny"
	}
}

test_deny_too_few_nodes_alone_where_the_simulation_is_fit_by_being_none if {
	v := decided(fixtures.request, {"required": false, "min_endpoints": 2})
	[reason.code | some reason in v.reasons] == ["ENDPOINTS_TOO_FEW"]
}

test_allow_an_incomplete_one_only_where_the_data_says_so if {
	incomplete := simulated_as(unfit.SIMULATION_INCOMPLETE)
	decided(incomplete, object.union(strict, {"allow_incomplete": true})).decision == "allow"
	decided(incomplete, object.union(strict, {"allow_incomplete": false})).decision == "deny"
	both := json.patch(incomplete, [{"op": "replace", "path": "/simulation/diverges", "value": true}])
	decided(both, object.union(strict, {"allow_incomplete": true})).reasons[0].code == "SIMULATION_DIVERGES"
}

endpoints(n) := json.patch(fixtures.simulated_request, [{"op": "replace", "path": "/chain/endpoints", "value": n}])

test_deny_fewer_nodes_than_the_data_asks_for if {
	settings := {"required": true, "min_endpoints": 3}
	decided(endpoints(3), settings).decision == "allow"
	decided(endpoints(4), settings).decision == "allow"
	v := decided(endpoints(2), settings)
	v == {"decision": "deny", "reasons": [{
		"code": "ENDPOINTS_TOO_FEW",
		"message": "2 of the gateway's nodes had to say the same about the chain",
		"remedy": "allowed: where 3 or more must",
		"facts": {"endpoints": 2, "min_endpoints": 3},
	}]}
}

test_deny_says_both_that_it_lacks if {
	v := decided(fixtures.request, {"required": true, "min_endpoints": 2})
	[reason.code | some reason in v.reasons] == ["SIMULATION_NOT_RUN", "ENDPOINTS_TOO_FEW"]
}

test_deny_without_facts if {
	every path in [
		"/simulation",
		"/simulation/status",
		"/simulation/complete",
		"/simulation/diverges",
		"/chain",
		"/chain/endpoints",
		"/transaction",
	] {
		v := decided(json.patch(fixtures.simulated_request, [{"op": "remove", "path": path}]), strict)
		v.decision == "deny"
		v.reasons[0].code == "SIMULATION_GUARD_UNDECIDED"
	}
}

test_deny_whatever_a_simulation_that_does_not_do_tells if {
	every simulation in unfit {
		every path in ["/simulation/missing", "/simulation/reason", "/simulation/error"] {
			told := json.patch(simulated_as(simulation), [{"op": "add", "path": path, "value": "x"}])
			v := decided(json.patch(told, [{"op": "remove", "path": path}]), strict)
			v.decision == "deny"
		}
	}
}

test_deny_facts_of_another_type if {
	every path in ["/simulation", "/simulation/status", "/simulation/complete", "/simulation/diverges", "/chain/endpoints"] {
		every value in [null, "1", "true", {}, [1], 0] {
			v := decided(json.patch(fixtures.simulated_request, [{"op": "replace", "path": path, "value": value}]), strict)
			v.decision == "deny"
		}
	}
}

test_deny_settings_that_cannot_be_read if {
	every settings in [
		{},
		{"required": true},
		{"min_endpoints": 1},
		{"required": "true", "min_endpoints": 1},
		{"required": null, "min_endpoints": 1},
		{"required": true, "min_endpoints": 0},
		{"required": true, "min_endpoints": "1"},
		{"required": true, "min_endpoints": null},
		{"required": true, "min_endpoints": 1, "allow_incomplete": "yes"},
		null,
	] {
		v := decided(fixtures.simulated_request, settings)
		v.decision == "deny"
		v.reasons[0].code == "SIMULATION_GUARD_UNDECIDED"
	}
	v := verdict with input as fixtures.simulated_request with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_a_message if {
	request := object.remove(
		json.patch(fixtures.request, [{"op": "add", "path": "/message", "value": {"text": "x"}}]),
		["transaction", "effects", "simulation", "chain"],
	)
	decided(request, {"required": false, "min_endpoints": 1}).decision == "deny"
}
