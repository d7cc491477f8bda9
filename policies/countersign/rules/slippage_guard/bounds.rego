# What bounds a swap. The annotations of the package stand in slippage_guard.rego.
package countersign.rules.slippage_guard

# Arguments that say something else by themselves: a bound on either side, or a quote that a slippage weakens. What they
# guarantee the gateway derives.
derived_arguments := {"other_amount_threshold", "quoted_out_amount"}

# All that the settings of a swap name must hold, and they must name something.
swap_bounded(instruction, swap, guarantees) if {
	count({"balances", "minimum_out"} & object.keys(swap)) > 0
	minimum_fits(instruction, swap, guarantees)
	balances_asserted(instruction, swap, guarantees)
}

minimum_fits(_, swap, _) if not "minimum_out" in object.keys(swap)

minimum_fits(instruction, swap, guarantees) if {
	minimum := minimum_out(instruction, swap.minimum_out, guarantees)
	minimum > 0
	bound_holds(instruction, swap, bound_of(instruction, swap), minimum)
}

# Undefined where there is none; there is no least of nothing.
minimum_out(instruction, path, _) := minimum if {
	not derived(path)
	minimum := argument(instruction, path)
}

minimum_out(instruction, path, guarantees) := min(amounts) if {
	derived(path)
	amounts := [guarantee.amount |
		some guarantee in guarantees
		guarantee.instruction == instruction.index
		guarantee.kind == "argument"
		guarantee.argument == path
		guarantee.operator == ">="
		is_number(guarantee.amount)
	]
}

derived(path) if {
	names := split(path, ".")
	names[count(names) - 1] in derived_arguments
}

argument(instruction, path) := value if {
	value := object.get(instruction.arguments, split(path, "."), null)
	is_number(value)
}

bound_of(_, swap) := swap.bound if not "bounds" in object.keys(swap)

bound_of(instruction, swap) := bound if {
	not "bound" in object.keys(swap)
	bound := swap.bounds[in_role(instruction, swap.role_in)][in_role(instruction, swap.role_out)]
}

# Undefined where the role is not there, or there several times.
in_role(instruction, role) := addresses[0] if {
	addresses := [account.address |
		some account in instruction.accounts
		account.role == role
	]
	count(addresses) == 1
}

bound_holds(_, _, bound, minimum) if {
	object.keys(bound) == {"at_least"}
	is_number(bound.at_least)
	minimum >= bound.at_least
}

# minimum / amount in >= out / in, without a division.
bound_holds(instruction, swap, bound, minimum) if {
	object.keys(bound) == {"in", "out"}

	# countersign-mutate: condition lives because null is below 0 and text cannot be multiplied
	is_number(bound["in"])

	# countersign-mutate: condition lives because null is below 0 and text cannot be multiplied
	is_number(bound.out)
	bound["in"] > 0
	bound.out > 0
	amount_in := argument(instruction, swap.amount_in)
	amount_in >= 0
	minimum * bound["in"] >= amount_in * bound.out
}

balances_asserted(_, swap, _) if not "balances" in object.keys(swap)

balances_asserted(instruction, swap, guarantees) if {
	count(swap.balances) > 0
	every account, floors in swap.balances {
		count(floors) > 0
		every kind, floor in floors {
			balance_asserted(instruction, guarantees, account, {"kind": kind, "amount": floor})
		}
	}
}

# An assertion holds where it stands, so it must stand behind the swap.
balance_asserted(instruction, guarantees, account, floor) if {
	floor.kind in {"lamports", "token_amount"}
	is_number(floor.amount)
	some guarantee in guarantees
	guarantee.basis == "asserted"
	guarantee.kind == floor.kind
	guarantee.account == account
	guarantee.operator in {"==", ">", ">="}
	is_number(guarantee.instruction)
	is_number(instruction.index)
	guarantee.instruction > instruction.index
	is_number(guarantee.amount)
	guarantee.amount >= floor.amount
}
