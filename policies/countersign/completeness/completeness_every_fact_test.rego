# Parts of inputs in which every fact stands at least once: each is taken away and given another type, wherever it is.
package countersign.completeness_every_fact_test

import data.countersign.completeness
import data.countersign.fixtures_test as fixtures

# One sound entry must not cover for another: lists have two.
twice(value) := array.concat(value, value) if is_array(value)

twice(value) := value if not is_array(value)

doubled(object) := {name: twice(value) | some name, value in object}

effects := doubled(object.union(fixtures.request.effects, {
	"inflows": [{"asset": "SOL", "amount": 1, "decimals": 9}],
	"creations": [{
		"instruction": 0,
		"basis": "message",
		"kind": "new",
		"account": "A",
		"payer": "B",
		"owner_program": "C",
		"rent_lamports": 1,
		"refundable_to": "D",
	}],
	"approvals": [{"instruction": 0, "basis": "message", "account": "A", "owner": "B", "delegate": "C", "amount": 1}],
	"authority_changes": [{"instruction": 0, "basis": "message", "kind": "close_account", "account": "A"}],
	"closes": [{"instruction": 0, "basis": "message", "account": "A", "owner": "B", "destination": "C"}],
	"supply_changes": [{"instruction": 0, "basis": "message", "kind": "burn", "account": "A", "amount": 1}],
	"operations": [{"instruction": 0, "basis": "message", "kind": "nonce_advance", "account": "A"}],
	"mints": [{
		"mint": "A",
		"token_program": "B",
		"decimals": 6,
		"extensions": ["pausable", "non_transferable"],
		"permanent_delegate": "C",
		"transfer_hook": "D",
		"transfer_fee": {"basis_points": 1, "maximum": 2},
	}],
	"cpi_signers": [{"instruction": 0, "basis": "message", "program": "A", "signer": "B"}],
	"data_addresses": [{"instruction": 0, "basis": "message", "address": "A", "argument": "b"}],
	"guarantees": [{"instruction": 0, "basis": "asserted", "kind": "lamports", "operator": "greater_or_equal"}],
	"missing": [{"fact": "instruction", "detail": "unknown"}],
}))

named := object.union(fixtures.transfer_instruction, {"texts": {"memo": "x"}})

noon := {
	"date": "2026-01-01",
	"weekday": "thursday",
	"minute_of_day": 720,
}

request := object.union(fixtures.request.request, {"local_times": {"GMT": noon, "UTC": {
	"date": "2026-01-01",
	"weekday": "thursday",
	"minute_of_day": 60,
}}})

nonce := {"kind": "durable_nonce", "nonce": "A", "nonce_account": "B", "nonce_authority": "C"}

simulation := doubled({
	"status": "succeeded",
	"slot": 1,
	"units_consumed": 1,
	"complete": false,
	"missing": ["x"],
	"diverges": true,
	"divergences": [{"account": "A", "change": "lamports", "detail": "x"}],
	"instructions": [{"depth": 1, "instruction": fixtures.transfer_instruction}],
	"effects": fixtures.request.effects,
})

message := {
	"v": 1,
	"request": object.union(request, {"method": "sign_message"}),
	"agent": {"id": "trader"},
	"wallet": fixtures.request.wallet,
	"context": {},
	"message": doubled({
		"envelope": "offchain_v0",
		"sha256": "00",
		"size": 1,
		"text": "x",
		"application_domain": "A",
		"signers": ["B"],
	}),
}

described := doubled(fixtures.described_instruction("A", "B"))

unknown := doubled(fixtures.unknown_instruction("A", "B"))

# What is whole by itself; `input` stands for a whole policy input, whose parts are tried by themselves.
believed("input", value) if completeness.complete with input as value

believed("transaction", value) if completeness.whole_transaction(value)

believed("lifetime", value) if completeness.whole_lifetime(value)

believed("instructions", value) if completeness.whole_instruction(value)

believed("effects", value) if completeness.whole_effects(value)

believed("simulation", value) if completeness.whole_simulation(value)

