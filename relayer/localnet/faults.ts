// Owns the faults that a test can switch on: what a caller of a remote node must survive.
import { isRecord } from '../json-exact.ts';
import { invalidParams } from './rpc-error.ts';

/** What each kind can be given besides; `null`: nothing. */
const MEASURES = {
  /** Takes the call and never answers. */
  hang: null,
  /** 429; `seconds`: of its Retry-After. Without, it says none. */
  rateLimit: { name: 'seconds', least: 0, most: 3_600, fallback: null },
  /** 500. */
  serverError: null,
  /** Carries the call out, then closes the connection without a word. */
  loseAnswer: null,
  /** Answers later. */
  slow: { name: 'milliseconds', least: 1, most: 60_000, fallback: 500 },
  /** Knows nothing of the newest slots: neither what landed in them, nor their blockhashes. */
  lag: { name: 'slots', least: 1, most: 100_000, fallback: 20 },
  /** Every slot and block height that it tells is off by so many. */
  wrongSlot: { name: 'slots', least: -1_000_000, most: 1_000_000, fallback: 200 },
  /** Tells a blockhash of so many slots ago for the newest. */
  staleBlockhash: { name: 'slots', least: 1, most: 299, fallback: 140 },
  /** Finds no signature, though they landed. */
  denyStatus: null,
  /** Shows everything that landed as failed. */
  failStatus: null,
  /** Shows whatever it is asked about as landed and final without an error, though it failed or never landed. */
  claimStatus: null,
  /** Takes a transaction as always, and sends it nowhere. */
  drop: null,
  /** Takes a transaction, and every node shows it as landed for so many slots: on a fork that then dies. It never ran. */
  forkAway: { name: 'slots', least: 1, most: 149, fallback: 8 },
} as const satisfies Record<string, Measure | null>;

interface Measure {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly fallback: number | null;
}

export type FaultKind = keyof typeof MEASURES;

export interface Fault {
  readonly kind: FaultKind;
  /** What the kind is measured in; `null`: nothing. */
  readonly measure: number | null;
}

export interface Faults {
  /** Adds the fault described by the parameter of `localnet_setFault`. @throws RpcError */
  readonly set: (description: unknown) => void;
  readonly clear: () => void;
  /** The fault that meets a call of one of these methods now; uses up one of its times. */
  readonly next: (methods: readonly string[]) => Fault | null;
}

interface Switch extends Fault {
  /** null: every method. */
  readonly method: string | null;
  times: number;
}

export function createFaults(): Faults {
  const faults: Switch[] = [];
  return {
    set: (description) => {
      faults.push(parseFault(description));
    },
    clear: () => {
      faults.length = 0;
    },
    next: (methods) => {
      const found = faults.find(
        (fault) => fault.times > 0 && (fault.method === null || methods.includes(fault.method)),
      );
      if (found === undefined) return null;
      found.times--;
      return found;
    },
  };
}

const KINDS: ReadonlyMap<string, FaultKind> = new Map(
  Object.keys(MEASURES).flatMap((kind) => (isKind(kind) ? [[kind, kind] as const] : [])),
);

function isKind(text: string): text is FaultKind {
  return Object.hasOwn(MEASURES, text);
}

function parseFault(description: unknown): Switch {
  if (!isRecord(description)) throw invalidParams('the fault must be an object {kind, method?, times?}');
  const { kind: kindText, method = null, times = Number.POSITIVE_INFINITY, ...rest } = description;
  const kind = KINDS.get(String(kindText));
  if (kind === undefined) throw invalidParams(`kind must be one of ${[...KINDS.keys()].join(', ')}`);
  if (method !== null && typeof method !== 'string') throw invalidParams('method must be a string');
  if (typeof times !== 'number' || times < 1) throw invalidParams('times must be a number of at least 1');
  const taken: Measure | null = MEASURES[kind];
  const unknown = Object.keys(rest).filter((name) => name !== taken?.name);
  if (unknown.length > 0) throw invalidParams(`the fault has unknown members: ${unknown.join(', ')}`);
  return { kind, method, times, measure: taken === null ? null : measureOf(taken, rest[taken.name]) };
}

function measureOf({ name, least, most, fallback }: Measure, value: unknown): number | null {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalidParams(`${name} must be an integer from ${least} to ${most}`);
}
