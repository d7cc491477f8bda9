package countersign.rules.message_guard_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.message_guard.verdict

domain := "Domain1111111111111111111111111111111111111"

request(message) := {
	"v": 1,
	"request": object.union(fixtures.request.request, {"method": "sign_message"}),
	"agent": fixtures.request.agent,
	"wallet": fixtures.request.wallet,
	"message": message,
	"context": {},
}

plain(text) := request({"envelope": "none", "sha256": "ab", "size": count(text), "text": text})

enveloped(changes) := request(object.union(
	{
		"envelope": "offchain_v0",
		"sha256": "ab",
		"size": 90,
		"text": "hello there",
		"application_domain": domain,
		"signers": [fixtures.friend, fixtures.wallet],
	},
	changes,
))

decided(asked, settings) := v if {
	v := verdict with input as asked
		with data.countersign.agents as fixtures.agents_with("message_guard", settings)
}

codes(asked, settings) := [reason.code | some reason in decided(asked, settings).reasons]

test_allow_a_text_as_it_stands if {
	settings := {"texts": ["other", "hello there"]}
	v := decided(plain("hello there"), settings)
	v == {"decision": "allow", "reasons": [{
		"code": "MESSAGE_ALLOWED",
		"message": "the message is a text that this wallet may sign",
		"facts": {"sha256": "ab"},
	}]}
	every text in ["hello ther", "hello there ", " hello there", "Hello there", "hello there\n", ""] {
		codes(plain(text), settings) == ["MESSAGE_NOT_NAMED"]
	}
}

test_allow_a_text_by_how_it_begins if {
	settings := {"prefixes": ["zzzzzzzzz", "app.example: "]}
	every text in ["app.example: log in", "app.example: ", "app.example: one\ntwo"] {
		decided(plain(text), settings).decision == "allow"
	}
	every text in ["app.example:", "xapp.example: ", "App.example: log in", "\napp.example: log in"] {
		codes(plain(text), settings) == ["MESSAGE_NOT_NAMED"]
	}
}

test_deny_by_a_prefix_that_is_too_short if {
	every prefix in ["", "1", "1234567"] {
		codes(plain("12345678"), {"prefixes": [prefix]}) == ["MESSAGE_NOT_NAMED"]
	}
	decided(plain("12345678"), {"prefixes": ["12345678"]}).decision == "allow"
}

test_allow_a_text_by_a_pattern_of_the_whole if {
	settings := {"patterns": ["^never$", "^Log in to app[.]example, nonce [0-9a-f]{4}$"]}
	decided(plain("Log in to app.example, nonce 0af9"), settings).decision == "allow"
	every text in [
		"Log in to app.example, nonce 0af",
		"Log in to app.example, nonce 0af90",
		"xLog in to app.example, nonce 0af9",
		"Log in to app.example, nonce 0af9\n",
		"Log in to app.example, nonce 0af9\nand pay",
		"pay\nLog in to app.example, nonce 0af9",
		"Log in to appxexample, nonce 0af9",
	] {
		codes(plain(text), settings) == ["MESSAGE_NOT_NAMED"]
	}
}

# The anchors of one branch bind that branch alone; here they bind the whole.
test_deny_what_only_a_branch_of_a_pattern_matches if {
	settings := {"patterns": ["^yes|no$"]}
	every text in ["yes", "no"] {
		decided(plain(text), settings).decision == "allow"
	}
	every text in ["yes, and pay", "pay, or no", "yesno", "y"] {
		codes(plain(text), settings) == ["MESSAGE_NOT_NAMED"]
	}
}

test_deny_across_lines_unless_the_pattern_says_so if {
	codes(plain("a one\nb"), {"patterns": ["^a .*$"]}) == ["MESSAGE_NOT_NAMED"]
	codes(plain("a one\r\nb"), {"patterns": ["^a .*$"]}) == ["MESSAGE_NOT_NAMED"]
	codes(plain("a one\n"), {"patterns": ["^a .*$"]}) == ["MESSAGE_NOT_NAMED"]
	codes(plain("b\na one"), {"patterns": ["^(?m)^a one$"]}) == ["MESSAGE_NOT_NAMED"]
	codes(plain("a one\nb"), {"patterns": ["^(?m)a one$"]}) == ["MESSAGE_NOT_NAMED"]
	decided(plain("a one\nb"), {"patterns": ["^a .*\\nb$"]}).decision == "allow"
	decided(plain("a one\nb"), {"patterns": ["^(?s)a .*$"]}).decision == "allow"
	decided(plain("a one\nb"), {"patterns": ["^a [^x]*$"]}).decision == "allow"
}

