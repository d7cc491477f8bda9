// Owns how a backtest counts limits over time: every request uses what it would use of the candidate's limits, in the order of the records,
// and what became of it as recorded settles that.
import { type Charge, chargesOf } from '../../core/budget/charge.ts';
import { fateOf } from '../../core/budget/fate.ts';
import { createBudgetLedger } from '../../core/budget/ledger.ts';
import { notEstablished, overLimits, type Permission } from '../../core/budget/over-limits.ts';
import { recordedUse } from '../../core/budget/recorded-use.ts';
import { left, type StandingOf } from '../../core/budget/standing.ts';
import { unitsUsed } from '../../core/budget/use-units.ts';
import type { Verdict } from '../../core/decision/decision.ts';
import { instead, replacedVerdict } from '../../core/decision/gateway-verdict.ts';
import type { AssetUnit, AssetUnits } from '../../core/explanation/amounts.ts';
import type { LoggedDecision } from '../../policy/decision-log/decision-line.ts';
import type { NamedAsset } from '../../policy/policy-engine.ts';

export interface LimitsOverTime {
  /** The verdict with what the limits have room for; `verdict`: the candidate's. Decisions come in order of time. */
  held(decision: LoggedDecision, verdict: Verdict): Verdict;
  result(): LimitsResult;
}

export interface LimitsResult {
  /** Each limit of each budget that was exceeded; the one that is exceeded most often first. */
  readonly exceeded: readonly ExceededLimit[];
  /** Requests that would have exceeded at least one. */
  readonly requests: number;
  /** Requests that used a limit, of which nothing is recorded that came of it: they count as landed at once. */
  readonly assumed: number;
  /** Whether any request used a limit. */
  readonly counted: boolean;
  /** Of the tokens whose limits were exceeded, as the requests tell their decimals. */
  readonly units: AssetUnits;
}

export interface ExceededLimit {
  readonly standing: StandingOf;
  readonly requests: number;
  /** By how much, at most. */
  readonly most: bigint;
  /** The first of them. */
  readonly samples: readonly ExceedingRequest[];
}

export interface ExceedingRequest {
  readonly requestId: string;
  readonly time: number;
  readonly standing: StandingOf;
}

interface Open {
  readonly charge: Charge;
  readonly since: number;
  readonly isUsed: boolean;
}

interface Tally {
  readonly standing: StandingOf;
  requests: number;
  most: bigint;
  readonly samples: ExceedingRequest[];
}

/** `samples`: how many requests of each limit are kept. Windows are empty before the first decision. `named`: by mint. */
export function createLimitsOverTime(samples: number, named: ReadonlyMap<string, NamedAsset>): LimitsOverTime {
  const ledger = createBudgetLedger();
  /** What is not settled at the time of the newest decision, the next to be settled last. */
  const open: Open[] = [];
  const tallies = new Map<string, Tally>();
  const units = new Map<string, AssetUnit>();
  let requests = 0;
  let assumed = 0;
  let counted = false;

  function settleUntil(time: number): void {
    for (let next = open.at(-1); next !== undefined && next.since <= time; next = open.at(-1)) {
      open.pop();
      ledger.settle(next.charge.budget, next.charge.amount, next.since, next.isUsed);
    }
  }

  function tally(decision: LoggedDecision, standing: StandingOf): void {
    const key = `${standing.budget} ${standing.limit.id}`;
    const known = tallies.get(key) ?? { standing, requests: 0, most: 0n, samples: [] };
    tallies.set(key, known);
    const over = standing.amount - left(standing);
    known.requests += 1;
    if (over > known.most) known.most = over;
    if (known.samples.length < samples) {
      known.samples.push({ requestId: decision.requestId, time: decision.time, standing });
    }
  }

  function over(
    decision: LoggedDecision,
    verdict: Permission,
    exceeded: readonly StandingOf[],
    used: AssetUnits,
  ): Verdict {
    requests += 1;
    for (const standing of exceeded) tally(decision, standing);
    for (const [asset, unit] of used) units.set(asset, unit);
    return by(decision, verdict, overLimits(verdict, exceeded, used));
  }

  /** One reservation for each budget, however many limits count it. */
  function reserve(decision: LoggedDecision, verdict: Permission, charges: readonly Charge[]): void {
    const fate = fateFor(decision, verdict);
    if (fate === 'not_signed') return;
    if (fate === 'assumed') assumed += 1;
    for (const charge of new Map(charges.map((one) => [one.budget, one])).values()) {
      ledger.reserve(charge.budget, charge.amount);
      const settled = fate === 'assumed' ? 'used' : fateOf(fate.state, charge.settlement);
      const since = fate === 'assumed' ? decision.time : fate.since;
      if (settled !== 'open') insert(open, { charge, since, isUsed: settled === 'used' });
    }
  }

  return {
    held(decision, verdict) {
      settleUntil(decision.time);
      if (verdict.kind === 'deny' || verdict.limits === undefined) return verdict;
      const { agentId, walletId, time, input } = decision;
      const use = recordedUse(input);
      const charged = chargesOf(verdict.limits, { agentId, walletId }, use);
      if (charged.kind === 'unknown') return by(decision, verdict, notEstablished(charged.limit, charged.fact));
      const { charges } = charged;
      counted ||= charges.length > 0;
      const standings = charges.map((charge) => ledger.standing(charge, time));
      const exceeded = standings.filter((standing) => standing.amount > left(standing));
      const held = exceeded.length === 0 ? verdict : over(decision, verdict, exceeded, unitsUsed(use, named));
      if (held.kind !== 'deny') reserve(decision, held, charges);
      return held;
    },
    result() {
      const exceeded = [...tallies.values()].sort((one, other) => other.requests - one.requests);
      return { exceeded, requests, assumed, counted, units };
    },
  };
}

/** As a gateway records its own verdict, where there is one to compare it with: what it takes the place of is costly to name. */
function by({ verdict: then }: LoggedDecision, policy: Verdict, own: Verdict): Verdict {
  return replacedVerdict(then) === null ? own : instead(policy, own);
}

/** What became of it, if the candidate lets it through: as recorded, where it was let through then. */
function fateFor({ outcome, verdict: then }: LoggedDecision, now: Permission) {
  if (outcome === undefined) return 'assumed';
  const wasHeld = outcome.state === 'DENIED' || outcome.state === 'AWAITING_APPROVAL';
  if (!wasHeld) return outcome;
  // People did not let it through then, and would be asked again.
  return then.kind === 'require_approval' && now.kind === 'require_approval' ? 'not_signed' : 'assumed';
}

/** Behind all that is settled later: most are settled soon. */
function insert(open: Open[], one: Open): void {
  let low = 0;
  let high = open.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((open[middle]?.since ?? 0) > one.since) low = middle + 1;
    else high = middle;
  }
  open.splice(low, 0, one);
}
