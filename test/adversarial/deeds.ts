// Owns deeds that move no balance at first and lose control of something for good: each with the reasons of its denial, and what the
// stranger then does with it.
import { type Address, getAddressDecoder, type Instruction } from '@solana/kit';
import * as tables from '@solana-program/address-lookup-table';
import * as loader from '@solana-program/loader-v3';
import * as stake from '@solana-program/stake';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import { expect } from 'vitest';
import type { Fork } from './fork.ts';
import { OWN_PROGRAM, SOL, signer, type Victim } from './victim.ts';

export interface Deed {
  readonly does: string;
  readonly instruction: (victim: Victim) => Instruction;
  readonly codes: readonly string[];
  readonly harm: (fork: Fork, victim: Victim) => Promise<void>;
}

const AUTHORITY = 'AUTHORITY_CHANGE_NOT_ALLOWED';
const OPERATION = 'OPERATION_NOT_ALLOWED';
const DELEGATE = 'DELEGATE_NOT_ALLOWED';
const { AccountOwner, CloseAccount, MintTokens, FreezeAccount } = token.AuthorityType;
const { Staker, Withdrawer } = stake.StakeAuthorize;
const NEVER = 2n ** 64n - 1n;

export const TOKEN_DEEDS: readonly Deed[] = [
  {
    does: 'Approve',
    instruction: ({ own, stranger, wallet }) =>
      token.getApproveInstruction({ source: own, delegate: stranger, owner: signer(wallet), amount: NEVER }),
    codes: [DELEGATE],
    harm: takesTokens,
  },
  {
    does: 'ApproveChecked',
    instruction: ({ own, stranger, wallet, mint }) => {
      const approval = { source: own, mint, delegate: stranger, owner: signer(wallet), amount: NEVER, decimals: 6 };
      return token.getApproveCheckedInstruction(approval);
    },
    codes: [DELEGATE],
    harm: takesTokens,
  },
  {
    does: 'SetAuthority of the owner',
    instruction: giveAway(AccountOwner, 'own'),
    codes: [AUTHORITY],
    harm: takesTokens,
  },
  {
    does: 'SetAuthority of who closes wrapped SOL',
    instruction: giveAway(CloseAccount, 'wrapped'),
    codes: [AUTHORITY],
    harm: async (fork, { gateway, wrapped, stranger, friend }) => {
      const before = await fork.lamports(stranger);
      const closing = { account: wrapped, destination: stranger, owner: signer(stranger) };
      await fork.act(friend, [token.getCloseAccountInstruction(closing)]);
      expect((await fork.lamports(stranger)) - before).toBeGreaterThan(4n * SOL);
      expect(await gateway.account(wrapped)).not.toBeNull();
    },
  },
  {
    does: 'SetAuthority of who mints',
    instruction: giveAway(MintTokens, 'issued'),
    codes: [AUTHORITY],
    harm: async (fork, { issued, strangersIssued, stranger }) => {
      const mintAuthority = signer(stranger);
      const more = { mint: issued, token: strangersIssued, mintAuthority, amount: 10n ** 15n };
      await fork.act(stranger, [token.getMintToInstruction(more)]);
      expect(await fork.tokens(strangersIssued)).toBe(10n ** 15n);
    },
  },
  {
    does: 'SetAuthority of who freezes',
    instruction: giveAway(FreezeAccount, 'issued'),
    codes: [AUTHORITY],
    harm: async (fork, { issued, customers, stranger }) => {
      const frozen = { account: customers, mint: issued, owner: signer(stranger) };
      await fork.act(stranger, [token.getFreezeAccountInstruction(frozen)]);
      expect((await fork.account(customers))?.data[108]).toBe(token.AccountState.Frozen);
    },
  },
  {
    does: 'FreezeAccount',
    instruction: ({ customers, issued, wallet }) =>
      token.getFreezeAccountInstruction({ account: customers, mint: issued, owner: signer(wallet) }),
    codes: [AUTHORITY],
    harm: async (fork, { customers }) =>
      expect((await fork.account(customers))?.data[108]).toBe(token.AccountState.Frozen),
  },
];

