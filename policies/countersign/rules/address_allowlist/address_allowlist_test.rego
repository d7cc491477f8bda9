package countersign.rules.address_allowlist_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.address_allowlist.verdict

payment(recipient) := object.union(fixtures.request, {"effects": {
	"transfers": [fixtures.sol_transfer(recipient, 1000)],
	"outflows_by_recipient": [{"asset": "SOL", "recipient": recipient, "amount": 1000}],
}})

test_allow_a_recipient_on_the_list if {
	v := verdict with input as payment(fixtures.friend) with data.countersign.agents as fixtures.agents
	v.decision == "allow"
	[reason.code | some reason in v.reasons] == ["RECIPIENTS_ALLOWED"]
}

test_allow_the_wallet_itself if {
	v := verdict with input as payment(fixtures.wallet) with data.countersign.agents as fixtures.agents
	v.decision == "allow"
}

test_allow_nothing_transferred if {
	request := object.union(fixtures.request, {"effects": {"transfers": [], "outflows_by_recipient": []}})
	v := verdict with input as request with data.countersign.agents as fixtures.agents
	v.decision == "allow"
	[reason.code | some reason in v.reasons] == ["RECIPIENTS_ALLOWED"]
}

test_deny_a_stranger if {
	v := verdict with input as payment(fixtures.stranger) with data.countersign.agents as fixtures.agents
	v.decision == "deny"
	v.reasons == [{
		"code": "RECIPIENT_NOT_ALLOWED",
		"message": $"recipient {fixtures.stranger} of SOL is not on the list",
		"remedy": $"allowed: {fixtures.friend} (a friend)",
		"facts": {"asset": "SOL", "recipient": fixtures.stranger},
	}]
}

