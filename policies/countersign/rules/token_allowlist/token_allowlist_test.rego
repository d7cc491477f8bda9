package countersign.rules.token_allowlist_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.token_allowlist.verdict

agents := fixtures.agents_with("token_allowlist", {"mints": {"SOL": "SOL", fixtures.mint: "a token"}})

other := "Other11111111111111111111111111111111111111"

# One entry of each kind, of the asset.
entries(asset) := {
	"transfers": object.union(fixtures.sol_transfer(fixtures.friend, 1), {"asset": asset}),
	"outflows": {"asset": asset, "amount": 1},
	"outflows_by_recipient": {"asset": asset, "recipient": fixtures.friend, "amount": 1},
	"inflows": {"asset": asset, "amount": 1},
	"approvals": {
		"instruction": 0,
		"basis": "message",
		"account": "A",
		"owner": fixtures.wallet,
		"delegate": fixtures.friend,
		"asset": asset,
		"amount": 1,
	},
	"supply_changes": {"instruction": 0, "basis": "message", "kind": "burn", "asset": asset, "account": "A", "amount": 1},
	"mints": {"mint": asset, "token_program": fixtures.token, "decimals": 6, "extensions": []},
}

request_of(kind, entry) := fixtures.request_with($"/effects/{kind}/-", entry)

test_allow_named_assets_in_every_kind_of_effect if {
	every kind, entry in entries(fixtures.mint) {
		v := verdict with input as request_of(kind, entry) with data.countersign.agents as agents
		v.decision == "allow"
		[reason.code | some reason in v.reasons] == ["TOKENS_ALLOWED"]
	}
}

test_allow_nothing_that_has_an_asset if {
	request := object.union(fixtures.request, {"effects": {"transfers": [], "outflows": [], "outflows_by_recipient": []}})
	v := verdict with input as request with data.countersign.agents as agents
	v.decision == "allow"
}

test_deny_an_asset_that_is_not_named_in_every_kind_of_effect if {
	every kind, entry in entries(other) {
		v := verdict with input as request_of(kind, entry) with data.countersign.agents as agents
		v.decision == "deny"
		v.reasons == [{
			"code": "TOKEN_NOT_ALLOWED",
			"message": $"has to do with {other}, which is not on the list",
			"remedy": $"allowed: {fixtures.mint} (a token), SOL (SOL)",
			"facts": {"asset": other},
		}]
	}
}

test_deny_sol_where_it_is_not_named if {
	v := verdict with input as fixtures.request
		with data.countersign.agents as fixtures.agents_with("token_allowlist", {"mints": {fixtures.mint: "a token"}})
	v.decision == "deny"
	[reason.facts.asset | some reason in v.reasons] == ["SOL"]
}

test_deny_an_asset_behind_a_named_one if {
	transfers := [entries(fixtures.mint).transfers, entries(other).transfers]
	v := verdict with input as fixtures.request_with("/effects/transfers", transfers) with data.countersign.agents as agents
	v.decision == "deny"
}

test_deny_what_another_transfers if {
	transfer := object.union(entries(other).transfers, {"source_owner": fixtures.stranger})
	v := verdict with input as request_of("transfers", transfer) with data.countersign.agents as agents
	v.decision == "deny"
}

test_deny_a_token_that_could_not_be_established if {
	every kind in ["approvals", "supply_changes"] {
		entry := object.remove(entries(fixtures.mint)[kind], ["asset"])
		v := verdict with input as request_of(kind, entry) with data.countersign.agents as agents
		v.decision == "deny"
		v.reasons == [{
			"code": "TOKEN_UNKNOWN",
			"message": $"which token A holds could not be established ({kind})",
			"remedy": $"allowed: {fixtures.mint} (a token), SOL (SOL)",
			"facts": {"account": "A", "kind": kind},
		}]
	}
}

test_deny_without_facts if {
	every kind, entry in entries(fixtures.mint) {
		v := verdict with input as fixtures.request_without($"/effects/{kind}") with data.countersign.agents as agents
		v.decision == "deny"
		unnamed := request_of(kind, object.remove(entry, ["asset", "mint"]))
		w := verdict with input as unnamed with data.countersign.agents as agents
		w.decision == "deny"
	}
	v := verdict with input as fixtures.request_without("/effects") with data.countersign.agents as agents
	v.decision == "deny"
	v.reasons[0].code == "TOKEN_ALLOWLIST_UNDECIDED"
}

test_deny_facts_of_another_type if {
	every kind in object.keys(entries(fixtures.mint)) {
		every value in [{}, {"x": {}}, true, null, "1", [1], ["SOL"], [{}]] {
			v := verdict with input as fixtures.request_with($"/effects/{kind}", value) with data.countersign.agents as agents
			v.decision == "deny"
		}
	}
}

test_deny_without_settings if {
	every path in ["token_allowlist", "token_allowlist/mints"] {
		removed := json.patch(agents, [{"op": "remove", "path": $"/trader/wallets/treasury/{path}"}])
		v := verdict with input as fixtures.request with data.countersign.agents as removed
		v.decision == "deny"
		w := verdict with input as object.union(fixtures.request, {"effects": {"transfers": [], "outflows": [], "outflows_by_recipient": []}})
			with data.countersign.agents as removed
		w.decision == "deny"
		w.reasons[0].code == "TOKEN_ALLOWLIST_UNDECIDED"
	}
}

test_deny_settings_of_another_type if {
	every mints in [[], ["SOL"], "SOL", true, null, {"SOL": false}, {"SOL": 1}, {}] {
		v := verdict with input as fixtures.request with data.countersign.agents as fixtures.agents_with("token_allowlist", {"mints": mints})
		v.decision == "deny"
	}
}

test_deny_names_only_what_has_an_asset if {
	request := json.patch(request_of("transfers", entries(other).transfers), [{
		"op": "add",
		"path": "/effects/operations/-",
		"value": {"instruction": 0, "basis": "message", "kind": "nonce_advance", "account": "A"},
	}])
	v := verdict with input as request with data.countersign.agents as agents
	[reason.code | some reason in v.reasons] == ["TOKEN_NOT_ALLOWED"]
}
