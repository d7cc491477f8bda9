# Why messages are denied, each reason with what would be allowed. The annotations of the package stand in message_guard.rego.
package countersign.rules.message_guard

import data.countersign.wording

# The longest piece of a named text that a reason shows, and how many of them.
longest_shown := 80

most_shown := 5

violations := array.flatten([
	envelope_violations,
	size_violations,
	text_violations,
])

facts := {"sha256": input.message.sha256, "size": input.message.size}

envelope_violations := [] if {
	envelope_permitted
} else := [{
	"code": "APPLICATION_DOMAIN_NOT_ALLOWED",
	"message": $"the envelope is for the application {object.get(input.message, "application_domain", "of nobody")}",
	"remedy": $"allowed: {wording.listing(object.get(terms, "application_domains", {}))}",
	"facts": facts,
}] if {
	input.message.envelope == "offchain_v0"
	"offchain_v0" in envelopes
	not domain_permitted
} else := [{
	"code": "WALLET_NOT_A_SIGNER",
	"message": $"the envelope does not name {input.wallet.address} among its signers",
	"remedy": "allowed: envelopes that name the wallet",
	"facts": facts,
}] if {
	input.message.envelope == "offchain_v0"
	"offchain_v0" in envelopes
} else := [{
	"code": "ENVELOPE_NOT_ALLOWED",
	"message": $"the message has the envelope {input.message.envelope}",
	"remedy": $"allowed: {concat(", ", envelopes)}",
	"facts": facts,
}]

size_violations := [{
	"code": "MESSAGE_TOO_LARGE",
	"message": $"the message has {input.message.size} bytes",
	"remedy": $"at most {largest_size} bytes is allowed",
	"facts": facts,
} |
	input.message.size > largest_size
]

text_violations := [{
	"code": "MESSAGE_NOT_TEXT",
	"message": "the message is no plain text",
	"remedy": "allowed: UTF-8 without control characters other than line feed, carriage return and tab",
	"facts": facts,
}] if {
	not plain_text
} else := [{
	"code": "MESSAGE_NOT_NAMED",
	"message": "the text of the message is none that the policy data names",
	"remedy": $"allowed: {concat("; ", shapes)}",
	"facts": facts,
}] if {
	not text_named
} else := []

shapes := array.concat(
	array.slice(
		array.flatten([
			[$"the text {shown(text)}" | some text in named("texts")],
			[$"what begins with {shown(prefix)}" | some prefix in named("prefixes")],
			[$"what matches {shown(pattern)}" | some pattern in named("patterns")],
		]),
		0, most_shown,
	),
	["and more" | count(array.flatten([named("texts"), named("prefixes"), named("patterns")])) > most_shown],
)

shown(text) := json.marshal(text) if count(text) <= longest_shown

shown(text) := $"{json.marshal(substring(text, 0, longest_shown))} (cut)" if count(text) > longest_shown
