// Owns the faults that a test can switch on: what a caller of a remote node must survive.
import { isRecord } from '../json-exact.ts';
import { invalidParams } from './rpc-error.ts';

/** `loseAnswer` carries the request out, then closes the connection without a word. */
const FAULT_KINDS = ['hang', 'rateLimit', 'serverError', 'loseAnswer'] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Faults {
  /** Adds the fault described by the parameter of `localnet_setFault`. @throws RpcError */
  readonly set: (description: unknown) => void;
  readonly clear: () => void;
  /** The fault that meets a call of one of these methods now; uses up one of its times. */
  readonly next: (methods: readonly string[]) => FaultKind | null;
}

interface Fault {
  readonly kind: FaultKind;
  /** null: every method. */
  readonly method: string | null;
  times: number;
}

export function createFaults(): Faults {
  const faults: Fault[] = [];
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
      return found.kind;
    },
  };
}

function parseFault(description: unknown): Fault {
  if (!isRecord(description)) throw invalidParams('the fault must be an object {kind, method?, times?}');
  const { kind: kindText, method = null, times = Number.POSITIVE_INFINITY, ...rest } = description;
  const kind = FAULT_KINDS.find((candidate) => candidate === kindText);
  if (kind === undefined) throw invalidParams(`kind must be one of ${FAULT_KINDS.join(', ')}`);
  if (method !== null && typeof method !== 'string') throw invalidParams('method must be a string');
  if (typeof times !== 'number' || times < 1) throw invalidParams('times must be a number of at least 1');
  const unknown = Object.keys(rest);
  if (unknown.length > 0) throw invalidParams(`the fault has unknown members: ${unknown.join(', ')}`);
  return { kind, method, times };
}
