# METADATA
# title: Authority guard
# description: >-
#   Denies what moves no balance and can still cost everything: delegates, changes of authority, owner or controlling program,
#   closes to others, durable nonces, operations on what programs keep (nonces, stakes, votes, lookup tables, programs), accounts for programs nobody named, changes of supply. Each is
#   denied unless the data names it.
# schemas:
#   - input: schema.input
package countersign.rules.authority_guard

import data.countersign.settings
import data.countersign.wording

guard := settings.wallet.authority_guard

# METADATA
# title: Verdict
# description: Allow when each such effect is known and named, and when there is none.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "AUTHORITY_GUARD_UNDECIDED",
		"message": "changes of control cannot be checked: it needs transaction.lifetime and, in effects, approvals, authority_changes, closes, creations, operations and supply_changes in the input and authority_guard in the policy data of this wallet",
		"facts": {},
	}],
}

verdict := {"decision": "allow", "reasons": [finding]} if {
	is_object(guard)
	lifetime_permitted
	tokens_guarded
	accounts_guarded
} else := {"decision": "deny", "reasons": violations} if {
	count(violations) > 0
}

finding := {
	"code": "CONTROL_UNCHANGED",
	"message": "changes no authority, delegate, owner or supply and closes nothing to others, but as the policy data names it",
	"facts": {},
}

tokens_guarded if {
	is_array(input.effects.approvals)
	is_array(input.effects.supply_changes)
	every approval in input.effects.approvals {
		approval_permitted(approval)
	}
	every change in input.effects.supply_changes {
		supply_change_permitted(change)
	}
}

accounts_guarded if {
	is_array(input.effects.authority_changes)
	is_array(input.effects.closes)
	is_array(input.effects.creations)
	is_array(input.effects.operations)
	every change in input.effects.authority_changes {
		authority_change_permitted(change)
	}
	every close in input.effects.closes {
		close_permitted(close)
	}
	every creation in input.effects.creations {
		creation_permitted(creation)
	}
	every operation in input.effects.operations {
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

violations := array.flatten([lifetime_violations, token_violations, account_violations]) if {
	is_object(guard)
}

lifetime_violations := [durable_nonce(input.transaction.lifetime) |
	input.transaction.lifetime.kind == "durable_nonce"
	not lifetime_permitted
]

token_violations := array.concat(
	[delegation(approval, object.get(approval, "asset", "an unknown mint")) |
		some approval in input.effects.approvals
		not approval_permitted(approval)
	],
	[supply_change(change, object.get(change, "asset", "an unknown mint")) |
		some change in input.effects.supply_changes
		not supply_change_permitted(change)
	],
)

account_violations := array.flatten([
	[authority_change(change, new_authority(change)) |
		some change in input.effects.authority_changes
		not authority_change_permitted(change)
	],
	[foreign_close(close) |
		some close in input.effects.closes
		not close_permitted(close)
	],
	[foreign_creation(creation) |
		some creation in input.effects.creations
		not creation_permitted(creation)
	],
	[foreign_operation(operation) |
		some operation in input.effects.operations
		not operation_permitted(operation)
	],
])

durable_nonce(lifetime) := {
	"code": "DURABLE_NONCE_NOT_ALLOWED",
	"message": $"lives on the durable nonce {lifetime.nonce_account} and so never expires; allowed: recent blockhashes; durable nonces: {named("durable_nonces")}",
	"facts": {"nonce_account": lifetime.nonce_account},
}

delegation(approval, asset) := {
	"code": "DELEGATE_NOT_ALLOWED",
	"message": $"lets {approval.delegate} move {approval.amount} base units of {asset} later; allowed of it: {permitted_amount("delegates", approval.delegate, asset)}; allowed delegates: {named("delegates")}",
	"facts": {
		"instruction": approval.instruction,
		"delegate": approval.delegate,
		"asset": asset,
		"amount": approval.amount,
	},
}

supply_change(change, asset) := {
	"code": "SUPPLY_CHANGE_NOT_ALLOWED",
	"message": $"does a {change.kind} of {change.amount} base units of {asset}; allowed per transaction: {permitted_amount("supply_changes", change.kind, asset)}",
	"facts": {
		"instruction": change.instruction,
		"kind": change.kind,
		"asset": asset,
		"amount": change.amount,
	},
}

authority_change(change, successor) := {
	"code": "AUTHORITY_CHANGE_NOT_ALLOWED",
	"message": $"gives the authority {change.kind} of {change.account} to {successor}; allowed: {wording.listing(object.get(guard, ["authority_changes", change.kind], {}))}",
	"facts": {
		"instruction": change.instruction,
		"kind": change.kind,
		"account": change.account,
		"to": successor,
	},
}

foreign_close(close) := {
	"code": "CLOSE_DESTINATION_NOT_ALLOWED",
	"message": $"closes {close.account} of {close.owner} and sends its lamports to {close.destination}; allowed: to its owner; other destinations: {named("close_destinations")}",
	"facts": {
		"instruction": close.instruction,
		"account": close.account,
		"owner": close.owner,
		"destination": close.destination,
	},
}

foreign_creation(creation) := {
	"code": "ACCOUNT_OWNER_PROGRAM_NOT_ALLOWED",
	"message": $"creates {creation.account} for program {creation.owner_program}; allowed programs: {named("account_owner_programs")}",
	"facts": {
		"instruction": creation.instruction,
		"account": creation.account,
		"owner_program": creation.owner_program,
	},
}

foreign_operation(operation) := {
	"code": "OPERATION_NOT_ALLOWED",
	"message": $"does {operation.kind} on {operation.account}; allowed there: {concat(", ", object.get(guard, ["operations", operation.account], ["nothing"]))}; accounts with permitted operations: {named("operations")}",
	"facts": {
		"instruction": operation.instruction,
		"kind": operation.kind,
		"account": operation.account,
	},
}

permitted_amount(setting, key, asset) := object.get(guard, [setting, key, asset], 0)

named(setting) := wording.names(object.get(guard, setting, {}))
