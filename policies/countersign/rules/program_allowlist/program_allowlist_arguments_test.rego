package countersign.rules.program_allowlist_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.program_allowlist.verdict

# The ordinary transfer with these arguments, and bounds on them.
with_arguments(values) := calling(json.patch(fixtures.transfer_instruction, [{
	"op": "replace",
	"path": "/arguments",
	"value": values,
}]))

bounding(predicates) := programs({fixtures.system: {
	"instructions": ["transfer"],
	"arguments": {"transfer": predicates},
}})

decided(request, agents) := v if {
	v := verdict with input as request with data.countersign.agents as agents
}

order := {"amount": 5, "side": "bid", "reduce_only": true, "params": {"price": {"limit": 18446744073709551615}}}

test_allow_arguments_within_every_kind_of_bound if {
	every path, predicate in {
		"amount": {"at_most": 5, "at_least": 5, "equals": 5, "one_of": [4, 5], "present": true},
		"side": {"one_of": ["ask", "bid"]},
		"reduce_only": {"equals": true},
		"params.price.limit": {"at_most": 18446744073709551615},
		"params.price": {"present": true},
		"params.price.trigger": {"present": false},
		"client": {"present": false},
	} {
		v := decided(with_arguments(order), bounding({path: predicate}))
		v.decision == "allow"
	}
}

test_deny_arguments_beyond_a_bound if {
	every case in [
		{"path": "amount", "predicate": {"at_most": 4}, "found": "amount 5", "permitted": "amount at most 4"},
		{"path": "amount", "predicate": {"at_least": 6}, "found": "amount 5", "permitted": "amount at least 6"},
		{"path": "amount", "predicate": {"equals": 6}, "found": "amount 5", "permitted": "amount 6"},
		{"path": "side", "predicate": {"one_of": ["ask", "none"]}, "found": "side bid", "permitted": "side ask or none"},
		{"path": "reduce_only", "predicate": {"equals": false}, "found": "reduce_only true", "permitted": "reduce_only false"},
		{"path": "amount", "predicate": {"present": false}, "found": "amount 5", "permitted": "amount absent"},
		{"path": "client", "predicate": {"present": true}, "found": "client absent", "permitted": "client present"},
		{
			"path": "params.price.limit",
			"predicate": {"at_most": 18446744073709551614},
			"found": "params.price.limit 18446744073709551615",
			"permitted": "params.price.limit at most 18446744073709551614",
		},
		{
			"path": "params.price",
			"predicate": {"at_least": 1, "at_most": 2},
			"found": "params.price of several values",
			"permitted": "params.price at least 1 and at most 2",
		},
	] {
		v := decided(with_arguments(order), bounding({case.path: case.predicate}))
		v == {"decision": "deny", "reasons": [{
			"code": "ARGUMENT_NOT_ALLOWED",
			"message": $"calls transfer of system ({fixtures.system}) with {case.found}",
			"remedy": $"allowed: {case.permitted}",
			"facts": {"instruction": 0, "name": "transfer", "program": fixtures.system},
		}]}
	}
}

# null is less than every number, text is more, and a missing value must be neither.
test_deny_an_argument_that_is_absent_or_of_another_type if {
	every predicate in [{"at_most": 5}, {"at_least": 0}, {"equals": 5}, {"one_of": [5]}] {
		every values in [{}, {"amount": null}, {"amount": "5"}, {"amount": true}, {"amount": [5]}, {"amount": {"x": 5}}] {
			v := decided(with_arguments(values), bounding({"amount": predicate}))
			v.decision == "deny"
		}
	}
}

test_deny_an_argument_in_a_list_by_its_place if {
	v := decided(with_arguments({"amounts": [5]}), bounding({"amounts.0": {"at_most": 5}}))
	v.decision == "deny"
}

test_deny_without_arguments_what_bounds_them if {
	instruction := object.remove(fixtures.transfer_instruction, ["arguments"])
	every values in [null, [], "x", 5] {
		v := decided(with_arguments(values), bounding({"client": {"present": false}}))
		v.decision == "deny"
	}
	v := decided(calling(instruction), bounding({"client": {"present": false}}))
	v.decision == "deny"
}

test_deny_by_bounds_that_cannot_be_read if {
	every predicate in [
		{},
		{"at_mots": 5},
		{"at_most": 5, "unless": true},
		{"at_most": "5"},
		{"at_most": null},
		{"at_least": null},
		{"one_of": 5},
		{"one_of": []},
		{"present": "yes"},
		[],
		5,
		null,
		"x",
	] {
		v := decided(with_arguments(order), bounding({"amount": predicate}))
		v.decision == "deny"
	}
	every bounded in [false, null, "x", [], {"transfer": 5}, {"transfer": "x"}, {"transfer": null}] {
		agents := programs({fixtures.system: {"instructions": ["transfer"], "arguments": bounded}})
		v := decided(with_arguments(order), agents)
		v.decision == "deny"
	}
}

