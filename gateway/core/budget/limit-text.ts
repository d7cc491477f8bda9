// Owns how a limit over time and its amounts are said to people.
import { assertNever } from '../assert-never.ts';
import type { Limit, LimitMeasure, LimitWindow } from '../decision/decision.ts';
import { type AssetUnits, assetText, shortAssetText, solText } from '../explanation/amounts.ts';

/** `at most 0.1 SOL in any 24 hours, by this agent with this wallet` */
export function limitText({ measure, max, window, ...whose }: Limit, units: AssetUnits): string {
  return `at most ${measuredText(measure, max, units)} ${windowText(window)}, by ${scopeText(whose)}`;
}

/** An amount with what it is of: `0.5 SOL`, `5 base units of Mint`, `0.000005 SOL of fees`, `1 signature`. */
export function amountText(measure: LimitMeasure, amount: bigint, units: AssetUnits): string {
  switch (measure.kind) {
    case 'outflow':
      return assetText(measure.asset, amount, units);
    case 'fee':
      return `${solText(amount)} of fees`;
    case 'rent':
      return `${solText(amount)} of rent`;
    case 'count':
      return amount === 1n ? '1 signature' : `${amount} signatures`;
    case 'sponsored':
      return `${solText(amount)} of fees and rent that ${measure.payer} pays`;
    default:
      return assertNever(measure);
  }
}

/** The same where what it is of is named beside it: `0.5 SOL`, `5 base units`, `1`. */
export function shortAmountText(measure: LimitMeasure, amount: bigint, units: AssetUnits): string {
  switch (measure.kind) {
    case 'outflow':
      return shortAssetText(measure.asset, amount, units);
    case 'fee':
    case 'rent':
    case 'sponsored':
      return solText(amount);
    case 'count':
      return String(amount);
    default:
      return assertNever(measure);
  }
}

function measuredText(measure: LimitMeasure, max: bigint, units: AssetUnits): string {
  const recipient = measure.kind === 'outflow' && measure.recipient !== undefined ? ` to ${measure.recipient}` : '';
  const net = measure.kind === 'outflow' && measure.net === true ? ' net of what comes in' : '';
  const program = measure.program === undefined ? '' : ` in transactions that call ${measure.program}`;
  return `${amountText(measure, max, units)}${recipient}${net}${program}`;
}

/** `in any 24 hours`, `in a day of Europe/Zurich`, `for ever` */
export function windowText(window: LimitWindow): string {
  switch (window.kind) {
    case 'rolling':
      return `in any ${durationText(window.seconds)}`;
    case 'calendar':
      return `in a ${window.unit} of ${window.timeZone}`;
    case 'lifetime':
      return 'for ever';
    default:
      return assertNever(window);
  }
}

/** `this agent with this wallet`, `the group of agents makers` */
export function scopeText({ scope, group, session }: Pick<Limit, 'scope' | 'group' | 'session'>): string {
  switch (scope) {
    case 'agent_wallet':
      return 'this agent with this wallet';
    case 'wallet':
      return 'all agents with this wallet';
    case 'agent':
      return 'this agent with all its wallets';
    case 'agent_group':
      return `the group of agents ${group ?? ''}`;
    case 'global':
      return 'everybody';
    case 'session':
      return `the session key ${session ?? ''} and those made from it`;
    default:
      return assertNever(scope);
  }
}

const UNITS = [
  ['hour', 3600],
  ['minute', 60],
] as const;
const DAY_SECONDS = 86_400;

/** `24 hours`, `7 days` */
export function durationText(seconds: number): string {
  if (seconds % DAY_SECONDS === 0 && seconds > DAY_SECONDS) return counted(seconds / DAY_SECONDS, 'day');
  for (const [unit, length] of UNITS) if (seconds % length === 0) return counted(seconds / length, unit);
  return counted(seconds, 'second');
}

function counted(n: number, unit: string): string {
  return n === 1 ? `1 ${unit}` : `${n} ${unit}s`;
}