export const SYSTEM_DEEDS: readonly Deed[] = [
  {
    does: 'Assign',
    instruction: ({ wallet, stranger }) =>
      system.getAssignInstruction({ account: signer(wallet), programAddress: stranger }),
    codes: [AUTHORITY],
    harm: async (fork, { wallet, friend, stranger }) => {
      expect(await fork.account(wallet)).toMatchObject({ owner: stranger });
      await expectStuck(fork, wallet, friend);
    },
  },
  {
    does: 'Allocate',
    instruction: ({ wallet }) => system.getAllocateInstruction({ newAccount: signer(wallet), space: 8n }),
    codes: [AUTHORITY],
    harm: async (fork, { wallet, friend }) => expectStuck(fork, wallet, friend),
  },
  {
    does: 'AssignWithSeed',
    instruction: ({ wallet, derivedForStranger, stranger }) => {
      const base = { base: wallet, baseAccount: signer(wallet), seed: 'x' };
      return system.getAssignWithSeedInstruction({ ...base, account: derivedForStranger, programAddress: stranger });
    },
    codes: [AUTHORITY],
    harm: async (fork, { derivedForStranger, stranger }) =>
      expect(await fork.account(derivedForStranger)).toMatchObject({ owner: stranger, lamports: 2n * SOL }),
  },
  {
    does: 'AuthorizeNonce',
    instruction: ({ nonce, wallet, stranger }) =>
      system.getAuthorizeNonceAccountInstruction({
        nonceAccount: nonce,
        nonceAuthority: signer(wallet),
        newNonceAuthority: stranger,
      }),
    codes: [AUTHORITY, OPERATION],
    harm: async (fork, { nonce, stranger, friend }) => {
      const withdrawAmount = await fork.lamports(nonce);
      const before = await fork.lamports(stranger);
      const places = { nonceAccount: nonce, recipientAccount: stranger, nonceAuthority: signer(stranger) };
      await fork.act(friend, [system.getWithdrawNonceAccountInstruction({ ...places, withdrawAmount })]);
      expect((await fork.lamports(stranger)) - before).toBe(withdrawAmount);
    },
  },
];

export const STAKE_DEEDS: readonly Deed[] = [
  {
    does: 'stake Authorize of the withdrawer',
    instruction: ({ stake: account, wallet, stranger }) =>
      stake.getAuthorizeInstruction({ stake: account, authority: signer(wallet), arg0: stranger, arg1: Withdrawer }),
    codes: [AUTHORITY, OPERATION],
    harm: withdrawsStake,
  },
  {
    does: 'stake AuthorizeChecked of the withdrawer',
    instruction: ({ stake: account, wallet, stranger }) =>
      stake.getAuthorizeCheckedInstruction({
        stake: account,
        authority: signer(wallet),
        newAuthority: signer(stranger),
        stakeAuthorize: Withdrawer,
      }),
    codes: [AUTHORITY, OPERATION],
    harm: withdrawsStake,
  },
  {
    does: 'stake Authorize of the staker',
    instruction: ({ stake: account, wallet, stranger }) =>
      stake.getAuthorizeInstruction({ stake: account, authority: signer(wallet), arg0: stranger, arg1: Staker }),
    codes: [AUTHORITY, OPERATION],
    // Whoever stakes may split it into many, and delegate to a validator that takes all rewards.
    harm: async (fork, { stake: account, stranger }) => expect(await keyAt(fork, account, 12)).toBe(stranger),
  },
  {
    does: 'stake SetLockup with a custodian, which locks it for good',
    instruction: ({ stake: account, wallet, stranger }) =>
      stake.getSetLockupInstruction({
        stake: account,
        authority: signer(wallet),
        unixTimestamp: null,
        epoch: NEVER,
        custodian: stranger,
      }),
    codes: [AUTHORITY, OPERATION],
    harm: async (fork, { stake: account, wallet }) => {
      const withdrawal = { stake: account, recipient: wallet, withdrawAuthority: signer(wallet), args: SOL };
      await expect(fork.act(wallet, [stake.getWithdrawInstruction(withdrawal)])).rejects.toThrow();
    },
  },
];

