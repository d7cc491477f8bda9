package countersign.rules.program_allowlist_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.program_allowlist.verdict

calling(instruction) := fixtures.request_with("/transaction/instructions", [instruction])

programs(listed) := fixtures.agents_with("program_allowlist", {"programs": listed})

with_unknown(permission) := programs({fixtures.mystery: {"instructions": ["unknown"], "unknown_effects": permission}})

test_allow_a_named_instruction if {
	v := verdict with input as fixtures.request with data.countersign.agents as fixtures.agents
	v.decision == "allow"
	v.reasons == [{"code": "PROGRAMS_ALLOWED", "message": "calls only what is on the list", "facts": {}}]
}

test_allow_says_which_instructions_could_not_be_read if {
	request := fixtures.request_with("/transaction/instructions", [fixtures.unknown_instruction(fixtures.mystery, fixtures.friend)])
	v := verdict with input as request with data.countersign.agents as with_unknown("without_wallet_signature")
	v.decision == "allow"
	v.reasons[0].facts == {"instructions": "0"}
}

test_allow_every_known_instruction_by_a_star if {
	v := verdict with input as fixtures.request
		with data.countersign.agents as programs({fixtures.system: {"instructions": ["*"]}})
	v.decision == "allow"
}

test_deny_an_unknown_instruction_by_a_star if {
	v := verdict with input as calling(fixtures.unknown_instruction(fixtures.system, fixtures.friend))
		with data.countersign.agents as programs({fixtures.system: {
			"instructions": ["*"],
			"unknown_effects": "without_wallet_signature",
		}})
	v.decision == "deny"
	v.reasons[0].code == "INSTRUCTION_UNKNOWN"
}

test_deny_a_program_that_is_not_named if {
	request := calling(object.union(fixtures.transfer_instruction, {"program": fixtures.mystery}))
	v := verdict with input as request with data.countersign.agents as fixtures.agents
	v.decision == "deny"
	v.reasons == [{
		"code": "PROGRAM_NOT_ALLOWED",
		"message": $"calls program {fixtures.mystery}, which is not on the list",
		"remedy": $"allowed: {fixtures.system} (system)",
		"facts": {"instruction": 0, "program": fixtures.mystery},
	}]
}

test_deny_an_instruction_that_is_not_named if {
	v := verdict with input as calling(object.union(fixtures.transfer_instruction, {"name": "assign"}))
		with data.countersign.agents as fixtures.agents
	v.decision == "deny"
	v.reasons[0].message == $"calls assign of system ({fixtures.system})"
	v.reasons[0].remedy == "allowed: of that program transfer"
}

test_deny_a_bad_instruction_behind_a_good_one if {
	bad := object.union(fixtures.transfer_instruction, {"index": 1, "name": "assign"})
	v := verdict with input as fixtures.request_with("/transaction/instructions/1", bad)
		with data.countersign.agents as fixtures.agents
	v.decision == "deny"
	v.reasons[0].facts.instruction == 1
}

