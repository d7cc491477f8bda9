# What the arguments of a named instruction may be. The annotations of the package stand in program_allowlist.rego.
package countersign.rules.program_allowlist

# The longest text of an argument that a reason shows.
longest_shown := 64

# `entry`: what the data says of the instruction's program.
arguments_permitted(instruction, entry) if {
	bounded := object.get(entry, "arguments", {})

	# countersign-mutate: condition lives because nothing can be got out of what is no object
	is_object(bounded)
	every name, _ in bounded {
		name in entry.instructions
	}
	predicates := object.get(bounded, instruction.name, {})
	is_object(predicates)
	every path, predicate in predicates {
		argument_fits(instruction, path, predicate)
	}
}

bounded_arguments(program) := object.get(programs[program], "arguments", {})

# Bounds for an instruction that is not named one by one could be bounds for a name that does not exist, and bound nothing.
misnamed_arguments(program) := [name |
	some name, _ in bounded_arguments(program)
	not name in programs[program].instructions
]

# Every kind of bound must hold: one that is not known holds for nothing.
argument_fits(instruction, path, predicate) if {
	# countersign-mutate: condition lives because nothing can be got out of what is no object
	is_object(instruction.arguments)
	count(predicate) > 0
	every kind, bound in predicate {
		bound_holds(kind, bound, argument(instruction, path))
	}
}

# The input has no null but in lists, and paths do not lead into lists.
argument(instruction, path) := object.get(instruction.arguments, split(path, "."), null)

bound_holds("equals", bound, value) if {
	not is_null(value)
	value == bound
}

bound_holds("one_of", bound, value) if {
	is_array(bound)
	not is_null(value)
	value in bound
}

# null and booleans are less than every number, and text is more.
bound_holds("at_most", bound, value) if {
	is_number(bound)
	is_number(value)
	value <= bound
}

bound_holds("at_least", bound, value) if {
	is_number(bound)
	is_number(value)
	value >= bound
}

bound_holds("present", true, value) if not is_null(value)

bound_holds("present", false, value) if is_null(value)

# Sorted, because objects have another order in WebAssembly than in opa.
misfitting_arguments(instruction) := sort([argument_misfit(given, path) |
	some given in array.concat([instruction], object.get(instruction, "parts", []))
	some path, predicate in bounded_arguments(given.program)[given.name]
	not argument_fits(given, path, predicate)
])

argument_misfit(instruction, path) := {
	"found": $"{path} {argument_text(object.get(instruction, "arguments", {}), path)}",
	"permitted": $"{path} {bounds_text(bounded_arguments(instruction.program)[instruction.name][path])}",
}

argument_text(arguments, path) := value_text(object.get(arguments, split(path, "."), null))

value_text(value) := "absent" if {
	is_null(value)
} else := substring(value, 0, longest_shown) if {
	# countersign-mutate: condition lives because there is no part of what is no text
	is_string(value)
} else := $"{value}" if {
	is_number(value)
} else := $"{value}" if {
	is_boolean(value)
} else := "of several values"

bounds_text(predicate) := concat(" and ", sort([bound_text(kind, bound) | some kind, bound in predicate]))

bound_text("equals", bound) := value_text(bound)

bound_text("one_of", bound) := concat(" or ", [value_text(one) | some one in bound])

bound_text("at_most", bound) := $"at most {bound}"

bound_text("at_least", bound) := $"at least {bound}"

bound_text("present", bound) := "present" if bound == true

bound_text("present", bound) := "absent" if bound == false
