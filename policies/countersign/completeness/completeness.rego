# METADATA
# title: Completeness
# description: >-
#   Whether the policy input has every fact that version 1 promises, each of its type. A rule that never reads a fact cannot
#   miss it; an input that lacks one is not what the gateway writes, so nothing in it is believed.
# schemas:
#   - input: schema.input
package countersign.completeness

# METADATA
# title: Complete
# description: False for anything but a whole policy input; facts that may be absent are of their type where they are not.
default complete := false

complete if {
	input.v == 1
	whole_request
	whole_transaction
	whole_effects
	is_object(input.context)
	every said in input.context {
		is_string(said)
	}
}

whole_request if {
	texts(input.request, ["id", "method", "time"])
	is_number(input.request.time_unix_ms)
	is_string(input.agent.id)
	texts(input.wallet, ["address", "id"])
}

whole_transaction if {
	texts(input.transaction, ["fee_payer", "version"])
	is_number(input.transaction.size)
	whole_lifetime(input.transaction.lifetime)
	is_array(input.transaction.signers)
	count(input.transaction.signers) > 0
	every signer in input.transaction.signers {
		is_string(signer.address)
		is_boolean(signer.signed)
	}
	is_array(input.transaction.instructions)
	every instruction in input.transaction.instructions {
		whole_instruction(instruction)
	}
}

whole_lifetime(lifetime) if {
	lifetime.kind == "blockhash"
	is_string(lifetime.blockhash)
}

whole_lifetime(lifetime) if {
	lifetime.kind == "durable_nonce"
	texts(lifetime, ["nonce", "nonce_account", "nonce_authority"])
}

whole_instruction(instruction) if {
	instruction.kind == "known"
	is_number(instruction.index)
	texts(instruction, ["name", "program", "program_name"])
	is_object(instruction.arguments)
	is_array(instruction.accounts)
	every account in instruction.accounts {
		is_string(account.role)
		whole_account(account)
	}
}

whole_instruction(instruction) if {
	instruction.kind == "unknown"
	is_number(instruction.index)
	texts(instruction, ["data", "program"])
	is_array(instruction.accounts)
	every account in instruction.accounts {
		whole_account(account)
	}
}

whole_account(account) if {
	is_string(account.address)
	is_boolean(account.signer)
	is_boolean(account.writable)
}

whole_effects if {
	texts(input.effects.fee, ["payer"])
	numbers(input.effects.fee, ["base_lamports", "priority_lamports", "total_lamports"])
	is_number(input.effects.rent_lamports)
	every name, shape in lists {
		is_array(input.effects[name])
		every item in input.effects[name] {
			texts(item, shape.texts)
			numbers(item, shape.numbers)
		}
	}
	is_array(input.effects.transfers)
	every transfer in input.effects.transfers {
		texts(transfer, ["asset", "destination", "source"])
		numbers(transfer, ["amount", "instruction"])
		is_number(object.get(transfer, "decimals", 0))
		is_string(object.get(transfer, "source_owner", ""))
		is_string(object.get(transfer, "recipient", ""))
	}
	whole_totals("inflows")
	whole_totals("outflows")
	is_array(input.effects.outflows_by_recipient)
	every total in input.effects.outflows_by_recipient {
		texts(total, ["asset", "recipient"])
		is_number(total.amount)
	}
}

whole_totals(name) if {
	is_array(input.effects[name])
	every total in input.effects[name] {
		is_string(total.asset)
		is_number(total.amount)
		is_number(object.get(total, "decimals", 0))
	}
}

# What each entry of a list of effects always has.
lists := {
	"approvals": {"texts": ["account", "delegate", "owner"], "numbers": ["amount", "instruction"]},
	"authority_changes": {"texts": ["account", "kind"], "numbers": ["instruction"]},
	"closes": {"texts": ["account", "destination", "owner"], "numbers": ["instruction"]},
	"creations": {"texts": ["account", "owner_program", "payer"], "numbers": ["instruction", "rent_lamports"]},
	"missing": {"texts": ["detail", "fact"], "numbers": []},
	"nonce_operations": {"texts": ["kind", "nonce_account"], "numbers": ["instruction"]},
	"supply_changes": {"texts": ["account", "kind"], "numbers": ["amount", "instruction"]},
}

texts(object, names) if {
	every name in names {
		is_string(object[name])
	}
}

numbers(object, names) if {
	every name in names {
		is_number(object[name])
	}
}
