// Proves that what effects declare in other words than a transfer or a creation is no divergence: rent of what grows, fees that are
// gathered, wrapped SOL of Token-2022.
import { createNoopSigner, getAddressEncoder } from '@solana/kit';
import { getExtendLookupTableInstruction } from '@solana-program/address-lookup-table';
import { describe, expect, it } from 'vitest';
import type { AccountState } from '../effects/chain-facts.ts';
import { computeEffects } from '../effects/compute-effects.ts';
import type { Effects } from '../effects/effects.ts';
import { rentExemption } from '../effects/rent.ts';
import { decodeInstructions, judge, rawInstruction } from '../effects/testing/judge.ts';
import { extendedAccount } from '../effects/testing/token-2022-state.ts';
import {
  ADDRESS_LOOKUP_TABLE_PROGRAM,
  LOADER_V3_PROGRAM,
  NATIVE_MINT_2022,
  SYSTEM_PROGRAM,
} from '../transaction/programs/program-ids.ts';
import { keyAddress } from '../transaction/testing/wire-builder.ts';
import { findDivergences } from './divergence.ts';

const WALLET = keyAddress(1);
const OTHER = keyAddress(2);
const ACCOUNT = keyAddress(3);
const MINT = keyAddress(4);
const TABLE = keyAddress(5);
const payer = createNoopSigner(WALLET);
const OTHER_SIGNER = createNoopSigner(OTHER);
const ENTRY = { instruction: 0, basis: 'message' } as const;

/** Nothing happens but the fee of 5,000 lamports, which somebody else pays. */
const base = computeEffects(decodeInstructions(WALLET, [rawInstruction(keyAddress(6), [], [])]), WALLET, {
  slot: 1n,
  accounts: new Map(),
});
const QUIET: Effects = { ...base, fee: { ...base.fee, payer: OTHER } };

function changes(address: typeof WALLET, before: AccountState, after: AccountState, effects: Effects) {
  const facts = { slot: 1n, accounts: new Map([[address, before]]) };
  return findDivergences({ wallet: WALLET, facts, after: new Map([[address, after]]), effects }).map((it) => it.change);
}

const withheld = (amount: bigint, requireIncomingTransferMemos = false) =>
  extendedAccount({
    ...{ mint: MINT, owner: WALLET },
    extensions: [
      { __kind: 'TransferFeeAmount', withheldAmount: amount },
      { __kind: 'MemoTransfer', requireIncomingTransferMemos },
    ],
  });

it('lets the wallet pay the rent of what it makes larger, and no more', () => {
  const plain = (lamports: bigint): AccountState => ({ owner: SYSTEM_PROGRAM, lamports, data: new Uint8Array() });
  const table = new Uint8Array(56);
  table[0] = 1;
  const held = { owner: ADDRESS_LOOKUP_TABLE_PROGRAM, lamports: rentExemption(56n), data: table };
  const extend = getExtendLookupTableInstruction({ address: TABLE, authority: OTHER_SIGNER, payer, addresses: [MINT] });
  const { effects } = judge(WALLET, [extend], [[TABLE, held]]);
  const left = 10_000_000n - effects.fee.totalLamports - 32n * 6_960n;
  expect(changes(WALLET, plain(10_000_000n), plain(left), effects)).toEqual([]);
  expect(changes(WALLET, plain(10_000_000n), plain(left - 1n), effects)).toEqual(['lamports']);
});

describe('fees that an account of the wallet keeps', () => {
  const harvested: Effects = {
    ...QUIET,
    operations: [{ ...ENTRY, kind: 'mint_withheld_harvest', account: MINT }],
  };
  const movement = {
    ...ENTRY,
    asset: MINT,
    amount: 9n,
    decimals: 6,
    sourceOwner: OTHER,
    recipient: OTHER,
    withheld: 0n,
  };
  const withdrawn: Effects = { ...QUIET, transfers: [{ ...movement, source: MINT, destination: OTHER }] };

  it('may be gathered where the effects say so of their mint', () => {
    expect(changes(ACCOUNT, withheld(9n), withheld(0n), harvested)).toEqual([]);
    expect(changes(ACCOUNT, withheld(9n), withheld(0n), withdrawn)).toEqual([]);
    expect(changes(ACCOUNT, withheld(9n), withheld(0n), QUIET)).toEqual(['token_extensions']);
  });

  it('may not take another setting along', () => {
    expect(changes(ACCOUNT, withheld(9n), withheld(0n, true), harvested)).toEqual(['token_extensions']);
  });
});

