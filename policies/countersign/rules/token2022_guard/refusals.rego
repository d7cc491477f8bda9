# Why mints are denied, each reason with what would be allowed. The annotations of the package stand in token2022_guard.rego.
package countersign.rules.token2022_guard

import data.countersign.wording

violations := array.concat(
	array.flatten([mint_violations(mint) | some mint in input.effects.mints]),
	[unread(missing) |
		some missing in input.effects.missing
		missing.fact == "mint"
	],
)

unread(missing) := {
	"code": "MINT_NOT_READ",
	"message": $"a mint could not be read from the chain: {missing.detail}",
	"remedy": "allowed: only mints that can be read",
	"facts": {},
}

mint_violations(mint) := [{
	"code": "TOKEN_PROGRAM_UNKNOWN",
	"message": $"mint {mint.mint} is of {mint.token_program}, which is no token program whose extensions are known",
	"remedy": $"allowed: {classic} (token), {token_2022} (token 2022)",
	"facts": {"mint": mint.mint, "token_program": mint.token_program},
}] if {
	not mint.token_program in {classic, token_2022}
} else := array.flatten([
	[extension_violation(mint.mint, extension) |
		some extension in mint.extensions
		not extension_permitted(mint.mint, extension)
	],
	[delegate_violation(mint) | not delegate_permitted(mint)],
	[hook_violation(mint) | not hook_permitted(mint)],
	[fee_violation(mint) | not fee_permitted(mint)],
])

extension_violation(mint, extension) := {
	"code": "EXTENSION_NOT_ALLOWED",
	"message": $"mint {mint} has the extension {extension}",
	"remedy": $"allowed: {wording.names({name: "" | some name in permitted_extensions(mint)})} for this mint",
	"facts": {"mint": mint, "extension": extension},
}

permitted_extensions(mint) := array.concat(
	object.get(terms, "extensions", []),
	object.get(terms, ["mints", mint, "extensions"], []),
)

delegate_violation(mint) := {
	"code": "PERMANENT_DELEGATE_NOT_ALLOWED",
	"message": $"{mint.permanent_delegate} may take tokens of mint {mint.mint} without their owner",
	"remedy": $"allowed: {object.get(terms, ["mints", mint.mint, "permanent_delegate"], "nobody")} for this mint",
	"facts": {"mint": mint.mint, "permanent_delegate": mint.permanent_delegate},
}

hook_violation(mint) := {
	"code": "TRANSFER_HOOK_NOT_ALLOWED",
	"message": $"mint {mint.mint} calls program {mint.transfer_hook} with every transfer",
	"remedy": $"allowed: {object.get(terms, ["mints", mint.mint, "transfer_hook"], "no program")} for this mint",
	"facts": {"mint": mint.mint, "transfer_hook": mint.transfer_hook},
}

fee_violation(mint) := {
	"code": "TRANSFER_FEE_TOO_HIGH",
	"message": $"mint {mint.mint} keeps {mint.transfer_fee.basis_points} basis points of a transfer",
	"remedy": $"at most {object.get(terms, ["mints", mint.mint, "max_transfer_fee_basis_points"], 0)} is allowed for this mint",
	"facts": {"mint": mint.mint, "basis_points": mint.transfer_fee.basis_points},
}
