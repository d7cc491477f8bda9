// Proves what is kept of the chain, what is not, and that memory stays within its bound.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, it } from 'vitest';
import { addressFromBytes } from '../../core/base58.ts';
import type { AccountState } from '../../core/effects/chain-facts.ts';
import { mintAccount, tokenAccount } from '../../core/effects/testing/judge.ts';
import { extendedMint } from '../../core/effects/testing/token-2022-state.ts';
import { keyAddress } from '../../core/transaction/testing/wire-builder.ts';
import { lookupTable } from '../testing/fact-scene.ts';
import { type ChainCache, createChainCache } from './chain-cache.ts';

const TABLE = keyAddress(1);
const MINT = keyAddress(2);
const A = keyAddress(3);
const B = keyAddress(4);
const C = keyAddress(5);

let cache: ChainCache;
beforeEach(() => {
  cache = createChainCache();
});

describe('what the cache keeps', () => {
  it('the entries of a lookup table, with the slot that they were read at', () => {
    expect(cache.table(TABLE)).toBeNull();
    cache.note(TABLE, lookupTable([A, B]), 7n);
    expect(cache.table(TABLE)).toMatchObject({ table: { addresses: [A, B] }, slot: 7n });
    expect(cache.decimals(TABLE)).toBeNull();
  });

  it('the decimals of a classic mint, and nothing else of it', () => {
    cache.note(MINT, mintAccount(6), 7n);
    expect(Object.keys(cache.decimals(MINT) ?? {}).toSorted()).toEqual(['decimals', 'kind', 'slot']);
    expect(cache.decimals(MINT)?.decimals).toBe(6);
    expect(cache.table(MINT)).toBeNull();
  });

  it.each([
    ['a mint of Token-2022, which can be closed and made anew', extendedMint()],
    ['a token account', tokenAccount({ mint: MINT, owner: A })],
    ['a mint that is not initialized', { ...mintAccount(6), data: new Uint8Array(82) }],
    ['a mint of a program that only looks like the token program', { ...mintAccount(6), owner: A }],
    ['a lookup table of another program', { ...lookupTable([A]), owner: A }],
    ['a lookup table that was deactivated', deactivated(lookupTable([A]))],
    ['an account that does not exist', null],
  ])('not %s', (_what, state) => {
    expect(cache.note(MINT, state, 7n)).toBe('fits');
    expect([cache.table(MINT), cache.decimals(MINT), cache.entries]).toEqual([null, null, 0]);
  });
});

describe('what is read again', () => {
  it('takes the place of what it grew from', () => {
    cache.note(TABLE, lookupTable([A]), 7n);
    expect(cache.note(TABLE, lookupTable([A, B]), 9n)).toBe('fits');
    expect(cache.table(TABLE)).toMatchObject({ table: { addresses: [A, B] }, slot: 9n });
    expect(cache.entries).toBe(1);
  });

  it('that is a shorter table ends the serving of the longer one', () => {
    cache.note(TABLE, lookupTable([A, B]), 9n);
    expect(cache.note(TABLE, lookupTable([A]), 8n)).toBe('fits');
    expect(cache.table(TABLE)).toBeNull();
  });

  it.each([
    ['another entry', lookupTable([A, B]), lookupTable([A, C])],
    ['another entry, in a longer table', lookupTable([A, B]), lookupTable([A, C, B])],
    ['another entry, in a shorter table', lookupTable([A, B]), lookupTable([B])],
    ['other decimals', mintAccount(6), mintAccount(9)],
    ['a table that was a mint', mintAccount(6), lookupTable([A])],
    ['a mint that was a table', lookupTable([A]), mintAccount(6)],
  ])('and contradicts is not believed, nor is what was read before: %s', (_what, before, after) => {
    cache.note(TABLE, before, 7n);
    expect(cache.note(TABLE, after, 8n)).toBe('contradicts');
    expect([cache.table(TABLE), cache.decimals(TABLE), cache.bytes]).toEqual([null, null, 0]);
  });

  it('and is gone, closed or deactivated is forgotten', () => {
    for (const after of [null, tokenAccount({ mint: MINT, owner: A }), deactivated(lookupTable([A]))]) {
      cache.note(TABLE, lookupTable([A]), 7n);
      expect(cache.note(TABLE, after, 8n)).toBe('fits');
      expect(cache.table(TABLE)).toBeNull();
    }
  });
});

describe('the bound of the cache', () => {
  it('holds for a hundred thousand tables, as it counts and as the heap grows', () => {
    const entries = Array.from({ length: 8 }, (_, index) => keyAddress(index + 1));
    const full = lookupTable(entries);
    const before = heap();
    for (let i = 0; i < 100_000; i++) {
      cache.note(address(i), full, 1n);
      if (i % 10_000 === 0) expect(cache.bytes).toBeLessThanOrEqual(16 * 1024 * 1024);
    }
    expect(cache.bytes).toBeLessThanOrEqual(16 * 1024 * 1024);
    expect(cache.bytes).toBeGreaterThan(15 * 1024 * 1024);
    expect(heap() - before).toBeLessThan(24 * 1024 * 1024);
    expect(cache.table(address(99_999))?.table.addresses.length).toBe(8);
    expect(cache.table(address(0))).toBeNull();
  });

  it('holds for the number of entries too', () => {
    const small = createChainCache({ maxBytes: 1_000_000, maxEntries: 10 });
    for (let i = 0; i < 1_000; i++) small.note(address(i), mintAccount(6), 1n);
    expect(small.entries).toBe(10);
    expect(small.bytes).toBeLessThan(10_000);
  });

  it('drops first what was not used for the longest time', () => {
    const small = createChainCache({ maxBytes: 1_000_000, maxEntries: 3 });
    for (const mint of [A, B, C]) small.note(mint, mintAccount(6), 1n);
    small.decimals(A);
    small.note(MINT, mintAccount(6), 1n);
    expect([A, B, C, MINT].map((mint) => small.decimals(mint) !== null)).toEqual([true, false, true, true]);
  });

  it('keeps nothing that is larger than all of it', () => {
    const tiny = createChainCache({ maxBytes: 500, maxEntries: 10 });
    tiny.note(TABLE, lookupTable([A, B, C]), 1n);
    expect([tiny.entries, tiny.bytes]).toEqual([0, 0]);
  });
});

function deactivated(table: AccountState): AccountState {
  const data = table.data.slice();
  data[4] = 9;
  return { ...table, data };
}

function address(number: number) {
  const bytes = new Uint8Array(32).fill(7);
  new DataView(bytes.buffer).setUint32(0, number);
  return addressFromBytes(bytes);
}

setFlagsFromString('--expose_gc');
const collect: () => void = runInNewContext('gc');

/** Bytes in use after a collection. */
function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
