import { describe, expect, it } from 'vitest';
import { anchorIdl, readAnchor } from './testing/idl-samples.ts';

const FOUR_BILLION = [255, 255, 255, 255];
const TOO_MANY = 'act: value: there are more values than so few bytes may hold';
const TOO_DEEP = 'act: value: types within types are read to a depth of 32';

const TYPES = [
  { name: 'Unit', type: { kind: 'struct' } },
  {
    name: 'Tree',
    type: { kind: 'struct', fields: [{ name: 'children', type: { vec: { defined: { name: 'Tree' } } } }] },
  },
  { name: 'Loop', type: { kind: 'struct', fields: [{ name: 'again', type: { defined: { name: 'Loop' } } }] } },
  // Twice as many at each step: 2^40 values in no bytes.
  ...Array.from({ length: 30 }, (_, i) => ({
    name: `Double${i}`,
    type: { tuple: [{ defined: { name: `Double${i + 1}` } }, { defined: { name: `Double${i + 1}` } }] },
  })),
  { name: 'Double30', type: { kind: 'struct' } },
];
const defined = (name: string) => ({ defined: { name } });
const read = (type: unknown, bytes: readonly number[]) => readAnchor(anchorIdl(type, TYPES), bytes);

describe('work on one instruction is bounded', () => {
  it.each<[string, unknown, readonly number[], string]>([
    ['a count of four billion elements of no size', { vec: defined('Unit') }, FOUR_BILLION, TOO_MANY],
    ['a count of four billion numbers', { vec: 'u64' }, FOUR_BILLION, TOO_MANY],
    ['a count of four billion texts', { vec: 'string' }, FOUR_BILLION, TOO_MANY],
    ['elements of no size to the end', { vec: defined('Unit'), size: 'remainder' }, [1], TOO_MANY],
    ['elements of no bytes to the end', { vec: { array: ['u8', 0] }, size: 'remainder' }, [1], TOO_MANY],
    ['arrays of arrays of nothing', { array: [{ array: [defined('Unit'), 1_000] }, 1_000] }, [], TOO_MANY],
    ['types that double', defined('Double0'), [], TOO_MANY],
    ['a type that contains itself without an end', defined('Loop'), [], TOO_DEEP],
    [
      'a list in a list in a list',
      defined('Tree'),
      Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? 1 : 0)),
      TOO_DEEP,
    ],
  ])('%s', (_what, type, bytes, reason) => {
    const started = performance.now();
    expect(read(type, bytes)).toBe(reason);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('but as many elements of no size as anybody needs are read', () => {
    expect(read({ vec: defined('Unit') }, [3, 0, 0, 0])).toEqual({ value: [{}, {}, {}] });
  });

  it('and a whole packet of the smallest values', () => {
    const bytes = Array.from({ length: 4_000 }, () => 1);
    const outcome = read({ vec: { tuple: ['bool'] } }, [160, 15, 0, 0, ...bytes]);
    expect(outcome).toEqual({ value: bytes.map(() => [true]) });
  });
});
