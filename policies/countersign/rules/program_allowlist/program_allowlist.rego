# METADATA
# title: Program allowlist
# description: >-
#   Lets only named instructions of named programs run. An instruction that the gateway cannot read runs only where the data
#   permits that for its program in so many words; what it will do is then not known.
# schemas:
#   - input: schema.input
package countersign.rules.program_allowlist

import data.countersign.settings
import data.countersign.wording

programs := settings.wallet.program_allowlist.programs

# METADATA
# title: Verdict
# description: Allow when there is an instruction and every one is permitted.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "PROGRAM_ALLOWLIST_UNDECIDED",
		"message": "programs cannot be checked: it needs transaction.instructions in the input, at least one, and program_allowlist.programs in the policy data of this wallet",
		"facts": {},
	}],
}

verdict := {"decision": "allow", "reasons": [finding], "permitted_missing": permitted_missing} if {
	is_array(input.transaction.instructions)
	count(input.transaction.instructions) > 0
	every instruction in input.transaction.instructions {
		permitted(instruction)
	}
} else := {"decision": "deny", "reasons": violations} if {
	count(violations) > 0
}

permitted(instruction) if {
	instruction.kind == "known"
	is_string(instruction.name)
	named(instruction.program, instruction.name)
	every part in parts(instruction) {
		named(instruction.program, part)
	}
}

permitted(instruction) if {
	instruction.kind == "unknown"
	programs[instruction.program].unknown_instructions == "with_wallet_signature"
}

permitted(instruction) if {
	instruction.kind == "unknown"
	programs[instruction.program].unknown_instructions == "without_wallet_signature"
	is_array(instruction.accounts)
	is_string(input.wallet.address)

	# A program can only use the signature of an account that it is given.
	every account in instruction.accounts {
		account.address != input.wallet.address
	}
}

named(program, instruction) if {
	some name in programs[program].instructions
	name in {instruction, "*"}
}

# A batch is a way to call other instructions, so each of them must be named as well.
parts(instruction) := split(instruction.arguments.instructions, ",") if instruction.name == "batch"

parts(instruction) := [] if instruction.name != "batch"

# That an instruction cannot be read is a missing fact; a permission to run it all the same is a permission for that.
permitted_missing := [{"fact": "instruction", "instruction": instruction.index} |
	some instruction in input.transaction.instructions
	instruction.kind == "unknown"
]

finding := {"code": "PROGRAMS_ALLOWED", "message": "calls only what is on the list", "facts": {}} if {
	count(permitted_missing) == 0
} else := {
	"code": "PROGRAMS_ALLOWED",
	"message": "calls only what is on the list, and instructions that cannot be read, whose effects are not known",
	"facts": {"instructions": concat(" ", [$"{missing.instruction}" | some missing in permitted_missing])},
}

violations := [violation(instruction) |
	some instruction in input.transaction.instructions
	not permitted(instruction)
] if {
	is_object(programs)
}

violation(instruction) := {
	"code": "PROGRAM_NOT_ALLOWED",
	"message": $"calls program {instruction.program}, which is not on the list; allowed: {wording.listing(program_labels)}",
	"facts": {"instruction": instruction.index, "program": instruction.program},
} if {
	not programs[instruction.program]
} else := {
	"code": "INSTRUCTION_NOT_ALLOWED",
	"message": $"calls {called(instruction)} of {instruction.program_name} ({instruction.program}); allowed there: {instruction_names(instruction.program)}",
	"facts": {"instruction": instruction.index, "program": instruction.program, "name": instruction.name},
} if {
	instruction.kind == "known"
} else := {
	"code": "WALLET_GIVEN_TO_UNKNOWN_INSTRUCTION",
	"message": $"gives the wallet to an instruction of {instruction.program} that cannot be read; allowed there: such instructions without the wallet among their accounts",
	"facts": {"instruction": instruction.index, "program": instruction.program},
} if {
	programs[instruction.program].unknown_instructions == "without_wallet_signature"
} else := {
	"code": "INSTRUCTION_UNKNOWN",
	"message": $"calls an instruction of {instruction.program} that cannot be read; allowed there: {instruction_names(instruction.program)}",
	"facts": {"instruction": instruction.index, "program": instruction.program},
}

called(instruction) := $"batch with {instruction.arguments.instructions}" if {
	instruction.name == "batch"
} else := instruction.name

program_labels := {id: object.get(program, "label", "") | some id, program in programs}

instruction_names(program) := wording.names({name: "" | some name in programs[program].instructions})
