# What each rule said, for people who ask why. It decides nothing. The annotations of the package stand in main.rego.
package countersign.main

import data.countersign.settings

# METADATA
# title: Explanation
# description: >-
#   As JSON text: v, decision, main (what holds whatever the rules say) and rules: of each enabled rule, on the message and on
#   the simulation, its decision and its reasons. A rule that gives no verdict has the decision none.
# entrypoint: true
default explanation := `{"decision":"deny","main":[],"rules":[],"v":1}`

explanation := json.marshal({
	"v": 1,
	"decision": decision,
	"main": [reason | some reason in reasons; reason.rule == "main"; decision == "deny"],
	"rules": array.concat(
		[said(name, "message", verdicts) | some name in settings.enabled],
		[said(name, "simulation", simulated_verdicts) |
			simulated
			some name in settings.enabled
		],
	),
})

said(name, seen_in, given) := {
	"rule": name,
	"on": seen_in,
	"decision": object.get(given, [name, "decision"], "none"),
	"reasons": object.get(given, [name, "reasons"], []),
}
