import { describe, expect, it } from 'vitest';
import {
  bool,
  bytes,
  constant,
  field,
  fixed,
  KEY,
  KEY_TEXT,
  link,
  numberValue,
  SIDE,
  struct,
} from './testing/codama-nodes.ts';
import { codamaIdl, number, readCodama } from './testing/idl-samples.ts';

const text = { kind: 'stringTypeNode', encoding: 'utf8' };
const prefixed = (type: unknown, prefix = number('u32')) => ({ kind: 'sizePrefixTypeNode', type, prefix });
const counted = { kind: 'prefixedCountNode', prefix: number('u8') };
const remainder = { kind: 'remainderCountNode' };
const array = (item: unknown, count: unknown) => ({ kind: 'arrayTypeNode', item, count });
const magic = constant(number('u16'), numberValue(0x0201));
const option = (item: unknown, more = {}) => ({ kind: 'optionTypeNode', item, prefix: number('u8'), ...more });
const zeroable = (item: unknown, more = {}) => ({ kind: 'zeroableOptionTypeNode', item, ...more });

const read = (type: unknown, data: readonly number[]) => readCodama(codamaIdl(type, [SIDE]), data);

describe('an argument of a Codama IDL is read', () => {
  it.each<[string, unknown, readonly number[], unknown]>([
    ['a number', number('i64'), [255, 255, 255, 255, 255, 255, 255, 255], -1n],
    ['a number in big endian', number('u32', 'be'), [0, 0, 1, 2], 258n],
    [
      'a wide number in big endian',
      number('u128', 'be'),
      [...KEY.slice(0, 16)],
      0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0fn,
    ],
    ['a compact number', number('shortU16'), [0x80, 1], 128n],
    ['an amount', { kind: 'amountTypeNode', decimals: 6, unit: 'USD', number: number('u16') }, [1, 1], 257n],
    ['an amount of SOL', { kind: 'solAmountTypeNode', number: number('u64') }, [1, 0, 0, 0, 0, 0, 0, 0], 1n],
    ['a date', { kind: 'dateTimeTypeNode', number: number('i64') }, [1, 0, 0, 0, 0, 0, 0, 0], 1n],
    ['a boolean', bool, [1], true],
    ['a boolean of four bytes', { kind: 'booleanTypeNode', size: number('u32') }, [1, 0, 0, 0], true],
    ['a public key', { kind: 'publicKeyTypeNode' }, KEY, KEY_TEXT],
    ['all remaining bytes', bytes, [1, 2, 3], 'AQID'],
    ['bytes of a size', fixed(bytes, 2), [1, 2, 3], 'AQI='],
    ['bytes behind their size', prefixed(bytes, number('u8')), [2, 1, 2, 3], 'AQI='],
    ['text in base58, as bytes', fixed({ kind: 'stringTypeNode', encoding: 'base58' }, 3), [1, 2, 3], 'AQID'],
    ['a struct in more bytes than it needs', fixed(struct(field('a', number('u8'))), 3), [1, 9, 9], { a: 1n }],
    [
      'what follows a value of a size',
      struct(field('a', fixed(struct(field('b', bool)), 2)), field('c', number('u16'))),
      [1, 9, 5, 0],
      { a: { b: true }, c: 5n },
    ],
    ['a struct behind its size', prefixed(struct(field('a', number('u8'))), number('u8')), [1, 5], { a: 5n }],
    ['an array of a number of elements', array(bool, { kind: 'fixedCountNode', value: 2 }), [0, 1], [false, true]],
    ['an array behind its count', array(number('u16'), counted), [1, 1, 0], [1n]],
    ['an array to the end', array(bool, remainder), [1, 0, 1], [true, false, true]],
    ['an array of bytes, as bytes', array(number('u8'), counted), [3, 1, 2, 3], 'AQID'],
    ['a set', { kind: 'setTypeNode', item: bool, count: counted }, [1, 1], [true]],
    [
      'a map',
      { kind: 'mapTypeNode', key: number('u8'), value: bool, count: counted },
      [1, 5, 1],
      [{ key: 5n, value: true }],
    ],
    ['a tuple', { kind: 'tupleTypeNode', items: [bool, number('u8')] }, [1, 2], [true, 2n]],
    ['none', option(number('u8')), [0], null],
    ['some', option(number('u8')), [1, 3], 3n],
    [
      'none of fixed size, and what follows',
      struct(field('a', option(number('u16'), { fixed: true })), field('b', bool)),
      [0, 9, 9, 1],
      { a: null, b: true },
    ],
    ['zeros that are none', zeroable(number('u16')), [0, 0], null],
    ['no zeros', zeroable(number('u16')), [0, 1], 256n],
    [
      'a value that means none',
      zeroable(number('u16'), { zeroValue: constant(number('u16'), numberValue(0xffff)) }),
      [255, 255],
      null,
    ],
    [
      'zeros that are not none',
      zeroable(number('u16'), { zeroValue: constant(number('u16'), numberValue(0xffff)) }),
      [0, 0],
      0n,
    ],
    ['none by the end of the data', { kind: 'remainderOptionTypeNode', item: number('u16') }, [], null],
    ['some before the end of the data', { kind: 'remainderOptionTypeNode', item: number('u16') }, [1, 0], 1n],
    ['a variant', link('orderSide'), [0], 'buy_it'],
    ['a variant with a discriminator of its own', link('orderSide'), [7], 'sell_it'],
    ['a variant with named values', link('orderSide'), [2, 5], { limit_order: { max_price: 5n } }],
    ['a variant with values', link('orderSide'), [3, 5, 1], { pair: [5n, true] }],
    ['a link that names its program', link('orderSide', 'sample'), [0], 'buy_it'],
    [
      'a value behind constants',
      { kind: 'hiddenPrefixTypeNode', type: bool, prefix: [magic, magic] },
      [1, 2, 1, 2, 1],
      true,
    ],
    ['a value before a constant', { kind: 'hiddenSuffixTypeNode', type: bool, suffix: [magic] }, [1, 1, 2], true],
    [
      'what follows an end mark',
      struct(field('a', { kind: 'sentinelTypeNode', type: bytes, sentinel: magic }), field('b', bool)),
      [9, 1, 2, 0],
      { a: 'CQ==', b: false },
    ],
    ['bytes up to an end mark', { kind: 'sentinelTypeNode', type: bytes, sentinel: magic }, [9, 1, 1, 2, 5], 'CQE='],
  ])('%s', (_what, type, data, value) => {
    expect(read(type, data)).toEqual({ value });
  });

  it.each<[string, unknown, readonly number[], unknown]>([
    ['to the end', text, [97, 98], { value: 'ab' }],
    ['of a size', fixed(text, 2), [97, 98, 99], { value: 'ab' }],
    ['behind its size', prefixed(text), [1, 0, 0, 0, 97], { value: 'a' }],
    ['in a list', array(prefixed(text, number('u8')), counted), [1, 1, 97], { 'value.0': 'a' }],
  ])('text %s stands among the texts', (_what, type, data, texts) => {
    expect(read(type, data)).toMatchObject({ texts });
  });
});

