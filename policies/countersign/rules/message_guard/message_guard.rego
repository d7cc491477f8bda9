# METADATA
# title: Message guard
# description: >-
#   Lets the wallet sign only plain text that the data names: as it stands, by how it begins, or by a pattern of the whole.
#   Whoever has a signature has it for good, so what is named should say for whom and for what it is.
# schemas:
#   - input: schema.input
# custom:
#   facts:
#     - wallet.address
#     - message.text
#     - message.size
#     - message.sha256
#     - message.envelope
#     - message.application_domain
#     - message.signers
#   settings: schema.rules.message_guard
#   reasons:
#     MESSAGE_ALLOWED: the message is a text that the data names
#     MESSAGE_NOT_TEXT: the message is no plain text
#     MESSAGE_TOO_LARGE: the message is larger than the data permits
#     MESSAGE_NOT_NAMED: the text is none that the data names
#     ENVELOPE_NOT_ALLOWED: the message stands in an envelope that the data does not permit
#     APPLICATION_DOMAIN_NOT_ALLOWED: the envelope is for an application that the data does not name
#     WALLET_NOT_A_SIGNER: the envelope does not name the wallet among its signers
#     MESSAGE_GUARD_UNDECIDED: a fact or a setting that the rule needs is missing or of another type
package countersign.rules.message_guard

import data.countersign.settings

terms := settings.wallet.message_guard

# Bytes, where the data does not say.
usual_size := 1024

# A prefix of fewer characters names nothing.
shortest_prefix := 8

# METADATA
# title: Verdict
# description: Allow only plain text that the data names, no larger than it permits, in an envelope that it permits.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "MESSAGE_GUARD_UNDECIDED",
		"message": "the message cannot be checked",
		"remedy": "allowed: only where the input has a message and no transaction, and the policy data of this wallet has message_guard with texts, prefixes or patterns",
		"facts": {},
	}],
}

verdict := {"decision": "allow", "reasons": [finding]} if {
	readable
	envelope_permitted
	input.message.size <= largest_size
	text_named
} else := {"decision": "deny", "reasons": violations} if {
	readable
}

finding := {
	"code": "MESSAGE_ALLOWED",
	"message": "the message is a text that this wallet may sign",
	"facts": {"sha256": input.message.sha256},
}

readable if {
	not input.transaction
	is_number(input.message.size)
	is_string(input.message.sha256)
	is_number(largest_size)
	is_array(envelopes)
	count(array.flatten([named("texts"), named("prefixes"), named("patterns")])) > 0
}

largest_size := object.get(terms, "max_bytes", usual_size)

envelopes := object.get(terms, "envelopes", ["none"])

# Undefined where it is no list, so that nothing else there counts either.
named(setting) := list if {
	list := object.get(terms, setting, [])
	is_array(list)
	every text in list {
		is_string(text)
	}
}

plain_text if is_string(input.message.text)

text_named if {
	some text in named("texts")
	text != ""
	input.message.text == text
}

text_named if {
	some prefix in named("prefixes")
	count(prefix) >= shortest_prefix
	startswith(input.message.text, prefix)
}

# Bound to the whole text whatever stands within: ^a|b$ alone would let through whatever begins with a.
text_named if {
	some pattern in named("patterns")
	startswith(pattern, "^")
	endswith(pattern, "$")
	regex.is_valid(pattern)
	regex.match($"^(?:{pattern})$", input.message.text)
}

envelope_permitted if {
	input.message.envelope == "none"
	"none" in envelopes
}

envelope_permitted if {
	input.message.envelope == "offchain_v0"
	"offchain_v0" in envelopes
	domain_permitted
	wallet_named
}

domain_permitted if is_string(terms.application_domains[input.message.application_domain])

wallet_named if {
	is_array(input.message.signers)
	input.wallet.address in input.message.signers
}
