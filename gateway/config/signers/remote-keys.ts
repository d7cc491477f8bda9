// Owns the keys that the entries of all remote signers have.
import * as z from 'zod';
import { address, milliseconds, name } from '../schema-parts.ts';

/** Of how a backend is called, whatever key it is for: those of wallet templates too. */
export const callKeys = {
  timeout_ms: milliseconds(50, 120_000)
    .optional()
    .describe(
      'How long one attempt may take. Absent: as long as `limits.signer_timeout_ms`, which bounds all attempts together.',
    ),
  max_in_flight: z.int().min(1).max(10_000).default(64).describe('Calls that the backend works on at once.'),
  max_waiting: z
    .int()
    .min(0)
    .max(100_000)
    .default(256)
    .describe('Calls that wait for one of those to end; the next are answered RESOURCE_EXHAUSTED.'),
};

export const remoteKeys = {
  name: name.describe('What wallets call it.'),
  address: address.describe('Address of the key. A backend that holds another one there is not used.'),
  ...callKeys,
};

export interface CallTerms {
  /** `null`: as long as all attempts together may take. */
  readonly timeoutMs: number | null;
  readonly maxInFlight: number;
  readonly maxWaiting: number;
}

/** How a remote signer is called, whatever it is. */
export interface RemoteSignerConfig extends CallTerms {
  readonly name: string;
  /** Base58. */
  readonly address: string;
}

interface CallEntry {
  readonly timeout_ms?: number | undefined;
  readonly max_in_flight: number;
  readonly max_waiting: number;
}

interface RemoteEntry extends CallEntry {
  readonly name: string;
  readonly address: string;
}

export function callTermsOf({ timeout_ms, max_in_flight, max_waiting }: CallEntry): CallTerms {
  return { timeoutMs: timeout_ms ?? null, maxInFlight: max_in_flight, maxWaiting: max_waiting };
}

export function remoteConfigOf(entry: RemoteEntry): RemoteSignerConfig {
  const { name: called, address: key } = entry;
  return { name: called, address: key, ...callTermsOf(entry) };
}
