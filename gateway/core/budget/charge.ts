// Owns what a limit counts of one request: whose budget it is, how much of it is used, and what makes the use final.
import { assertNever } from '../assert-never.ts';
import type { Limit, LimitMeasure } from '../decision/decision.ts';
import type { Effects } from '../effects/effects.ts';
import { sponsoredLamports } from '../sponsor/sponsor-cost.ts';

/** Who acts with what; a budget is kept for some or all of it. */
export interface Spender {
  readonly agentId: string;
  readonly walletId: string;
}

/**
 * What one transaction or message uses. Where a simulation succeeded too, each amount is the larger of what the message says and what it
 * showed.
 */
export interface Use {
  /** Of the message, then of the simulation; none: it was a message, which moves nothing. */
  readonly effects: readonly CountedEffects[];
  /** Address of the wallet. */
  readonly wallet: string;
  /** Addresses of the programs that are called, inner calls included where they are known. */
  readonly programs: ReadonlySet<string>;
}

/** The part of the effects that limits count. */
export interface CountedEffects {
  readonly outflows: readonly (AssetAmount & {
    /** `null`: not known. */
    readonly decimals: number | null;
  })[];
  readonly outflowsByRecipient: readonly (AssetAmount & { readonly recipient: string })[];
  readonly inflows: readonly AssetAmount[];
  readonly fee: { readonly payer: string; readonly totalLamports: bigint };
  readonly rentLamports: bigint;
  readonly creations: Effects['creations'];
  readonly missing: readonly { readonly fact: string }[];
}

interface AssetAmount {
  readonly asset: string;
  /** Base units. */
  readonly amount: bigint;
}

/**
 * What makes a use final. `signature`: it counts once the wallet has signed. `landing`: given back where the transaction failed or can
 * never land. `fee`: given back only where it can never land, because a transaction that fails pays its fee.
 */
export type Settlement = 'signature' | 'landing' | 'fee';

/** One limit, and what a request would use of it. */
export interface Charge {
  readonly limit: Limit;
  /** The same for all limits that count the same thing of the same spenders, whatever their windows and maxima. */
  readonly budget: string;
  /** Base units, lamports, or a count. */
  readonly amount: bigint;
  readonly settlement: Settlement;
}

export type Charges =
  | { readonly kind: 'counted'; readonly charges: readonly Charge[] }
  /** What a limit counts could not be established. */
  | { readonly kind: 'unknown'; readonly limit: Limit; readonly fact: string };

/** What a request uses of each limit; those of which it uses nothing are left out. */
export function chargesOf(limits: readonly Limit[], spender: Spender, use: Use): Charges {
  const charges: Charge[] = [];
  for (const limit of limits) {
    const fact = limit.measure.kind === 'count' ? null : unknownFact(use);
    if (fact !== null) return { kind: 'unknown', limit, fact };
    const amount = amountOf(limit.measure, use);
    if (amount === 0n) continue;
    charges.push({ limit, budget: budgetOf(limit, spender), amount, settlement: SETTLEMENTS[limit.measure.kind] });
  }
  return { kind: 'counted', charges };
}

const SETTLEMENTS: { readonly [K in LimitMeasure['kind']]: Settlement } = {
  count: 'signature',
  fee: 'fee',
  outflow: 'landing',
  rent: 'landing',
  sponsored: 'fee',
};

/** A sum that leaves something out is no sum. What the message does not tell, its simulation may. */
function unknownFact({ effects }: Use): string | null {
  return effects.at(-1)?.missing[0]?.fact ?? null;
}

function amountOf(measure: LimitMeasure, use: Use): bigint {
  if (measure.program !== undefined && !use.programs.has(measure.program)) return 0n;
  if (measure.kind === 'count') return 1n;
  return use.effects.reduce((largest, effects) => larger(largest, amountIn(measure, effects, use.wallet)), 0n);
}

function amountIn(measure: Exclude<LimitMeasure, { kind: 'count' }>, effects: CountedEffects, wallet: string): bigint {
  switch (measure.kind) {
    case 'fee':
      return effects.fee.payer === wallet ? effects.fee.totalLamports : 0n;
    case 'rent':
      return effects.rentLamports;
    case 'sponsored':
      return sponsoredLamports(effects, measure.payer);
    case 'outflow': {
      const { asset, recipient, net } = measure;
      if (recipient !== undefined) {
        return sum(
          effects.outflowsByRecipient.filter((total) => total.asset === asset && total.recipient === recipient),
        );
      }
      const gross = sum(effects.outflows.filter((total) => total.asset === asset));
      return net === true ? larger(0n, gross - sum(effects.inflows.filter((total) => total.asset === asset))) : gross;
    }
    default:
      return assertNever(measure);
  }
}

/** Ids and addresses have neither colon nor bar: no two budgets share a name. */
export function budgetOf(limit: Pick<Limit, 'scope' | 'group' | 'session' | 'measure'>, spender: Spender): string {
  return `${scopeName(limit, spender)}|${measureName(limit.measure)}`;
}

function scopeName(
  { scope, group, session }: Pick<Limit, 'scope' | 'group' | 'session'>,
  { agentId, walletId }: Spender,
): string {
  switch (scope) {
    case 'agent_wallet':
      return `agent_wallet:${agentId}:${walletId}`;
    case 'agent':
      return `agent:${agentId}`;
    case 'wallet':
      return `wallet:${walletId}`;
    case 'agent_group':
      return `agent_group:${group ?? ''}`;
    case 'global':
      return 'global';
    case 'session':
      return `session:${session ?? ''}`;
    default:
      return assertNever(scope);
  }
}

/** Whose a budget is, out of its name; `null`: of more than one agent, or of no one wallet. */
export function spenderOf(budget: string): { readonly agentId: string | null; readonly walletId: string | null } {
  const [scope, first = null, second = null] = (budget.split('|')[0] ?? '').split(':');
  switch (scope) {
    case 'agent_wallet':
      return { agentId: first, walletId: second };
    case 'agent':
      return { agentId: first, walletId: null };
    case 'wallet':
      return { agentId: null, walletId: first };
    default:
      return { agentId: null, walletId: null };
  }
}

/** The same for measures that count the same thing. */
export function measureName(measure: LimitMeasure): string {
  const program = measure.program === undefined ? '' : `:program:${measure.program}`;
  if (measure.kind === 'sponsored') return `sponsored:${measure.payer}`;
  if (measure.kind !== 'outflow') return `${measure.kind}${program}`;
  const recipient = measure.recipient === undefined ? '' : `:to:${measure.recipient}`;
  return `${measure.net === true ? 'net_outflow' : 'outflow'}:${measure.asset}${recipient}${program}`;
}

function sum(totals: readonly { readonly amount: bigint }[]): bigint {
  return totals.reduce((total, { amount }) => total + amount, 0n);
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
