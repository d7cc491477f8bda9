# METADATA
# title: Slippage guard
# description: >-
#   Lets a swap run only with a least amount that comes out, and that within a bound: an argument that its program is trusted to
#   keep, or an assertion that the chain enforces. An instruction whose effects are not in its message could be a swap, so
#   each must be named as one, or as none.
# schemas:
#   - input: schema.input
# custom:
#   facts:
#     - wallet.address
#     - transaction.instructions
#     - effects.guarantees
#     - simulation.status
#     - simulation.instructions
#   settings: schema.rules.slippage_guard
#   reasons:
#     SLIPPAGE_BOUNDED: there is no swap without a least amount that comes out, within its bound
#     SWAP_NOT_NAMED: the data names an instruction whose effects are not in its message neither as a swap nor as none
#     MINIMUM_OUT_MISSING: a swap has no least amount that comes out, or 0
#     MINIMUM_OUT_TOO_LOW: the least amount that comes out of a swap is below its bound
#     PAIR_NOT_ALLOWED: the data has no bound for what goes into a swap and what comes out
#     BALANCE_NOT_ASSERTED: no assertion behind a swap says what must be left in an account
#     SLIPPAGE_GUARD_UNDECIDED: a fact or a setting that the rule needs is missing or of another type
package countersign.rules.slippage_guard

import data.countersign.settings

terms := settings.wallet.slippage_guard

# METADATA
# title: Verdict
# description: Allow when no instruction could be a swap but those that are bounded.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "SLIPPAGE_GUARD_UNDECIDED",
		"message": "swaps cannot be checked",
		"remedy": "allowed: only where the input has wallet.address, simulation, effects.guarantees and transaction.instructions, at least one, and the policy data of this wallet has slippage_guard.programs",
		"facts": {},
	}],
}

verdict := {"decision": "allow", "reasons": [{
	"code": "SLIPPAGE_BOUNDED",
	"message": "no swap is without a least amount that comes out, within its bound",
	"facts": {},
}]} if {
	readable
	every instruction in input.transaction.instructions {
		permitted(instruction, input.effects.guarantees)
	}
	calls_permitted(input.simulation)
} else := {"decision": "deny", "reasons": violations} if {
	readable
	count(violations) > 0
}

readable if {
	is_object(terms.programs)
	is_object(object.get(terms, "other_programs", {}))
	is_string(input.wallet.address)
	is_array(input.effects.guarantees)
	instructions := input.transaction.instructions
	is_array(instructions)
	count(instructions) > 0
}

permitted(instruction, _) if instruction.kind == "known"

permitted(instruction, _) if no_swap(instruction)

permitted(instruction, guarantees) if swap_bounded(instruction, swap_of(instruction), guarantees)

no_swap(instruction) if {
	instruction.kind in ["described", "unknown"]
	is_string(terms.other_programs[instruction.program])
	not instruction.program in object.keys(terms.programs)
}

no_swap(instruction) if {
	instruction.kind == "described"
	instruction.name in terms.programs[instruction.program].others
	not instruction.name in object.keys(object.get(terms.programs[instruction.program], "swaps", {}))
}

swap_of(instruction) := terms.programs[instruction.program].swaps[instruction.name] if {
	instruction.kind == "described"
}

# What a bounded swap calls inside is bounded by it. What anything else calls with the wallet's signature is judged by itself.
calls_permitted(simulation) if simulation.status in ["not_run", "unavailable", "failed"]

calls_permitted(simulation) if {
	simulation.status == "succeeded"
	is_array(simulation.instructions)
	every ran in simulation.instructions {
		call_permitted(ran)
	}
}

call_permitted(ran) if ran.depth == 1

call_permitted(ran) if {
	is_number(ran.depth)
	inner_permitted(ran.instruction)
}

inner_permitted(instruction) if instruction.index in bounded_swaps

inner_permitted(instruction) if wallet_does_not_sign(instruction)

inner_permitted(instruction) if permitted(instruction, asserted)

# What the gateway derives from arguments it derives for the instructions of the transaction alone: what has the index of a call
# is not of the call.
asserted := [guarantee |
	some guarantee in input.effects.guarantees
	guarantee.basis == "asserted"
]

bounded_swaps := {instruction.index |
	some instruction in input.transaction.instructions
	swap_bounded(instruction, swap_of(instruction), input.effects.guarantees)
}

wallet_does_not_sign(instruction) if {
	is_array(instruction.accounts)
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
