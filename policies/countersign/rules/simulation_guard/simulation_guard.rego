# METADATA
# title: Simulation guard
# description: >-
#   Asks for a simulation of every transaction, also of one whose effects are all in its message: it must succeed, be complete
#   and show no change that nothing explains. And asks that several nodes say the same about the chain.
# schemas:
#   - input: schema.input
# custom:
#   facts:
#     - transaction
#     - simulation.status
#     - simulation.complete
#     - simulation.diverges
#     - simulation.missing
#     - simulation.reason
#     - simulation.error
#     - chain.endpoints
#   settings: schema.rules.simulation_guard
#   reasons:
#     SIMULATION_FIT: the simulation is as the data asks, and enough nodes said the same
#     SIMULATION_NOT_RUN: a simulation is required, and none was run
#     SIMULATION_UNAVAILABLE: a simulation is required, and no node gave one
#     SIMULATION_FAILED: the transaction fails in its simulation
#     SIMULATION_DIVERGES: the simulation shows changes that no decoded instruction explains
#     SIMULATION_INCOMPLETE: the node left something out of the simulation
#     ENDPOINTS_TOO_FEW: fewer nodes said the same about the chain than the data asks for
#     SIMULATION_GUARD_UNDECIDED: a fact or a setting that the rule needs is missing or of another type
package countersign.rules.simulation_guard

import data.countersign.settings

terms := settings.wallet.simulation_guard

# METADATA
# title: Verdict
# description: Allow when the simulation is fit, or may be absent and is, and enough nodes said the same.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "SIMULATION_GUARD_UNDECIDED",
		"message": "the simulation cannot be checked",
		"remedy": "allowed: only where the input has a transaction, simulation and chain.endpoints, and the policy data of this wallet has simulation_guard with required and min_endpoints",
		"facts": {},
	}],
}

verdict := {"decision": "allow", "reasons": [{
	"code": "SIMULATION_FIT",
	"message": "the simulation is as this wallet needs it, and enough nodes say the same",
	"facts": {},
}]} if {
	readable
	simulation_fit
	input.chain.endpoints >= terms.min_endpoints
} else := {"decision": "deny", "reasons": violations} if {
	readable
	count(violations) > 0
}

readable if {
	is_object(input.transaction)
	setting := terms
	is_boolean(setting.required)
	is_boolean(incomplete_allowed)
	is_number(setting.min_endpoints)
	setting.min_endpoints >= 1
	is_number(input.chain.endpoints)
}

simulation_fit if {
	input.simulation.status == "succeeded"
	input.simulation.diverges == false
	complete_enough
}

simulation_fit if {
	terms.required == false
	input.simulation.status in ["not_run", "unavailable"]
}

complete_enough if input.simulation.complete == true

complete_enough if {
	is_boolean(input.simulation.complete)
	incomplete_allowed == true
}

incomplete_allowed := object.get(terms, "allow_incomplete", false)

violations := array.concat(
	[{
		"code": unfit.code,
		"message": unfit.found,
		"remedy": "allowed: only with a simulation that succeeds, is complete and explains every change",
		"facts": {},
	} |
		not simulation_fit
	],
	[{
		"code": "ENDPOINTS_TOO_FEW",
		"message": $"{input.chain.endpoints} of the gateway's nodes had to say the same about the chain",
		"remedy": $"allowed: where {terms.min_endpoints} or more must",
		"facts": {"endpoints": input.chain.endpoints, "min_endpoints": terms.min_endpoints},
	} |
		input.chain.endpoints < terms.min_endpoints
	],
)

unfit := {"code": "SIMULATION_NOT_RUN", "found": "no simulation was run"} if {
	input.simulation.status == "not_run"
} else := {"code": "SIMULATION_UNAVAILABLE", "found": $"there is no simulation: {input.simulation.reason}"} if {
	input.simulation.status == "unavailable"
} else := {"code": "SIMULATION_FAILED", "found": $"the transaction fails when it is simulated: {input.simulation.error}"} if {
	input.simulation.status == "failed"
} else := {"code": "SIMULATION_DIVERGES", "found": "the simulation shows changes that no decoded instruction explains"} if {
	input.simulation.diverges == true
} else := {"code": "SIMULATION_INCOMPLETE", "found": $"the simulation lacks {concat("; ", input.simulation.missing)}"} if {
	input.simulation.complete == false
}
