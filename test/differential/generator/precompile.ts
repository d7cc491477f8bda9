// Owns random instructions that verify signatures, which cost and do nothing else.
import { generateKeyPairSync, sign } from 'node:crypto';
import type { Instruction } from '@solana/kit';
import { ED25519_PROGRAM } from '../../../gateway/core/transaction/programs/program-ids.ts';
import type { SeededRandom } from '../seeded-random.ts';

const MESSAGE = new TextEncoder().encode('so be it');
const SPKI_HEADER = 12;
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const KEY = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_HEADER));
const SIGNATURE = sign(null, MESSAGE, privateKey);

/** One key's signature, checked once or more: table, key, signature, message. */
export function drawPrecompile(random: SeededRandom): readonly Instruction[] {
  const count = 1 + random.below(3);
  const start = 2 + 14 * count;
  const own = [0xff, 0xff];
  const u16 = (value: number) => [value & 0xff, value >> 8];
  const row = [u16(start + 32), own, u16(start), own, u16(start + 96), u16(MESSAGE.length), own].flat();
  const table = Array.from({ length: count }, () => row).flat();
  const data = Uint8Array.from([count, 0, ...table, ...KEY, ...SIGNATURE, ...MESSAGE]);
  return [{ programAddress: ED25519_PROGRAM, accounts: [], data }];
}
