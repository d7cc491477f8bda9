// Owns who takes part in a soak: agents that ask, people who approve, and people who freeze and lift.

/** Agents, and how often each asks beside the others. */
const ASKS_OF = { sender: 30, dealer: 20, courier: 30, saver: 10, keeper: 10, buyer: 18, spender: 12 } as const;

export type AgentId = keyof typeof ASKS_OF;

/** Nobody is asked about what these do. */
const ALONE: readonly AgentId[] = ['sender', 'dealer', 'courier', 'saver', 'keeper'];

/** Of a buyer everything above an amount needs approval, of a spender what exceeds a limit. */
export const AGENT_IDS: readonly AgentId[] = [...ALONE, 'buyer', 'spender'];

/** Where the nodes of the chain are what goes wrong, nobody waits for people. */
export const CREWS = { stores: AGENT_IDS, relaying: ALONE } as const;

export function weightOf(agent: AgentId): number {
  return ASKS_OF[agent];
}

/** Who may approve, and how many it takes. */
export const DESK = { group: 'desk', members: ['ann', 'ben', 'cid'], quorum: 2 } as const;

/** How long people have: for a buyer longer than whatever goes wrong lasts, for a spender so short that it often runs out. */
export const APPROVAL_SECONDS = { buyer: 60, spender: 12 } as const;

/** An approver too, whom nobody asked. */
export const OUTSIDER = 'dora';

/** So many of them lift a freeze. */
export const ADMINS = ['ada', 'max', 'zoe'] as const;
export const UNFREEZE_QUORUM = 2;

export type OperatorId = (typeof DESK.members)[number] | typeof OUTSIDER | (typeof ADMINS)[number];

export const APPROVERS: readonly OperatorId[] = [...DESK.members, OUTSIDER];
export const OPERATOR_IDS: readonly OperatorId[] = [...APPROVERS, ...ADMINS];
