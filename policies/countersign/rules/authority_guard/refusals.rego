# Why changes of control are denied, each reason with what would be allowed. The annotations of the package stand in
# authority_guard.rego.
package countersign.rules.authority_guard

import data.countersign.wording

violations := array.flatten([lifetime_violations, token_violations, account_violations]) if {
	# countersign-mutate: condition lives because reasons that name what is allowed are undefined without settings
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
	"message": $"lives on the durable nonce {lifetime.nonce_account} and so never expires",
	"remedy": $"allowed: a recent blockhash, or of durable nonces {named("durable_nonces")}",
	"facts": {"nonce_account": lifetime.nonce_account},
}

delegation(approval, asset) := {
	"code": "DELEGATE_NOT_ALLOWED",
	"message": $"lets {approval.delegate} move {approval.amount} base units of {asset} later",
	"remedy": $"at most {permitted_amount("delegates", approval.delegate, asset)} per transaction is allowed; delegates with an amount: {named("delegates")}",
	"facts": {
		"instruction": approval.instruction,
		"delegate": approval.delegate,
		"asset": asset,
		"amount": approval.amount,
	},
}

supply_change(change, asset) := {
	"code": "SUPPLY_CHANGE_NOT_ALLOWED",
	"message": $"does a {change.kind} of {change.amount} base units of {asset}",
	"remedy": $"at most {permitted_amount("supply_changes", change.kind, asset)} per transaction is allowed",
	"facts": {
		"instruction": change.instruction,
		"kind": change.kind,
		"asset": asset,
		"amount": change.amount,
	},
}

authority_change(change, successor) := {
	"code": "AUTHORITY_CHANGE_NOT_ALLOWED",
	"message": $"gives the authority {change.kind} of {change.account} to {successor}",
	"remedy": $"allowed: {wording.listing(object.get(guard, ["authority_changes", change.kind], {}))}",
	"facts": {
		"instruction": change.instruction,
		"kind": change.kind,
		"account": change.account,
		"to": successor,
	},
}

foreign_close(close) := {
	"code": "CLOSE_DESTINATION_NOT_ALLOWED",
	"message": $"closes {close.account} of {close.owner} and sends its lamports to {close.destination}",
	"remedy": $"allowed: to its owner; of others {named("close_destinations")}",
	"facts": {
		"instruction": close.instruction,
		"account": close.account,
		"owner": close.owner,
		"destination": close.destination,
	},
}

foreign_creation(creation) := {
	"code": "ACCOUNT_OWNER_PROGRAM_NOT_ALLOWED",
	"message": $"creates {creation.account} for program {creation.owner_program}",
	"remedy": $"allowed: for {named("account_owner_programs")}",
	"facts": {
		"instruction": creation.instruction,
		"account": creation.account,
		"owner_program": creation.owner_program,
	},
}

foreign_operation(operation) := {
	"code": "OPERATION_NOT_ALLOWED",
	"message": $"does {operation.kind} on {operation.account}",
	"remedy": $"allowed: {concat(", ", object.get(guard, ["operations", operation.account], ["nothing"]))} on this account; accounts with permitted operations: {named("operations")}",
	"facts": {
		"instruction": operation.instruction,
		"kind": operation.kind,
		"account": operation.account,
	},
}

permitted_amount(setting, key, asset) := object.get(guard, [setting, key, asset], 0)

named(setting) := wording.names(object.get(guard, setting, {}))
