# METADATA
# title: Countersign decision
# description: >-
#   The one entrypoint of the bundle. Every rule that the policy data enables for this agent and this wallet gives a verdict
#   of its own; deny wins over require_approval, and allow needs all of them. Where a simulation succeeded, every rule judges
#   what it showed as well, and both verdicts count: a simulation can only tighten.
# schemas:
#   - input: schema.input
package countersign.main

import data.countersign.approvals
import data.countersign.completeness
import data.countersign.settings

# METADATA
# title: Result
# description: >-
#   The decision document as JSON text, so that numbers cross to the gateway exactly:
#   v, decision, reasons (code, rule, message, facts), limits, approval.
# entrypoint: true
default result := `{"approval":null,"decision":"deny","limits":[],"reasons":[{"code":"POLICY_UNDECIDED","facts":{},"message":"the policy came to no decision","remedy":"allowed: only what every enabled rule agrees to","rule":"main"}],"v":1}`

result := json.marshal({
	"v": 1,
	"decision": decision,
	"reasons": reasons,
	"limits": limits,
	"approval": approval,
})

# METADATA
# title: Decision
# description: Allow and require_approval only where everything is known, configured and agreed.
default decision := "deny"

decision := "allow" if {
	in_order
	all_allow(verdicts)
	simulation_allows
} else := "require_approval" if {
	in_order
	all_agree(verdicts)
	simulation_agrees
	is_object(joint_requirement)
}

all_allow(given) if {
	every name in settings.enabled {
		given[name].decision == "allow"
	}
}

all_agree(given) if {
	every name in settings.enabled {
		given[name].decision in ["allow", "require_approval"]
	}
}

simulation_allows if {
	not simulated
} else if {
	all_allow(simulated_verdicts)
}

simulation_agrees if {
	not simulated
} else if {
	all_agree(simulated_verdicts)
}

in_order if {
	established
	rules_enabled
	every name in guards {
		guarded(name)
	}
}

# A message to be signed has no effects: all of its facts are in it.
established if {
	completeness.complete
	is_object(input.message)
}

established if {
	completeness.complete

	# countersign-mutate: condition lives because completeness demands it as well; one of the two would do
	is_object(input.transaction)

	# countersign-mutate: condition lives because completeness demands it as well; one of the two would do
	is_array(input.effects.missing)
	every fact in input.effects.missing {
		missing_permitted(verdicts, fact)
	}
	simulation_in_order
}

simulation_in_order if input.simulation.status in ["not_run", "unavailable"]

simulation_in_order if {
	simulated
	input.simulation.diverges == false

	# countersign-mutate: condition lives because completeness demands it as well; one of the two would do
	is_array(input.simulation.effects.missing)
	every fact in input.simulation.effects.missing {
		missing_permitted(simulated_verdicts, fact)
	}
}

simulated if input.simulation.status == "succeeded"

rules_enabled if {
	is_array(settings.enabled)
	count(settings.enabled) > 0
}

# What no rule names is denied: without one of these, everything of its kind would pass unnamed.
guards := ["address_allowlist", "authority_guard", "fee_limit", "program_allowlist", "spending_limit"] if {
	is_object(input.transaction)
} else := ["message_guard"]

unguarded := {name | some name in guards; not guarded(name)}

guarded(name) if name in settings.enabled

# Who may sign messages says so for each shape of them: message_guard cannot be waived.
guarded(name) if {
	name in settings.wallet.waived
	not input.message
}

# A rule is whatever package stands under countersign.rules: enabling its name is all that it takes.
verdicts[name] := verdict if {
	some name in settings.enabled
	verdict := data.countersign.rules[name].verdict
}

# The same rules, on what the simulation showed instead of what the message says.
simulated_verdicts[name] := verdict if {
	simulated
	some name in settings.enabled
	verdict := data.countersign.rules[name].verdict with input as as_simulated
}

# Not `with input.effects as …`: opa 1.19 then changes the effects of an input from a file for good.
# countersign-mutate: constant lives because completeness demands every effect of a simulation, so that none of the message shines through
as_simulated := object.union(object.remove(input, ["effects"]), {"effects": input.simulation.effects})

missing_permitted(given, fact) if {
	some name in settings.enabled
	some permitted in given[name].permitted_missing
	permitted.fact == fact.fact
	permitted.instruction == fact.instruction
}

default approval := null

approval := joint_requirement if decision == "require_approval"

asking := [verdict |
	some given in [verdicts, simulated_verdicts]
	some verdict in given
	verdict.decision == "require_approval"
]

requirements := [verdict.approval | some verdict in asking]

# Undefined where nobody asks, and where no one requirement meets them all.
joint_requirement := approvals.joint(requirements) if count(requirements) == count(asking)

reasons := refusals if {
	# countersign-mutate: condition lives because nothing is refused where the decision is another
	decision == "deny"
	count(refusals) > 0
} else := array.concat([agreement], remarks) if {
	decision == "allow"
} else := remarks if {
	decision == "require_approval"
	# countersign-mutate: alternative lives because the default of result says the same
} else := [{
	"code": "POLICY_UNDECIDED",
	"rule": "main",
	"message": "the policy came to no decision",
	"remedy": "allowed: only what every enabled rule agrees to",
	"facts": {},
}]

# Why each rule agrees is said by the explanation. What it has facts about is a remark, such as that something is not guaranteed.
agreement := {
	"code": "ALLOWED",
	"rule": "main",
	"message": "every enabled rule agrees",
	"facts": {"rules": concat(" ", settings.enabled)},
}

remarks := array.concat(
	[object.union(reason, {"rule": name}) |
		some name in settings.enabled
		verdict := verdicts[name]
		some reason in verdict.reasons
		remarkable(verdict, reason)
	],
	[shown(reason, name) |
		# countersign-mutate: condition lives because there are no verdicts on a simulation then; it spares the search
		simulated
		some name in settings.enabled
		verdict := simulated_verdicts[name]
		some reason in verdict.reasons
		remarkable(verdict, reason)
		not remarked(verdicts[name], reason)
	],
)

remarked(verdict, reason) if {
	reason in verdict.reasons
	remarkable(verdict, reason)
}

remarkable(verdict, _) if verdict.decision == "require_approval"

remarkable(_, reason) if {
	decision == "allow"
	count(reason.facts) > 0
}

# What only the simulation shows is said to come from there.
shown(reason, name) := object.union(reason, {"rule": name, "message": $"in its simulation: {reason.message}"})

default limits := []

# What only the simulation shows to leave is limited too.
limits := array.concat(
	limits_in(verdicts),
	[limit |
		# countersign-mutate: condition lives because there are no verdicts on a simulation then; it spares the search
		simulated
		some limit in limits_in(simulated_verdicts)
		not limit in limits_in(verdicts)
	],
) if {
	decision != "deny"
}

limits_in(given) := [limit |
	some name in settings.enabled
	some limit in given[name].limits
]
