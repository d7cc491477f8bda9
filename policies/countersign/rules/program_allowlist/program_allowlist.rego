# METADATA
# title: Program allowlist
# description: >-
#   Lets only named instructions of named programs run, with the arguments that the data permits, and only what a simulation
#   shows them to call with the wallet's signature. An instruction whose effects are not in its message runs only where the
#   data permits that for its program in so many words.
# schemas:
#   - input: schema.input
# custom:
#   facts:
#     - wallet.address
#     - transaction.instructions
#     - simulation
#     - effects.missing
#     - effects.transfers
#     - effects.mints
#     - effects.cpi_signers
#   settings: schema.rules.program_allowlist
#   reasons:
#     PROGRAMS_ALLOWED: every instruction, and every call that a simulation shows to get the wallet, is on the list
#     PROGRAM_NOT_ALLOWED: a program is called that the data does not name
#     INSTRUCTION_NOT_ALLOWED: an instruction is called that the data does not name for its program
#     INSTRUCTION_UNKNOWN: an instruction cannot be read, and the data does not name unknown for its program
#     ARGUMENT_NOT_ALLOWED: an argument of a named instruction is absent, of another type or not what the data permits
#     ARGUMENTS_MISNAMED: the data bounds arguments of an instruction that it does not name for that program
#     EFFECTS_UNKNOWN: what an instruction does is not in its message, and the data does not permit that for its program
#     WALLET_GIVEN_TO_UNKNOWN_EFFECTS: such an instruction, or what it calls, gets the wallet, and the data permits it only without
#     SIMULATION_NOT_RUN: such an instruction needs a simulation, and none was run
#     SIMULATION_UNAVAILABLE: such an instruction needs a simulation, and no node gave one
#     SIMULATION_FAILED: such an instruction needs a simulation, and the transaction fails in it
#     SIMULATION_DIVERGES: such an instruction needs a simulation, and it shows changes that no decoded instruction explains
#     SIMULATION_INCOMPLETE: such an instruction needs a simulation, and the node left something out
#     INNER_CALL_NOT_ALLOWED: a simulation shows a call with the wallet's signature that is not on the list
#     PROGRAM_ALLOWLIST_UNDECIDED: a fact or a setting that the rule needs is missing or of another type
package countersign.rules.program_allowlist

import data.countersign.settings

programs := settings.wallet.program_allowlist.programs

# METADATA
# title: Verdict
# description: Allow when there is an instruction, every one is permitted, and so is every call that is seen to get the wallet.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "PROGRAM_ALLOWLIST_UNDECIDED",
		"message": "programs cannot be checked",
		"remedy": "allowed: only where the input has simulation and transaction.instructions, at least one, and the policy data of this wallet has program_allowlist.programs",
		"facts": {},
	}],
}

verdict := {"decision": "allow", "reasons": [finding], "permitted_missing": permitted_missing} if {
	instructions := input.transaction.instructions
	is_array(instructions)
	count(instructions) > 0
	every instruction in instructions {
		permitted(instruction)
	}
	calls_permitted(input.simulation)
} else := {"decision": "deny", "reasons": violations} if {
	count(violations) > 0
}

permitted(instruction) if {
	instruction.kind == "known"
	named(instruction)
}

permitted(instruction) if {
	# countersign-mutate: condition lives because what is known and named is permitted anyway; it spares the question
	instruction.kind in ["described", "unknown"]
	named(instruction)
	effects_permitted(instruction)
}

named(instruction) if {
	instruction.kind == "known"
	listed(instruction)

	# A batch is a way to call other instructions, so each of them must be named as well.
	every part in object.get(instruction, "parts", []) {
		listed(part)
	}
	batch_tells_its_parts(instruction)
}

named(instruction) if {
	instruction.kind == "described"
	listed(instruction)
}

# Every instruction that can be read, by a star, is not every instruction.
named(instruction) if {
	instruction.kind == "unknown"
	"unknown" in programs[instruction.program].instructions
}

listed(instruction) if {
	is_string(instruction.name)
	entry := programs[instruction.program]
	name_listed(instruction.name, entry.instructions)
	arguments_permitted(instruction, entry)
}

name_listed(name, names) if name in names

name_listed(_, names) if "*" in names

batch_tells_its_parts(instruction) if instruction.name != "batch"

batch_tells_its_parts(instruction) if {
	is_array(instruction.parts)
	count(instruction.parts) > 0
}

