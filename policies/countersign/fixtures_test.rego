# METADATA
# title: Fixtures
# description: One ordinary transfer and the data that allows it, for the tests of all rules.
package countersign.fixtures_test

wallet := "WaLLet1111111111111111111111111111111111111"

friend := "Friend1111111111111111111111111111111111111"

stranger := "Stranger11111111111111111111111111111111111"

mint := "Mint111111111111111111111111111111111111111"

system := "11111111111111111111111111111111"

token := "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"

mystery := "Mystery111111111111111111111111111111111111"

nonce := "Nonce11111111111111111111111111111111111111"

two_to_53 := 9007199254740992

u64_max := 18446744073709551615

request := {
	"v": 1,
	"request": {
		"id": "01890a5d-ac96-774b-bcce-b302099a8057",
		"local_times": {},
		"method": "sign",
		"time": "2026-01-01T00:00:00.000Z",
		"time_unix_ms": 1767225600000,
	},
	"agent": {"id": "trader"},
	"wallet": {"id": "treasury", "address": wallet},
	"transaction": {
		"version": "0",
		"fee_payer": wallet,
		"signers": [{"address": wallet, "signed": false}],
		"lifetime": {"kind": "blockhash", "blockhash": "EETubP5AKHgjPAhzPAFcb8BAY1hMH639CWCFTqi3hq1k"},
		"size": 215,
		"instructions": [transfer_instruction],
	},
	"effects": {
		"transfers": [sol_transfer(friend, 1000)],
		"outflows": [{"asset": "SOL", "amount": 1000, "decimals": 9}],
		"outflows_by_recipient": [{"asset": "SOL", "recipient": friend, "amount": 1000}],
		"inflows": [],
		"fee": {"payer": wallet, "base_lamports": 5000, "priority_lamports": 0, "total_lamports": 5000},
		"creations": [],
		"rent_lamports": 0,
		"approvals": [],
		"authority_changes": [],
		"closes": [],
		"supply_changes": [],
		"operations": [],
		"protected_balances": [{
			"account": wallet,
			"relation": "wallet",
			"asset": "SOL",
			"outflow": 1000,
			"inflow": 0,
			"net": -1000,
		}],
		"mints": [],
		"cpi_signers": [],
		"data_addresses": [],
		"guarantees": [],
		"missing": [],
	},
	"simulation": {"status": "not_run"},
	"chain": {"cached": [{"address": mint, "slot": 4}], "endpoints": 1, "slot": 5},
	"context": {},
}

transfer_instruction := {
	"index": 0,
	"kind": "known",
	"program": system,
	"program_name": "system",
	"name": "transfer",
	"arguments": {"lamports": 1000},
	"accounts": [
		{"role": "source", "address": wallet, "signer": true, "writable": true},
		{"role": "destination", "address": friend, "signer": false, "writable": true},
	],
}

unknown_instruction(program, account) := {
	"index": 0,
	"kind": "unknown",
	"program": program,
	"data": "AQID",
	"accounts": [{"address": account, "signer": account == wallet, "writable": true}],
}

described_instruction(program, account) := {
	"index": 0,
	"kind": "described",
	"program": program,
	"program_name": "mystery",
	"name": "swap",
	"arguments": {"minimum_out": 5},
	"accounts": [{"role": "user", "address": account, "signer": account == wallet, "writable": true}],
}

# A simulation that succeeded and is complete; `ran` are pairs of depth and instruction.
simulation(ran, effects) := {
	"status": "succeeded",
	"slot": 1,
	"units_consumed": 1,
	"complete": true,
	"missing": [],
	"diverges": false,
	"divergences": [],
	"instructions": [{"depth": depth, "instruction": instruction} | some [depth, instruction] in ran],
	"effects": effects,
}

# The ordinary transfer, simulated to do just that.
simulated_request := json.patch(request, [{
	"op": "replace",
	"path": "/simulation",
	"value": simulation([[1, transfer_instruction]], request.effects),
}])

sol_transfer(recipient, amount) := {
	"instruction": 0,
	"basis": "message",
	"asset": "SOL",
	"amount": amount,
	"decimals": 9,
	"source": wallet,
	"source_owner": wallet,
	"destination": recipient,
	"recipient": recipient,
	"withheld": 0,
}

settings := {
	"enabled": [
		"address_allowlist",
		"authority_guard",
		"fee_limit",
		"human_approval",
		"program_allowlist",
		"spending_limit",
	],
	"address_allowlist": {"recipients": {friend: "a friend"}},
	"authority_guard": {},
	"fee_limit": {"max_fee_lamports": 10000, "max_rent_lamports": 5000000},
	"human_approval": {
		"always": false,
		"above": {"SOL": 5000},
		"programs": {},
		"quorum": 1,
		"groups": ["treasurers"],
		"timeout_seconds": 3600,
	},
	"program_allowlist": {"programs": {system: {"label": "system", "instructions": ["transfer"]}}},
	"spending_limit": {"per_transaction": {"SOL": 10000}},
}

agents := {"trader": {"wallets": {"treasury": settings}}}

# The data with one setting of the wallet replaced; the path is below the wallet.
agents_with(path, value) := json.patch(agents, [{
	"op": "add",
	"path": concat("/", ["/trader/wallets/treasury", path]),
	"value": value,
}])

agents_without(path) := json.patch(agents, [{
	"op": "remove",
	"path": concat("/", ["/trader/wallets/treasury", path]),
}])

request_with(path, value) := json.patch(request, [{"op": "add", "path": path, "value": value}])

request_without(path) := json.patch(request, [{"op": "remove", "path": path}])

# Requests in which the value at one of the paths has another type than the schema says; empty objects hide from `every`.
mistyped(paths) := [request_with(path, value) |
	some path in paths
	some value in [{}, {"x": {}}, true, null, "1"]
]
