// Owns what stands for a signer that could not be opened: it says why, and is tried again whenever it is checked.

import type { GuardedSigner, GuardState } from '../../signers/guard/guard-signer.ts';
import type { Signer, SignerCheck, SignResult } from '../../signers/signer.ts';
import type { LackingEntry } from '../config/lacking-entry.ts';

/** Why a signer could not be opened; its text holds no secret. */
export class SignerFault extends Error {
  /** Key of the signer's entry in the configuration that is to be looked at; `null`: none. */
  readonly field: string | null;

  constructor(field: string | null, message: string) {
    super(message);
    this.name = 'SignerFault';
    this.field = field;
  }
}

/** A signer as compose hands it on. */
export interface ComposedSigner extends Signer {
  /** `null`: nothing guards it. */
  readonly guardState: () => GuardState | null;
  /** Why it is not open; `null`: it is. */
  readonly fault: () => SignerFault | null;
  /** Of one whose address nobody knows: who is asked, once it can be opened, whether its key may be used. Absent: it is known. */
  readonly onKeyKnown?: (judge: KeyJudge) => void;
}

/** `use`: called when the signer has the address. */
export type KeyJudge = (address: string) => Promise<KeyVerdict>;

export type KeyVerdict =
  /** `field`: key of the signer's entry that is to be looked at. */
  | { readonly kind: 'refused'; readonly field: string | null; readonly reason: string }
  | { readonly kind: 'accepted'; readonly use: () => void };

export interface UnopenedSigner {
  readonly name: string;
  readonly backend: string;
  /** Base58; empty: nobody knows. */
  readonly address: string;
  readonly custody: Signer['custody'];
  readonly fault: SignerFault;
  /** Rejects with a SignerFault. */
  readonly open: () => Promise<Signer | GuardedSigner>;
}

/** The signer itself once it could be opened. */
export function createUnopenedSigner(options: UnopenedSigner): ComposedSigner {
  const { name, backend, custody } = options;
  let { fault, address } = options;
  let judge: KeyJudge = async () => ({ kind: 'refused', field: null, reason: 'start the gateway again' });
  let opened: Signer | GuardedSigner | null = null;
  let isClosed = false;
  let trying: Promise<void> | null = null;
  const tryToOpen = async (): Promise<void> => {
    try {
      const found = await options.open();
      const verdict = await verdictOn(found.address);
      if (verdict.kind === 'refused' || isClosed) await found.close();
      if (verdict.kind === 'refused') fault = new SignerFault(verdict.field, verdict.reason);
      else if (!isClosed) {
        [address, opened] = [found.address, found];
        verdict.use();
      }
    } catch (error) {
      fault = faultOf(error);
    } finally {
      trying = null;
    }
  };
  const verdictOn = async (found: string): Promise<KeyVerdict> => {
    if (address === '') return judge(found);
    if (found === address) return { kind: 'accepted', use: () => undefined };
    return { kind: 'refused', field: null, reason: `its key is now that of ${found}; start the gateway again` };
  };
  return {
    name,
    backend,
    get address() {
      return address;
    },
    custody,
    repeatable: true,
    onKeyKnown: (given) => {
      judge = given;
    },
    sign: async (messageBytes, context): Promise<SignResult> => {
      if (opened !== null) return opened.sign(messageBytes, context);
      return { kind: 'unavailable', reason: textOf(fault), ambiguous: false };
    },
    check: async (signal): Promise<SignerCheck> => {
      if (opened === null && !isClosed) {
        trying ??= tryToOpen();
        await trying;
      }
      return opened?.check(signal) ?? { kind: 'failed', field: fault.field, reason: fault.message };
    },
    close: async () => {
      isClosed = true;
      await opened?.close();
    },
    guardState: () => guardStateOf(opened),
    fault: () => (opened === null ? fault : null),
  };
}

export function guardStateOf(signer: Signer | GuardedSigner | null): GuardState | null {
  return signer !== null && 'guardState' in signer ? signer.guardState() : null;
}

/** Rejects with a SignerFault as long as it lacks something. */
export async function readAgain<C>({ again }: LackingEntry<C>): Promise<C> {
  const reading = await again();
  if (reading.kind === 'complete') return reading.config;
  throw new SignerFault(reading.lack.field, reading.lack.reason);
}

export function faultOf(error: unknown): SignerFault {
  if (error instanceof SignerFault) return error;
  return new SignerFault(null, error instanceof Error ? error.message : 'it cannot be opened');
}

/** For people. */
export function textOf({ field, message }: SignerFault): string {
  return field === null ? message : `${field}: ${message}`;
}
