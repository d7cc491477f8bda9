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
	input.request.method in ["sign", "sign_and_send"]
	whole_request(input.request)
	not input.message
	whole_transaction(input.transaction)
	whole_effects(input.effects)
	whole_simulation(input.simulation)
	whole_chain(input.chain)
}

# A message has none of the facts of a transaction: one that had both would be judged as either.
complete if {
	input.v == 1
	input.request.method == "sign_message"
	whole_request(input.request)
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

whole_request(request) if {
	is_string(request.id)
	is_string(request.time)
	is_number(request.time_unix_ms)
	is_string(input.agent.id)
	is_string(input.wallet.address)
	is_string(input.wallet.id)
	is_object(request.local_times)
	every shown in request.local_times {
		is_string(shown.date)
		is_string(shown.weekday)
		is_number(shown.minute_of_day)
	}
	is_object(input.context)
	every said in input.context {
		is_string(said)
	}
}

whole_transaction(transaction) if {
	is_string(transaction.fee_payer)
	is_string(transaction.version)
	is_number(transaction.size)
	whole_lifetime(transaction.lifetime)
	is_array(transaction.signers)
	count(transaction.signers) > 0
	every signer in transaction.signers {
		is_string(signer.address)
		is_boolean(signer.signed)
	}
	is_array(transaction.instructions)
	every instruction in transaction.instructions {
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
	parts := object.get(instruction, "parts", [])
	is_array(parts)
	every part in parts {
		part.kind == "known"
		whole_named(part)
		not part.parts
	}
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
	is_string(instruction.name)
	is_string(instruction.program)
	is_string(instruction.program_name)
	is_object(instruction.arguments)
	said := object.get(instruction, "texts", {})
	is_object(said)
	every text in said {
		is_string(text)
	}
	accounts := instruction.accounts
	is_array(accounts)
	every account in accounts {
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

whole_chain(chain) if {
	is_number(chain.endpoints)
	is_number(object.get(chain, "slot", 0))
	is_array(chain.cached)
	every fact in chain.cached {
		is_string(fact.address)
		is_number(fact.slot)
	}
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
