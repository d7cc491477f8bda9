# METADATA
# title: Token-2022 guard
# description: >-
#   Lets only tokens move, or be moved later, whose mints have none but permitted extensions: some let others take tokens, keep
#   a part of each transfer, call a program or stop everything. A mint of the classic token program has none.
# schemas:
#   - input: schema.input
# custom:
#   facts:
#     - effects.mints
#     - effects.missing
#   settings: schema.rules.token2022_guard
#   reasons:
#     MINTS_ALLOWED: every mint in use has none but permitted extensions
#     EXTENSION_NOT_ALLOWED: a mint has an extension that the data does not permit for it
#     PERMANENT_DELEGATE_NOT_ALLOWED: somebody may take the tokens of a mint without their owner, and the data does not name them for it
#     TRANSFER_HOOK_NOT_ALLOWED: a mint calls a program with every transfer that the data does not name for it
#     TRANSFER_FEE_TOO_HIGH: a mint keeps more of a transfer than the data permits for it
#     TOKEN_PROGRAM_UNKNOWN: a mint belongs to a program whose extensions nobody knows
#     MINT_NOT_READ: a mint in use could not be read from the chain
#     TOKEN2022_GUARD_UNDECIDED: a fact or a setting that the rule needs is missing or of another type
package countersign.rules.token2022_guard

import data.countersign.settings

classic := "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"

token_2022 := "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"

terms := settings.wallet.token2022_guard

# METADATA
# title: Verdict
# description: Allow when every mint in use was read and is permitted, and when there is none.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "TOKEN2022_GUARD_UNDECIDED",
		"message": "the extensions of mints cannot be checked",
		"remedy": "allowed: only where the input has effects.mints and effects.missing, and the policy data of this wallet has token2022_guard",
		"facts": {},
	}],
}

verdict := {"decision": "allow", "reasons": [{
	"code": "MINTS_ALLOWED",
	"message": "every mint in use has none but permitted extensions",
	"facts": {},
}]} if {
	readable
	every mint in input.effects.mints {
		permitted(mint)
	}
	every missing in input.effects.missing {
		missing.fact != "mint"
	}
} else := {"decision": "deny", "reasons": violations} if {
	readable
	count(violations) > 0
}

readable if {
	is_object(terms)
	is_array(input.effects.mints)
	is_array(input.effects.missing)
}

permitted(mint) if {
	mint.token_program == classic
	mint.extensions == []
	plain(mint)
}

permitted(mint) if {
	mint.token_program == token_2022
	is_array(mint.extensions)
	every extension in mint.extensions {
		extension_permitted(mint.mint, extension)
	}
	delegate_permitted(mint)
	hook_permitted(mint)
	fee_permitted(mint)
}

plain(mint) if count({"permanent_delegate", "transfer_fee", "transfer_hook"} & object.keys(mint)) == 0

extension_permitted(_, extension) if extension in terms.extensions

extension_permitted(mint, extension) if extension in terms.mints[mint].extensions

delegate_permitted(mint) if not has(mint, "permanent_delegate")

delegate_permitted(mint) if {
	is_string(mint.permanent_delegate)
	mint.permanent_delegate == terms.mints[mint.mint].permanent_delegate
}

hook_permitted(mint) if not has(mint, "transfer_hook")

hook_permitted(mint) if {
	is_string(mint.transfer_hook)
	mint.transfer_hook == terms.mints[mint.mint].transfer_hook
}

# What a mint asks at most, now or in the epoch to come.
fee_permitted(mint) if not has(mint, "transfer_fee")

fee_permitted(mint) if mint.transfer_fee.basis_points == 0

fee_permitted(mint) if {
	is_number(mint.transfer_fee.basis_points)
	is_number(fee_bound(mint.mint))
	mint.transfer_fee.basis_points <= fee_bound(mint.mint)
}

fee_bound(mint) := terms.mints[mint].max_transfer_fee_basis_points

# Not what is false, nor what is null: what is there at all.
has(mint, name) if name in object.keys(mint)
