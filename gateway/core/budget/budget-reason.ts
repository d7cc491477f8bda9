// Owns what is said of a limit that has no room: what it is, how much would pass now, and when the whole would.
import { assertNever } from '../assert-never.ts';
import type { LimitWindow, Reason } from '../decision/decision.ts';
import type { AssetUnits } from '../explanation/amounts.ts';
import { amountText, durationText, limitText, shortAmountText } from './limit-text.ts';
import { left, type StandingOf } from './standing.ts';

/** The facts are in base units, whatever the units of the text. */
export function budgetReason(standing: StandingOf, units: AssetUnits): Reason {
  const { limit, budget, amount, used, reserved, freesAt, fitsAt } = standing;
  const rest = left(standing);
  const approval = limit.onExceed.kind === 'require_approval' ? ' without approval' : '';
  const short = (value: bigint) => shortAmountText(limit.measure, value, units);
  return {
    code: 'BUDGET_EXCEEDED',
    rule: 'gateway',
    message:
      `uses ${amountText(limit.measure, amount, units)}, and ${short(rest)} of the limit ${limit.id} is left ` +
      `(${limitText(limit, units)}; ${short(used)} used, ${short(reserved)} reserved)`,
    remedy: `allowed${approval}: at most ${amountText(limit.measure, rest, units)} now; the whole ${wholeText(standing, approval)}`,
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

/** When as much as was asked for passes. `approval`: ` without approval`, or nothing. */
function wholeText({ limit, amount, used, reserved, freesAt, fitsAt }: StandingOf, approval: string): string {
  const when = approval === '' ? '' : 'without approval ';
  if (fitsAt !== null) return `${when}from ${new Date(fitsAt).toISOString()} on, ${IF_NOTHING_MORE}`;
  if (amount > limit.max) return `never${approval}, because it is more than the limit`;
  const free = limit.window.kind === 'lifetime' ? limit.max - used : limit.max;
  if (reserved === 0n || amount > free) return `never${approval}, because what was used of a limit for ever stays used`;
  const [what, isNot, is] = FATES[limit.measure.kind === 'count' ? 'signature' : 'landing'];
  return `${when}only if enough of the ${what} for which the rest is reserved ${isNot}; if they ${is}, ${onceUsed(limit.window, freesAt)}`;
}

const IF_NOTHING_MORE = 'if nothing more is used until then';

const FATES = {
  signature: ['requests', 'are not signed', 'are signed'],
  landing: ['transactions', 'do not land', 'land'],
} as const;

/** When what is reserved now has left the window, if it is used. */
function onceUsed(window: LimitWindow, freesAt: number | null): string {
  switch (window.kind) {
    case 'rolling':
      return `${durationText(window.seconds)} after that at the latest, ${IF_NOTHING_MORE}`;
    case 'calendar': {
      const next =
        freesAt === null
          ? `with the next ${window.unit} of ${window.timeZone}`
          : `from ${new Date(freesAt).toISOString()} on`;
      return `${next}, ${IF_NOTHING_MORE}`;
    }
    case 'lifetime':
      return 'never';
    default:
      return assertNever(window);
  }
}
