// Owns what is said of a limit that has no room: what it is, how much would pass now, and when the whole would.
import type { Reason } from '../decision/decision.ts';
import type { AssetUnits } from '../explanation/amounts.ts';
import { amountText, limitText, shortAmountText } from './limit-text.ts';
import { left, type StandingOf } from './standing.ts';

/** The facts are in base units, whatever the units of the text. */
export function budgetReason(standing: StandingOf, units: AssetUnits): Reason {
  const { limit, budget, amount, used, reserved, freesAt, fitsAt } = standing;
  const rest = left(standing);
  const short = (value: bigint) => shortAmountText(limit.measure, value, units);
  return {
    code: 'BUDGET_EXCEEDED',
    rule: 'gateway',
    message:
      `uses ${amountText(limit.measure, amount, units)}, and ${short(rest)} of the limit ${limit.id} is left ` +
      `(${limitText(limit, units)}; ${short(used)} used, ${short(reserved)} reserved)`,
    remedy: `allowed: at most ${amountText(limit.measure, rest, units)} now; the whole ${wholeText(standing)}`,
    facts: {
      limit: limit.id,
      budget,
      amount: amount.toString(),
      max: limit.max.toString(),
      used: used.toString(),
      reserved: reserved.toString(),
      left: rest.toString(),
      ...(freesAt === null ? {} : { frees_at: new Date(freesAt).toISOString() }),
      ...(fitsAt === null ? {} : { fits_at: new Date(fitsAt).toISOString() }),
    },
  };
}

/** When as much as was asked for passes. */
function wholeText({ limit, amount, used, reserved, fitsAt }: StandingOf): string {
  if (fitsAt !== null) return `from ${new Date(fitsAt).toISOString()} on, if nothing more is used until then`;
  if (amount > limit.max) return 'never, because it is more than the limit';
  const free = limit.window.kind === 'lifetime' ? limit.max - used : limit.max;
  if (reserved > 0n && amount <= free)
    return 'when it is known what became of the transactions for which the rest is reserved';
  return 'never, because what was used of a limit for ever stays used';
}
