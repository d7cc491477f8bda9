import { getBase58Decoder, getBase58Encoder } from '@solana/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressFromBytes, decodeBase58, encodeBase58, knownAddress, parseAddress } from './base58.ts';

const kitDecoder = getBase58Decoder();
const kitEncoder = getBase58Encoder();

describe('base58', () => {
  it('agrees with kit on bytes of every length up to 80, leading zeros included', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.uint8Array({ maxLength: 60 }), (zeros, tail) => {
        const bytes = new Uint8Array([...new Uint8Array(zeros), ...tail]);
        const text = encodeBase58(bytes);
        expect(text).toBe(kitDecoder.decode(bytes));
        expect(decodeBase58(text)).toEqual(bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads and writes the extremes of 32 bytes', () => {
    expect(encodeBase58(new Uint8Array(32))).toBe('1'.repeat(32));
    const highest = new Uint8Array(32).fill(255);
    expect(encodeBase58(highest)).toBe(kitDecoder.decode(highest));
    expect(decodeBase58(encodeBase58(highest))).toEqual(highest);
    expect(encodeBase58(new Uint8Array(0))).toBe('');
    expect(decodeBase58('')).toEqual(new Uint8Array(0));
  });

  it('decodes any text over the alphabet as kit does', () => {
    const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...alphabet), { maxLength: 90 }), (characters) => {
        const text = characters.join('');
        expect(decodeBase58(text)).toEqual(new Uint8Array(kitEncoder.encode(text)));
      }),
    );
  });

  it('refuses characters outside the alphabet and text that is too long', () => {
    for (const text of ['0', 'O', 'I', 'l', ' 1', '1\n', '\u0661', '\ud83d\ude00', '1'.repeat(129)]) {
      expect(decodeBase58(text)).toBeNull();
    }
  });
});

describe('an address', () => {
  it('is exactly 32 bytes', () => {
    expect(parseAddress('11111111111111111111111111111111')).toBe('11111111111111111111111111111111');
    expect(parseAddress('1111111111111111111111111111111')).toBeNull();
    expect(parseAddress('111111111111111111111111111111111')).toBeNull();
    expect(parseAddress('')).toBeNull();
    expect(() => addressFromBytes(new Uint8Array(31))).toThrow('an address has 32 bytes, not 31');
    expect(() => knownAddress('nonsense')).toThrow('not an address');
  });

  it('comes from bytes and reads back to the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const address = addressFromBytes(bytes);
        expect(parseAddress(address)).toBe(address);
        expect(decodeBase58(address)).toEqual(bytes);
      }),
    );
  });
});
