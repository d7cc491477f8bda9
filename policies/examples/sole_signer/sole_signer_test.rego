package countersign.rules.sole_signer_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.sole_signer.verdict

test_allow_the_wallet_alone if {
	v := verdict with input as fixtures.request
	v == {"decision": "allow", "reasons": [{"code": "SOLE_SIGNER", "message": "nobody but the wallet signs", "facts": {}}]}
}

test_deny_another_signer if {
	another := {"address": fixtures.friend, "signed": true}
	v := verdict with input as fixtures.request_with("/transaction/signers/-", another)
	v.decision == "deny"
	v.reasons[0].code == "OTHER_SIGNER"
	v.reasons[0].message == $"{fixtures.friend} must sign too"
	v.reasons[0].remedy == "allowed: only what the wallet signs alone"
}

test_deny_without_facts if {
	every path in ["/transaction/signers", "/transaction/signers/0", "/transaction/signers/0/address", "/wallet/address"] {
		v := verdict with input as fixtures.request_without(path)
		v.decision == "deny"
		[reason.code | some reason in v.reasons] == ["SOLE_SIGNER_UNDECIDED"]
	}
}
