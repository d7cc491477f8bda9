import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CanonicalValue, canonicalJson } from '../canonical-json.ts';
import { anyCharacter } from '../testing/any-character.ts';
import { type JsonValue, parseCompactJson, parseJson } from './json-value.ts';

const integers = fc.oneof(fc.bigInt({ min: -(2n ** 130n), max: 2n ** 130n }), fc.bigInt({ min: -99n, max: 2n ** 54n }));
const strings = fc.oneof(
  fc.string({ unit: anyCharacter }),
  fc.constantFrom(
    '#12345678901234567890',
    '$',
    '12345678901234567',
    '"12345678901234567',
    '\\',
    '__proto__',
    '10',
    '2',
  ),
);
const { document } = fc.letrec<{ document: CanonicalValue }>((tie) => ({
  document: fc.oneof(
    { maxDepth: 4 },
    integers,
    strings,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('document')),
    fc.dictionary(strings, tie('document')),
  ),
}));

/** The same with each integer as a bigint. */
function exactly(value: JsonValue): JsonValue {
  if (typeof value === 'number') return BigInt(value);
  if (Array.isArray(value)) return value.map(exactly);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, exactly(item)]));
}

describe('parseCompactJson', () => {
  it('reads every document as parseJson does, whatever the size of its integers', () => {
    fc.assert(
      fc.property(document, (value) => {
        const text = canonicalJson(value);
        expect(exactly(parseCompactJson(text))).toEqual(parseJson(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    '{"max":1208925819614629174706176,"max":1}',
    '{"max": 1208925819614629174706176}',
    '{"max":01208925819614629174706176}',
    '{"max":1208925819614629174706176.5}',
    '{"max":1.208925819614629174706176}',
    '{"max":1208925819614629174706176e1}',
    '{"max":-01208925819614629174706176}',
    `{"max":${'9'.repeat(129)}}`,
    '[12345678901234567"]',
    '"12345678901234567',
    '{12345678901234567:1}',
    '[1208925819614629174706176]x',
  ])('refuses %s', (text) => {
    expect(() => parseCompactJson(text)).toThrow(SyntaxError);
  });
});
