# METADATA
# title: Address blocklist
# description: >-
#   Denies whatever has to do with an address that the data names, wherever it stands: fee payer, signers, nonce, programs and
#   their accounts, arguments, and every effect, with who could take rent or stands only in the data of an instruction; the same
#   in what a simulation showed; the signers and the application domain of a message. Bytes that nothing can read are not searched:
#   whether they may be signed at all is the question of program_allowlist and message_guard.
# schemas:
#   - input: schema.input
# custom:
#   facts: [wallet.address, transaction, effects, simulation, message]
#   settings: schema.rules.address_blocklist
#   reasons:
#     NO_ADDRESS_BLOCKED: allows; no address of the list stands anywhere
#     ADDRESS_BLOCKED: denies; an address of the list stands somewhere
#     ADDRESS_BLOCKLIST_UNDECIDED: denies; a fact or a setting is missing or of another type
package countersign.rules.address_blocklist

import data.countersign.settings
import data.countersign.wording

list := settings.wallet.address_blocklist.addresses

# METADATA
# title: Verdict
# description: Allow when everything could be searched and nothing was found.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "ADDRESS_BLOCKLIST_UNDECIDED",
		"message": "addresses cannot be checked",
		"remedy": "allowed: only with a whole transaction, its effects and simulation, or a message in the input and address_blocklist.addresses in the policy data of this wallet",
		"facts": {},
	}],
}

verdict := {"decision": "allow", "reasons": [{"code": "NO_ADDRESS_BLOCKED", "message": "no address of the list stands anywhere", "facts": {}}]} if {
	is_object(list)
	searchable

	# countersign-lint: allow allow-by-nothing-found because a list of what is not allowed can only be searched for; searchable demands all that is searched
	count(found) == 0
} else := {"decision": "deny", "reasons": [blocked(address) | some address in sort({address | some [address, _] in found})]} if {
	count(found) > 0
}

searchable if {
	is_string(input.wallet.address)
	is_object(input.message)
}

searchable if {
	is_string(input.wallet.address)
	is_string(input.transaction.fee_payer)
	is_object(input.transaction.lifetime)
	is_array(input.transaction.signers)
	is_array(instructions)
	is_object(input.effects)
	is_string(input.simulation.status)
}

instructions := input.transaction.instructions

blocked(address) := {
	"code": "ADDRESS_BLOCKED",
	"message": $"has to do with {address} ({list[address]}), in {wording.listing(places)}",
	"remedy": "allowed: what has nothing to do with an address of the list",
	"facts": {"address": address},
} if {
	places := {place: "" | some [found_address, place] in found; found_address == address}
}

# Written out by places for what every payment has: a walk through all of it takes three times as long. What is no text is not
# looked up, because that would hash all that is in it.
found contains [input.wallet.address, "wallet.address"] if _ = list[input.wallet.address]

found contains [input.transaction.fee_payer, "transaction.fee_payer"] if _ = list[input.transaction.fee_payer]

found contains [value, $"transaction.lifetime.{name}"] if {
	blocked_by := list
	some name, value in input.transaction.lifetime
	_ = blocked_by[value]
}

found contains [signer.address, $"transaction.signers.{i}"] if {
	blocked_by := list
	some i, signer in input.transaction.signers
	_ = blocked_by[signer.address]
}

found contains [instruction.program, $"transaction.instructions.{i}.program"] if {
	blocked_by := list
	some i, instruction in instructions
	_ = blocked_by[instruction.program]
}

found contains [account.address, $"transaction.instructions.{i}.accounts.{j}"] if {
	blocked_by := list
	some i, instruction in instructions
	some j, account in instruction.accounts
	_ = blocked_by[account.address]
}

found contains [value, $"transaction.instructions.{i}.arguments.{name}"] if {
	blocked_by := list
	some i, instruction in instructions
	some name, argument in instruction.arguments

	# countersign-mutate: condition lives because there is no text in a number; it spares the walk
	not is_number(argument)
	walk(argument, [_, value])
	is_string(value)
	_ = blocked_by[value]
}

found contains [value, $"transaction.instructions.{i}.parts.{j}"] if {
	blocked_by := list
	some i, instruction in instructions
	some j, part in instruction.parts
	walk(part, [_, value])
	is_string(value)
	_ = blocked_by[value]
}

found contains [value, $"effects.{name}.{i}.{key}"] if {
	blocked_by := list
	some name, entries in input.effects
	some i, entry in entries
	some key, value in entry
	is_string(value)
	_ = blocked_by[value]
}

found contains [input.effects.fee.payer, "effects.fee.payer"] if _ = list[input.effects.fee.payer]

found contains [value, dotted("simulation", path)] if {
	blocked_by := list
	walk(input.simulation, [path, value])
	is_string(value)
	_ = blocked_by[value]
}

found contains [value, dotted("message", path)] if {
	blocked_by := list
	walk(input.message, [path, value])
	is_string(value)
	_ = blocked_by[value]
}

dotted(root, path) := concat(".", [$"{step}" | some step in array.concat([root], path)])
