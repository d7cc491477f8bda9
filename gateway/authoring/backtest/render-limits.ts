// Owns how the report of a backtest tells which limits over time would have been exceeded, by whom, by how much and until when.
import { amountText, limitText, shortAmountText } from '../../core/budget/limit-text.ts';
import { left, type StandingOf } from '../../core/budget/standing.ts';
import type { AssetUnits } from '../../core/explanation/amounts.ts';
import { printable } from '../../core/explanation/printable.ts';
import type { ExceededLimit, ExceedingRequest, LimitsResult } from './limits-over-time.ts';

export function renderLimits({ exceeded, requests, assumed, counted, units }: LimitsResult): readonly string[] {
  if (!counted) return [];
  return [
    `  over a limit over time: ${requests === 0 ? 'none' : requests}`,
    ...exceeded.flatMap((each) => exceededLines(each, units)),
    '  windows begin empty with the first decision',
    ...(assumed === 0 ? [] : [`  ${assumed} of which no outcome is recorded count as landed at once`]),
  ];
}

function exceededLines({ standing, requests, most, samples }: ExceededLimit, units: AssetUnits): readonly string[] {
  const { limit, budget } = standing;
  const by = amountText(limit.measure, most, units);
  return [
    `    ${printable(limit.id)} of ${printable(budget)}: ${requests}, by up to ${printable(by)} (${printable(limitText(limit, units))})`,
    ...samples.map((sample) => sampleLine(sample, units)),
  ];
}

function sampleLine({ requestId, time, standing }: ExceedingRequest, units: AssetUnits): string {
  const { limit, amount } = standing;
  const over = shortAmountText(limit.measure, amount - left(standing), units);
  const uses = `${amountText(limit.measure, amount, units)}, ${over} more than was left`;
  return `      request ${printable(requestId)} of ${new Date(time).toISOString()}: ${printable(uses)}; ${freeText(standing)}`;
}

function freeText({ limit, amount, fitsAt }: StandingOf): string {
  if (amount > limit.max) return 'never free for that: it is more than the limit';
  return fitsAt === null
    ? 'free when what is reserved is given back'
    : `free for it from ${new Date(fitsAt).toISOString()} on`;
}
