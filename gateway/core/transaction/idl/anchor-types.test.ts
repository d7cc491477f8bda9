import { describe, expect, it } from 'vitest';
import { anchorIdl, readAnchor } from './testing/idl-samples.ts';

const KEY = Array.from({ length: 32 }, (_, i) => i);
const KEY_TEXT = '1thX6LZfHDZZKUs92febYZhYRcXddmzfzF2NvTkPNE';
const FF = (count: number) => Array.from({ length: count }, () => 255);

const PAIR = {
  name: 'Pair',
  type: {
    kind: 'struct',
    fields: [
      { name: 'left', type: 'u8' },
      { name: 'rightSide', type: 'u16' },
    ],
  },
};
const SIDE = { name: 'Side', type: { kind: 'enum', variants: [{ name: 'Bid' }, { name: 'AskOnly' }] } };
const ACTION = {
  name: 'Action',
  type: {
    kind: 'enum',
    variants: [
      { name: 'Nothing' },
      { name: 'Swap', fields: [{ name: 'amountIn', type: 'u8' }] },
      { name: 'Both', fields: ['u8', { defined: { name: 'Side' } }] },
      { name: 'SetUri', fields: [{ name: 'uri', type: 'string' }] },
    ],
  },
};
const WRAPPER = {
  name: 'Wrapper',
  generics: [
    { kind: 'type', name: 'T' },
    { kind: 'const', name: 'N', type: 'usize' },
  ],
  type: { kind: 'struct', fields: [{ name: 'items', type: { array: [{ generic: 'T' }, { generic: 'N' }] } }] },
};
const TYPES = [
  PAIR,
  SIDE,
  ACTION,
  WRAPPER,
  { name: 'Unit', type: { kind: 'struct' } },
  { name: 'Newtype', type: { kind: 'struct', fields: ['u8', 'bool'] } },
  { name: 'Amount', type: { kind: 'type', alias: 'u16' } },
  { name: 'OldAlias', type: { kind: 'alias', value: { vec: 'u16' } } },
  {
    name: 'Nested',
    generics: [{ kind: 'type', name: 'U' }],
    type: {
      kind: 'struct',
      fields: [
        {
          name: 'inner',
          type: {
            defined: {
              name: 'Wrapper',
              generics: [
                { kind: 'type', type: { option: { generic: 'U' } } },
                { kind: 'const', value: '2' },
              ],
            },
          },
        },
      ],
    },
  },
  {
    name: 'Tree',
    type: {
      kind: 'struct',
      fields: [
        { name: 'leaf', type: 'u8' },
        { name: 'children', type: { vec: { defined: { name: 'Tree' } } } },
      ],
    },
  },
];

const defined = (name: string, generics?: unknown) => ({
  defined: generics === undefined ? { name } : { name, generics },
});
const read = (type: unknown, bytes: readonly number[]) => readAnchor(anchorIdl(type, TYPES), bytes);

