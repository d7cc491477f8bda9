# METADATA
# title: Authority guard
# description: >-
#   Denies what moves no balance and can still cost everything: delegates, changes of authority, owner or controlling program,
#   closes to others, durable nonces, operations on what programs keep (nonces, stakes, votes, lookup tables, programs),
#   accounts for programs nobody named, changes of supply. Each is denied unless the data names it.
# schemas:
#   - input: schema.input
# custom:
#   facts:
#     - transaction.lifetime
#     - effects.approvals
#     - effects.authority_changes
#     - effects.closes
#     - effects.creations
#     - effects.operations
#     - effects.supply_changes
#   settings: schema.rules.authority_guard
#   reasons:
#     CONTROL_UNCHANGED: nothing of the kind happens but what the data names
#     DURABLE_NONCE_NOT_ALLOWED: the transaction lives on a durable nonce that the data does not name, so it never expires
#     DELEGATE_NOT_ALLOWED: somebody may move tokens later, or more of them, than the data permits
#     SUPPLY_CHANGE_NOT_ALLOWED: more is minted or burnt than the data permits
#     AUTHORITY_CHANGE_NOT_ALLOWED: an authority goes to somebody, or is given up, as the data does not permit
#     CLOSE_DESTINATION_NOT_ALLOWED: the lamports of a closed account go to neither its owner nor whom the data names
#     ACCOUNT_OWNER_PROGRAM_NOT_ALLOWED: a new account belongs to a program that the data does not name
#     OPERATION_NOT_ALLOWED: something is done to what a program keeps that the data does not name for that account
#     AUTHORITY_GUARD_UNDECIDED: a fact or a setting that the rule needs is missing or of another type
package countersign.rules.authority_guard

import data.countersign.settings

guard := settings.wallet.authority_guard

# METADATA
# title: Verdict
# description: Allow when each such effect is known and named, and when there is none.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "AUTHORITY_GUARD_UNDECIDED",
		"message": "changes of control cannot be checked",
		"remedy": "allowed: only where the input has transaction.lifetime and, in effects, approvals, authority_changes, closes, creations, operations and supply_changes, and the policy data of this wallet has authority_guard",
		"facts": {},
	}],
}

verdict := {"decision": "allow", "reasons": [{
	"code": "CONTROL_UNCHANGED",
	"message": "changes no authority, delegate, owner or supply and closes nothing to others, but as the policy data names it",
	"facts": {},
}]} if {
	is_object(guard)
	lifetime_permitted
	tokens_guarded(input.effects)
	accounts_guarded(input.effects)
} else := {"decision": "deny", "reasons": violations} if {
	count(violations) > 0
}

tokens_guarded(effects) if {
	is_array(effects.approvals)
	is_array(effects.supply_changes)
	every approval in effects.approvals {
		approval_permitted(approval)
	}
	every change in effects.supply_changes {
		supply_change_permitted(change)
	}
}

accounts_guarded(effects) if {
	is_array(effects.authority_changes)
	is_array(effects.closes)
	is_array(effects.creations)
	is_array(effects.operations)
	every change in effects.authority_changes {
		authority_change_permitted(change)
	}
	every close in effects.closes {
		close_permitted(close)
	}
	every creation in effects.creations {
		creation_permitted(creation)
	}
	every operation in effects.operations {
		operation_permitted(operation)
	}
}

lifetime_permitted if input.transaction.lifetime.kind == "blockhash"

lifetime_permitted if {
	input.transaction.lifetime.kind == "durable_nonce"
	is_string(guard.durable_nonces[input.transaction.lifetime.nonce_account])
}

# One delegate may be approved several times in one transaction: the sum counts.
approval_permitted(approval) if {
	# countersign-mutate: condition lives because a sum of what is no number is undefined
	is_number(approval.amount)
	approval.amount >= 0
	is_number(guard.delegates[approval.delegate][approval.asset])
	approved(approval.delegate, approval.asset) <= guard.delegates[approval.delegate][approval.asset]
}

approved(delegate, asset) := sum([approval.amount |
	some approval in input.effects.approvals
	approval.delegate == delegate
	approval.asset == asset
])

supply_change_permitted(change) if {
	# countersign-mutate: condition lives because a sum of what is no number is undefined
	is_number(change.amount)
	change.amount >= 0
	is_number(guard.supply_changes[change.kind][change.asset])
	supply_changed(change.kind, change.asset) <= guard.supply_changes[change.kind][change.asset]
}

supply_changed(kind, asset) := sum([change.amount |
	some change in input.effects.supply_changes
	change.kind == kind
	change.asset == asset
])

# The lamports of a closed account belong to its owner.
close_permitted(close) if {
	is_string(close.owner)
	close.destination == close.owner
}

close_permitted(close) if is_string(guard.close_destinations[close.destination])

authority_change_permitted(change) if is_string(guard.authority_changes[change.kind][new_authority(change)])

operation_permitted(operation) if {
	is_string(operation.kind)
	operation.kind in guard.operations[operation.account]
}

creation_permitted(creation) if is_string(guard.account_owner_programs[creation.owner_program])

# Nothing comes into being: what made the account larger is an operation, and permitted as one.
creation_permitted(creation) if creation.kind == "larger"

# An authority that is given up for good has no successor.
new_authority(change) := object.get(change, "to", "none")
