// Owns the limits that the soak runs against, as policy data and as what the oracle holds the chain against.
import { type Address, isAddress } from '@solana/kit';
import type { CanonicalValue } from '../../gateway/core/canonical-json.ts';
import { AGENT, developmentPolicyData, WALLET } from '../../scripts/dev/policy-data.ts';

/** The agents of the soak and how often each asks, in percent. */
export const AGENTS = { sender: 30, dealer: 20, courier: 30, saver: 10, keeper: 10 } as const;

export type AgentId = keyof typeof AGENTS;

export const AGENT_IDS: readonly AgentId[] = ['sender', 'dealer', 'courier', 'saver', 'keeper'];

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
  /** The run must come so close to it, in percent; 0: it is only counted. */
  readonly mustReach: number;
}

/** From here on a run has thousands of requests. */
const LONG_RUN_ROOM = 100;

/** `room`: how many average payments fit into the window that all agents share. */
export function soakLimits(room: number): readonly SoakLimit[] {
  const payments = (count: number): bigint => BigInt(Math.max(1, Math.round(count))) * AVERAGE_LAMPORTS;
  const outflow = { counts: 'outflow', mustReach: 60 } as const;
  // In a short run what all share is used up first, and chance decides how much of their own these two come to.
  const own = { counts: 'outflow', mustReach: room < LONG_RUN_ROOM ? 0 : 60 } as const;
  return [
    {
      ...outflow,
      budget: `wallet:${WALLET}|outflow:SOL`,
      agents: AGENT_IDS,
      window: { kind: 'rolling', seconds: 2 },
      max: payments(room),
    },
    {
      budget: `agent_wallet:courier:${WALLET}|count`,
      agents: ['courier'],
      counts: 'signature',
      window: { kind: 'rolling', seconds: 3 },
      max: BigInt(Math.round(room / 2)),
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
      mustReach: 0,
    },
  ];
}

/** The same, so high that nothing meets them: what the books say is held against the chain all the same. */
export function limitsOutOfReach(): readonly SoakLimit[] {
  return soakLimits(LONG_RUN_ROOM).map((limit) => ({ ...limit, max: limit.max * 1_000_000n, mustReach: 0 }));
}

export function soakPolicyData(recipient: Address, mint: string, limits: readonly SoakLimit[]): CanonicalValue {
  if (!isAddress(mint)) throw new Error('the mint has no address');
  const base = developmentPolicyData({ recipient, mint }).agents[AGENT].wallets[WALLET];
  const agents = AGENT_IDS.map((agent) => {
    const own = (counts: SoakLimit['counts']) =>
      limits.filter((limit) => limit.counts === counts && limit.agents.includes(agent)).map(windowLimit);
    const rate = own('signature');
    const rules = {
      ...base,
      enabled: [...base.enabled, ...(rate.length === 0 ? [] : ['rate_limit'])],
      spending_limit: { ...base.spending_limit, per_window: { SOL: own('outflow') } },
      fee_limit: { ...base.fee_limit, per_window: { fee: own('fee') } },
      ...(rate.length === 0 ? {} : { rate_limit: { per_window: rate } }),
    };
    return [agent, { wallets: { [WALLET]: rules } }] as const;
  });
  return { agents: Object.fromEntries(agents) };
}

function windowLimit({ budget, window, max }: SoakLimit): CanonicalValue {
  const [scope = ''] = budget.split(/[:|]/);
  switch (window.kind) {
    case 'rolling':
      return { max, scope, rolling_seconds: BigInt(window.seconds) };
    case 'day':
      return { max, scope, calendar: 'day', time_zone: 'UTC' };
    case 'lifetime':
      return { max, scope, lifetime: true };
  }
}
