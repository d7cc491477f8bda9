package countersign.wording_test

import data.countersign.wording

labels(n) := {address: "label" | some i in numbers.range(10, n + 9); address := $"address {i}"}

test_amounts_name_their_unit_and_stay_exact if {
	wording.amount(9007199254740993, "SOL") == "9007199254740993 lamports of SOL"
	wording.amount(36893488147419103233, "Mint") == "36893488147419103233 base units of Mint"
}

test_a_listing_names_keys_and_labels if {
	wording.listing({"A": "first", "B": ""}) == "A (first), B"
	wording.listing({}) == "nothing"
	wording.names({"A": 1, "B": 2}) == "A, B"
}

test_a_long_listing_is_cut if {
	not contains(wording.listing(labels(10)), "more")
	endswith(wording.listing(labels(11)), "address 19 (label) and 1 more")
	endswith(wording.listing(labels(12)), "address 19 (label) and 2 more")
}
