// Owns how a limit over time and its amounts are said to people.
import { assertNever } from '../assert-never.ts';
import type { Limit, LimitMeasure, LimitWindow } from '../decision/decision.ts';

/** `at most 100 lamports of SOL in any 24 hours, by this agent with this wallet` */
export function limitText({ measure, max, window, ...whose }: Limit): string {
  return `at most ${measuredText(measure, max)} ${windowText(window)}, by ${scopeText(whose)}`;
}

/** An amount with its unit: `5 lamports of SOL`, `1 signature`. */
export function amountText(measure: LimitMeasure, amount: bigint): string {
  switch (measure.kind) {
    case 'outflow':
      return measure.asset === 'SOL' ? `${amount} lamports of SOL` : `${amount} base units of ${measure.asset}`;
    case 'fee':
      return `${amount} lamports of fees`;
    case 'rent':
      return `${amount} lamports of rent`;
    case 'count':
      return amount === 1n ? '1 signature' : `${amount} signatures`;
    case 'sponsored':
      return `${amount} lamports of fees and rent that ${measure.payer} pays`;
    default:
      return assertNever(measure);
  }
}

function measuredText(measure: LimitMeasure, max: bigint): string {
  const recipient = measure.kind === 'outflow' && measure.recipient !== undefined ? ` to ${measure.recipient}` : '';
  const net = measure.kind === 'outflow' && measure.net === true ? ' net of what comes in' : '';
  const program = measure.program === undefined ? '' : ` in transactions that call ${measure.program}`;
  return `${amountText(measure, max)}${recipient}${net}${program}`;
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