describe('data that do not fit a Codama IDL are unknown', () => {
  it.each<[string, unknown, readonly number[], string]>([
    [
      'bytes after a struct behind its size',
      prefixed(struct(field('a', bool)), number('u8')),
      [2, 1, 1],
      'a value behind a length of 2 takes 1 bytes',
    ],
    [
      'a struct that is longer than its size',
      prefixed(struct(field('a', number('u16'))), number('u8')),
      [1, 1, 1],
      '3 bytes are too short: 4 are needed',
    ],
    [
      'another constant',
      { kind: 'hiddenPrefixTypeNode', type: bool, prefix: [magic] },
      [1, 1, 1],
      'a constant of the format is another one',
    ],
    [
      'no end mark',
      { kind: 'sentinelTypeNode', type: bytes, sentinel: magic },
      [9, 1, 1],
      'the bytes that end a value are missing',
    ],
    [
      'a value that ends before its end mark',
      { kind: 'sentinelTypeNode', type: bool, sentinel: magic },
      [1, 1, 1, 2],
      'a value ends before the bytes that end it',
    ],
    [
      'the position of a variant that has a discriminator',
      link('orderSide'),
      [1],
      '1 is none of the 4 variants of an enum',
    ],
    ['a boolean of 256', { kind: 'booleanTypeNode', size: number('u16') }, [0, 1], 'a boolean is 0 or 1, not 256'],
    [
      'half a value of an option that the end may leave out',
      { kind: 'remainderOptionTypeNode', item: number('u16') },
      [1],
      '2 bytes are too short: 3 are needed',
    ],
  ])('%s', (_what, type, data, reason) => {
    expect(read(type, data)).toBe(`act: value: ${reason}`);
  });
});
