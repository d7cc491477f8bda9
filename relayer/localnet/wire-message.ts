// Owns the parsed message that all transaction versions share, and the checks that hold for each of them.
import type { WireCursor } from './wire-cursor.ts';

export interface V1Config {
  readonly priorityFeeLamports: bigint;
  readonly computeUnitLimit: number;
}

export interface WireInstruction {
  readonly programIndex: number;
  readonly accounts: Uint8Array;
  readonly data: Uint8Array;
}

export interface WireLookup {
  readonly table: Uint8Array;
  readonly writable: Uint8Array;
  readonly readonly: Uint8Array;
}

export interface WireMessage {
  readonly version: 'legacy' | 0 | 1;
  readonly signers: number;
  readonly readonlySigned: number;
  readonly readonlyUnsigned: number;
  readonly keys: readonly Uint8Array[];
  readonly blockhash: Uint8Array;
  readonly instructions: readonly WireInstruction[];
  readonly lookups: readonly WireLookup[];
  /** Only version 1 has one. */
  readonly config: V1Config | null;
}

/** Checks that legacy, v0 and v1 share (`sanitize` of solana-message). */
export function requireSaneMessage(cursor: WireCursor, message: WireMessage): void {
  const { signers, readonlySigned, readonlyUnsigned, keys, instructions, lookups } = message;
  const loaded = lookups.reduce((sum, lookup) => sum + lookup.writable.length + lookup.readonly.length, 0);
  if (signers === 0 || readonlySigned >= signers) cursor.fail('header has no writable signer to pay the fee');
  if (signers + readonlyUnsigned > keys.length) cursor.fail('header counts more accounts than there are keys');
  if (keys.length + loaded > 256) cursor.fail(`${keys.length + loaded} accounts are more than 256`);
  for (const [index, instruction] of instructions.entries()) {
    const { programIndex, accounts } = instruction;
    if (programIndex === 0 || programIndex >= keys.length) {
      cursor.fail(`instruction ${index}: program index ${programIndex} is not in 1..${keys.length - 1}`);
    }
    const outside = accounts.find((account) => account >= keys.length + loaded);
    if (outside !== undefined) cursor.fail(`instruction ${index}: account index ${outside} is out of range`);
  }
}
