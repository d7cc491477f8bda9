import { createNoopSigner, type Instruction } from '@solana/kit';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../address.ts';
import { NATIVE_MINT } from '../../transaction/programs/program-ids.ts';
import { keyAddress } from '../../transaction/testing/wire-builder.ts';
import { TOKEN_ACCOUNT_RENT } from '../rent.ts';
import { type Chain, judge, mintAccount, tokenAccount } from '../testing/judge.ts';

const WALLET = keyAddress(1);
const STRANGER = keyAddress(2);
const FRIEND = keyAddress(3);
const MINT = keyAddress(4);
const OWN = keyAddress(5);
const OTHER_OWN = keyAddress(6);
const FRIENDS = keyAddress(7);
const STRANGERS = keyAddress(8);
const FRESH = keyAddress(9);
const wallet = createNoopSigner(WALLET);

const CHAIN: Chain = [
  [OWN, tokenAccount({ mint: MINT, owner: WALLET })],
  [OTHER_OWN, tokenAccount({ mint: MINT, owner: WALLET })],
  [FRIENDS, tokenAccount({ mint: MINT, owner: FRIEND })],
  [STRANGERS, tokenAccount({ mint: MINT, owner: STRANGER })],
  [MINT, mintAccount(6)],
];

function outflows(instructions: readonly Instruction[], chain = CHAIN) {
  return judge(WALLET, instructions, chain).effects.outflowsByRecipient;
}

describe('lamports of token accounts', () => {
  const close = (account: Address, destination: Address, owner = wallet) =>
    token.getCloseAccountInstruction({ account, destination, owner });

  it('that go to a third party by a close are an outflow, all of them', () => {
    const chain: Chain = [[OWN, tokenAccount({ mint: MINT, owner: WALLET, amount: 0n, extraLamports: 7n })]];
    const { effects } = judge(WALLET, [close(OWN, STRANGER)], chain);
    expect(effects.closes).toEqual([
      { instruction: 0, basis: 'state', account: OWN, owner: WALLET, destination: STRANGER },
    ]);
    expect(effects.outflowsByRecipient).toEqual([
      { asset: 'SOL', recipient: STRANGER, amount: TOKEN_ACCOUNT_RENT + 7n },
    ]);
    expect(judge(WALLET, [close(OWN, WALLET)], chain).effects.outflows).toEqual([]);
  });

  it('count as wrapped SOL above the rent, with what the transaction put in', () => {
    const chain: Chain = [[OWN, tokenAccount({ mint: NATIVE_MINT, owner: WALLET, amount: 100n })]];
    const wrap = system.getTransferSolInstruction({ source: wallet, destination: OWN, amount: 11n });
    const { effects } = judge(WALLET, [wrap, close(OWN, STRANGER)], chain);
    expect(effects.outflowsByRecipient).toContainEqual({ asset: NATIVE_MINT, recipient: STRANGER, amount: 111n });
    expect(effects.outflowsByRecipient).toContainEqual({
      asset: 'SOL',
      recipient: STRANGER,
      amount: TOKEN_ACCOUNT_RENT,
    });
  });

  it('that an idempotent create pretends to have made are those of the chain', () => {
    const ata = token.getCreateAssociatedTokenIdempotentInstruction({
      payer: wallet,
      ata: OWN,
      owner: WALLET,
      mint: NATIVE_MINT,
    });
    const chain: Chain = [[OWN, tokenAccount({ mint: NATIVE_MINT, owner: WALLET, amount: 9_000n })]];
    expect(outflows([ata, close(OWN, STRANGER)], chain)).toContainEqual({
      asset: NATIVE_MINT,
      recipient: STRANGER,
      amount: 9_000n,
    });
    expect(outflows([ata, close(OWN, STRANGER)], [])).toEqual([
      { asset: 'SOL', recipient: STRANGER, amount: TOKEN_ACCOUNT_RENT },
    ]);
  });

  it('that are unwrapped leave as wrapped SOL; without an amount all that is synced', () => {
    const chain: Chain = [[OWN, tokenAccount({ mint: NATIVE_MINT, owner: WALLET, amount: 100n, extraLamports: 50n })]];
    const unwrap = (amount: bigint | null) =>
      token.getUnwrapLamportsInstruction({ source: OWN, destination: STRANGER, authority: wallet, amount });
    expect(outflows([unwrap(30n), unwrap(null)], chain)).toEqual([
      { asset: NATIVE_MINT, recipient: STRANGER, amount: 100n },
    ]);
    const pass = token.getTransferInstruction({ source: OWN, destination: FRIENDS, authority: wallet, amount: 60n });
    const friends = [FRIENDS, tokenAccount({ mint: NATIVE_MINT, owner: FRIEND })] as const;
    expect(outflows([pass, unwrap(null)], [...chain, friends])).toContainEqual({
      asset: NATIVE_MINT,
      recipient: STRANGER,
      amount: 40n,
    });
    const sync = token.getSyncNativeInstruction({ account: OWN });
    expect(outflows([sync, unwrap(null)], chain)).toEqual([{ asset: NATIVE_MINT, recipient: STRANGER, amount: 150n }]);
    expect(outflows([unwrap(null), close(OWN, FRIEND)], chain)).toContainEqual({
      asset: NATIVE_MINT,
      recipient: FRIEND,
      amount: 50n,
    });
  });

  it('in excess of rent leave where the wallet is the authority', () => {
    const excess = { destination: STRANGER, authority: wallet };
    const chain: Chain = [
      [OWN, tokenAccount({ mint: MINT, owner: WALLET, extraLamports: 77n })],
      [MINT, { ...mintAccount(0), lamports: 1_461_600n + 5n }],
    ];
    const fromAccount = token.getWithdrawExcessLamportsInstruction({ source: OWN, ...excess });
    const fromMint = token.getWithdrawExcessLamportsInstruction({ source: MINT, ...excess });
    expect(outflows([fromAccount, fromMint], chain)).toEqual([{ asset: 'SOL', recipient: STRANGER, amount: 82n }]);
  });
});

describe('recovering a nested account', () => {
  const recover = token.getRecoverNestedAssociatedTokenInstruction({
    nestedAssociatedAccountAddress: FRESH,
    nestedTokenMintAddress: MINT,
    destinationAssociatedAccountAddress: OTHER_OWN,
    ownerAssociatedAccountAddress: OWN,
    ownerTokenMintAddress: MINT,
    walletAddress: wallet,
  });
  const nested = [FRESH, tokenAccount({ mint: MINT, owner: OWN, amount: 8n })] as const;

  it('moves everything to the wallet, so nothing leaves', () => {
    const { effects } = judge(WALLET, [recover], [...CHAIN, nested]);
    expect(effects.outflows).toEqual([]);
    expect(effects.transfers[0]).toMatchObject({ asset: MINT, amount: 8n, recipient: WALLET, decimals: 6 });
    expect(effects.closes).toEqual([
      { instruction: 0, basis: 'state', account: FRESH, owner: OWN, destination: WALLET },
    ]);
  });

  it('is an outflow where the account at the wallet’s address is not the wallet’s any more', () => {
    const chain = CHAIN.filter(([address]) => address !== OTHER_OWN);
    const stolen = [OTHER_OWN, tokenAccount({ mint: MINT, owner: STRANGER })] as const;
    expect(outflows([recover], [...chain, stolen, nested])).toEqual([{ asset: MINT, recipient: STRANGER, amount: 8n }]);
  });
});
