# METADATA
# title: Human approval
# description: >-
#   Asks people before the wallet signs: always, when more of an asset leaves than the data names, when a named program is
#   called, also by another program in a simulation, or when somebody is paid whom the data does not know. An asset without a
#   threshold always needs approval. Of a message only the setting always counts.
# schemas:
#   - input: schema.input
# custom:
#   facts:
#     - effects.outflows
#     - effects.outflows_by_recipient
#     - effects.transfers
#     - transaction.instructions
#     - simulation.instructions
#     - message
#     - wallet.address
#   settings: schema.rules.human_approval
#   reasons:
#     NO_APPROVAL_NEEDED: allows; nothing asks for approval
#     APPROVAL_ALWAYS_REQUIRED: requires approval; the policy data asks for it always
#     APPROVAL_PROGRAM: requires approval; a named program is called
#     APPROVAL_ABOVE_AMOUNT: requires approval; more of an asset leaves than its threshold
#     APPROVAL_ASSET_WITHOUT_THRESHOLD: requires approval; an asset leaves that has no threshold
#     APPROVAL_NEW_RECIPIENT: requires approval; somebody is paid who is not among the known recipients
#     HUMAN_APPROVAL_UNDECIDED: denies; a fact or a setting is missing or of another type
package countersign.rules.human_approval

import data.countersign.settings
import data.countersign.terms
import data.countersign.wording

setting := settings.wallet.human_approval

# METADATA
# title: Verdict
# description: Allow when nothing asks for approval, require approval otherwise; deny where the terms cannot be read.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "HUMAN_APPROVAL_UNDECIDED",
		"message": "whether people must approve cannot be told",
		"remedy": "allowed: only with effects.outflows, transaction.instructions (at least one) and simulation, or a message in the input and a complete human_approval (always, above, programs, quorum 1 to 16, groups, timeout_seconds 1 to 2592000) in the policy data of this wallet; with known_recipients, also effects.outflows_by_recipient and a recipient of every transfer",
		"facts": {},
	}],
}

verdict := {
	"decision": "allow",
	"reasons": [{"code": "NO_APPROVAL_NEEDED", "message": "nothing asks for approval", "facts": {}}],
} if {
	readable
	setting.always == false
	nothing_asks
} else := {"decision": "require_approval", "reasons": causes, "approval": terms.approval(setting)} if {
	readable
	count(causes) > 0
}

nothing_asks if is_object(input.message)

nothing_asks if {
	above := setting.above
	every outflow in input.effects.outflows {
		total(outflow.asset) <= above[outflow.asset]
	}
	instructions := input.transaction.instructions
	programs := setting.programs
	count(instructions) > 0
	every instruction in instructions {
		is_string(instruction.program)
		not programs[instruction.program]
	}
	every ran in object.get(input.simulation, "instructions", []) {
		is_string(ran.instruction.program)
		not programs[ran.instruction.program]
	}

	# countersign-lint: allow every-over-empty because nobody is looked for where the data names no known_recipients; recipients_readable demands the facts
	every recipient in recipients {
		known(recipient)
	}
}

readable if {
	given := setting
	is_boolean(given.always)
	is_object(given.programs)
	every label in given.programs {
		is_string(label)
	}
	is_object(given.above)
	every threshold in given.above {
		is_number(threshold)
	}
	is_object(terms.approval(given))
	is_object(object.get(given, "known_recipients", {}))
	facts_readable
}

facts_readable if {
	is_object(input.message)
	not input.transaction
}

facts_readable if {
	not input.message
	is_array(input.transaction.instructions)
	is_array(object.get(input.simulation, "instructions", []))
	outflows := input.effects.outflows
	is_array(outflows)
	every outflow in outflows {
		is_string(outflow.asset)
		is_number(outflow.amount)
		outflow.amount >= 0
	}
	recipients_readable
}

recipients_readable if {
	not setting.known_recipients
} else if {
	is_string(input.wallet.address)
	is_array(input.effects.transfers)
	is_array(input.effects.outflows_by_recipient)
	every transfer in input.effects.transfers {
		is_string(transfer.recipient)
	}
	every sum in input.effects.outflows_by_recipient {
		is_string(sum.recipient)
	}
}

# Those that it is asked of: nobody where the data does not say whom it knows.
recipients contains transfer.recipient if {
	setting.known_recipients
	some transfer in input.effects.transfers
}

recipients contains sum.recipient if {
	setting.known_recipients
	some sum in input.effects.outflows_by_recipient
}

known(recipient) if recipient == input.wallet.address

known(recipient) if is_string(setting.known_recipients[recipient])

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
		"message": "everything that this wallet signs needs approval",
		"remedy": "allowed: nothing without approval",
		"facts": {},
	} |
		setting.always == true
	],
	[{
		"code": "APPROVAL_PROGRAM",
		"message": $"calls program {program}, which needs approval",
		"remedy": $"allowed: without approval all programs that may be called but {wording.listing(setting.programs)}",
		"facts": {"program": program},
	} |
		some program in sort(called)
		setting.programs[program]
	],
	[amount_cause(asset) | some asset in assets],
	[new_recipient(recipient) |
		some recipient in sort(recipients)
		not known(recipient)
	],
])

amount_cause(asset) := {
	"code": "APPROVAL_ABOVE_AMOUNT",
	"message": $"sends {wording.amount(total(asset), asset)}",
	"remedy": $"at most {wording.amount(setting.above[asset], asset)} is allowed without approval",
	"facts": {"asset": asset, "amount": total(asset), "threshold": setting.above[asset]},
} if {
	total(asset) > setting.above[asset]
}

amount_cause(asset) := {
	"code": "APPROVAL_ASSET_WITHOUT_THRESHOLD",
	"message": $"sends {wording.amount(total(asset), asset)}, an asset without a threshold",
	"remedy": $"allowed: without approval, up to their thresholds: {wording.names(setting.above)}",
	"facts": {"asset": asset, "amount": total(asset)},
} if {
	not setting.above[asset]
}

new_recipient(recipient) := {
	"code": "APPROVAL_NEW_RECIPIENT",
	"message": $"pays {recipient}, who is not among the known recipients",
	"remedy": $"allowed: without approval {wording.listing(setting.known_recipients)}",
	"facts": {"recipient": recipient},
}
