// Owns the bounds that a backtest is held to: how many decisions may change, and how much may be newly allowed to leave.
import type { BacktestResult } from './backtest.ts';

export interface BacktestBounds {
  /** `null`: any number. */
  readonly newlyDenied: number | null;
  readonly newlyAllowed: number | null;
  readonly newlyAsked: number | null;
  /** By asset, base units: what decisions that are newly allowed may let leave in all. An asset that is not named: any amount. */
  readonly newlyAllowedExposure: Readonly<Record<string, bigint>>;
}

/** One sentence for each bound that is crossed; empty: none. */
export function crossedBounds({ tallies }: BacktestResult, bounds: BacktestBounds): readonly string[] {
  const { newly_denied: denied, newly_allowed: allowed, newly_asked: asked } = tallies;
  const counts = [
    ['newly denied', denied.decisions, bounds.newlyDenied],
    ['newly allowed', allowed.decisions, bounds.newlyAllowed],
    ['newly asked about', asked.decisions, bounds.newlyAsked],
  ] as const;
  return [
    ...counts.flatMap(([what, found, most]) =>
      most !== null && found > most ? [`${found} decisions would be ${what}; at most ${most} may be`] : [],
    ),
    ...Object.entries(bounds.newlyAllowedExposure).flatMap(([asset, most]) => {
      const found = allowed.exposure[asset] ?? 0n;
      return found > most ? [`${found} of ${asset} would be newly allowed to leave; at most ${most} may be`] : [];
    }),
  ];
}