describe('wrapped SOL under Token-2022', () => {
  it('takes its lamports along where it is transferred', () => {
    const held = (amount: bigint) => extendedAccount({ mint: NATIVE_MINT_2022, owner: WALLET, amount });
    const movement = { ...ENTRY, asset: NATIVE_MINT_2022, amount: 9n, decimals: 9, sourceOwner: WALLET, withheld: 0n };
    const paid: Effects = {
      ...QUIET,
      transfers: [{ ...movement, source: ACCOUNT, destination: OTHER, recipient: OTHER }],
    };
    expect(changes(ACCOUNT, held(100n), held(91n), paid)).toEqual([]);
    expect(changes(ACCOUNT, held(100n), held(90n), paid)).toEqual(['lamports', 'token_amount']);
  });
});

describe('tokens that an account hides', () => {
  const held = (amount: bigint) => extendedAccount({ mint: MINT, owner: WALLET, amount });
  const movement = {
    ...ENTRY,
    asset: MINT,
    amount: 9n,
    decimals: 6,
    sourceOwner: WALLET,
    recipient: ACCOUNT,
    withheld: 0n,
  };
  const toItself: Effects = { ...QUIET, transfers: [{ ...movement, source: ACCOUNT, destination: ACCOUNT }] };
  const operations = [{ ...ENTRY, kind: 'token_account_confidential_deposit', account: ACCOUNT }];
  const hidden: Effects = { ...toItself, operations };

  it('leave its plain balance, as many as the effects say', () => {
    expect(changes(ACCOUNT, held(100n), held(91n), hidden)).toEqual([]);
    expect(changes(ACCOUNT, held(100n), held(90n), hidden)).toEqual(['token_amount']);
  });

  it('stay in it where it only pays itself', () => {
    expect(changes(ACCOUNT, held(100n), held(99n), toItself)).toEqual(['token_amount']);
  });
});

describe('the data of a program', () => {
  const [PROGRAM, DATA, OTHER_DATA] = [keyAddress(7), keyAddress(8), keyAddress(9)];
  const addressBytes = getAddressEncoder().encode;
  const loaded = (...bytes: readonly number[]): AccountState => {
    return { owner: LOADER_V3_PROGRAM, lamports: 1_000n, data: Uint8Array.from(bytes) };
  };
  const header = [3, 0, 0, 0, ...new Uint8Array(8), 1, ...addressBytes(WALLET)];
  const program = loaded(2, 0, 0, 0, ...addressBytes(DATA));
  const upgraded: Effects = { ...QUIET, operations: [{ ...ENTRY, kind: 'program_upgrade', account: PROGRAM }] };

  function changed(address: typeof WALLET, effects: Effects) {
    const before = loaded(...header, 1);
    const facts = {
      slot: 1n,
      accounts: new Map([
        [address, before],
        [PROGRAM, program],
      ]),
    };
    const after = new Map([[address, loaded(...header, 2)]]);
    // The wallet has a say in it: it signs for it.
    const controlled = {
      account: address,
      relation: 'controlled',
      asset: 'SOL',
      outflow: 0n,
      inflow: 0n,
      net: 0n,
    } as const;
    const judged = { ...effects, protectedBalances: [controlled] };
    return findDivergences({ wallet: WALLET, facts, after, effects: judged }).map((it) => it.change);
  }

  it('change where the program is upgraded, and those of no other program', () => {
    expect(changed(DATA, QUIET)).toEqual(['data']);
    expect(changed(DATA, upgraded)).toEqual([]);
    expect(changed(OTHER_DATA, upgraded)).toEqual(['data']);
  });
});
