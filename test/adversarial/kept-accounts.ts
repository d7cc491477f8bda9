// Owns accounts that programs keep for the wallet, as an attacker finds them on the chain: stakes, nonces, buffers, tables.
import { getAddressEncoder } from '@solana/kit';
import type { Address } from '../../gateway/core/address.ts';
import type { AccountState } from '../../gateway/core/effects/chain-facts.ts';
import { rentExemption } from '../../gateway/core/effects/rent.ts';
import {
  ADDRESS_LOOKUP_TABLE_PROGRAM,
  LOADER_V3_PROGRAM,
  SYSTEM_PROGRAM,
} from '../../gateway/core/transaction/programs/program-ids.ts';

const U64_MAX = 0xffff_ffff_ffff_ffffn;
const NONCE_SIZE = 80;
const TABLE_META = 56;

export function nonceAccount(authority: Address, lamports: bigint): AccountState {
  const data = Buffer.alloc(NONCE_SIZE);
  data.writeUInt32LE(1, 0);
  data.writeUInt32LE(1, 4);
  data.set(key(authority), 8);
  data.fill(7, 40, 72);
  data.writeBigUInt64LE(5_000n, 72);
  return { owner: SYSTEM_PROGRAM, lamports: rentExemption(80n) + lamports, data: new Uint8Array(data) };
}

/** `program`: what was written into it so far. */
export function bufferAccount(authority: Address, program: Uint8Array, lamports: bigint): AccountState {
  const data = Buffer.alloc(37 + program.length);
  data.writeUInt32LE(1, 0);
  data.writeUInt8(1, 4);
  data.set(key(authority), 5);
  data.set(program, 37);
  const rent = rentExemption(BigInt(data.length));
  return { owner: LOADER_V3_PROGRAM, lamports: rent + lamports, data: new Uint8Array(data) };
}

/** `deactivated`: in slot 1, so that it may be closed. */
export function tableAccount(authority: Address, entries: readonly Address[], deactivated = false): AccountState {
  const data = Buffer.alloc(TABLE_META + 32 * entries.length);
  data.writeUInt32LE(1, 0);
  data.writeBigUInt64LE(deactivated ? 1n : U64_MAX, 4);
  data.writeUInt8(1, 21);
  data.set(key(authority), 22);
  for (const [n, entry] of entries.entries()) data.set(key(entry), TABLE_META + 32 * n);
  const lamports = rentExemption(BigInt(data.length));
  return { owner: ADDRESS_LOOKUP_TABLE_PROGRAM, lamports, data: new Uint8Array(data) };
}

function key(address: Address): Uint8Array {
  return new Uint8Array(getAddressEncoder().encode(address));
}
