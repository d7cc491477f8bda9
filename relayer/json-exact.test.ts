// Proves that integers keep their exact value in JSON text, both ways.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExactJson, stringifyExactJson, toU64 } from './json-exact.ts';

describe('exact JSON', () => {
  it('keeps every u64 through text and back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (amount) => {
        const text = stringifyExactJson({ list: [amount] });
        expect(text).toBe(`{"list":[${amount}]}`);
        const parsed = parseExactJson(text);
        expect(parsed).toMatchObject({ list: [amount <= Number.MAX_SAFE_INTEGER ? Number(amount) : amount] });
      }),
    );
  });

  it('leaves strings of digits, fractions and exponents alone', () => {
    const text =
      '{"text":"18446744073709551615","fraction":0.12345678901234567,"exponent":1e30,"big":9007199254740993}';
    expect(parseExactJson(text)).toEqual({
      text: '18446744073709551615',
      fraction: JSON.parse('0.12345678901234567'),
      exponent: 1e30,
      big: 9_007_199_254_740_993n,
    });
  });

  it('knows what a u64 is', () => {
    expect([0, 5, 2 ** 53 - 1, 7n, 2n ** 64n - 1n].map(toU64)).toEqual([0n, 5n, 2n ** 53n - 1n, 7n, 2n ** 64n - 1n]);
    for (const other of [-1, 1.5, 2 ** 53, -1n, 2n ** 64n, '5', null, undefined, Number.NaN, true]) {
      expect(toU64(other)).toBeUndefined();
    }
  });

  it('does not spend quadratic time on a number of a million digits', () => {
    expect(toU64(parseExactJson('9'.repeat(1_000_000)))).toBeUndefined();
  });
});
