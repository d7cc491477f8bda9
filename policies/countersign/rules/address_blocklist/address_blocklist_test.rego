package countersign.rules.address_blocklist_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.address_blocklist.verdict

listed := "Listed1111111111111111111111111111111111111"

agents := fixtures.agents_with("address_blocklist", {"addresses": {listed: "sanctioned"}})

# An entry of every list of effects, so that each place where an address can stand is there.
effects := object.union(fixtures.request.effects, {
	"inflows": [{"asset": fixtures.mint, "amount": 1, "decimals": 6}],
	"creations": [{
		"instruction": 0,
		"basis": "message",
		"kind": "new",
		"account": "A",
		"payer": fixtures.wallet,
		"owner_program": fixtures.token,
		"rent_lamports": 1,
		"refundable_to": fixtures.friend,
	}],
	"approvals": [{"instruction": 0, "basis": "message", "account": "A", "owner": "B", "delegate": "C", "asset": "D", "amount": 1}],
	"authority_changes": [{"instruction": 0, "basis": "message", "kind": "close_account", "account": "A", "from": "B", "to": "C"}],
	"closes": [{"instruction": 0, "basis": "message", "account": "A", "owner": "B", "destination": "C"}],
	"supply_changes": [{"instruction": 0, "basis": "message", "kind": "mint", "asset": "D", "account": "A", "amount": 1}],
	"operations": [{"instruction": 0, "basis": "message", "kind": "nonce_advance", "account": "A"}],
	"mints": [{
		"mint": "D",
		"token_program": fixtures.token,
		"decimals": 6,
		"extensions": [],
		"permanent_delegate": "E",
		"transfer_hook": "F",
	}],
	"cpi_signers": [{"instruction": 0, "basis": "message", "program": "P", "signer": fixtures.wallet}],
	"data_addresses": [{"instruction": 0, "basis": "message", "argument": "authority", "address": "G"}],
	"guarantees": [{
		"instruction": 0,
		"basis": "asserted",
		"kind": "token_owner",
		"account": "A",
		"operator": "==",
		"value": "H",
	}],
})

batch := object.union(fixtures.transfer_instruction, {"parts": [object.union(
	fixtures.transfer_instruction,
	{"arguments": {"lamports": 1000, "to": {"owners": ["J"]}}},
)]})

described := object.union(
	fixtures.described_instruction(fixtures.mystery, fixtures.friend),
	{"arguments": {"authority": "K", "route": [{"owner": "L", "share": 1}]}},
)

request := json.patch(fixtures.request, [
	{"op": "replace", "path": "/effects", "value": effects},
	{"op": "add", "path": "/transaction/instructions/-", "value": batch},
	{"op": "add", "path": "/transaction/instructions/-", "value": described},
	{"op": "add", "path": "/transaction/instructions/-", "value": fixtures.unknown_instruction(fixtures.mystery, "M")},
	{
		"op": "replace",
		"path": "/transaction/lifetime",
		"value": {"kind": "durable_nonce", "nonce": "N", "nonce_account": "O", "nonce_authority": fixtures.wallet},
	},
	{"op": "replace", "path": "/simulation", "value": fixtures.simulation([[1, batch], [2, described]], effects)},
])

message := json.patch(fixtures.request, [
	{"op": "remove", "path": "/transaction"},
	{"op": "remove", "path": "/effects"},
	{"op": "remove", "path": "/simulation"},
	{"op": "remove", "path": "/chain"},
	{
		"op": "add",
		"path": "/message",
		"value": {
			"envelope": "offchain_v0",
			"sha256": "00",
			"size": 2,
			"text": "hi",
			"application_domain": "Q",
			"signers": [fixtures.wallet, "R"],
		},
	},
])

# JSON pointers to every text of a document below the roots.
texts(document, roots) := {concat("/", array.concat(["", root], [$"{step}" | some step in path])) |
	some root in roots
	walk(document[root], [path, value])
	is_string(value)
}

# No addresses: what a transaction calls itself.
names := {"/transaction/version"} | {path |
	some path in texts(request, ["transaction"])
	some name in ["program_name", "name", "kind", "role", "data"]
	endswith(path, $"/{name}")
	not startswith(path, "/transaction/lifetime")
	not contains(path, "/parts/")
}

replaced(document, path) := json.patch(document, [{"op": "replace", "path": path, "value": listed}])

test_allow_what_has_nothing_to_do_with_the_list if {
	every given in [request, message, fixtures.request, fixtures.simulated_request] {
		v := verdict with input as given with data.countersign.agents as agents
		v.decision == "allow"
		[reason.code | some reason in v.reasons] == ["NO_ADDRESS_BLOCKED"]
	}
}

test_allow_everything_by_an_empty_list if {
	v := verdict with input as request with data.countersign.agents as fixtures.agents_with("address_blocklist", {"addresses": {}})
	v.decision == "allow"
}

# Every text that is not a name becomes an address of its own, its path, and all of them are listed.
missed(document, roots) := paths - {reason.facts.address | some reason in v.reasons} if {
	paths := texts(document, roots) - names
	count(paths) > 3
	everything := json.patch(document, [{"op": "replace", "path": path, "value": path} | some path in paths])
	v := verdict with input as everything
		with data.countersign.agents as fixtures.agents_with("address_blocklist", {"addresses": {path: "x" | some path in paths}})
	v.decision == "deny"
}

test_deny_each_listed_address_wherever_it_stands_in_a_transaction if {
	missed(request, ["transaction", "effects"]) == set()
}

test_deny_each_listed_address_wherever_it_stands_in_a_simulation if {
	missed(request, ["simulation"]) == set()
}

