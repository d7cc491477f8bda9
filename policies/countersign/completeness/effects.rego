# What the effects of a transaction always have, each list by itself: most are empty, and then cost next to nothing. The
# annotations of the package stand in completeness.rego.
package countersign.completeness

whole_effects(effects) if {
	whole_fee(effects.fee)
	is_number(effects.rent_lamports)
	whole_flows(effects)
	whole_changes(effects)
	whole_facts(effects)
}

whole_fee(fee) if {
	is_string(fee.payer)
	is_number(fee.base_lamports)
	is_number(fee.priority_lamports)
	is_number(fee.total_lamports)
}

whole_flows(effects) if {
	is_array(effects.transfers)
	every transfer in effects.transfers {
		whole_transfer(transfer)
	}
	is_array(effects.inflows)
	every total in effects.inflows {
		whole_total(total)
	}
	is_array(effects.outflows)
	every total in effects.outflows {
		whole_total(total)
	}
	is_array(effects.outflows_by_recipient)
	every sum in effects.outflows_by_recipient {
		is_string(sum.asset)
		is_string(sum.recipient)
		is_number(sum.amount)
	}
	is_array(effects.protected_balances)
	every balance in effects.protected_balances {
		texts(balance, ["account", "asset", "relation"])
		numbers(balance, ["inflow", "net", "outflow"])
	}
}

whole_transfer(transfer) if {
	texts(transfer, ["asset", "basis", "destination", "source"])
	numbers(transfer, ["amount", "instruction", "withheld"])
	is_number(object.get(transfer, "decimals", 0))
	is_string(object.get(transfer, "source_owner", ""))
	is_string(object.get(transfer, "recipient", ""))
}

whole_total(total) if {
	is_string(total.asset)
	is_number(total.amount)
	is_number(object.get(total, "decimals", 0))
}

whole_changes(effects) if {
	is_array(effects.approvals)
	every approval in effects.approvals {
		texts(approval, ["account", "basis", "delegate", "owner"])
		numbers(approval, ["amount", "instruction"])
	}
	is_array(effects.authority_changes)
	every change in effects.authority_changes {
		texts(change, ["account", "basis", "kind"])
		is_number(change.instruction)
	}
	is_array(effects.closes)
	every close in effects.closes {
		texts(close, ["account", "basis", "destination", "owner"])
		is_number(close.instruction)
	}
	is_array(effects.creations)
	every creation in effects.creations {
		texts(creation, ["account", "basis", "kind", "owner_program", "payer", "refundable_to"])
		numbers(creation, ["instruction", "rent_lamports"])
	}
	is_array(effects.operations)
	every operation in effects.operations {
		texts(operation, ["account", "basis", "kind"])
		is_number(operation.instruction)
	}
	is_array(effects.supply_changes)
	every change in effects.supply_changes {
		texts(change, ["account", "basis", "kind"])
		numbers(change, ["amount", "instruction"])
	}
}

whole_facts(effects) if {
	is_array(effects.cpi_signers)
	every passed in effects.cpi_signers {
		texts(passed, ["basis", "program", "signer"])
		is_number(passed.instruction)
	}
	is_array(effects.data_addresses)
	every found in effects.data_addresses {
		texts(found, ["address", "argument", "basis"])
		is_number(found.instruction)
	}
	is_array(effects.guarantees)
	every guarantee in effects.guarantees {
		texts(guarantee, ["basis", "kind", "operator"])
		is_number(guarantee.instruction)
	}
	is_array(effects.mints)
	every mint in effects.mints {
		whole_mint(mint)
	}
	is_array(effects.missing)
	every fact in effects.missing {
		is_string(fact.detail)
		is_string(fact.fact)
	}
}

whole_mint(mint) if {
	is_string(mint.mint)
	is_string(mint.token_program)
	is_number(mint.decimals)
	is_array(mint.extensions)
	every extension in mint.extensions {
		is_string(extension)
	}
	is_string(object.get(mint, "permanent_delegate", ""))
	is_string(object.get(mint, "transfer_hook", ""))
	whole_transfer_fee(object.get(mint, "transfer_fee", "none"))
}

whole_transfer_fee("none")

whole_transfer_fee(fee) if numbers(fee, ["basis_points", "maximum"])
