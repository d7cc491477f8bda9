// Proves that long base58 text is read as the short reader reads it, and in time that does not grow with the square.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase58, encodeBase58 } from './base58.ts';
import { decodeLongBase58 } from './long-base58.ts';

describe('long base58', () => {
  it('reads what the other writes, leading zeros included', () => {
    const zeros = fc.nat({ max: 40 }).map((count) => new Uint8Array(count));
    const bytes = fc
      .tuple(zeros, fc.uint8Array({ maxLength: 400 }))
      .map(([head, tail]) => Uint8Array.from([...head, ...tail]));
    fc.assert(
      fc.property(bytes, (value) => {
        expect(decodeLongBase58(encodeBase58(value))).toEqual(value);
      }),
    );
  });

  it('refuses what the other refuses', () => {
    const text = fc.string({ unit: fc.constantFrom(...'123456789ABCxyz0OIl é\u0000'), maxLength: 60 });
    fc.assert(
      fc.property(text, (value) => {
        expect(decodeLongBase58(value)).toEqual(decodeBase58(value));
      }),
    );
  });

  it('reads ten thousand bytes', () => {
    const bytes = Uint8Array.from({ length: 10_240 }, (_, n) => (n * 7) & 0xff);
    expect(decodeLongBase58(encodeBase58(bytes))).toEqual(bytes);
  });
});
