# Why the decision is deny, each reason with what would be allowed. The annotations of the package stand in main.rego.
package countersign.main

import data.countersign.completeness
import data.countersign.settings

refusals := [unconfigured] if {
	# countersign-mutate: condition lives because the head asks for it as well
	unconfigured
} else := array.flatten([rule_refusals, missing_refusals, simulation_refusals, requirement_refusals])

unconfigured := refusal(
	"INPUT_VERSION_UNSUPPORTED",
	$"the policy input has version {object.get(input, "v", "none")}",
	"allowed: version 1, the one that this policy judges",
	{},
) if {
	not input.v == 1
} else := refusal(
	"INPUT_INCOMPLETE",
	"the policy input lacks a fact of version 1, or has one of another type",
	"allowed: only what is described in full",
	{},
) if {
	not completeness.complete
} else := refusal(
	"AGENT_NOT_CONFIGURED",
	$"agent {input.agent.id} may do nothing: the policy data does not name it",
	"it would stand under countersign.agents",
	{"agent": input.agent.id},
) if {
	not settings.agent
} else := refusal(
	"WALLET_NOT_CONFIGURED",
	$"agent {input.agent.id} may do nothing with wallet {input.wallet.id}",
	$"it may use: {concat(", ", sort(object.keys(object.get(settings.agent, "wallets", {}))))}",
	{"agent": input.agent.id, "wallet": input.wallet.id},
) if {
	not settings.wallet
} else := refusal(
	"RULES_NOT_CONFIGURED",
	$"no rule is enabled for agent {input.agent.id} and wallet {input.wallet.id}",
	$"{enabling_key} must list at least one rule",
	{"agent": input.agent.id, "wallet": input.wallet.id},
) if {
	not rules_enabled
} else := refusal(
	"GUARD_NOT_ENABLED",
	$"nothing judges what {concat(", ", sort(unguarded))} would judge",
	$"each must stand in {enabling_key}{waiving}",
	{"rules": concat(" ", sort(unguarded))},
) if {
	count(unguarded) > 0
}

enabling_key := "enabled_for_messages" if is_object(input.message)

enabling_key := "enabled" if not input.message

waiving := "" if is_object(input.message)

waiving := ", or in waived to let everything of its kind pass" if not input.message

rule_refusals := array.concat(
	[object.union(reason, {"rule": name}) |
		some name in settings.enabled
		some reason in denials(verdicts, name)
	],
	[shown(reason, name) |
		simulated
		some name in settings.enabled
		some reason in denials(simulated_verdicts, name)
		not reason in denials(verdicts, name)
	],
)

denials(given, name) := [{
	"code": "RULE_UNKNOWN",
	"message": $"rule {name} is enabled, but gives no verdict",
	"remedy": $"the bundle must hold a package countersign.rules.{name} with one",
	"facts": {},
}] if {
	not given[name]
} else := [] if {
	given[name].decision in {"allow", "require_approval"}
} else := given[name].reasons if {
	given[name].decision == "deny"
	count(given[name].reasons) > 0
} else := [{
	"code": "RULE_VERDICT_MALFORMED",
	"message": $"the verdict of rule {name} is not one",
	"remedy": "it needs a decision (allow, deny or require_approval) and reasons",
	"facts": {},
}]

missing_refusals := array.concat(
	[missing(fact) |
		some fact in input.effects.missing
		not missing_permitted(verdicts, fact)
	],
	[missing(fact) |
		some fact in input.simulation.effects.missing
		not missing_permitted(simulated_verdicts, fact)
		not refused_already(fact)
	],
)

simulation_refusals := array.concat(
	[refusal(
		"SIMULATION_FAILED",
		$"the transaction fails when it is simulated: {input.simulation.error}",
		"allowed: transactions that succeed",
		{"slot": input.simulation.slot},
	) |
		input.simulation.status == "failed"
	],
	[diverging(divergence) | some divergence in input.simulation.divergences],
)

diverging(divergence) := refusal(
	"SIMULATION_DIVERGES",
	$"its simulation changes {divergence.change} of {divergence.account} as no decoded instruction explains ({divergence.detail})",
	"allowed: only changes that are explained",
	{"account": divergence.account, "change": divergence.change},
)

refused_already(fact) if {
	fact in input.effects.missing
	not missing_permitted(verdicts, fact)
}

missing(fact) := refusal(
	"FACT_MISSING",
	$"a fact could not be established: {subject(fact)} ({fact.detail})",
	"allowed only where a rule permits that it is missing",
	object.remove(fact, ["detail"]),
)

subject(fact) := $"what instruction {fact.instruction} does" if {
	fact.fact == "instruction"
	fact.instruction >= 0
} else := $"{fact.fact} of instruction {fact.instruction}" if {
	fact.instruction >= 0
} else := fact.fact

requirement_refusals := [refusal(
	"APPROVAL_REQUIREMENTS_CONFLICT",
	"rules require approval on terms that cannot be joined",
	"allowed: terms with a quorum, a timeout_seconds and the same groups",
	{},
) |
	count(asking) > 0
	not joint_requirement
]

refusal(code, message, remedy, facts) := {
	"code": code,
	"rule": "main",
	"message": message,
	"remedy": remedy,
	"facts": facts,
}