effects_permitted(instruction) if {
	programs[instruction.program].unknown_effects == "without_wallet_signature"
	wallet_absent(instruction)
	wallet_absent_below(instruction.index)
}

effects_permitted(instruction) if {
	programs[instruction.program].unknown_effects == "simulated_but_not_guaranteed"
	simulated
}

# A program can only use the signature of an account that it is given.
wallet_absent(instruction) if {
	is_array(instruction.accounts)
	is_string(input.wallet.address)
	every account in instruction.accounts {
		account.address != input.wallet.address
	}
}

wallet_absent_below(index) if {
	is_number(index)
	input.simulation.status != "succeeded"
}

wallet_absent_below(index) if {
	is_number(index)
	is_array(input.simulation.instructions)
	every ran in input.simulation.instructions {
		absent_or_elsewhere(index, ran.instruction)
	}
}

absent_or_elsewhere(index, instruction) if instruction.index != index

absent_or_elsewhere(_, instruction) if wallet_absent(instruction)

simulated if {
	input.simulation.status == "succeeded"
	input.simulation.complete == true
	input.simulation.diverges == false
}

calls_permitted(simulation) if simulation.status in ["not_run", "unavailable", "failed"]

calls_permitted(simulation) if {
	simulation.status == "succeeded"
	is_array(simulation.instructions)
	every position, ran in simulation.instructions {
		call_permitted(position, ran)
	}
}

call_permitted(_, ran) if ran.depth == 1

call_permitted(position, ran) if {
	# countersign-mutate: comparison lives because what is at depth 1 is permitted above
	ran.depth > 1
	inner_call_permitted(position, ran)
}

inner_call_permitted(_, ran) if wallet_does_not_sign(ran.instruction)

inner_call_permitted(_, ran) if permitted(ran.instruction)

# What a known instruction calls among known programs is part of what it is known to do.
inner_call_permitted(position, ran) if {
	ran.instruction.kind == "known"
	caller(position, ran.depth).kind == "known"
}

wallet_does_not_sign(instruction) if {
	is_array(instruction.accounts)
	is_string(input.wallet.address)
	every account in instruction.accounts {
		is_string(account.address)
		is_boolean(account.signer)
		not signing_wallet(account)
	}
}

signing_wallet(account) if {
	account.signer == true
	account.address == input.wallet.address
}

# In the order of execution, the caller is the nearest one before it that is one level up.
caller(position, depth) := input.simulation.instructions[nearest].instruction if {
	nearest := max([earlier |
		some earlier, ran in input.simulation.instructions

		# countersign-mutate: comparison lives because nothing is at less than its own depth
		earlier < position
		ran.depth < depth
	])
	input.simulation.instructions[nearest].depth == depth - 1
}

# That the effects of an instruction are not in its message is a missing fact; a permission to run it all the same is a
# permission for that. So is that for the program of a transfer hook.
permitted_missing := array.concat(
	[{"fact": "instruction", "instruction": instruction.index} |
		some instruction in input.transaction.instructions
		instruction.kind != "known"
	],
	[{"fact": "transfer_hook", "instruction": missing.instruction} |
		some missing in input.effects.missing
		missing.fact == "transfer_hook"
		hooks_permitted(missing.instruction)
	],
)

# One of several mints may be the one that the fact is missing for, so each must have a hook that is permitted. Whoever may set
# another hook can do so before the transaction lands, so a transfer must not pass the wallet's signature on to it.
hooks_permitted(index) if {
	simulated
	is_array(input.effects.cpi_signers)
	assets := [transfer.asset | some transfer in input.effects.transfers; transfer.instruction == index]
	count(assets) > 0
	every asset in assets {
		some mint in input.effects.mints
		mint.mint == asset
		programs[mint.transfer_hook].unknown_effects == "simulated_but_not_guaranteed"
		every passed in input.effects.cpi_signers {
			another_call(passed, index, mint.transfer_hook)
		}
	}
}

another_call(passed, index, _) if passed.instruction != index

another_call(passed, _, program) if passed.program != program

# In a simulation every account that signs the transaction counts as passed on.
another_call(passed, _, _) if passed.basis == "simulation"

finding := {"code": "PROGRAMS_ALLOWED", "message": "calls only what is on the list", "facts": {}} if {
	count(permitted_missing) == 0
} else := {
	"code": "PROGRAMS_ALLOWED",
	"message": "calls only what is on the list, and some of it does what is not in its message and not guaranteed",
	"facts": {"instructions": concat(" ", [$"{missing.instruction}" | some missing in permitted_missing])},
}
