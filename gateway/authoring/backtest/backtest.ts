// Owns a backtest: what a policy would have decided about recorded inputs, against what was decided, with what was at stake.

import { recordedUse } from '../../core/budget/recorded-use.ts';
import { unitsUsed } from '../../core/budget/use-units.ts';
import type { Verdict } from '../../core/decision/decision.ts';
import { type DecisionDifference, differenceOf } from '../../core/decision/difference.ts';
import type { AssetUnit, AssetUnits } from '../../core/explanation/amounts.ts';
import { exposureOf } from '../../core/policy-input/exposure.ts';
import type { LoggedDecision } from '../../policy/decision-log/decision-line.ts';
import type { PolicyGeneration } from '../../policy/policy-engine.ts';
import { createLimitsOverTime, type LimitsResult } from './limits-over-time.ts';

export interface DifferenceTally {
  readonly decisions: number;
  /** What left the wallets in these decisions: base units by asset. */
  readonly exposure: Readonly<Record<string, bigint>>;
  /** The same by agent. */
  readonly byAgent: Readonly<Record<string, { readonly decisions: number; readonly exposure: Exposure }>>;
}

export type Exposure = Readonly<Record<string, bigint>>;

export interface BacktestSample {
  readonly decision: LoggedDecision;
  readonly difference: DecisionDifference;
  readonly verdict: Verdict;
}

export interface BacktestResult {
  readonly judged: number;
  readonly tallies: Readonly<Record<DecisionDifference, DifferenceTally>>;
  /** The first of each difference. */
  readonly samples: readonly BacktestSample[];
  readonly limits: LimitsResult;
  /** Of the tokens in the exposures, as the recorded inputs tell their decimals. */
  readonly units: AssetUnits;
}

export interface Backtest {
  add(decision: LoggedDecision): void;
  result(): BacktestResult;
}

interface Sum {
  decisions: number;
  readonly exposure: Map<string, bigint>;
}

/**
 * `policy`: judges alone, and what its limits have room for is counted here. `samples`: how many of each difference,
 * and of each limit that is exceeded, are kept. Decisions are added in order of time.
 */
export function createBacktest(policy: Pick<PolicyGeneration, 'evaluate' | 'assets'>, samples: number): Backtest {
  const sums = new Map<DecisionDifference, { readonly all: Sum; readonly byAgent: Map<string, Sum> }>();
  const kept: BacktestSample[] = [];
  const limits = createLimitsOverTime(samples, policy.assets);
  const units = new Map<string, AssetUnit>();
  let judged = 0;

  /** One look at each token tells: its decimals do not change. */
  function learnUnits(input: Uint8Array, exposure: Exposure): void {
    if (Object.keys(exposure).every((asset) => asset === 'SOL' || units.has(asset))) return;
    for (const [asset, unit] of unitsUsed(recordedUse(input), policy.assets)) units.set(asset, unit);
  }

  return {
    add(decision) {
      judged += 1;
      const verdict = limits.held(decision, policy.evaluate(decision.input));
      const difference = differenceOf(decision.verdict, verdict);
      if (difference === null) return;
      const sum = sums.get(difference) ?? { all: emptySum(), byAgent: new Map<string, Sum>() };
      sums.set(difference, sum);
      if (sum.all.decisions < samples) kept.push({ decision, difference, verdict });
      const exposure = exposureOf(decision.input);
      learnUnits(decision.input, exposure);
      addTo(sum.all, exposure);
      const ofAgent = sum.byAgent.get(decision.agentId) ?? emptySum();
      sum.byAgent.set(decision.agentId, ofAgent);
      addTo(ofAgent, exposure);
    },
    result() {
      const tallyOf = (difference: DecisionDifference): DifferenceTally => {
        const sum = sums.get(difference) ?? { all: emptySum(), byAgent: new Map<string, Sum>() };
        const byAgent = [...sum.byAgent].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, one]) => [id, shown(one)]);
        return { ...shown(sum.all), byAgent: Object.fromEntries(byAgent) };
      };
      return {
        judged,
        tallies: {
          newly_denied: tallyOf('newly_denied'),
          newly_allowed: tallyOf('newly_allowed'),
          newly_asked: tallyOf('newly_asked'),
          other_reasons: tallyOf('other_reasons'),
        },
        samples: kept,
        limits: limits.result(),
        units,
      };
    },
  };
}

function emptySum(): Sum {
  return { decisions: 0, exposure: new Map() };
}

function addTo(sum: Sum, exposure: Exposure): void {
  sum.decisions += 1;
  for (const [asset, amount] of Object.entries(exposure)) {
    sum.exposure.set(asset, (sum.exposure.get(asset) ?? 0n) + amount);
  }
}

function shown({ decisions, exposure }: Sum): { readonly decisions: number; readonly exposure: Exposure } {
  return { decisions, exposure: Object.fromEntries([...exposure].sort(([a], [b]) => (a < b ? -1 : 1))) };
}