test_deny_no_instructions if {
	v := verdict with input as fixtures.request_with("/transaction/instructions", [])
		with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_allow_unknown_instructions_without_the_wallet if {
	v := verdict with input as calling(fixtures.unknown_instruction(fixtures.mystery, fixtures.friend))
		with data.countersign.agents as with_unknown("without_wallet_signature")
	v.decision == "allow"
	v.permitted_missing == [{"fact": "instruction", "instruction": 0}]
	contains(v.reasons[0].message, "not in its message and not guaranteed")
}

test_deny_unknown_instructions_that_get_the_wallet if {
	v := verdict with input as calling(fixtures.unknown_instruction(fixtures.mystery, fixtures.wallet))
		with data.countersign.agents as with_unknown("without_wallet_signature")
	v.decision == "deny"
	v.reasons[0].code == "WALLET_GIVEN_TO_UNKNOWN_EFFECTS"
}

test_deny_unknown_instructions_by_another_permission if {
	every permission in ["", "*", "yes", "with_wallet_signature", true] {
		v := verdict with input as calling(fixtures.unknown_instruction(fixtures.mystery, fixtures.friend))
			with data.countersign.agents as with_unknown(permission)
		v.decision == "deny"
	}
}

test_deny_unknown_instructions_that_get_the_wallet_behind_another_account if {
	friendly := fixtures.unknown_instruction(fixtures.mystery, fixtures.friend)
	ours := fixtures.unknown_instruction(fixtures.mystery, fixtures.wallet)
	accounts := array.concat(friendly.accounts, ours.accounts)
	v := verdict with input as calling(object.union(friendly, {"accounts": accounts}))
		with data.countersign.agents as with_unknown("without_wallet_signature")
	v.decision == "deny"
}

# A name that comes with what cannot be read is nobody's word.
test_deny_an_unknown_instruction_by_the_name_of_another if {
	named := object.union(fixtures.unknown_instruction(fixtures.mystery, fixtures.friend), {"name": "swap"})
	every arguments in [{}, {"swap": {"amount": {"at_most": 1}}}] {
		v := verdict with input as calling(named) with data.countersign.agents as programs({fixtures.mystery: {
			"instructions": ["swap"],
			"arguments": arguments,
			"unknown_effects": "without_wallet_signature",
		}})
		v.decision == "deny"
		[reason.code | some reason in v.reasons] == ["INSTRUCTION_UNKNOWN"]
	}
}

test_deny_a_name_of_another_type_by_a_star if {
	every name in [{}, [], true, null, 1] {
		v := verdict with input as calling(object.union(fixtures.transfer_instruction, {"name": name}))
			with data.countersign.agents as programs({fixtures.system: {"instructions": ["*"]}})
		v.decision == "deny"
	}
}

test_deny_instructions_that_are_no_list if {
	v := verdict with input as fixtures.request_with("/transaction/instructions", {"x": fixtures.transfer_instruction})
		with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_unknown_instructions_by_an_address_of_the_wallet_that_is_no_text if {
	every address in [{}, [], true, null, 1] {
		request := json.patch(
			calling(fixtures.unknown_instruction(fixtures.mystery, fixtures.friend)),
			[{"op": "replace", "path": "/wallet/address", "value": address}],
		)
		v := verdict with input as request with data.countersign.agents as with_unknown("without_wallet_signature")
		v.decision == "deny"
	}
}

test_deny_an_unknown_instruction_whose_accounts_are_not_told if {
	whole := fixtures.unknown_instruction(fixtures.mystery, fixtures.friend)
	nameless := object.union(whole, {"accounts": [{"signer": false}]})
	every instruction in [object.remove(whole, ["accounts"]), nameless] {
		v := verdict with input as calling(instruction)
			with data.countersign.agents as with_unknown("without_wallet_signature")
		v.decision == "deny"
	}
}

test_deny_unknown_instructions_without_the_address_of_the_wallet if {
	request := calling(fixtures.unknown_instruction(fixtures.mystery, fixtures.friend))
	v := verdict with input as json.patch(request, [{"op": "remove", "path": "/wallet/address"}])
		with data.countersign.agents as with_unknown("without_wallet_signature")
	v.decision == "deny"
}

test_deny_without_facts if {
	every path in [
		"/transaction/instructions",
		"/transaction/instructions/0/kind",
		"/transaction/instructions/0/program",
		"/transaction/instructions/0/name",
	] {
		v := verdict with input as fixtures.request_without(path)
			with data.countersign.agents as programs({fixtures.system: {"instructions": ["*", "transfer"]}})
		v.decision == "deny"
	}
}

test_deny_without_settings if {
	every path in ["program_allowlist", "program_allowlist/programs"] {
		v := verdict with input as fixtures.request with data.countersign.agents as fixtures.agents_without(path)
		v.decision == "deny"
		v.reasons[0].code == "PROGRAM_ALLOWLIST_UNDECIDED"
	}
}

test_deny_a_known_instruction_by_a_permission_for_unknown_ones if {
	request := calling(object.union(fixtures.transfer_instruction, {"program": fixtures.mystery, "accounts": []}))
	every permission in ["without_wallet_signature", "simulated_but_not_guaranteed"] {
		v := verdict with input as request with data.countersign.agents as with_unknown(permission)
		v.decision == "deny"
		v.reasons[0].code == "INSTRUCTION_NOT_ALLOWED"
	}
}

test_allow_permits_only_unknown_instructions_to_be_missing if {
	known := object.union(fixtures.transfer_instruction, {"index": 1})
	request := fixtures.request_with("/transaction/instructions", [
		fixtures.unknown_instruction(fixtures.mystery, fixtures.friend),
		known,
	])
	v := verdict with input as request with data.countersign.agents as programs({
		fixtures.mystery: {"instructions": ["unknown"], "unknown_effects": "without_wallet_signature"},
		fixtures.system: {"instructions": ["transfer"]},
	})
	v.decision == "allow"
	v.permitted_missing == [{"fact": "instruction", "instruction": 0}]
}

test_deny_without_instructions_says_what_is_needed if {
	v := verdict with input as fixtures.request_with("/transaction/instructions", [])
		with data.countersign.agents as fixtures.agents
	v.reasons[0].code == "PROGRAM_ALLOWLIST_UNDECIDED"
}

test_deny_facts_of_another_type if {
	every request in fixtures.mistyped([
		"/transaction/instructions",
		"/transaction/instructions/0",
		"/transaction/instructions/0/kind",
		"/transaction/instructions/0/program",
	]) {
		v := verdict with input as request with data.countersign.agents as fixtures.agents
		v.decision == "deny"
	}
}

test_deny_accounts_of_another_type if {
	whole := fixtures.unknown_instruction(fixtures.mystery, fixtures.friend)
	every accounts in [{}, {"x": {"address": fixtures.friend}}, "x", true, null] {
		v := verdict with input as calling(object.union(whole, {"accounts": accounts}))
			with data.countersign.agents as with_unknown("without_wallet_signature")
		v.decision == "deny"
	}
}

part(name) := object.union(fixtures.transfer_instruction, {"name": name})

batch := object.union(fixtures.transfer_instruction, {"name": "batch", "parts": [part("transfer"), part("approve")]})

test_allow_a_batch_only_of_named_instructions if {
	every listed in [["batch", "transfer", "approve"], ["*"]] {
		v := verdict with input as calling(batch)
			with data.countersign.agents as programs({fixtures.system: {"instructions": listed}})
		v.decision == "allow"
	}
	every listed in [["batch"], ["batch", "transfer"], ["transfer", "approve"]] {
		v := verdict with input as calling(batch)
			with data.countersign.agents as programs({fixtures.system: {"instructions": listed}})
		v.decision == "deny"
		v.reasons[0].code == "INSTRUCTION_NOT_ALLOWED"
		contains(v.reasons[0].message, "calls batch with transfer, approve of system")
	}
}

test_allow_a_batch_of_one_instruction if {
	v := verdict with input as calling(object.union(batch, {"parts": [part("transfer")]}))
		with data.countersign.agents as programs({fixtures.system: {"instructions": ["batch", "transfer"]}})
	v.decision == "allow"
}

test_deny_a_batch_with_a_part_of_a_program_that_is_not_named if {
	foreign := object.union(part("transfer"), {"program": fixtures.mystery})
	v := verdict with input as calling(object.union(batch, {"parts": [part("transfer"), foreign]}))
		with data.countersign.agents as programs({fixtures.system: {"instructions": ["*"]}})
	v.decision == "deny"
}

test_deny_a_batch_that_does_not_tell_its_parts if {
	every parts in [[], {}, {"x": part("transfer")}, [{}], null] {
		v := verdict with input as calling(object.union(batch, {"parts": parts}))
			with data.countersign.agents as programs({fixtures.system: {"instructions": ["batch", "*"]}})
		v.decision == "deny"
	}
	empty := verdict with input as calling(object.union(batch, {"parts": []})) with data.countersign.agents as fixtures.agents
	empty.reasons[0].message == $"calls batch of system ({fixtures.system})"
	v := verdict with input as calling(object.remove(batch, ["parts"]))
		with data.countersign.agents as programs({fixtures.system: {"instructions": ["batch", "*"]}})
	v.decision == "deny"
	v.reasons[0].code == "INSTRUCTION_NOT_ALLOWED"
}
