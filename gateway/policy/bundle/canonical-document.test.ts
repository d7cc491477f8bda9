import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalDocument } from './canonical-document.ts';

const canonical = (text: string) => canonicalDocument(new TextEncoder().encode(text));

describe('the canonical form of a document', () => {
  it.each([
    [' { "b" : 1 , "a" : [ true , false , null ] } ', '{"a":[true,false,null],"b":1}'],
    ['[ ]', '[]'],
    ['{\n}', '{}'],
    ['"a\\u0062\\/\\u003c\\u0026"', '"ab/<&"'],
    ['"\\b\\f\\n\\r\\t\\u0001\\u007f\\"\\\\"', '"\\b\\f\\n\\r\\t\\u0001\u007f\\"\\\\"'],
    ['"\u2028\u2029"', '"\\u2028\\u2029"'],
    ['"\\ud83d\\ude00"', '"😀"'],
    ['{"__proto__":1,"constructor":2}', '{"__proto__":1,"constructor":2}'],
  ])('of %j is %j', (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  it.each([
    '0',
    '-0',
    '1.0',
    '1.10',
    '1e5',
    '1E+05',
    '18446744073709551616',
    '0.1e-400',
    '123456789012345678901234567890',
  ])('keeps the number %s as it is written', (number) => {
    expect(canonical(`[${number}]`)).toBe(`[${number}]`);
  });

  it('orders keys by their UTF-8 bytes, which is not the order of UTF-16', () => {
    expect(canonical('{"\ud83d\ude00":1,"\uffee":2,"a":3,"":4}')).toBe('{"":4,"a":3,"\uffee":2,"\ud83d\ude00":1}');
  });

  it('takes a key for the same however it is escaped', () => {
    expect(canonical('{"\\u0062":1,"a":2}')).toBe('{"a":2,"b":1}');
  });

  it('reads as the document does, for every document', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(JSON.parse(canonical(JSON.stringify(value, null, 2)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('a document is refused', () => {
  it.each(['{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '[{"x":{"a":1,"b":2,"a":3}}]'])(
    'with a key that stands twice: %s',
    (text) => {
      expect(() => canonical(text)).toThrow('stands twice');
    },
  );

  it.each([
    '',
    ' ',
    '{',
    '}',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{a:1}',
    "{'a':1}",
    '[1,]',
    '[1 2]',
    '[',
    '01',
    '1.',
    '.5',
    '+1',
    '1e',
    'NaN',
    'nul',
    'truex',
    '"a',
    '"\\x"',
    '"\\u12"',
    '"\n"',
    '"\\\u2028"',
    '1 2',
    '{}x',
    '\ufeff{}',
    '// x\n1',
  ])('that is no JSON: %j', (text) => {
    expect(() => canonical(text)).toThrow();
  });

  it('with half a surrogate pair, in a text or a key', () => {
    expect(() => canonical('["\\ud800"]')).toThrow('half a surrogate pair');
    expect(() => canonical('{"\\udc00":1}')).toThrow('half a surrogate pair');
  });

  it('that is not UTF-8, or nested without end', () => {
    expect(() => canonicalDocument(Uint8Array.of(0x22, 0xff, 0x22))).toThrow();
    expect(canonical('['.repeat(200) + ']'.repeat(200))).toHaveLength(400);
    expect(() => canonical('['.repeat(100_000))).toThrow('nested deeper than 200');
    expect(() => canonical('{"a":'.repeat(100_000))).toThrow('nested deeper than 200');
  });
});