describe('an argument of an Anchor IDL is read', () => {
  it.each<[string, unknown, readonly number[], unknown]>([
    ['u8', 'u8', [255], 255n],
    ['u16', 'u16', [1, 2], 0x0201n],
    ['u32', 'u32', [1, 0, 0, 128], 0x8000_0001n],
    ['u64', 'u64', FF(8), 2n ** 64n - 1n],
    ['u128', 'u128', FF(16), 2n ** 128n - 1n],
    ['u128, in order', 'u128', [1, ...FF(7).fill(0), 2, ...FF(7).fill(0)], 2n ** 65n + 1n],
    ['u256', 'u256', FF(32), 2n ** 256n - 1n],
    ['i8', 'i8', [128], -128n],
    ['i16', 'i16', FF(2), -1n],
    ['i32', 'i32', [0, 0, 0, 128], -(2n ** 31n)],
    ['i64', 'i64', FF(8), -1n],
    ['i128', 'i128', [...FF(15), 127], 2n ** 127n - 1n],
    ['i128 below zero', 'i128', [...FF(15).fill(0), 128], -(2n ** 127n)],
    ['i256', 'i256', FF(32), -1n],
    ['f32, as text', 'f32', [0, 0, 192, 63], '1.5'],
    ['f64, as text', 'f64', [154, 153, 153, 153, 153, 153, 185, 63], '0.1'],
    ['false', 'bool', [0], false],
    ['true', 'bool', [1], true],
    ['pubkey', 'pubkey', KEY, KEY_TEXT],
    ['publicKey, as old IDLs write it', 'publicKey', KEY, KEY_TEXT],
    ['bytes, as base64', 'bytes', [3, 0, 0, 0, 1, 2, 3], 'AQID'],
    ['a list of bytes, as base64', { vec: 'u8' }, [2, 0, 0, 0, 1, 2], 'AQI='],
    ['an array of bytes, as base64', { array: ['u8', 3] }, [1, 2, 3], 'AQID'],
    ['an array', { array: ['u16', 2] }, [1, 0, 2, 0], [1n, 2n]],
    ['a list', { vec: 'bool' }, [2, 0, 0, 0, 1, 0], [true, false]],
    ['a list of none', { vec: 'u64' }, [0, 0, 0, 0], []],
    ['none', { option: 'u64' }, [0], null],
    ['some', { option: 'u8' }, [1, 7], 7n],
    ['none in the bytes of a value', { coption: 'u16' }, [0, 0, 0, 0, 9, 9], null],
    ['some of an option that has one size', { coption: 'u16' }, [1, 0, 0, 0, 5, 0], 5n],
    ['an option whose tag has four bytes', { option: 'u8', prefix: 'u32' }, [1, 0, 0, 0, 5], 5n],
    ['a tuple', { tuple: ['u8', 'bool'] }, [3, 1], [3n, true]],
    ['a hash map', { hashMap: ['u8', 'u16'] }, [1, 0, 0, 0, 7, 1, 0], [{ key: 7n, value: 1n }]],
    ['a tree map', { bTreeMap: ['u8', 'bool'] }, [1, 0, 0, 0, 7, 1], [{ key: 7n, value: true }]],
    ['a hash set', { hashSet: 'u16' }, [1, 0, 0, 0, 7, 1], [0x107n]],
    ['a tree set', { bTreeSet: 'bool' }, [1, 0, 0, 0, 1], [true]],
    ['a list that is counted by a compact u16', { vec: 'bool', size: 'shortU16' }, [1, 1], [true]],
    ['a list to the end', { vec: 'u16', size: 'remainder' }, [1, 0, 2, 0], [1n, 2n]],
    ['a list of a number of elements', { vec: 'u16', size: 1 }, [1, 0], [1n]],
    ['shortU16 of two bytes', 'shortU16', [0x80, 1], 128n],
    ['a struct', defined('Pair'), [1, 2, 0], { left: 1n, right_side: 2n }],
    ['a struct by its name alone, as old IDLs write it', { defined: 'Pair' }, [1, 2, 0], { left: 1n, right_side: 2n }],
    ['a struct without fields', defined('Unit'), [], {}],
    ['a struct of types', defined('Newtype'), [1, 1], [1n, true]],
    ['another name for a type', defined('Amount'), [2, 0], 2n],
    ['another name for a type, as old IDLs write it', defined('OldAlias'), [1, 0, 0, 0, 2, 0], [2n]],
    ['a variant without values', defined('Side'), [1], 'ask_only'],
    ['a variant with named values', defined('Action'), [1, 5], { swap: { amount_in: 5n } }],
    ['a variant with values', defined('Action'), [2, 5, 0], { both: [5n, 'bid'] }],
    ['a variant beside others that have values', defined('Action'), [0], 'nothing'],
    [
      'a generic type',
      defined('Wrapper', [
        { kind: 'type', type: 'u16' },
        { kind: 'const', value: '2' },
      ]),
      [1, 0, 2, 0],
      { items: [1n, 2n] },
    ],
    [
      'a generic type in another',
      defined('Nested', [{ kind: 'type', type: defined('Side') }]),
      [0, 1, 1],
      { inner: { items: [null, 'ask_only'] } },
    ],
    [
      'a type that contains itself',
      defined('Tree'),
      [1, 1, 0, 0, 0, 2, 0, 0, 0, 0],
      { leaf: 1n, children: [{ leaf: 2n, children: [] }] },
    ],
    ['bytes after it are left', 'u8', [1, 2, 3], 1n],
  ])('%s', (_what, type, bytes, value) => {
    expect(read(type, bytes)).toEqual({ value });
  });
});

