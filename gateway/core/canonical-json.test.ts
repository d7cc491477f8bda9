import { expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

it('writes keys in code point order without white space', () => {
  expect(canonicalJson({ b: 1n, a: [true, null, 'x'], '\u{10000}': 2n, '\uffff': 3n })).toBe(
    '{"a":[true,null,"x"],"b":1,"\uffff":3,"\u{10000}":2}',
  );
});

it('writes integers beyond 2^53 and beyond u64 exactly', () => {
  expect(canonicalJson([9007199254740993n, 18446744073709551616n * 7n, -1n])).toBe(
    '[9007199254740993,129127208515966861312,-1]',
  );
});

it('escapes quotes, newlines and NUL', () => {
  expect(canonicalJson('"\n\u0000')).toBe('"\\"\\n\\u0000"');
});

it('refuses a lone surrogate in a value and in a key', () => {
  expect(() => canonicalJson('\ud800')).toThrow('lone surrogate');
  expect(() => canonicalJson({ '\udc00': null })).toThrow('lone surrogate');
});
