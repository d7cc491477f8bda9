# METADATA
# title: Settings
# description: What the policy data says about the agent that asks and the wallet that would sign.
# schemas:
#   - input: schema.input
package countersign.settings

# METADATA
# title: Agent
# description: The data of this agent; undefined when the data does not name it.
agent := data.countersign.agents[input.agent.id]

# METADATA
# title: Wallet
# description: The data of this wallet for this agent; undefined when the data does not name it.
wallet := agent.wallets[input.wallet.id]

# METADATA
# title: Enabled
# description: >-
#   The names of the rules that must all agree: those for transactions, or those for messages. Undefined when the data names
#   none for what is asked.
enabled := wallet.enabled if {
	is_object(input.transaction)
} else := wallet.enabled_for_messages if {
	is_object(input.message)
}