describe('a type that an old IDL defines for accounts', () => {
  const account = (type: string) => ({ name: 'Config', type: { kind: 'struct', fields: [{ name: 'fee', type }] } });

  it('may be the type of an argument', () => {
    const idl = { ...anchorIdl({ defined: 'Config' }), accounts: [account('u8')] };
    expect(readAnchor(idl, [3])).toEqual({ value: { fee: 3n } });
  });

  it('gives way to one of the same name among the types', () => {
    const idl = { ...anchorIdl({ defined: 'Config' }, [account('u16')]), accounts: [account('u8')] };
    expect(readAnchor(idl, [3, 1])).toEqual({ value: { fee: 259n } });
  });
});

describe('text of an argument stands among the texts, by where it was', () => {
  const a = [1, 0, 0, 0, 97];
  it.each<[string, unknown, readonly number[], unknown]>([
    ['as the argument', 'string', a, { texts: { value: 'a' } }],
    ['as an option', { option: 'string' }, [1, ...a], { texts: { value: 'a' } }],
    ['in a variant', defined('Action'), [3, ...a], { value: { set_uri: {} }, texts: { 'value.set_uri.uri': 'a' } }],
    [
      'in a list, where null keeps its place',
      { vec: 'string' },
      [2, 0, 0, 0, ...a, ...a],
      { value: [null, null], texts: { 'value.0': 'a', 'value.1': 'a' } },
    ],
    ['in a tuple', { tuple: ['u8', 'string'] }, [1, ...a], { value: [1n, null], texts: { 'value.1': 'a' } }],
    [
      'as a key',
      { hashMap: ['string', 'u8'] },
      [1, 0, 0, 0, ...a, 5],
      { value: [{ value: 5n }], texts: { 'value.0.key': 'a' } },
    ],
    ['with quotes and beyond ASCII', 'string', [4, 0, 0, 0, 34, 195, 164, 0], { texts: { value: '"ä\0' } }],
  ])('%s', (_what, type, bytes, outcome) => {
    expect(read(type, bytes)).toEqual(outcome);
  });

  it('and an option of text that is none is null', () => {
    expect(read({ option: 'string' }, [0])).toEqual({ value: null });
  });
});

describe('data that do not fit the IDL are unknown', () => {
  it.each<[string, unknown, readonly number[], string]>([
    ['short data', 'u64', FF(7), '15 bytes are too short: 16 are needed'],
    ['a boolean of 2', 'bool', [2], 'a boolean is 0 or 1, not 2'],
    ['an option of 2', { option: 'u8' }, [2, 1], 'an option starts with 0 or 1, not 2'],
    [
      'an option of 256 whose tag has four bytes',
      { coption: 'u8' },
      [0, 1, 0, 0, 1],
      'an option starts with 0 or 1, not 256',
    ],
    [
      'none that is not followed by its bytes',
      { coption: 'u64' },
      [0, 0, 0, 0, 1],
      '13 bytes are too short: 20 are needed',
    ],
    ['a variant that is not there', defined('Side'), [2], '2 is none of the 2 variants of an enum'],
    ['text that is not UTF-8', 'string', [1, 0, 0, 0, 255], 'a text is not valid UTF-8'],
    ['a lone surrogate in UTF-8', 'string', [3, 0, 0, 0, 237, 160, 128], 'a text is not valid UTF-8'],
    ['text that is longer than the data', 'string', FF(4), '12 bytes are too short: 4294967307 are needed'],
    ['a compact u16 with a needless byte', 'shortU16', [0x81, 0], 'a compact u16 is not in its shortest form'],
    ['a compact u16 beyond 16 bits', 'shortU16', [0xff, 0xff, 0x04], 'a compact u16 is not in its shortest form'],
    ['a number that is none', 'f64', [0, 0, 0, 0, 0, 0, 248, 127], 'a floating point number is NaN'],
    ['a number without end', 'f32', [0, 0, 128, 127], 'a floating point number is Infinity'],
    [
      'half an element of a list to the end',
      { vec: 'u16', size: 'remainder' },
      [1, 0, 2],
      '11 bytes are too short: 12 are needed',
    ],
  ])('%s', (_what, type, bytes, reason) => {
    expect(read(type, bytes)).toBe(`act: value: ${reason}`);
  });
});
