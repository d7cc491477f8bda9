import { generateKeyPairSync, sign } from 'node:crypto';
import { lamports } from '@solana/kit';
import { LiteSVM } from 'litesvm';
import { describe, expect, it } from 'vitest';
import { encodeLegacy } from '../../../test/differential/corpus.ts';
import { judgeAndExecute } from '../../../test/differential/execution.ts';
import { addressFromBytes } from '../base58.ts';
import { ED25519_PROGRAM } from '../transaction/programs/program-ids.ts';
import { keyAddress } from '../transaction/testing/wire-builder.ts';

const WALLET = keyAddress(1);
const MESSAGE = new TextEncoder().encode('so be it');
const SPKI_HEADER = 12;
const u16 = (value: number) => [value & 0xff, value >> 8];

/** One key's signature, checked `count` times: table, key, signature, message, and a byte that is nothing. */
function verification(count: number) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_HEADER));
  const start = 2 + 14 * count;
  const own = u16(0xffff);
  const signatureAt = [...u16(start + 32), ...own];
  const messageAt = [...u16(start + 96), ...u16(MESSAGE.length), ...own];
  const row = [...signatureAt, ...u16(start), ...own, ...messageAt];
  const table = Array.from({ length: count }, () => row).flat();
  const data = [count, 9, ...table, ...key, ...sign(null, MESSAGE, privateKey), ...MESSAGE, 1];
  const instruction = { programAddress: ED25519_PROGRAM, accounts: [], data: Uint8Array.from(data) };
  return { key: addressFromBytes(key), instruction };
}

describe('the Ed25519 precompile, executed', () => {
  it('costs a signature each, and does nothing else', () => {
    const svm = new LiteSVM().withSigverify(false).withTransactionHistory(0n);
    svm.airdrop(WALLET, lamports(1_000_000_000n));
    const { key, instruction } = verification(2);
    const wire = encodeLegacy(WALLET, svm.latestBlockhash(), [instruction]);
    const { decoded, effects, before, after, error } = judgeAndExecute(svm, wire, WALLET);
    expect(error).toBeNull();
    expect(decoded.instructions).toMatchObject([
      { kind: 'known', arguments: { signatures: [{ public_key: key, message: 'c28gYmUgaXQ=' }, { public_key: key }] } },
    ]);
    expect(effects.fee.totalLamports).toBe(15_000n);
    expect(after.get(WALLET)?.lamports).toBe((before.get(WALLET)?.lamports ?? 0n) - 15_000n);
    expect(effects).toMatchObject({ transfers: [], operations: [], missing: [] });
    expect(effects.dataAddresses[0]).toMatchObject({ argument: 'signatures.0.public_key', address: key });
  });
});
