# Why programs are denied, each reason with what would be allowed. The annotations of the package stand in program_allowlist.rego.
package countersign.rules.program_allowlist

import data.countersign.wording

violations := array.concat(
	[violation(instruction) |
		some instruction in input.transaction.instructions
		not permitted(instruction)
	],
	[call_violation(ran.instruction) |
		some position, ran in input.simulation.instructions
		not call_permitted(position, ran)
	],
) if {
	is_object(programs)
}

violation(instruction) := program_violation(instruction) if {
	not programs[instruction.program]
} else := misnaming(instruction) if {
	count(misnamed_arguments(instruction.program)) > 0
} else := argument_violation(instruction, misfitting_arguments(instruction)) if {
	instruction.kind in {"known", "described"}
	count(misfitting_arguments(instruction)) > 0
} else := {
	"code": "INSTRUCTION_NOT_ALLOWED",
	"message": $"calls {called(instruction)}",
	"remedy": $"allowed: of that program {instruction_names(instruction.program)}",
	"facts": {"instruction": instruction.index, "program": instruction.program, "name": instruction.name},
} if {
	instruction.kind in {"known", "described"}
	not named(instruction)
} else := {
	"code": "INSTRUCTION_UNKNOWN",
	"message": $"calls {called(instruction)}",
	"remedy": $"allowed: of that program {instruction_names(instruction.program)}; what cannot be read only where instructions names unknown",
	"facts": {"instruction": instruction.index, "program": instruction.program},
} if {
	not named(instruction)
} else := {
	"code": "WALLET_GIVEN_TO_UNKNOWN_EFFECTS",
	"message": $"gives the wallet to {called(instruction)}, whose effects are not in its message",
	"remedy": "allowed: such instructions without the wallet among their accounts and among those of what they call",
	"facts": {"instruction": instruction.index, "program": instruction.program},
} if {
	programs[instruction.program].unknown_effects == "without_wallet_signature"
} else := simulation_violation(instruction) if {
	programs[instruction.program].unknown_effects == "simulated_but_not_guaranteed"
} else := {
	"code": "EFFECTS_UNKNOWN",
	"message": $"calls {called(instruction)}, whose effects are not in its message",
	"remedy": "allowed: only where unknown_effects of its program permits that",
	"facts": {"instruction": instruction.index, "program": instruction.program},
}

program_violation(instruction) := {
	"code": "PROGRAM_NOT_ALLOWED",
	"message": $"calls program {instruction.program}, which is not on the list",
	"remedy": $"allowed: {wording.listing(program_labels)}",
	"facts": {"instruction": instruction.index, "program": instruction.program},
}

misnaming(instruction) := {
	"code": "ARGUMENTS_MISNAMED",
	"message": $"the policy data bounds arguments of {concat(", ", sort(misnamed_arguments(instruction.program)))}, which instructions of {instruction.program} does not name",
	"remedy": "allowed: nothing of that program until each instruction with arguments stands in instructions by its name",
	"facts": {"instruction": instruction.index, "program": instruction.program},
}

argument_violation(instruction, misfits) := {
	"code": "ARGUMENT_NOT_ALLOWED",
	"message": $"calls {called(instruction)} with {concat(", ", [misfit.found | some misfit in misfits])}",
	"remedy": $"allowed: {concat(", ", [misfit.permitted | some misfit in misfits])}",
	"facts": {"instruction": instruction.index, "program": instruction.program, "name": instruction.name},
}

simulation_violation(instruction) := {
	"code": unfit_simulation.code,
	"message": $"calls {called(instruction)}, whose effects are only known from a simulation, and {unfit_simulation.found}",
	"remedy": "allowed: only with a simulation that succeeds, is complete and explains every change",
	"facts": {"instruction": instruction.index, "program": instruction.program},
}

unfit_simulation := {"code": "SIMULATION_NOT_RUN", "found": "none was run"} if {
	input.simulation.status == "not_run"
} else := {"code": "SIMULATION_UNAVAILABLE", "found": $"there is none: {input.simulation.reason}"} if {
	input.simulation.status == "unavailable"
} else := {"code": "SIMULATION_FAILED", "found": "the transaction fails in it"} if {
	input.simulation.status == "failed"
} else := {"code": "SIMULATION_DIVERGES", "found": "it shows changes that no decoded instruction explains"} if {
	input.simulation.diverges == true
} else := {"code": "SIMULATION_INCOMPLETE", "found": $"it lacks {concat("; ", input.simulation.missing)}"}

call_violation(instruction) := {
	"code": "INNER_CALL_NOT_ALLOWED",
	"message": $"instruction {instruction.index} is seen to call {called(instruction)} with the wallet's signature{argument_note(instruction)}",
	"remedy": $"allowed: {allowed_there(instruction)}",
	"facts": {"instruction": instruction.index, "program": instruction.program},
}

argument_note(instruction) := $", with {concat(", ", [misfit.found | some misfit in misfitting_arguments(instruction)])}" if {
	count(misfitting_arguments(instruction)) > 0
} else := ""

allowed_there(instruction) := $"programs {wording.listing(program_labels)}" if {
	not programs[instruction.program]
} else := concat(", ", [misfit.permitted | some misfit in misfits]) if {
	misfits := misfitting_arguments(instruction)
	count(misfits) > 0
} else := $"of that program {instruction_names(instruction.program)}, where its effects are known or permitted to be unknown"

called(instruction) := $"batch with {concat(", ", [part.name | some part in instruction.parts])} of {instruction.program_name} ({instruction.program})" if {
	count(instruction.parts) > 0
} else := $"{instruction.name} of {instruction.program_name} ({instruction.program})" if {
	instruction.kind in {"known", "described"}
} else := $"an instruction of {instruction.program} that cannot be read"

program_labels := {id: object.get(program, "label", "") | some id, program in programs}

instruction_names(program) := wording.names({name: "" | some name in programs[program].instructions})