test_deny_a_stranger_behind_a_friend if {
	transfers := [fixtures.sol_transfer(fixtures.friend, 1), fixtures.sol_transfer(fixtures.stranger, 1)]
	v := verdict with input as fixtures.request_with("/effects/transfers", transfers)
		with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_a_stranger_in_the_sums_alone if {
	sums := [{"asset": "SOL", "recipient": fixtures.stranger, "amount": 1}]
	v := verdict with input as fixtures.request_with("/effects/outflows_by_recipient", sums)
		with data.countersign.agents as fixtures.agents
	v.decision == "deny"
	[reason.code | some reason in v.reasons] == ["RECIPIENT_NOT_ALLOWED"]
}

test_deny_a_stranger_paid_from_an_account_of_another if {
	transfer := object.union(fixtures.sol_transfer(fixtures.stranger, 1), {"source_owner": fixtures.friend})
	v := verdict with input as fixtures.request_with("/effects/transfers", [transfer])
		with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_a_friend_for_an_asset_with_its_own_list if {
	agents := fixtures.agents_with("address_allowlist/recipients_by_asset", {"SOL": {fixtures.stranger: "an exchange"}})
	friendly := verdict with input as payment(fixtures.friend) with data.countersign.agents as agents
	friendly.decision == "deny"
	friendly.reasons[0].remedy == $"allowed: {fixtures.stranger} (an exchange)"
	other := verdict with input as payment(fixtures.stranger) with data.countersign.agents as agents
	other.decision == "allow"
}

test_deny_everybody_by_an_own_list_that_is_none if {
	every listed in [false, true, null, "x", [], {}] {
		v := verdict with input as payment(fixtures.friend)
			with data.countersign.agents as fixtures.agents_with("address_allowlist/recipients_by_asset", {"SOL": listed})
		v.decision == "deny"
	}
}

test_deny_an_asset_that_is_no_text_whoever_receives_it if {
	every recipient in [fixtures.friend, fixtures.wallet] {
		every path in ["/effects/transfers/0/asset", "/effects/outflows_by_recipient/0/asset"] {
			every asset in [{}, [], true, null, 1] {
				request := json.patch(payment(recipient), [{"op": "replace", "path": path, "value": asset}])
				v := verdict with input as request with data.countersign.agents as fixtures.agents
				v.decision == "deny"
			}
		}
	}
}

test_deny_everybody_by_an_empty_list if {
	v := verdict with input as payment(fixtures.friend)
		with data.countersign.agents as fixtures.agents_with("address_allowlist/recipients", {})
	v.decision == "deny"
	v.reasons[0].remedy == "allowed: nothing"
}

test_deny_a_list_that_is_no_object if {
	v := verdict with input as payment(fixtures.friend)
		with data.countersign.agents as fixtures.agents_with("address_allowlist/recipients", [fixtures.friend])
	v.decision == "deny"
}

test_deny_a_label_that_is_no_text if {
	v := verdict with input as payment(fixtures.friend)
		with data.countersign.agents as fixtures.agents_with("address_allowlist/recipients", {fixtures.friend: false})
	v.decision == "deny"
}

test_deny_an_unknown_recipient if {
	v := verdict with input as fixtures.request_without("/effects/transfers/0/recipient")
		with data.countersign.agents as fixtures.agents
	v.decision == "deny"
	v.reasons[0].code == "RECIPIENT_UNKNOWN"
}

test_deny_without_facts if {
	every path in [
		"/effects/transfers",
		"/effects/transfers/0/asset",
		"/effects/outflows_by_recipient",
		"/effects/outflows_by_recipient/0/asset",
		"/effects/outflows_by_recipient/0/recipient",
	] {
		v := verdict with input as fixtures.request_without(path) with data.countersign.agents as fixtures.agents
		v.decision == "deny"
	}
}

test_deny_payment_to_the_wallet_without_its_address if {
	request := json.patch(payment(fixtures.wallet), [{"op": "remove", "path": "/wallet/address"}])
	v := verdict with input as request with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_without_settings if {
	every path in ["address_allowlist", "address_allowlist/recipients"] {
		v := verdict with input as fixtures.request with data.countersign.agents as fixtures.agents_without(path)
		v.decision == "deny"
		v.reasons[0].code == "ADDRESS_ALLOWLIST_UNDECIDED"
	}
}

test_deny_facts_of_another_type if {
	every request in fixtures.mistyped([
		"/effects/transfers",
		"/effects/transfers/0",
		"/effects/transfers/0/recipient",
		"/effects/outflows_by_recipient",
		"/effects/outflows_by_recipient/0",
		"/effects/outflows_by_recipient/0/recipient",
		"/effects/creations",
		"/effects/creations/0",
	]) {
		v := verdict with input as request with data.countersign.agents as fixtures.agents
		v.decision == "deny"
	}
}

test_deny_settings_of_another_type_even_when_nothing_is_transferred if {
	request := object.union(fixtures.request, {"effects": {"transfers": [], "outflows_by_recipient": []}})
	every recipients in [[], "x", true, null] {
		v := verdict with input as request
			with data.countersign.agents as fixtures.agents_with("address_allowlist/recipients", recipients)
		v.decision == "deny"
	}
}

rented(change) := object.union(fixtures.request, {"effects": {"creations": [object.union(
	{
		"instruction": 0,
		"basis": "message",
		"kind": "new",
		"account": fixtures.nonce,
		"payer": fixtures.wallet,
		"owner_program": fixtures.token,
		"rent_lamports": 2039280,
		"refundable_to": fixtures.stranger,
	},
	change,
)]}})

test_allow_rent_that_stays_with_the_wallet_or_a_recipient_or_nobody if {
	every holder in [fixtures.wallet, fixtures.friend, "nobody", fixtures.token] {
		v := verdict with input as rented({"refundable_to": holder}) with data.countersign.agents as fixtures.agents
		v.decision == "allow"
	}
}

test_allow_rent_that_a_recipient_of_another_asset_can_take if {
	agents := fixtures.agents_with("address_allowlist/recipients_by_asset", {fixtures.mint: {fixtures.stranger: "an exchange"}})
	v := verdict with input as rented({}) with data.countersign.agents as agents
	v.decision == "allow"
}

test_allow_rent_that_another_pays_and_rent_of_nothing if {
	every change in [{"payer": fixtures.stranger}, {"rent_lamports": 0}] {
		v := verdict with input as rented(change) with data.countersign.agents as fixtures.agents
		v.decision == "allow"
	}
}

test_deny_rent_that_a_stranger_can_take if {
	v := verdict with input as rented({}) with data.countersign.agents as fixtures.agents
	v.decision == "deny"
	v.reasons == [{
		"code": "RENT_RECIPIENT_NOT_ALLOWED",
		"message": $"pays 2039280 lamports of rent for {fixtures.nonce}, which {fixtures.stranger} can take back",
		"remedy": $"allowed: the wallet itself and {fixtures.friend}",
		"facts": {"instruction": 0, "account": fixtures.nonce, "recipient": fixtures.stranger},
	}]
}

test_deny_rent_that_whoever_comes_first_can_take if {
	v := verdict with input as rented({"refundable_to": fixtures.nonce}) with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_rent_without_facts if {
	every path in ["/effects/creations", "/effects/creations/0/payer", "/effects/creations/0/refundable_to", "/wallet/address"] {
		request := json.patch(rented({}), [{"op": "remove", "path": path}])
		v := verdict with input as request with data.countersign.agents as fixtures.agents
		v.decision == "deny"
	}
	unpriced := json.patch(rented({}), [{"op": "remove", "path": "/effects/creations/0/rent_lamports"}])
	v := verdict with input as unpriced with data.countersign.agents as fixtures.agents
	v.decision == "deny"
}

test_deny_rent_that_somebody_with_a_label_that_is_no_text_can_take if {
	by_asset := {fixtures.mint: {fixtures.stranger: false}}
	v := verdict with input as rented({})
		with data.countersign.agents as fixtures.agents_with("address_allowlist/recipients_by_asset", by_asset)
	v.decision == "deny"
}

test_deny_rent_that_a_recipient_with_a_label_that_is_no_text_can_take if {
	v := verdict with input as rented({})
		with data.countersign.agents as fixtures.agents_with($"address_allowlist/recipients/{fixtures.stranger}", false)
	v.decision == "deny"
}

test_deny_rent_where_who_pays_it_cannot_be_told if {
	every address in [{}, [], true, null, 1] {
		every path in ["/effects/creations/0/payer", "/wallet/address"] {
			request := json.patch(rented({}), [{"op": "replace", "path": path, "value": address}])
			v := verdict with input as request with data.countersign.agents as fixtures.agents
			v.decision == "deny"
		}
	}
}

test_deny_names_only_the_rent_that_a_stranger_can_take if {
	request := json.patch(rented({}), [{
		"op": "add",
		"path": "/effects/creations/0",
		"value": object.union(rented({}).effects.creations[0], {"instruction": 1, "refundable_to": fixtures.friend}),
	}])
	v := verdict with input as request with data.countersign.agents as fixtures.agents
	[reason.facts.instruction | some reason in v.reasons] == [0]
}

test_deny_says_that_a_list_of_another_type_decides_nothing if {
	every request in [rented({}), fixtures.request_without("/effects/transfers/0/recipient")] {
		v := verdict with input as request
			with data.countersign.agents as fixtures.agents_with("address_allowlist/recipients", [])
		[reason.code | some reason in v.reasons] == ["ADDRESS_ALLOWLIST_UNDECIDED"]
	}
}
