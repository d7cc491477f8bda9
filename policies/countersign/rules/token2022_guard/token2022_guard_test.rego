package countersign.rules.token2022_guard_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.token2022_guard.verdict

token_2022 := "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"

classic_mint := {"mint": fixtures.mint, "token_program": fixtures.token, "decimals": 6, "extensions": []}

mint_with(extensions, more) := object.union(
	{"mint": fixtures.mint, "token_program": token_2022, "decimals": 6, "extensions": extensions},
	more,
)

fee_mint := mint_with(["transfer_fee_config"], {"transfer_fee": {"basis_points": 200, "maximum": 5}})

delegate_mint := mint_with(["permanent_delegate"], {"permanent_delegate": fixtures.friend})

hook_mint := mint_with(["transfer_hook"], {"transfer_hook": fixtures.mystery})

using(mints) := fixtures.request_with("/effects/mints", mints)

decided(request, settings) := v if {
	v := verdict with input as request
		with data.countersign.agents as fixtures.agents_with("token2022_guard", settings)
}

codes(request, settings) := [reason.code | some reason in decided(request, settings).reasons]

of_mint(settings) := {"mints": {fixtures.mint: settings}}

test_allow_no_mint_and_classic_ones if {
	decided(fixtures.request, {}).decision == "allow"
	v := decided(using([classic_mint]), {})
	v.decision == "allow"
	v.reasons[0].code == "MINTS_ALLOWED"
	decided(using([mint_with([], {})]), {}).decision == "allow"
}

test_allow_extensions_that_are_permitted_for_every_mint_or_for_this_one if {
	mint := mint_with(["metadata_pointer", "token_metadata"], {})
	decided(using([mint]), {"extensions": ["token_metadata", "metadata_pointer"]}).decision == "allow"
	decided(using([mint]), of_mint({"extensions": ["token_metadata", "metadata_pointer"]})).decision == "allow"
	both := object.union({"extensions": ["token_metadata"]}, of_mint({"extensions": ["metadata_pointer"]}))
	decided(using([mint]), both).decision == "allow"
}

test_deny_an_extension_that_is_not_permitted if {
	mint := mint_with(["metadata_pointer", "pausable_config"], {})
	v := decided(using([mint]), {"extensions": ["metadata_pointer", "token_metadata"]})
	v == {"decision": "deny", "reasons": [{
		"code": "EXTENSION_NOT_ALLOWED",
		"message": $"mint {fixtures.mint} has the extension pausable_config",
		"remedy": "allowed: metadata_pointer, token_metadata for this mint",
		"facts": {"mint": fixtures.mint, "extension": "pausable_config"},
	}]}
	other := {"mints": {fixtures.stranger: {"extensions": ["metadata_pointer", "pausable_config"]}}}
	codes(using([mint]), other) == ["EXTENSION_NOT_ALLOWED", "EXTENSION_NOT_ALLOWED"]
}

test_deny_a_bad_mint_behind_a_good_one if {
	codes(using([classic_mint, mint_with(["pausable_config"], {})]), {}) == ["EXTENSION_NOT_ALLOWED"]
}

fee_up_to(most) := of_mint({"extensions": ["transfer_fee_config"], "max_transfer_fee_basis_points": most})

test_allow_a_fee_up_to_its_bound if {
	decided(using([fee_mint]), fee_up_to(200)).decision == "allow"
	v := decided(using([fee_mint]), fee_up_to(199))
	v.reasons == [{
		"code": "TRANSFER_FEE_TOO_HIGH",
		"message": $"mint {fixtures.mint} keeps 200 basis points of a transfer",
		"remedy": "at most 199 is allowed for this mint",
		"facts": {"mint": fixtures.mint, "basis_points": 200},
	}]
}

test_deny_a_fee_without_a_bound if {
	every settings in [{"extensions": ["transfer_fee_config"]}, of_mint({"extensions": ["transfer_fee_config"]})] {
		codes(using([fee_mint]), settings) == ["TRANSFER_FEE_TOO_HIGH"]
		free := mint_with(["transfer_fee_config"], {"transfer_fee": {"basis_points": 0, "maximum": 5}})
		decided(using([free]), settings).decision == "allow"
	}
	unbounded := of_mint({"extensions": ["transfer_fee_config"], "max_transfer_fee_basis_points": "10000"})
	codes(using([fee_mint]), unbounded) == ["TRANSFER_FEE_TOO_HIGH"]
}

test_deny_a_fee_whose_extension_is_not_permitted if {
	codes(using([fee_mint]), of_mint({"max_transfer_fee_basis_points": 200})) == ["EXTENSION_NOT_ALLOWED"]
}

delegate_named(named) := object.union({"extensions": ["permanent_delegate"]}, of_mint({"permanent_delegate": named}))

test_allow_only_the_permanent_delegate_that_is_named if {
	decided(using([delegate_mint]), delegate_named(fixtures.friend)).decision == "allow"
	v := decided(using([delegate_mint]), delegate_named(fixtures.stranger))
	v.reasons == [{
		"code": "PERMANENT_DELEGATE_NOT_ALLOWED",
		"message": $"{fixtures.friend} may take tokens of mint {fixtures.mint} without their owner",
		"remedy": $"allowed: {fixtures.stranger} for this mint",
		"facts": {"mint": fixtures.mint, "permanent_delegate": fixtures.friend},
	}]
	codes(using([delegate_mint]), {"extensions": ["permanent_delegate"]}) == ["PERMANENT_DELEGATE_NOT_ALLOWED"]
	decided(using([mint_with(["permanent_delegate"], {})]), {"extensions": ["permanent_delegate"]}).decision == "allow"
}

hook_named(named) := object.union({"extensions": ["transfer_hook"]}, of_mint({"transfer_hook": named}))