export const LOADER_DEEDS: readonly Deed[] = [
  {
    does: 'loader SetAuthority of a buffer',
    instruction: ({ buffer, wallet, stranger }) =>
      loader.getSetAuthorityInstruction({
        bufferOrProgramDataAccount: buffer,
        currentAuthority: signer(wallet),
        newAuthority: stranger,
      }),
    codes: [AUTHORITY],
    harm: async (fork, { buffer, stranger, friend }) => {
      const [held, before] = [await fork.lamports(buffer), await fork.lamports(stranger)];
      const places = { bufferOrProgramDataAccount: buffer, destinationAccount: stranger, authority: signer(stranger) };
      await fork.act(friend, [loader.getCloseInstruction(places)]);
      expect((await fork.lamports(stranger)) - before).toBe(held);
    },
  },
  {
    does: 'loader SetAuthorityChecked of a program',
    instruction: ({ programData, wallet, stranger }) =>
      loader.getSetAuthorityCheckedInstruction({
        bufferOrProgramDataAccount: programData,
        currentAuthority: signer(wallet),
        newAuthority: signer(stranger),
      }),
    codes: [AUTHORITY],
    harm: async (fork, { programData, stranger }) => expect(await keyAt(fork, programData, 13)).toBe(stranger),
  },
];

/** In a simulation it is denied for a second reason: no effect names the account that holds the program. */
export const UPGRADE: Deed = {
  does: 'loader Upgrade to a program that nobody looked at',
  instruction: ({ buffer, programData, wallet }) =>
    loader.getUpgradeInstruction({
      programDataAccount: programData,
      programAccount: OWN_PROGRAM,
      bufferAccount: buffer,
      spillAccount: wallet,
      authority: signer(wallet),
    }),
  codes: [OPERATION],
  harm: async (fork, { programData, gateway }) => {
    const [before, after] = [await gateway.account(programData), await fork.account(programData)];
    expect(
      Buffer.compare(Buffer.from(after?.data ?? []).subarray(45), before?.data.subarray(45) ?? Buffer.of()),
    ).not.toBe(0);
  },
};

export const TABLE_DEEDS: readonly Deed[] = [
  {
    does: 'lookup table Freeze',
    instruction: ({ table, wallet }) =>
      tables.getFreezeLookupTableInstruction({ address: table, authority: signer(wallet) }),
    codes: [AUTHORITY, OPERATION],
    // Nobody can ever close it, so that its rent is lost.
    harm: async (fork, { table, wallet }) => {
      const close = tables.getDeactivateLookupTableInstruction({ address: table, authority: signer(wallet) });
      await expect(fork.act(wallet, [close])).rejects.toThrow();
    },
  },
];

export const DEEDS: readonly Deed[] = [
  ...TOKEN_DEEDS,
  ...SYSTEM_DEEDS,
  ...STAKE_DEEDS,
  ...LOADER_DEEDS,
  ...TABLE_DEEDS,
];

async function takesTokens(fork: Fork, { own, strangers, stranger }: Victim): Promise<void> {
  const amount = await fork.tokens(own);
  const transfer = { source: own, destination: strangers, authority: signer(stranger), amount };
  await fork.act(stranger, [token.getTransferInstruction(transfer)]);
  expect(amount).toBeGreaterThan(0n);
  expect(await fork.tokens(own)).toBe(0n);
  expect(await fork.tokens(strangers)).toBe(amount);
}

async function withdrawsStake(fork: Fork, { stake: account, stranger, friend }: Victim): Promise<void> {
  const before = await fork.lamports(stranger);
  const args = await fork.lamports(account);
  const withdrawal = { stake: account, recipient: stranger, withdrawAuthority: signer(stranger), args };
  await fork.act(friend, [stake.getWithdrawInstruction(withdrawal)]);
  expect((await fork.lamports(stranger)) - before).toBe(args);
}

async function expectStuck(fork: Fork, wallet: Address, friend: Address): Promise<void> {
  const transfer = { source: signer(wallet), destination: friend, amount: 1n };
  await expect(fork.act(friend, [system.getTransferSolInstruction(transfer)])).rejects.toThrow();
}

async function keyAt(fork: Fork, account: Address, offset: number): Promise<Address> {
  const data = (await fork.account(account))?.data ?? new Uint8Array();
  return getAddressDecoder().decode(data.subarray(offset, offset + 32));
}

function giveAway(authorityType: token.AuthorityType, what: 'own' | 'wrapped' | 'issued') {
  return (victim: Victim): Instruction =>
    token.getSetAuthorityInstruction({
      owned: victim[what],
      owner: signer(victim.wallet),
      authorityType,
      newAuthority: victim.stranger,
    });
}
