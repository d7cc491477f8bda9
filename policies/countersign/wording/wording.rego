# METADATA
# title: Wording
# description: How reasons name amounts and lists. Template strings are exact for integers of any size; sprintf is not.
package countersign.wording

longest_listing := 10

# METADATA
# title: Amount
# description: An amount in base units with its asset, for a sentence.
amount(n, asset) := $"{n} lamports of SOL" if asset == "SOL"

amount(n, asset) := $"{n} base units of {asset}" if asset != "SOL"

# METADATA
# title: Listing
# description: The keys of an object of labels, with their labels, cut where the list is long.
listing(labels) := "nothing" if count(labels) == 0

listing(labels) := text if {
	count(labels) > 0
	count(labels) <= longest_listing
	text := concat(", ", sort([labelled(name, label) | some name, label in labels]))
}

listing(labels) := $"{text} and {more} more" if {
	more := count(labels) - longest_listing
	more > 0
	entries := sort([labelled(name, label) | some name, label in labels])
	text := concat(", ", array.slice(entries, 0, longest_listing))
}

# METADATA
# title: Names
# description: The keys of an object, cut where there are many.
names(object) := listing({name: "" | some name, _ in object})

labelled(name, label) := $"{name} ({label})" if label != ""

labelled(name, label) := name if label == ""