test_deny_names_every_argument_that_does_not_fit if {
	v := decided(with_arguments(order), bounding({"side": {"equals": "ask"}, "amount": {"at_most": 1}}))
	v.reasons[0].message == $"calls transfer of system ({fixtures.system}) with amount 5, side bid"
	v.reasons[0].remedy == "allowed: amount at most 1, side ask"
}

test_deny_shows_only_the_beginning_of_a_long_text if {
	long := concat("", ["x" | some _ in numbers.range(1, 1000)])
	v := decided(with_arguments({"side": long}), bounding({"side": {"equals": "ask"}}))
	count(v.reasons[0].message) < 200
}

# A misspelt name would bound nothing.
test_deny_bounds_for_an_instruction_that_is_not_named_by_itself if {
	every listed in [["transfer"], ["*"], ["transfer", "*"]] {
		v := decided(with_arguments(order), programs({fixtures.system: {
			"instructions": listed,
			"arguments": {"transfr": {"amount": {"at_most": 1}}},
		}}))
		v.decision == "deny"
		[reason.code | some reason in v.reasons] == ["ARGUMENTS_MISNAMED"]
		contains(v.reasons[0].message, "arguments of transfr")
	}
}

test_allow_other_instructions_of_the_program_without_bounds if {
	v := decided(with_arguments(order), programs({fixtures.system: {
		"instructions": ["transfer", "assign"],
		"arguments": {"assign": {"amount": {"at_most": 1}}},
	}}))
	v.decision == "allow"
}

test_deny_a_part_of_a_batch_beyond_a_bound if {
	large := object.union(part("transfer"), {"arguments": {"amount": 6}})
	small := object.union(part("transfer"), {"arguments": {"amount": 5}})
	agents := programs({fixtures.system: {
		"instructions": ["batch", "transfer"],
		"arguments": {"transfer": {"amount": {"at_most": 5}}},
	}})
	allowed := decided(calling(object.union(batch, {"parts": [small, small]})), agents)
	allowed.decision == "allow"
	v := decided(calling(object.union(batch, {"parts": [small, large]})), agents)
	v.decision == "deny"
	[reason.code | some reason in v.reasons] == ["ARGUMENT_NOT_ALLOWED"]
	endswith(v.reasons[0].message, "with amount 6")
}

bounded_router(predicate) := programs({fixtures.mystery: object.union(
	router[fixtures.mystery],
	{"arguments": {"swap": {"minimum_out": predicate}}},
)})

test_deny_arguments_of_a_described_instruction_beyond_a_bound if {
	request := simulating(swap, [[1, swap]])
	allowed := decided(request, bounded_router({"at_least": 5}))
	allowed.decision == "allow"
	v := decided(request, bounded_router({"at_least": 6}))
	v.decision == "deny"
	{reason.code | some reason in v.reasons} == {"ARGUMENT_NOT_ALLOWED"}
}

bounded_token(predicate) := programs(object.union(router, {fixtures.token: {
	"instructions": ["transfer"],
	"arguments": {"transfer": {"lamports": predicate}},
}}))

test_deny_an_inner_call_with_an_argument_beyond_a_bound if {
	request := simulating(swap, [[1, swap], [2, pay]])
	allowed := decided(request, bounded_token({"at_most": 1000}))
	allowed.decision == "allow"
	v := decided(request, bounded_token({"at_most": 999}))
	v.decision == "deny"
	[reason.code | some reason in v.reasons] == ["INNER_CALL_NOT_ALLOWED"]
	endswith(v.reasons[0].message, "with the wallet's signature, with lamports 1000")
	v.reasons[0].remedy == "allowed: lamports at most 999"
}

test_deny_by_bounds_of_another_form if {
	every predicates in [[], null, "amount", [{"amount": {"at_most": 5}}]] {
		decided(with_arguments(order), bounding(predicates)).decision == "deny"
	}
	every predicate in [{"one_of": {"x": 5}}, {"one_of": 5}, {"equals": [5]}] {
		decided(with_arguments(order), bounding({"amount": predicate})).decision == "deny"
	}
}

test_deny_by_bounds_that_name_null_an_argument_that_is_absent if {
	every predicate in [{"equals": null}, {"one_of": [null]}] {
		decided(with_arguments(order), bounding({"client": predicate})).decision == "deny"
	}
}

test_deny_cuts_a_long_text_after_64_characters if {
	every length, shown in {64: 64, 65: 64} {
		text := concat("", ["a" | some _ in numbers.range(1, length)])
		v := decided(with_arguments({"side": text}), bounding({"side": {"equals": "bid"}}))
		endswith(v.reasons[0].message, $"with side {concat("", ["a" | some _ in numbers.range(1, shown)])}")
	}
}