test_deny_by_a_pattern_that_is_not_of_the_whole if {
	every pattern in [
		"hello there",
		"^hello there",
		"hello there$",
		"^hello there$|x",
		"",
		"^",
		"$",
		"^hello[$",
		"^hello)|(there$",
		"^hello (there$",
		"^\\Qhello there$",
		"^hello there\\$",
		"(?m)^hello there$",
		"^hello \\there$$(",
	] {
		codes(plain("hello there"), {"patterns": [pattern]}) == ["MESSAGE_NOT_NAMED"]
	}
	decided(plain("hello there$"), {"patterns": ["^hello there\\$"]}).decision == "allow"
}

test_deny_what_is_no_plain_text if {
	bytes := request({"envelope": "none", "sha256": "ab", "size": 4})
	v := decided(bytes, {"patterns": ["^(?s).*$"]})
	v.reasons == [{
		"code": "MESSAGE_NOT_TEXT",
		"message": "the message is no plain text",
		"remedy": "allowed: UTF-8 without control characters other than line feed, carriage return and tab",
		"facts": {"sha256": "ab", "size": 4},
	}]
	every text in [null, 5, true, [], {}, ["hello there"]] {
		asked := request({"envelope": "none", "sha256": "ab", "size": 4, "text": text})
		codes(asked, {"patterns": ["^(?s).*$"], "texts": ["hello there"]}) == ["MESSAGE_NOT_TEXT"]
	}
}

test_deny_a_message_that_is_too_large if {
	settings := {"patterns": ["^x*$"]}
	sized_as(1024, settings) == "allow"
	sized_as(1025, settings) == "deny"
	sized_as(100, object.union(settings, {"max_bytes": 100})) == "allow"
	sized_as(101, object.union(settings, {"max_bytes": 100})) == "deny"
	full := request({"envelope": "none", "sha256": "ab", "size": 100, "text": "y"})
	codes(full, object.union(settings, {"max_bytes": 100})) == ["MESSAGE_NOT_NAMED"]
	sized_as(2000, object.union(settings, {"max_bytes": 4096})) == "allow"
	v := decided(request({"envelope": "none", "sha256": "ab", "size": 101, "text": "x"}), object.union(settings, {"max_bytes": 100}))
	v.reasons == [{
		"code": "MESSAGE_TOO_LARGE",
		"message": "the message has 101 bytes",
		"remedy": "at most 100 bytes is allowed",
		"facts": {"sha256": "ab", "size": 101},
	}]
}

sized_as(size, settings) := decided(
	request({"envelope": "none", "sha256": "ab", "size": size, "text": "x"}),
	settings,
).decision

test_deny_an_envelope_unless_it_is_named if {
	texts := {"texts": ["hello there"]}
	v := decided(enveloped({}), texts)
	[reason.code | some reason in v.reasons] == ["ENVELOPE_NOT_ALLOWED"]
	v.reasons[0].remedy == "allowed: none"
	with_domain := object.union(texts, {"application_domains": {domain: "app"}})
	codes(enveloped({}), with_domain) == ["ENVELOPE_NOT_ALLOWED"]
	only := object.union(texts, {"envelopes": ["offchain_v0"], "application_domains": {domain: "app"}})
	decided(enveloped({}), only).decision == "allow"
	codes(plain("hello there"), only) == ["ENVELOPE_NOT_ALLOWED"]
	both := object.union(only, {"envelopes": ["none", "offchain_v0"]})
	decided(enveloped({}), both).decision == "allow"
	decided(plain("hello there"), both).decision == "allow"
	every envelope in ["offchain_v1", "", "None"] {
		listed := object.union(both, {"envelopes": ["none", "offchain_v0", envelope]})
		codes(enveloped({"envelope": envelope}), listed) == ["ENVELOPE_NOT_ALLOWED"]
	}
}

test_deny_an_application_that_is_not_named if {
	settings := {"texts": ["hello there"], "envelopes": ["offchain_v0"], "application_domains": {domain: "app"}}
	v := decided(enveloped({"application_domain": fixtures.stranger}), settings)
	v.reasons == [{
		"code": "APPLICATION_DOMAIN_NOT_ALLOWED",
		"message": $"the envelope is for the application {fixtures.stranger}",
		"remedy": $"allowed: {domain} (app)",
		"facts": {"sha256": "ab", "size": 90},
	}]
	codes(enveloped({"application_domain": null}), settings) == ["APPLICATION_DOMAIN_NOT_ALLOWED"]
	every domains in [null, [domain], {domain: false}, {domain: null}, {}] {
		codes(enveloped({}), object.union(object.remove(settings, ["application_domains"]), {"application_domains": domains})) == ["APPLICATION_DOMAIN_NOT_ALLOWED"]
	}
	codes(enveloped({}), object.remove(settings, ["application_domains"])) == ["APPLICATION_DOMAIN_NOT_ALLOWED"]
}

