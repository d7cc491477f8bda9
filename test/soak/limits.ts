// Owns the limits that the soak runs against, and the oracle holds the chain against.
import { WALLET } from '../../scripts/dev/policy-data.ts';
import { AGENT_IDS, type AgentId, CREWS } from './crew.ts';

/** Lamports of a payment, on average. A courier pays next to nothing: what it never sends must not fill the budget of all. */
export const AVERAGE_LAMPORTS = 5_000_000n;

export type SoakWindow =
  | { readonly kind: 'rolling'; readonly seconds: number }
  | { readonly kind: 'day' }
  | { readonly kind: 'lifetime' };

export interface SoakLimit {
  readonly budget: string;
  /** Whose requests count. */
  readonly agents: readonly AgentId[];
  /** `outflow`: lamports that landed. `fee`: fees that were paid, by what failed too. `signature`: how often was signed. */
  readonly counts: 'outflow' | 'fee' | 'signature';
  readonly window: SoakWindow;
  readonly max: bigint;
  /** What becomes of what exceeds it. */
  readonly excess: 'denied' | 'approved';
  /** The run must come so close to it, in percent; 0: it is only counted. */
  readonly mustReach: number;
}

/** From here on a run has thousands of requests. */
const LONG_RUN_ROOM = 80;

/** `room`: how many average payments fit into the window that all agents share. */
export function soakLimits(room: number): readonly SoakLimit[] {
  const payments = (count: number): bigint => BigInt(Math.max(1, Math.round(count))) * AVERAGE_LAMPORTS;
  const outflow = { counts: 'outflow', mustReach: 60, excess: 'denied' } as const;
  // In a short run what all share is used up first, and chance decides how much of their own these two come to.
  const own = { ...outflow, mustReach: room < LONG_RUN_ROOM ? 0 : 60 } as const;
  const asking = { ...outflow, mustReach: 0 } as const;
  return [
    {
      ...outflow,
      budget: `wallet:${WALLET}|outflow:SOL`,
      agents: CREWS.relaying,
      window: { kind: 'rolling', seconds: 2 },
      max: payments(room),
    },
    {
      budget: `agent_wallet:courier:${WALLET}|count`,
      agents: ['courier'],
      counts: 'signature',
      window: { kind: 'rolling', seconds: 3 },
      max: BigInt(Math.round(room / 3)),
      excess: 'denied',
      mustReach: 90,
    },
    {
      ...own,
      budget: `agent_wallet:saver:${WALLET}|outflow:SOL`,
      agents: ['saver'],
      window: { kind: 'lifetime' },
      max: payments(room / 8),
    },
    {
      ...own,
      budget: 'agent:keeper|outflow:SOL',
      agents: ['keeper'],
      window: { kind: 'day' },
      max: payments(room / 8),
    },
    {
      budget: `wallet:${WALLET}|fee`,
      agents: AGENT_IDS,
      counts: 'fee',
      window: { kind: 'rolling', seconds: 60 },
      max: 1_000_000_000n,
      excess: 'denied',
      mustReach: 0,
    },
    {
      ...asking,
      budget: 'agent:buyer|outflow:SOL',
      agents: ['buyer'],
      window: { kind: 'day' },
      max: payments(1_000_000),
    },
    {
      ...asking,
      budget: `agent_wallet:spender:${WALLET}|outflow:SOL`,
      agents: ['spender'],
      window: { kind: 'rolling', seconds: 3 },
      max: payments(room / 8),
      excess: 'approved',
    },
  ];
}

/** The same, so high that nothing meets them: what the books say is held against the chain all the same. */
export function limitsOutOfReach(): readonly SoakLimit[] {
  const limits = soakLimits(LONG_RUN_ROOM).filter(({ agents }) =>
    agents.some((agent) => CREWS.relaying.includes(agent)),
  );
  return limits.map((limit) => ({ ...limit, max: limit.max * 1_000_000n, mustReach: 0 }));
}
