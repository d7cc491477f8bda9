// Proves that what effects declare in other words than a transfer or a creation is no divergence: rent of what grows, fees that are
// gathered, wrapped SOL of Token-2022.
import { describe, expect, it } from 'vitest';
import type { AccountState } from '../effects/chain-facts.ts';
import { computeEffects } from '../effects/compute-effects.ts';
import type { Effects } from '../effects/effects.ts';
import { decodeInstructions, rawInstruction } from '../effects/testing/judge.ts';
import { extendedAccount } from '../effects/testing/token-2022-state.ts';
import { NATIVE_MINT_2022, SYSTEM_PROGRAM } from '../transaction/programs/program-ids.ts';
import { keyAddress } from '../transaction/testing/wire-builder.ts';
import { findDivergences } from './divergence.ts';

const WALLET = keyAddress(1);
const OTHER = keyAddress(2);
const ACCOUNT = keyAddress(3);
const MINT = keyAddress(4);
const TABLE = keyAddress(5);
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

describe('the wallet', () => {
  const plain = (lamports: bigint): AccountState => ({ owner: SYSTEM_PROGRAM, lamports, data: new Uint8Array() });

  it('pays rent for what grows, no more than the sum says', () => {
    const operations = [{ ...ENTRY, kind: 'lookup_table_extend', account: TABLE }];
    const effects: Effects = { ...QUIET, operations, rentLamports: 300n };
    expect(changes(WALLET, plain(1_000n), plain(700n), effects)).toEqual([]);
    expect(changes(WALLET, plain(1_000n), plain(699n), effects)).toEqual(['lamports']);
  });
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
