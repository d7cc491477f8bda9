# METADATA
# title: Sole signer
# description: Lets the wallet sign only what nobody else signs. An example of a rule of one's own; it needs no data.
# schemas:
#   - input: schema.input
# custom:
#   facts:
#     - transaction.signers
#     - wallet.address
#   reasons:
#     SOLE_SIGNER: the wallet is the only required signer
#     OTHER_SIGNER: somebody else must sign too
#     SOLE_SIGNER_UNDECIDED: a fact that the rule needs is missing
package countersign.rules.sole_signer

# METADATA
# title: Verdict
# description: Allow when the wallet is the only required signer.
default verdict := {
	"decision": "deny",
	"reasons": [{
		"code": "SOLE_SIGNER_UNDECIDED",
		"message": "signers cannot be checked",
		"remedy": "allowed: only where the input has transaction.signers and wallet.address",
		"facts": {},
	}],
}

verdict := {
	"decision": "allow",
	"reasons": [{"code": "SOLE_SIGNER", "message": "nobody but the wallet signs", "facts": {}}],
} if {
	count(input.transaction.signers) == 1
	input.transaction.signers[0].address == input.wallet.address
} else := {"decision": "deny", "reasons": others} if {
	count(others) > 0
}

others := [other(signer.address) |
	some signer in input.transaction.signers
	signer.address != input.wallet.address
]

other(address) := {
	"code": "OTHER_SIGNER",
	"message": $"{address} must sign too",
	"remedy": "allowed: only what the wallet signs alone",
	"facts": {"signer": address},
}
