# METADATA
# title: Token allowlist
# description: >-
#   Lets the wallet have to do only with assets that the data names, SOL among them: what is transferred by anybody, what flows
#   in or out, what a delegate gets, what is minted or burned, and every mint whose tokens move or may be moved later.
# schemas:
#   - input: schema.input
# custom:
#   facts:
#     - effects.transfers
#     - effects.outflows
#     - effects.outflows_by_recipient
#     - effects.inflows
#     - effects.approvals
#     - effects.supply_changes
#     - effects.mints
#   settings: schema.rules.token_allowlist
#   reasons:
#     TOKENS_ALLOWED: allows; every asset is on the list
#     TOKEN_NOT_ALLOWED: denies; an asset is not on the list
#     TOKEN_UNKNOWN: denies; which token it is could not be established
#     TOKEN_ALLOWLIST_UNDECIDED: denies; a fact or a setting is missing or of another type
package countersign.rules.token_allowlist

import data.countersign.settings
import data.countersign.wording

list := settings.wallet.token_allowlist.mints

# METADATA
# title: Verdict
# description: Allow when every asset that the transaction has to do with is known and named.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "TOKEN_ALLOWLIST_UNDECIDED",
		"message": "assets cannot be checked",
		"remedy": "allowed: only with transfers, outflows, outflows_by_recipient, inflows, approvals, supply_changes and mints of effects in the input and token_allowlist.mints in the policy data of this wallet",
		"facts": {},
	}],
}

verdict := {"decision": "allow", "reasons": [{"code": "TOKENS_ALLOWED", "message": "every asset is on the list", "facts": {}}]} if {
	is_object(list)
	effects := input.effects
	every name in kinds {
		entries := effects[name]
		is_array(entries)
		every entry in entries {
			named(entry.asset)
		}
	}
	is_array(effects.mints)
	every mint in effects.mints {
		is_string(list[mint.mint])
	}
} else := {"decision": "deny", "reasons": violations} if {
	count(violations) > 0
}

named(asset) if is_string(list[asset])

kinds := ["transfers", "outflows", "outflows_by_recipient", "inflows", "approvals", "supply_changes"]

assets contains entry.asset if {
	some kind in kinds
	some entry in input.effects[kind]
}

assets contains entry.mint if some entry in input.effects.mints

# Sorted, because sets have another order in WebAssembly than in opa.
violations := array.concat(
	[stranger(asset) |
		some asset in sort(assets)
		not named(asset)
	],
	[unknown(kind, entry) |
		some kind in kinds
		some entry in input.effects[kind]
		not entry.asset
	],
)

stranger(asset) := {
	"code": "TOKEN_NOT_ALLOWED",
	"message": $"has to do with {asset}, which is not on the list",
	"remedy": $"allowed: {wording.listing(list)}",
	"facts": {"asset": asset},
}

unknown(kind, entry) := {
	"code": "TOKEN_UNKNOWN",
	"message": $"which token {entry.account} holds could not be established ({kind})",
	"remedy": $"allowed: {wording.listing(list)}",
	"facts": {"account": entry.account, "kind": kind},
}