# By name: of what kind it is, and an example with every fact.
whole := {
	"a_request": ["input", object.union(fixtures.request, {"request": request, "context": {"purpose": "x", "why": "y"}, "chain": doubled(fixtures.request.chain)})],
	"a_message": ["input", message],
	"a_transaction": ["transaction", doubled(fixtures.request.transaction)],
	"a_nonce": ["lifetime", nonce],
	"a_known_instruction": ["instructions", object.union(named, {"parts": [named, named]})],
	"a_described_instruction": ["instructions", described],
	"an_unknown_instruction": ["instructions", unknown],
	"effects": ["effects", effects],
	"a_simulation": ["simulation", simulation],
	"a_failed_simulation": ["simulation", {"status": "failed", "slot": 1, "error": "x"}],
	"an_unavailable_simulation": ["simulation", {"status": "unavailable", "reason": "x"}],
}

# Facts that may be absent, by the end of their path.
absent_at_times := {
	["transfers", "decimals"],
	["transfers", "source_owner"],
	["transfers", "recipient"],
	["outflows", "decimals"],
	["inflows", "decimals"],
	["mints", "permanent_delegate"],
	["mints", "transfer_hook"],
	["mints", "transfer_fee"],
	["chain", "slot"],
	["message", "text"],
	["message", "application_domain"],
	["message", "signers"],
	["instructions", "texts"],
	["instructions", "parts"],
	["parts", "texts"],
}

# What nothing promises: free members, entries of lists and tables, and what the schema does not demand.
free := {"arguments", "texts", "context", "local_times"}

pointer(path) := concat("/", array.concat([""], [$"{step}" | some step in path]))

steps(kind, path) := array.concat([kind], [step | some step in path; is_string(step)])

end_of(kind, path) := array.slice(steps(kind, path), count(steps(kind, path)) - 2, count(steps(kind, path)))

may_be_absent(kind, path) if end_of(kind, path) in absent_at_times

may_be_absent(_, path) if is_number(path[count(path) - 1])

may_be_absent(_, path) if path[count(path) - 2] in free

# Parts that are tried by themselves are not gone into again.
facts(kind, value) := [path |
	walk(value, [path, _])
	count(path) > 0
	not 1 in path
	count(tried_alone[kind] & {step | some step in array.slice(path, 0, count(path) - 1)}) == 0
]

tried_alone := {
	"input": {"transaction", "effects", "simulation"},
	"transaction": {"instructions"},
	"lifetime": set(),
	"instructions": set(),
	"effects": set(),
	"simulation": {"instruction", "effects"},
}

of_another_type(value) := [1] if is_string(value)

of_another_type(value) := ["1"] if is_number(value)

of_another_type(value) := ["true"] if is_boolean(value)

# `every` goes over the members of both alike.
of_another_type(value) := [{$"{i}": item | some i, item in value}, "x"] if is_array(value)

of_another_type(value) := [[member | some member in value], "x"] if is_object(value)

without(value, path) := json.patch(value, [{"op": "remove", "path": pointer(path)}])

mistyped(value, path, other) := json.patch(value, [{
	"op": "replace",
	"path": pointer(path),
	"value": other,
}])

# Arguments are of any type.
of_any_type(path) if "arguments" in array.slice(path, 0, count(path) - 1)

believed_without_what_may_be_absent([kind, value]) if {
	every path in [path | some path in facts(kind, value); end_of(kind, path) in absent_at_times] {
		believed(kind, without(value, path))
	}
}

unbelieved_without_any_other([kind, value]) if {
	every path in [path | some path in facts(kind, value); not may_be_absent(kind, path)] {
		lesser := without(value, path)
		not believed(kind, lesser)
	}
}

unbelieved_with_another_type([kind, value]) if {
	every path in [path | some path in facts(kind, value); not of_any_type(path)] {
		every other in of_another_type(object.get(value, path, null)) {
			strange := mistyped(value, path, other)
			not believed(kind, strange)
		}
	}
}

test_complete_with_every_fact if {
	every one in whole {
		believed(one[0], one[1])
	}
}

test_complete_without_a_fact_that_may_be_absent if {
	every one in whole {
		believed_without_what_may_be_absent(one)
	}
}

test_incomplete_without_any_other_effect if unbelieved_without_any_other(whole.effects)

test_incomplete_without_any_other_fact if {
	every one in object.remove(whole, ["effects"]) {
		unbelieved_without_any_other(one)
	}
}

test_incomplete_with_any_effect_of_another_type if unbelieved_with_another_type(whole.effects)

test_incomplete_with_any_other_fact_of_another_type if {
	every one in object.remove(whole, ["effects"]) {
		unbelieved_with_another_type(one)
	}
}
