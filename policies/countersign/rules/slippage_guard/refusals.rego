# Why swaps are denied, each reason with what would be allowed. The annotations of the package stand in slippage_guard.rego.
package countersign.rules.slippage_guard

import data.countersign.wording

violations := array.concat(
	[violation |
		some instruction in input.transaction.instructions
		not permitted(instruction, input.effects.guarantees)
		some violation in instruction_violations(instruction, input.effects.guarantees)
	],
	[inside(ran.instruction.index, violation) |
		some ran in input.simulation.instructions
		not call_permitted(ran)
		some violation in instruction_violations(ran.instruction, asserted)
	],
)

inside(index, violation) := object.union(violation, {"message": $"instruction {index} is seen to do this inside: {violation.message}"})

instruction_violations(instruction, guarantees) := array.concat(
	minimum_violation(instruction, swap_of(instruction), guarantees),
	balance_violation(instruction, swap_of(instruction), guarantees),
) if {
	# countersign-mutate: condition lives because what has no swap has no violations of one
	swap_of(instruction)
} else := [{
	"code": "SWAP_NOT_NAMED",
	"message": $"calls {called(instruction)}, which could be a swap",
	"remedy": $"allowed: {named_there(instruction)}",
	"facts": {"instruction": instruction.index, "program": instruction.program},
}]

named_there(instruction) := $"of that program {wording.names(named)}" if {
	named := object.union(
		object.get(terms.programs[instruction.program], "swaps", {}),
		{name: {} | some name in object.get(terms.programs[instruction.program], "others", [])},
	)
} else := $"programs {wording.names(object.union(terms.programs, object.get(terms, "other_programs", {})))}"

minimum_violation(instruction, swap, guarantees) := [] if {
	minimum_fits(instruction, swap, guarantees)
} else := [{
	"code": "MINIMUM_OUT_MISSING",
	"message": $"calls {called(instruction)} without a least amount that comes out",
	"remedy": $"allowed: with {swap.minimum_out} above 0 and within its bound",
	"facts": {"instruction": instruction.index, "program": instruction.program},
}] if {
	not has_minimum(instruction, swap, guarantees)
} else := [{
	"code": "PAIR_NOT_ALLOWED",
	"message": $"calls {called(instruction)} for what has no bound: {role_text(instruction, swap, "role_in")}, {role_text(instruction, swap, "role_out")}",
	"remedy": $"allowed: to put in {wording.names(object.get(swap, "bounds", {}))}",
	"facts": {"instruction": instruction.index, "program": instruction.program},
}] if {
	not bound_of(instruction, swap)
} else := [{
	"code": "MINIMUM_OUT_TOO_LOW",
	"message": $"calls {called(instruction)} with at least {minimum_out(instruction, swap.minimum_out, guarantees)} base units to come out{put_in(instruction, swap)}",
	"remedy": $"allowed: {bound_text(bound_of(instruction, swap))}",
	"facts": {
		"instruction": instruction.index,
		"program": instruction.program,
		"minimum_out": minimum_out(instruction, swap.minimum_out, guarantees),
	},
}]

has_minimum(instruction, swap, guarantees) if minimum_out(instruction, swap.minimum_out, guarantees) > 0

role_text(instruction, swap, setting) := $"{swap[setting]} {in_role(instruction, swap[setting])}"

put_in(instruction, swap) := $" for {argument(instruction, swap.amount_in)}" if {
	argument(instruction, swap.amount_in) >= 0
} else := ""

bound_text(bound) := $"at least {bound.at_least}" if {
	is_number(bound.at_least)
} else := $"at least {bound.out} for every {bound["in"]} that go in"

balance_violation(instruction, swap, guarantees) := [] if {
	balances_asserted(instruction, swap, guarantees)
} else := [{
	"code": "BALANCE_NOT_ASSERTED",
	"message": $"calls {called(instruction)} and nothing behind it asserts what is left",
	"remedy": $"allowed: with assertions behind it of at least {concat(", ", sort(floor_texts(swap)))}",
	"facts": {"instruction": instruction.index, "program": instruction.program},
}]

floor_texts(swap) := [$"{floor} ({kind}) in {account}" |
	some account, floors in swap.balances
	some kind, floor in floors
]

called(instruction) := $"{instruction.name} of {instruction.program_name} ({instruction.program})" if {
	instruction.kind == "described"
} else := $"an instruction of {instruction.program} that cannot be read"