test_allow_only_the_hook_that_is_named if {
	decided(using([hook_mint]), hook_named(fixtures.mystery)).decision == "allow"
	v := decided(using([hook_mint]), hook_named(fixtures.stranger))
	v.reasons == [{
		"code": "TRANSFER_HOOK_NOT_ALLOWED",
		"message": $"mint {fixtures.mint} calls program {fixtures.mystery} with every transfer",
		"remedy": $"allowed: {fixtures.stranger} for this mint",
		"facts": {"mint": fixtures.mint, "transfer_hook": fixtures.mystery},
	}]
	codes(using([hook_mint]), {"extensions": ["transfer_hook"]}) == ["TRANSFER_HOOK_NOT_ALLOWED"]
	decided(using([mint_with(["transfer_hook"], {})]), {"extensions": ["transfer_hook"]}).decision == "allow"
}

test_deny_names_only_what_is_wrong_with_a_mint if {
	mint := mint_with(["pausable_config", "permanent_delegate", "transfer_hook"], {
		"permanent_delegate": fixtures.friend,
		"transfer_hook": fixtures.mystery,
	})
	settings := object.union({"extensions": ["permanent_delegate", "transfer_hook"]}, of_mint({
		"permanent_delegate": fixtures.friend,
		"transfer_hook": fixtures.mystery,
	}))
	codes(using([mint]), settings) == ["EXTENSION_NOT_ALLOWED"]
	both := json.patch(using([mint]), [{"op": "add", "path": "/effects/missing", "value": [
		{"fact": "mint", "detail": "x"},
		{"fact": "token_account", "detail": "y"},
	]}])
	codes(both, settings) == ["EXTENSION_NOT_ALLOWED", "MINT_NOT_READ"]
}

test_deny_a_delegate_or_hook_that_is_none_of_somebody if {
	every name in ["permanent_delegate", "transfer_hook"] {
		every value in [null, 5, []] {
			settings := object.union({"extensions": [name]}, of_mint({name: value}))
			decided(using([mint_with([name], {name: value})]), settings).decision == "deny"
		}
	}
}

test_deny_a_mint_of_another_program if {
	lookalike := object.union(classic_mint, {"token_program": fixtures.mystery})
	v := decided(using([lookalike]), {})
	[reason.code | some reason in v.reasons] == ["TOKEN_PROGRAM_UNKNOWN"]
	contains(v.reasons[0].remedy, token_2022)
}

test_deny_a_classic_mint_with_what_it_cannot_have if {
	every more in [
		{"extensions": ["token_metadata"]},
		{"permanent_delegate": fixtures.friend},
		{"transfer_hook": fixtures.mystery},
		{"transfer_fee": {"basis_points": 0, "maximum": 0}},
	] {
		v := decided(using([object.union(classic_mint, more)]), {"extensions": ["token_metadata"]})
		v.decision == "deny"
		count(v.reasons) == 1
	}
}

test_deny_a_mint_that_was_not_read if {
	missing := [{"fact": "mint", "instruction": 0, "detail": "an extension that is not known"}]
	v := decided(fixtures.request_with("/effects/missing", missing), {})
	v.reasons == [{
		"code": "MINT_NOT_READ",
		"message": "a mint could not be read from the chain: an extension that is not known",
		"remedy": "allowed: only mints that can be read",
		"facts": {},
	}]
	other := [{"fact": "instruction", "instruction": 0, "detail": "x"}]
	decided(fixtures.request_with("/effects/missing", other), {}).decision == "allow"
}

test_deny_without_facts if {
	every path in ["/effects", "/effects/mints", "/effects/missing"] {
		v := decided(fixtures.request_without(path), {})
		v.decision == "deny"
		v.reasons[0].code == "TOKEN2022_GUARD_UNDECIDED"
	}
	every name in ["mint", "token_program", "extensions"] {
		mint := object.remove(mint_with(["token_metadata"], {}), [name])
		decided(using([mint]), {"mints": {fixtures.mint: {"extensions": ["token_metadata"]}}}).decision == "deny"
	}
	decided(fixtures.request_with("/effects/missing", [{"detail": "x"}]), {}).decision == "deny"
}

test_deny_facts_of_another_type if {
	every request in fixtures.mistyped(["/effects/mints", "/effects/missing", "/effects/mints/0"]) {
		decided(request, {}).decision == "deny"
	}
	permissive := object.union(
		{"extensions": ["permanent_delegate", "transfer_hook", "transfer_fee_config"]},
		of_mint({"max_transfer_fee_basis_points": 10000}),
	)
	every name in ["permanent_delegate", "transfer_hook", "transfer_fee", "extensions"] {
		every value in [null, false, 5, {}, [5], {"basis_points": null}, {"basis_points": "5"}] {
			decided(using([mint_with([], {name: value})]), permissive).decision == "deny"
		}
	}
}

test_deny_settings_that_cannot_be_read if {
	mint := mint_with(["token_metadata"], {})
	every settings in [
		{"extensions": "token_metadata"},
		{"extensions": {"token_metadata": true}},
		{"extensions": null},
		{"extensions": "*"},
		{"extensions": ["*"]},
		{"mints": null},
		{"mints": {fixtures.mint: null}},
		of_mint({"extensions": "token_metadata"}),
	] {
		decided(using([mint]), settings).decision == "deny"
	}
	every settings in [null, [], "x", true] {
		decided(using([]), settings).reasons[0].code == "TOKEN2022_GUARD_UNDECIDED"
		decided(using([mint]), settings).reasons[0].code == "TOKEN2022_GUARD_UNDECIDED"
	}
	v := verdict with input as fixtures.request with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_a_message if {
	decided(object.remove(fixtures.request, ["transaction", "effects", "simulation", "chain"]), {}).decision == "deny"
}
