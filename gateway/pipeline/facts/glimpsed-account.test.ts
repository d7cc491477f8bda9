// Proves which accounts two nodes may tell differently, and which they must agree on.
import { describe, expect, it } from 'vitest';
import { knownAddress } from '../../core/base58.ts';
import type { AccountState } from '../../core/effects/chain-facts.ts';
import { tokenAccount } from '../../core/effects/testing/judge.ts';
import { keyAddress, keyBytes } from '../../core/transaction/testing/wire-builder.ts';
import { mustBeSettled } from './glimpsed-account.ts';

const WALLET = keyAddress(1);
const POOL = keyAddress(2);
const OTHER = keyAddress(3);
const MINT = keyAddress(4);
const SYSTEM = knownAddress('11111111111111111111111111111111');

const state = (data: Uint8Array, change: Partial<AccountState> = {}): AccountState => ({
  owner: OTHER,
  lamports: 1n,
  data,
  ...change,
});
const vault = (amount: bigint) => tokenAccount({ mint: MINT, owner: POOL, amount });

describe('an account that two nodes tell differently', () => {
  it.each([
    ['the state of a pool', [state(Uint8Array.of(1)), state(Uint8Array.of(2, 3))]],
    [
      'the lamports of somebody',
      [state(new Uint8Array(), { lamports: 1n }), state(new Uint8Array(), { lamports: 2n })],
    ],
    ['the amount of tokens in a vault', [vault(1n), vault(2n)]],
    ['the beginning of a large account', [state(new Uint8Array(65_536))]],
  ])('may be one that is busy: %s', (_what, told) => {
    expect(mustBeSettled(POOL, told, WALLET)).toBe(false);
  });

  const ours = tokenAccount({ mint: MINT, owner: WALLET });
  const delegated = state(Uint8Array.from([9, 9, 9, ...keyBytes(1), 9]));
  it.each([
    [
      'the wallet itself',
      WALLET,
      [state(new Uint8Array(), { owner: SYSTEM }), state(new Uint8Array(), { owner: SYSTEM })],
    ],
    ["a token account that both say is the wallet's", POOL, [ours, { ...ours, lamports: 1n }]],
    ["a token account that only the first says is the wallet's", POOL, [ours, vault(1n)]],
    ["a token account that only the second says is the wallet's", POOL, [vault(1n), ours]],
    ['anything that names the wallet', POOL, [state(Uint8Array.of(1)), delegated]],
    ['the owner of a vault', POOL, [vault(1n), tokenAccount({ mint: MINT, owner: OTHER, amount: 1n })]],
    ['the mint of a vault', POOL, [vault(1n), tokenAccount({ mint: OTHER, owner: POOL, amount: 1n })]],
    [
      'who may close a vault',
      POOL,
      [vault(1n), tokenAccount({ mint: MINT, owner: POOL, amount: 1n, closeAuthority: OTHER })],
    ],
    ['the program that owns it', POOL, [state(Uint8Array.of(1)), state(Uint8Array.of(1), { owner: MINT })]],
    ['whether it exists', POOL, [null, state(Uint8Array.of(1))]],
  ])('must be settled: %s', (_what, address, told) => {
    expect(mustBeSettled(address, told, WALLET)).toBe(true);
  });
});
