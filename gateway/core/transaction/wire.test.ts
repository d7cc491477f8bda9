import { describe, expect, it } from 'vitest';
import { encodeBase58 } from '../base58.ts';
import type { CompiledTransaction } from './compiled-transaction.ts';
import { parseTransaction } from './parse.ts';
import { buildWire, keyAddress, keyBytes, type WirePlan } from './testing/wire-builder.ts';
import { intentBytes, withBlockhash, withSignature } from './wire.ts';

const SIGNATURE = Uint8Array.from({ length: 64 }, (_, i) => i + 1);
const TWO_SIGNERS = {
  header: [2, 0, 1],
  keys: [0, 1, 2],
  instructions: [{ program: 2, accounts: [0], data: [4] }],
} as const;

describe.each(['legacy', 0, 1] as const)('a %s transaction', (version) => {
  it('gets another blockhash and stays the same in all else', () => {
    const before = compiled({ version, ...TWO_SIGNERS });
    const blockhash = encodeBase58(keyBytes(77));
    const after = parsed(withBlockhash(before, blockhash));
    expect(after).toEqual({ ...before, lifetimeToken: blockhash, messageBytes: after.messageBytes });
    expect(after.messageBytes.filter((byte, i) => byte !== before.messageBytes[i])).toHaveLength(32);
  });

  it('gets no other blockhash once somebody signed', () => {
    const empty = new Array<number>(64).fill(0);
    const signed = compiled({ version, ...TWO_SIGNERS, signatures: [empty, [...SIGNATURE]] });
    expect(() => withBlockhash(signed, encodeBase58(keyBytes(77)))).toThrow(`${keyAddress(1)} has`);
  });

  it('gets a signature into one slot and nowhere else', () => {
    const before = compiled({ version, ...TWO_SIGNERS });
    const after = parsed(withSignature(before, 1, SIGNATURE));
    expect(after).toEqual({ ...before, signatures: [null, SIGNATURE] });
    const both = parsed(withSignature(after, 0, SIGNATURE.toReversed()));
    expect(both.signatures).toEqual([SIGNATURE.toReversed(), SIGNATURE]);
  });

  it('has one intent whatever its blockhash, and another one for anything else', () => {
    const before = compiled({ version, ...TWO_SIGNERS });
    const renewed = parsed(withBlockhash(before, encodeBase58(keyBytes(77))));
    expect(intentBytes(renewed)).toEqual(intentBytes(before));
    const other = compiled({ version, ...TWO_SIGNERS, instructions: [{ program: 2, accounts: [0], data: [5] }] });
    expect(intentBytes(other)).not.toEqual(intentBytes(before));
    expect(before.messageBytes).not.toEqual(intentBytes(before));
  });
});

describe('bad arguments', () => {
  const tx = compiled(TWO_SIGNERS);

  it.each(['', 'nonsense0', '1'.repeat(31), '1'.repeat(33)])('are refused: the blockhash %j', (text) => {
    expect(() => withBlockhash(tx, text)).toThrow('a blockhash is base58 text of 32 bytes');
  });

  it.each([-1, 2, 0.5, Number.NaN])('are refused: the signer %d', (index) => {
    expect(() => withSignature(tx, index, SIGNATURE)).toThrow('is not one of 2');
  });

  it('are refused: a signature of 63 bytes', () => {
    expect(() => withSignature(tx, 0, SIGNATURE.slice(1))).toThrow('a signature has 64 bytes, not 63');
  });
});

function compiled(plan: WirePlan): CompiledTransaction {
  return parsed(buildWire(plan));
}

function parsed(wire: Uint8Array): CompiledTransaction {
  const result = parseTransaction(wire);
  if (result.kind === 'malformed') throw new Error(JSON.stringify(result.error));
  return result.value;
}
