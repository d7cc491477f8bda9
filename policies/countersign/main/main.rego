# METADATA
# title: Countersign decision
# description: >-
#   The one entrypoint of the bundle. Every rule that the policy data enables for this agent and this wallet gives a verdict
#   of its own; deny wins over require_approval, and allow needs all of them.
# schemas:
#   - input: schema.input
package countersign.main

import data.countersign.completeness
import data.countersign.settings

# METADATA
# title: Result
# description: >-
#   The decision document as JSON text, so that numbers cross to the gateway exactly:
#   v, decision, reasons (code, rule, message, facts), limits, approval.
# entrypoint: true
default result := `{"approval":null,"decision":"deny","limits":[],"reasons":[{"code":"POLICY_UNDECIDED","facts":{},"message":"the policy came to no decision; allowed: only what every enabled rule agrees to","rule":"main"}],"v":1}`

result := json.marshal({
	"v": 1,
	"decision": decision,
	"reasons": reasons,
	"limits": [],
	"approval": approval,
})

# METADATA
# title: Decision
# description: Allow and require_approval only where everything is known, configured and agreed.
default decision := "deny"

decision := "allow" if {
	in_order
	every name in settings.wallet.enabled {
		verdicts[name].decision == "allow"
	}
}

decision := "require_approval" if {
	in_order
	count(asking) > 0
	every name in settings.wallet.enabled {
		verdicts[name].decision in {"allow", "require_approval"}
	}
	is_object(joint_requirement)
}

in_order if {
	completeness.complete
	rules_enabled
	count(unguarded) == 0
	is_array(input.effects.missing)
	every fact in input.effects.missing {
		missing_permitted(fact)
	}
}

# What no rule names is denied: without one of these, everything of its kind would pass unnamed.
guards := {"address_allowlist", "authority_guard", "fee_limit", "program_allowlist", "spending_limit"}

default waived := set()

waived := {name | some name in settings.wallet.waived}

unguarded := (guards - {name | some name in settings.wallet.enabled}) - waived

# A rule is whatever package stands under countersign.rules: enabling its name is all that it takes.
verdicts[name] := verdict if {
	some name in settings.wallet.enabled
	verdict := data.countersign.rules[name].verdict
}

missing_permitted(fact) if {
	some name in settings.wallet.enabled
	some permitted in verdicts[name].permitted_missing
	permitted.fact == fact.fact
	permitted.instruction == fact.instruction
}

default approval := null

approval := joint_requirement if decision == "require_approval"

asking contains name if {
	some name in settings.wallet.enabled
	verdicts[name].decision == "require_approval"
}

requirements := [verdicts[name].approval | some name in asking]

group_lists := {sort(requirement.groups) |
	some requirement in requirements
	count(requirement.groups) > 0
}

# Several rules may ask for people: the largest quorum and the shortest time count, and only one list of groups can.
joint_requirement := {
	"quorum": max([requirement.quorum | some requirement in requirements]),
	"groups": groups,
	"timeout_seconds": min([requirement.timeout_seconds | some requirement in requirements]),
} if {
	count(requirements) == count(asking)
	every requirement in requirements {
		is_number(requirement.quorum)
		is_number(requirement.timeout_seconds)
		is_array(requirement.groups)
	}
}

groups := [] if count(group_lists) == 0

groups := list if {
	count(group_lists) == 1
	some list in group_lists
}

reasons := refusals if {
	decision == "deny"
	count(refusals) > 0
} else := [object.union(reason, {"rule": name}) |
	some name in settings.wallet.enabled
	verdicts[name].decision == decision
	some reason in verdicts[name].reasons
] if {
	decision != "deny"
} else := [{
	"code": "POLICY_UNDECIDED",
	"rule": "main",
	"message": "the policy came to no decision; allowed: only what every enabled rule agrees to",
	"facts": {},
}]

refusals := [unconfigured] if {
	unconfigured
} else := array.flatten([rule_refusals, missing_refusals, requirement_refusals])

unconfigured := refusal(
	"INPUT_VERSION_UNSUPPORTED",
	$"the policy input has version {object.get(input, "v", "none")}; this policy judges version 1",
	{},
) if {
	not input.v == 1
} else := refusal(
	"INPUT_INCOMPLETE",
	"the policy input lacks a fact of version 1, or has one of another type; allowed: only what is described in full",
	{},
) if {
	not completeness.complete
} else := refusal(
	"AGENT_NOT_CONFIGURED",
	$"agent {input.agent.id} may do nothing: the policy data does not name it; it would stand under countersign.agents",
	{"agent": input.agent.id},
) if {
	not settings.agent
} else := refusal(
	"WALLET_NOT_CONFIGURED",
	$"agent {input.agent.id} may do nothing with wallet {input.wallet.id}; it may use: {concat(", ", sort(object.keys(object.get(settings.agent, "wallets", {}))))}",
	{"agent": input.agent.id, "wallet": input.wallet.id},
) if {
	not settings.wallet
} else := refusal(
	"RULES_NOT_CONFIGURED",
	$"no rule is enabled for agent {input.agent.id} and wallet {input.wallet.id}; enabled must list at least one rule",
	{"agent": input.agent.id, "wallet": input.wallet.id},
) if {
	not rules_enabled
} else := refusal(
	"GUARD_NOT_ENABLED",
	$"nothing judges what {concat(", ", sort(unguarded))} would judge; each must stand in enabled, or in waived to let everything of its kind pass",
	{"rules": concat(" ", sort(unguarded))},
) if {
	count(unguarded) > 0
}

rules_enabled if {
	is_array(settings.wallet.enabled)
	count(settings.wallet.enabled) > 0
}

rule_refusals := [object.union(reason, {"rule": name}) |
	some name in settings.wallet.enabled
	some reason in denials(name)
]

denials(name) := [{
	"code": "RULE_UNKNOWN",
	"message": $"rule {name} is enabled, but gives no verdict; the bundle must hold a package countersign.rules.{name} with one",
	"facts": {},
}] if {
	not verdicts[name]
} else := [] if {
	verdicts[name].decision in {"allow", "require_approval"}
} else := verdicts[name].reasons if {
	verdicts[name].decision == "deny"
	count(verdicts[name].reasons) > 0
} else := [{
	"code": "RULE_VERDICT_MALFORMED",
	"message": $"the verdict of rule {name} is not one: it needs a decision (allow, deny or require_approval) and reasons",
	"facts": {},
}]

missing_refusals := [missing(fact) |
	some fact in input.effects.missing
	not missing_permitted(fact)
]

missing(fact) := refusal(
	"FACT_MISSING",
	$"a fact could not be established: {fact.fact} {of_instruction(fact)}({fact.detail}); allowed only where a rule permits that it is missing",
	object.remove(fact, ["detail"]),
)

of_instruction(fact) := $"of instruction {fact.instruction} " if {
	fact.instruction >= 0
} else := ""

requirement_refusals := [refusal(
	"APPROVAL_REQUIREMENTS_CONFLICT",
	"rules require approval on terms that cannot be joined; allowed: terms with a quorum, a timeout_seconds and the same groups",
	{},
) |
	count(asking) > 0
	not joint_requirement
]

refusal(code, message, facts) := {"code": code, "rule": "main", "message": message, "facts": facts}