test_deny_each_listed_address_wherever_it_stands_in_a_message if {
	missed(message, ["message"]) == set()
}

test_deny_a_listed_address_alone_in_a_far_corner if {
	every path, place in {
		"/transaction/lifetime/nonce_account": "transaction.lifetime.nonce_account",
		"/transaction/instructions/1/parts/0/arguments/to/owners/0": "transaction.instructions.1.parts.0",
		"/transaction/instructions/2/arguments/route/0/owner": "transaction.instructions.2.arguments.route",
		"/effects/creations/0/refundable_to": "effects.creations.0.refundable_to",
		"/effects/data_addresses/0/address": "effects.data_addresses.0.address",
		"/simulation/instructions/1/instruction/arguments/authority": "simulation.instructions.1.instruction.arguments.authority",
	} {
		v := verdict with input as replaced(request, path) with data.countersign.agents as agents
		v.decision == "deny"
		endswith(v.reasons[0].message, $"(sanctioned), in {place}")
	}
	v := verdict with input as replaced(message, "/message/signers/1") with data.countersign.agents as agents
	endswith(v.reasons[0].message, "(sanctioned), in message.signers.1")
}

test_deny_a_listed_wallet if {
	every given in [request, message] {
		v := verdict with input as replaced(given, "/wallet/address") with data.countersign.agents as agents
		v.decision == "deny"
		endswith(v.reasons[0].message, "(sanctioned), in wallet.address")
	}
}

test_deny_tells_every_place if {
	given := replaced(replaced(fixtures.request, "/transaction/instructions/0/accounts/1/address"), "/effects/transfers/0/recipient")
	v := verdict with input as given with data.countersign.agents as agents
	v.reasons == [{
		"code": "ADDRESS_BLOCKED",
		"message": $"has to do with {listed} (sanctioned), in effects.transfers.0.recipient, transaction.instructions.0.accounts.1",
		"remedy": "allowed: what has nothing to do with an address of the list",
		"facts": {"address": listed},
	}]
}

test_deny_tells_every_address if {
	given := json.patch(replaced(fixtures.request, "/transaction/fee_payer"), [{
		"op": "replace",
		"path": "/effects/transfers/0/recipient",
		"value": fixtures.stranger,
	}])
	both := {listed: "sanctioned", fixtures.stranger: "a stranger"}
	v := verdict with input as given with data.countersign.agents as fixtures.agents_with("address_blocklist", {"addresses": both})
	[reason.message | some reason in v.reasons] == [
		$"has to do with {listed} (sanctioned), in transaction.fee_payer",
		$"has to do with {fixtures.stranger} (a stranger), in effects.transfers.0.recipient",
	]
	[reason.facts.address | some reason in v.reasons] == [listed, fixtures.stranger]
}

test_deny_whatever_the_label if {
	every label in [false, null, 0, ""] {
		v := verdict with input as replaced(fixtures.request, "/transaction/fee_payer")
			with data.countersign.agents as fixtures.agents_with("address_blocklist", {"addresses": {listed: label}})
		v.decision == "deny"
		v.reasons[0].code == "ADDRESS_BLOCKED"
	}
}

test_deny_without_facts if {
	every path in [
		"/effects",
		"/simulation",
		"/simulation/status",
		"/transaction",
		"/transaction/fee_payer",
		"/transaction/lifetime",
		"/transaction/signers",
		"/transaction/instructions",
		"/wallet/address",
	] {
		v := verdict with input as fixtures.request_without(path) with data.countersign.agents as agents
		v.decision == "deny"
		v.reasons[0].code == "ADDRESS_BLOCKLIST_UNDECIDED"
	}
	every path in ["/message", "/wallet/address"] {
		v := verdict with input as json.patch(message, [{"op": "remove", "path": path}]) with data.countersign.agents as agents
		v.decision == "deny"
	}
}

test_deny_facts_of_another_type if {
	every path in ["/effects", "/transaction", "/transaction/lifetime", "/transaction/signers", "/transaction/instructions"] {
		every value in [true, null, "1", 1] {
			v := verdict with input as fixtures.request_with(path, value) with data.countersign.agents as agents
			v.decision == "deny"
		}
	}
	every path in ["/transaction/fee_payer", "/wallet/address", "/simulation/status"] {
		every value in [true, null, 1, {}, []] {
			v := verdict with input as fixtures.request_with(path, value) with data.countersign.agents as agents
			v.decision == "deny"
		}
	}
}

test_deny_without_settings if {
	v := verdict with input as fixtures.request with data.countersign.agents as fixtures.agents
	v.decision == "deny"
	v.reasons[0].code == "ADDRESS_BLOCKLIST_UNDECIDED"
	every addresses in [[listed], listed, true, null, false] {
		w := verdict with input as fixtures.request
			with data.countersign.agents as fixtures.agents_with("address_blocklist", {"addresses": addresses})
		w.decision == "deny"
	}
}

# Its places would be numbers, and numbers stand everywhere.
test_deny_by_a_list_that_is_no_object_finds_nothing if {
	numbered := json.patch(request, [{"op": "replace", "path": "/effects", "value": {"transfers": [{"instruction": 0}]}}])
	plain := json.patch(request, [{"op": "replace", "path": "/simulation", "value": {"status": "not_run"}}])
	every given in [request, numbered, plain, message] {
		v := verdict with input as given
			with data.countersign.agents as fixtures.agents_with("address_blocklist", {"addresses": [listed, listed, listed]})
		[reason.code | some reason in v.reasons] == ["ADDRESS_BLOCKLIST_UNDECIDED"]
	}
}
