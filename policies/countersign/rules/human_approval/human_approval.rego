# METADATA
# title: Human approval
# description: >-
#   Asks people before the wallet signs: always, when more of an asset leaves than the data names, or when a named program is
#   called, also by another program in a simulation. An asset without a threshold always needs approval.
# schemas:
#   - input: schema.input
package countersign.rules.human_approval

import data.countersign.settings
import data.countersign.wording

terms := settings.wallet.human_approval

# METADATA
# title: Verdict
# description: Allow when nothing asks for approval, require approval otherwise; deny where the terms cannot be read.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "HUMAN_APPROVAL_UNDECIDED",
		"message": "whether people must approve cannot be told: it needs effects.outflows, transaction.instructions and simulation in the input and a complete human_approval (always, above, programs, quorum 1 to 16, groups, timeout_seconds 1 to 2592000) in the policy data of this wallet",
		"facts": {},
	}],
}

verdict := {"decision": "require_approval", "reasons": causes, "approval": approval} if {
	readable
	count(causes) > 0
} else := {
	"decision": "allow",
	"reasons": [{"code": "NO_APPROVAL_NEEDED", "message": "no threshold for approval is reached", "facts": {}}],
} if {
	readable
	terms.always == false
	every outflow in input.effects.outflows {
		total(outflow.asset) <= terms.above[outflow.asset]
	}
	every instruction in input.transaction.instructions {
		is_string(instruction.program)
		not terms.programs[instruction.program]
	}
	every ran in object.get(input.simulation, "instructions", []) {
		is_string(ran.instruction.program)
		not terms.programs[ran.instruction.program]
	}
}

approval := {"quorum": terms.quorum, "groups": terms.groups, "timeout_seconds": terms.timeout_seconds}

readable if {
	is_boolean(terms.always)
	is_object(terms.programs)
	thresholds_readable
	requirement_readable
	is_array(input.transaction.instructions)
	is_array(object.get(input.simulation, "instructions", []))
	is_array(input.effects.outflows)
	every outflow in input.effects.outflows {
		is_string(outflow.asset)
		is_number(outflow.amount)
		outflow.amount >= 0
	}
}

thresholds_readable if {
	is_object(terms.above)
	every threshold in terms.above {
		is_number(threshold)
	}
}

requirement_readable if {
	is_number(terms.quorum)
	terms.quorum in numbers.range(1, 16)
	is_number(terms.timeout_seconds)
	terms.timeout_seconds >= 1
	terms.timeout_seconds <= 2592000
	is_array(terms.groups)
	every group in terms.groups {
		is_string(group)
	}
}

total(asset) := sum([outflow.amount |
	some outflow in input.effects.outflows
	outflow.asset == asset
])

# Sorted, because sets have another order in WebAssembly than in opa.
assets := sort({outflow.asset | some outflow in input.effects.outflows})

called contains instruction.program if some instruction in input.transaction.instructions

called contains ran.instruction.program if some ran in input.simulation.instructions

causes := array.flatten([
	[{
		"code": "APPROVAL_ALWAYS_REQUIRED",
		"message": "every transaction of this wallet needs approval",
		"facts": {},
	} |
		terms.always == true
	],
	[{
		"code": "APPROVAL_PROGRAM",
		"message": $"calls program {program}, which needs approval",
		"facts": {"program": program},
	} |
		some program in sort(called)
		terms.programs[program]
	],
	[amount_cause(asset) | some asset in assets],
])

amount_cause(asset) := {
	"code": "APPROVAL_ABOVE_AMOUNT",
	"message": $"sends {wording.amount(total(asset), asset)}; up to {terms.above[asset]} is allowed without approval",
	"facts": {"asset": asset, "amount": total(asset), "threshold": terms.above[asset]},
} if {
	total(asset) > terms.above[asset]
}

amount_cause(asset) := {
	"code": "APPROVAL_ASSET_WITHOUT_THRESHOLD",
	"message": $"sends {wording.amount(total(asset), asset)}, an asset without a threshold; allowed without approval, up to their thresholds: {wording.names(terms.above)}",
	"facts": {"asset": asset, "amount": total(asset)},
} if {
	not terms.above[asset]
}
