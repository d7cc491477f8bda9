import { AccountRole, createNoopSigner, getAddressEncoder, type Instruction } from '@solana/kit';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import { describe, expect, it } from 'vitest';
import type { Address } from '../address.ts';
import { TOKEN_PROGRAM } from '../transaction/programs/program-ids.ts';
import { keyAddress } from '../transaction/testing/wire-builder.ts';
import { type Chain, judge, rawInstruction, tokenAccount } from './testing/judge.ts';

const WALLET = keyAddress(1);
const STRANGER = keyAddress(2);
const MINT = keyAddress(4);
const OWN = keyAddress(5);
const STRANGERS = keyAddress(8);
const PROGRAM = keyAddress(11);
const wallet = createNoopSigner(WALLET);

const CHAIN: Chain = [
  [OWN, tokenAccount({ mint: MINT, owner: WALLET })],
  [STRANGERS, tokenAccount({ mint: MINT, owner: STRANGER })],
];

const move = (source: Address, destination: Address, amount: bigint) =>
  token.getTransferCheckedInstruction({ source, mint: MINT, destination, authority: wallet, amount, decimals: 6 });
const call = (role: AccountRole): Instruction => rawInstruction(PROGRAM, [[WALLET, role]], [1]);

describe('protected balances', () => {
  it('tell gross and net apart, an account and asset each', () => {
    const pay = (amount: bigint) => system.getTransferSolInstruction({ source: wallet, destination: STRANGER, amount });
    const refund = system.getTransferSolInstruction({
      source: createNoopSigner(STRANGER),
      destination: WALLET,
      amount: 9n,
    });
    const { effects } = judge(WALLET, [pay(10n), refund, pay(2n), move(OWN, STRANGERS, 5n)], CHAIN);
    expect(effects.protectedBalances).toEqual([
      { account: WALLET, relation: 'wallet', asset: 'SOL', outflow: 12n, inflow: 9n, net: -3n },
      { account: OWN, relation: 'owned', asset: MINT, outflow: 5n, inflow: 0n, net: -5n },
    ]);
  });

  it('name the account of somebody else that the wallet draws on as its delegate', () => {
    const { effects } = judge(WALLET, [move(STRANGERS, OWN, 5n)], CHAIN);
    expect(effects.protectedBalances).toEqual([
      { account: STRANGERS, relation: 'controlled', asset: MINT, outflow: 5n, inflow: 0n, net: -5n },
      { account: OWN, relation: 'owned', asset: MINT, outflow: 0n, inflow: 5n, net: 5n },
    ]);
  });

  it('count what is burned and what is minted', () => {
    const burn = token.getBurnCheckedInstruction({
      account: OWN,
      mint: MINT,
      authority: wallet,
      amount: 3n,
      decimals: 6,
    });
    const mint = token.getMintToCheckedInstruction({
      mint: MINT,
      token: OWN,
      mintAuthority: wallet,
      amount: 4n,
      decimals: 6,
    });
    expect(judge(WALLET, [burn, mint], CHAIN).effects.protectedBalances).toEqual([
      { account: OWN, relation: 'owned', asset: MINT, outflow: 3n, inflow: 4n, net: 1n },
    ]);
  });

  it('leave out accounts that the wallet neither owns nor signs for', () => {
    const theirs = system.getTransferSolInstruction({
      source: createNoopSigner(STRANGER),
      destination: PROGRAM,
      amount: 1n,
    });
    expect(judge(WALLET, [theirs]).effects.protectedBalances).toEqual([]);
  });
});

describe('programs that are not known', () => {
  it('are named where they get the signature of the wallet', () => {
    const { effects } = judge(WALLET, [call(AccountRole.WRITABLE_SIGNER), call(AccountRole.READONLY_SIGNER)]);
    expect(effects.cpiSigners).toEqual([
      { instruction: 0, basis: 'message', program: PROGRAM, signer: WALLET },
      { instruction: 1, basis: 'message', program: PROGRAM, signer: WALLET },
    ]);
  });

  it('are not named for a known instruction, or where only somebody else signs', () => {
    const theirs = rawInstruction(PROGRAM, [[STRANGER, AccountRole.WRITABLE_SIGNER]], [1]);
    expect(judge(WALLET, [move(OWN, STRANGERS, 1n), theirs], CHAIN).effects.cpiSigners).toEqual([]);
  });
});

describe('addresses that stand only in data', () => {
  it('are listed with their argument: a new authority is among no accounts', () => {
    const handOver = token.getSetAuthorityInstruction({
      owned: OWN,
      owner: wallet,
      authorityType: token.AuthorityType.AccountOwner,
      newAuthority: STRANGER,
    });
    expect(judge(WALLET, [handOver], CHAIN).effects.dataAddresses).toEqual([
      { instruction: 0, basis: 'message', argument: 'new_authority', address: STRANGER },
    ]);
  });

  it('are found inside a batch too', () => {
    const data = [255, 2, 35, 6, 2, 1, ...getAddressEncoder().encode(STRANGER)];
    const batch = rawInstruction(
      TOKEN_PROGRAM,
      [
        [OWN, AccountRole.WRITABLE],
        [WALLET, AccountRole.READONLY_SIGNER],
      ],
      data,
    );
    expect(judge(WALLET, [batch], CHAIN).effects.dataAddresses).toMatchObject([
      { instruction: 0, argument: 'new_authority', address: STRANGER },
    ]);
  });

  it('are left out where the instruction has them among its accounts', () => {
    const create = system.getCreateAccountInstruction({
      payer: wallet,
      newAccount: createNoopSigner(OWN),
      lamports: 1n,
      space: 0n,
      programAddress: PROGRAM,
    });
    const seeded = system.getCreateAccountWithSeedInstruction({
      payer: wallet,
      newAccount: STRANGERS,
      baseAccount: wallet,
      base: WALLET,
      seed: 'a',
      amount: 1n,
      space: 0n,
      programAddress: PROGRAM,
    });
    const found = judge(WALLET, [create, seeded]).effects.dataAddresses;
    expect(found.map(({ instruction, argument, address }) => [instruction, argument, address])).toEqual([
      [0, 'program', PROGRAM],
      [1, 'program', PROGRAM],
    ]);
  });
});
