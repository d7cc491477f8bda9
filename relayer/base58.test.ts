// Proves that base58 agrees with kit's.
import { getBase58Decoder, getBase58Encoder } from '@solana/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase58, decodeBase58OfLength, encodeBase58 } from './base58.ts';

describe('base58', () => {
  it('writes and reads bytes as kit does, leading zeros included', () => {
    const zeros = fc.nat({ max: 40 }).map((count) => new Uint8Array(count));
    const bytes = fc
      .tuple(zeros, fc.uint8Array({ maxLength: 200 }))
      .map(([head, tail]) => Uint8Array.from([...head, ...tail]));
    fc.assert(
      fc.property(bytes, (value) => {
        const text = encodeBase58(value);
        expect(text).toBe(getBase58Decoder().decode(value));
        expect(decodeBase58(text)).toEqual(value);
        expect(decodeBase58(text)).toEqual(Uint8Array.from(getBase58Encoder().encode(text)));
        expect(decodeBase58OfLength(text, value.length)).toEqual(value);
      }),
    );
  });

  it('reads ten thousand bytes', () => {
    const bytes = Uint8Array.from({ length: 10_240 }, (_, n) => (n * 7) & 0xff);
    expect(decodeBase58(encodeBase58(bytes))).toEqual(bytes);
  });

  it('refuses text with any other character, and reads all else as kit does', () => {
    const text = fc.string({ unit: fc.constantFrom(...'123456789ABCxyz0OIl é\u0000'), maxLength: 60 });
    fc.assert(
      fc.property(text, (value) => {
        const refused = /[^1-9A-HJ-NP-Za-km-z]/.test(value);
        expect(decodeBase58(value)).toEqual(refused ? undefined : Uint8Array.from(getBase58Encoder().encode(value)));
      }),
    );
  });

  it('refuses other characters and other lengths', () => {
    for (const text of ['0', 'O', 'I', 'l', 'a b', 'é', '\u0000']) expect(decodeBase58(text)).toBeUndefined();
    expect(decodeBase58OfLength('1'.repeat(31), 32)).toBeUndefined();
    expect(decodeBase58OfLength('1'.repeat(33), 32)).toBeUndefined();
    expect(decodeBase58OfLength('z'.repeat(1_000_000), 32)).toBeUndefined();
    expect(decodeBase58OfLength(encodeBase58(new Uint8Array(32).fill(255)), 32)).toEqual(new Uint8Array(32).fill(255));
  });
});
