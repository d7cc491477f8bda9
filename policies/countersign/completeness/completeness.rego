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
	input.request.method in {"sign", "sign_and_send"}
	whole_request
	not input.message
	whole_transaction
	whole_effects(input.effects)
	whole_simulation(input.simulation)
	whole_chain(input.chain)
}

# A message has none of the facts of a transaction: one that had both would be judged as either.
complete if {
	input.v == 1
	input.request.method == "sign_message"
	whole_request
	whole_message
	count({"chain", "effects", "simulation", "transaction"} & object.keys(input)) == 0
}

whole_message if {
	texts(input.message, ["envelope", "sha256"])
	is_number(input.message.size)
	is_string(object.get(input.message, "text", ""))
	is_string(object.get(input.message, "application_domain", ""))
	every signer in object.get(input.message, "signers", []) {
		is_string(signer)
	}
	is_array(object.get(input.message, "signers", []))
}

whole_request if {
	texts(input.request, ["id", "method", "time"])
	is_number(input.request.time_unix_ms)
	is_string(input.agent.id)
	texts(input.wallet, ["address", "id"])
	is_object(input.request.local_times)
	every shown in input.request.local_times {
		texts(shown, ["date", "weekday"])
		is_number(shown.minute_of_day)
	}
	is_object(input.context)
	every said in input.context {
		is_string(said)
	}
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
	whole_named(instruction)
	every part in object.get(instruction, "parts", []) {
		part.kind == "known"
		whole_named(part)
		not part.parts
	}
	is_array(object.get(instruction, "parts", []))
}

whole_instruction(instruction) if {
	instruction.kind == "described"
	whole_named(instruction)
	not instruction.parts
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

whole_named(instruction) if {
	is_number(instruction.index)
	texts(instruction, ["name", "program", "program_name"])
	is_object(instruction.arguments)
	is_object(object.get(instruction, "texts", {}))
	every said in object.get(instruction, "texts", {}) {
		is_string(said)
	}
	is_array(instruction.accounts)
	every account in instruction.accounts {
		is_string(account.role)
		whole_account(account)
	}
}

whole_account(account) if {
	is_string(account.address)
	is_boolean(account.signer)
	is_boolean(account.writable)
}

whole_simulation(simulation) if simulation.status == "not_run"

whole_simulation(simulation) if {
	simulation.status == "unavailable"
	is_string(simulation.reason)
}

whole_simulation(simulation) if {
	simulation.status == "failed"
	is_string(simulation.error)
	is_number(simulation.slot)
}

whole_simulation(simulation) if {
	simulation.status == "succeeded"
	numbers(simulation, ["slot", "units_consumed"])
	is_array(simulation.missing)
	is_array(simulation.divergences)
	told_by_emptiness(simulation.complete, simulation.missing)
	told_by_presence(simulation.diverges, simulation.divergences)
	every detail in simulation.missing {
		is_string(detail)
	}
	every divergence in simulation.divergences {
		texts(divergence, ["account", "change", "detail"])
	}
	is_array(simulation.instructions)
	every ran in simulation.instructions {
		is_number(ran.depth)
		whole_instruction(ran.instruction)
	}
	whole_effects(simulation.effects)
}

# A flag must say what its list says.
told_by_emptiness(flag, list) if {
	flag == true
	count(list) == 0
}

told_by_emptiness(flag, list) if {
	flag == false
	count(list) > 0
}

told_by_presence(flag, list) if {
	flag == true
	count(list) > 0
}

told_by_presence(flag, list) if {
	flag == false
	count(list) == 0
}

whole_effects(effects) if {
	texts(effects.fee, ["payer"])
	numbers(effects.fee, ["base_lamports", "priority_lamports", "total_lamports"])
	is_number(effects.rent_lamports)
	every name, shape in lists {
		is_array(effects[name])
		every item in effects[name] {
			texts(item, shape.texts)
			numbers(item, shape.numbers)
		}
	}
	every transfer in effects.transfers {
		is_number(object.get(transfer, "decimals", 0))
		is_string(object.get(transfer, "source_owner", ""))
		is_string(object.get(transfer, "recipient", ""))
	}
	every name in ["inflows", "outflows"] {
		every total in effects[name] {
			is_number(object.get(total, "decimals", 0))
		}
	}
	every mint in effects.mints {
		whole_mint(mint)
	}
}

whole_mint(mint) if {
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

whole_chain(chain) if {
	is_number(chain.endpoints)
	is_number(object.get(chain, "slot", 0))
	is_array(chain.cached)
	every fact in chain.cached {
		is_string(fact.address)
		is_number(fact.slot)
	}
}

# What each entry of a list of effects always has.
lists := {
	"approvals": {"texts": ["account", "basis", "delegate", "owner"], "numbers": ["amount", "instruction"]},
	"authority_changes": {"texts": ["account", "basis", "kind"], "numbers": ["instruction"]},
	"closes": {"texts": ["account", "basis", "destination", "owner"], "numbers": ["instruction"]},
	"cpi_signers": {"texts": ["basis", "program", "signer"], "numbers": ["instruction"]},
	"creations": {"texts": ["account", "basis", "kind", "owner_program", "payer", "refundable_to"], "numbers": ["instruction", "rent_lamports"]},
	"data_addresses": {"texts": ["address", "argument", "basis"], "numbers": ["instruction"]},
	"guarantees": {"texts": ["basis", "kind", "operator"], "numbers": ["instruction"]},
	"inflows": {"texts": ["asset"], "numbers": ["amount"]},
	"mints": {"texts": ["mint", "token_program"], "numbers": ["decimals"]},
	"missing": {"texts": ["detail", "fact"], "numbers": []},
	"operations": {"texts": ["account", "basis", "kind"], "numbers": ["instruction"]},
	"outflows": {"texts": ["asset"], "numbers": ["amount"]},
	"outflows_by_recipient": {"texts": ["asset", "recipient"], "numbers": ["amount"]},
	"protected_balances": {"texts": ["account", "asset", "relation"], "numbers": ["inflow", "net", "outflow"]},
	"supply_changes": {"texts": ["account", "basis", "kind"], "numbers": ["amount", "instruction"]},
	"transfers": {
		"texts": ["asset", "basis", "destination", "source"],
		"numbers": ["amount", "instruction", "withheld"],
	},
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