test_deny_an_envelope_that_does_not_name_the_wallet if {
	settings := {"texts": ["hello there"], "envelopes": ["offchain_v0"], "application_domains": {domain: "app"}}
	every signers in [[], [fixtures.friend], null, fixtures.wallet, {"x": fixtures.wallet}] {
		codes(enveloped({"signers": signers}), settings) == ["WALLET_NOT_A_SIGNER"]
	}
}

test_deny_says_which_texts_would_be_allowed if {
	long := concat("", ["x" | some _ in numbers.range(1, 200)])
	v := decided(plain("pay"), {"texts": ["say \"yes\""], "prefixes": ["app.example: "], "patterns": ["^a+$", long]})
	v.reasons[0].remedy == concat("", [
		`allowed: the text "say \"yes\""; what begins with "app.example: "; what matches "^a+$"; what matches "`,
		substring(long, 0, 80),
		`" (cut)`,
	])
	many := decided(plain("pay"), {"texts": ["1", "2", "3", "4", "5", "6"]})
	many.reasons[0].remedy == `allowed: the text "1"; the text "2"; the text "3"; the text "4"; the text "5"; and more`
	v.reasons[0].message == "the text of the message is none that the policy data names"
	five := decided(plain("pay"), {"texts": ["1", "2", "3"], "prefixes": ["12345678"], "patterns": ["^z$"]})
	five.reasons[0].remedy == `allowed: the text "1"; the text "2"; the text "3"; what begins with "12345678"; what matches "^z$"`
	six := decided(plain("pay"), {"texts": ["1", "2"], "prefixes": ["12345678", "23456789"], "patterns": ["^y$", "^z$"]})
	endswith(six.reasons[0].remedy, `what matches "^y$"; and more`)
	exact := decided(plain("pay"), {"texts": [substring(long, 0, 80)]})
	exact.reasons[0].remedy == concat("", [`allowed: the text "`, substring(long, 0, 80), `"`])
}

test_deny_says_all_that_is_wrong if {
	asked := request({"envelope": "offchain_v0", "sha256": "ab", "size": 2000})
	codes(asked, {"texts": ["x"]}) == ["ENVELOPE_NOT_ALLOWED", "MESSAGE_TOO_LARGE", "MESSAGE_NOT_TEXT"]
}

test_deny_without_facts if {
	settings := {"texts": ["hello there"], "envelopes": ["none", "offchain_v0"], "application_domains": {domain: "app"}}
	decided(enveloped({}), settings).decision == "allow"
	every path in [
		"/message",
		"/message/envelope",
		"/message/sha256",
		"/message/size",
		"/message/text",
		"/message/application_domain",
		"/message/signers",
		"/wallet/address",
	] {
		decided(json.patch(enveloped({}), [{"op": "remove", "path": path}]), settings).decision == "deny"
	}
}

test_deny_facts_of_another_type if {
	settings := {"patterns": ["^(?s).*$"]}
	every path in ["/message", "/message/envelope", "/message/sha256", "/message/size"] {
		every value in [null, {}, [1], true] {
			decided(json.patch(plain("x"), [{"op": "replace", "path": path, "value": value}]), settings).decision == "deny"
		}
	}
}

test_deny_settings_that_cannot_be_read if {
	every settings in [
		{},
		null,
		"x",
		[],
		{"texts": []},
		{"texts": "hello there"},
		{"texts": {"x": "hello there"}},
		{"texts": ["hello there", null]},
		{"texts": ["hello there"], "prefixes": null},
		{"texts": ["hello there"], "patterns": "^x$"},
		{"texts": ["hello there"], "patterns": [5]},
		{"texts": ["hello there"], "max_bytes": "100"},
		{"texts": ["hello there"], "max_bytes": null},
		{"texts": ["hello there"], "envelopes": "none"},
		{"texts": ["hello there"], "envelopes": null},
	] {
		codes(plain("hello there"), settings) == ["MESSAGE_GUARD_UNDECIDED"]
	}
	v := verdict with input as plain("hello there") with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_an_empty_text if {
	codes(plain(""), {"texts": ["", "x"]}) == ["MESSAGE_NOT_NAMED"]
}

test_deny_a_transaction if {
	settings := {"patterns": ["^(?s).*$"]}
	decided(fixtures.request, settings).decision == "deny"
	both := json.patch(plain("x"), [{"op": "add", "path": "/transaction", "value": fixtures.request.transaction}])
	codes(both, settings) == ["MESSAGE_GUARD_UNDECIDED"]
}
