// Owns attacks with the rights that extensions of Token-2022 give a wallet: each with the reasons of its denial, and its harm.
import type { Address, Instruction } from '@solana/kit';
import * as token from '@solana-program/token-2022';
import { expect } from 'vitest';
import { feeConfig, transferHook } from '../../gateway/core/effects/testing/token-2022-state.ts';
import { SYSTEM_PROGRAM, TOKEN_2022_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { wireTransaction } from '../../tour/transactions.ts';
import type { Fork } from './fork.ts';
import { type Issue, type IssuePlan, send } from './issue.ts';
import { signer } from './victim.ts';

export interface RightAbused {
  readonly does: string;
  /** `holder`: the wallet, which holds the right. */
  readonly plan: (holder: Address) => IssuePlan;
  readonly instruction: (at: Issue) => Instruction;
  readonly codes: readonly string[];
  readonly harm: (fork: Fork, at: Issue) => Promise<void>;
}

const LIMITED = 'SPENDING_LIMIT_EXCEEDED';
const RECIPIENT = 'RECIPIENT_NOT_ALLOWED';
const OPERATION = 'OPERATION_NOT_ALLOWED';
const AUTHORITY = 'AUTHORITY_CHANGE_NOT_ALLOWED';
export const HOOK = keyAddress(280);
export const ALL = 2n ** 64n - 1n;
export const WITHHELD = 4_000n;

/** A mint that keeps a fee, and accounts in which some of it waits. */
export function withFee(basisPoints: number, authority: Address): IssuePlan {
  return {
    extensions: [feeConfig({ basisPoints, maximum: ALL }, { basisPoints, maximum: ALL }, authority)],
    ofAccounts: [{ __kind: 'TransferFeeAmount', withheldAmount: WITHHELD }],
  };
}

export const HOOKED = [{ __kind: 'TransferHookAccount', transferring: false }] as const;

const FEES: readonly RightAbused[] = [
  {
    does: 'fees that wait in an account, withdrawn for the stranger',
    plan: (holder) => withFee(100, holder),
    instruction: (at) => takeFees(at, at.friends, at.wallet),
    codes: [LIMITED, RECIPIENT, 'FACT_MISSING'],
    harm: async (fork, { strangers }) => expect(await fork.tokens(strangers)).toBe(10_000n + WITHHELD),
  },
  {
    does: 'the fee raised to everything',
    plan: (holder) => withFee(100, holder),
    instruction: (at) => raiseFee(at, at.wallet),
    codes: [OPERATION],
    harm: async (fork, at) => {
      await inEpoch(fork, 2n, () => fork.act(at.wallet, [send(at, { amount: 5_000n })]));
      expect(await fork.tokens(at.friends)).toBe(10_000n);
    },
  },
  {
    does: 'the say over the fee, handed over',
    plan: (holder) => withFee(100, holder),
    instruction: handOver(token.AuthorityType.TransferFeeConfig),
    codes: [AUTHORITY],
    harm: async (fork, at) => {
      await fork.act(at.stranger, [raiseFee(at, at.stranger)]);
      await inEpoch(fork, 2n, () => fork.act(at.wallet, [send(at, { amount: 5_000n })]));
      expect(await fork.tokens(at.friends)).toBe(10_000n);
    },
  },
];

const HOOKS: readonly RightAbused[] = [
  {
    does: 'a program set that every transfer calls',
    plan: (holder) => ({ extensions: [transferHook(SYSTEM_PROGRAM, holder)], ofAccounts: HOOKED }),
    instruction: (at) => setHook(at, at.wallet),
    codes: [OPERATION, AUTHORITY],
    harm: async (fork, at) => expect(await fork.land(paidBy(at, send(at)))).not.toBeNull(),
  },
  {
    does: 'the say over that program, handed over',
    plan: (holder) => ({ extensions: [transferHook(SYSTEM_PROGRAM, holder)], ofAccounts: HOOKED }),
    instruction: handOver(token.AuthorityType.TransferHookProgramId),
    codes: [AUTHORITY],
    harm: async (fork, at) => {
      await fork.act(at.stranger, [setHook(at, at.stranger)]);
      expect(await fork.land(paidBy(at, send(at)))).not.toBeNull();
    },
  },
];

const PERMANENT = (delegate: Address): IssuePlan => ({ extensions: [{ __kind: 'PermanentDelegate', delegate }] });

const PERMANENT_DELEGATES: readonly RightAbused[] = [
  {
    does: 'a customer’s tokens, taken as permanent delegate for the stranger',
    plan: PERMANENT,
    instruction: (at) => send(at, { source: at.friends, destination: at.strangers, amount: 5_000n }),
    codes: [LIMITED, RECIPIENT],
    harm: async (fork, { friends }) => expect(await fork.tokens(friends)).toBe(5_000n),
  },
  {
    does: 'a customer’s tokens, destroyed as permanent delegate',
    plan: PERMANENT,
    instruction: ({ friends, mint, wallet }) =>
      token.getBurnInstruction({ account: friends, mint, authority: signer(wallet), amount: 1n }),
    codes: ['SUPPLY_CHANGE_NOT_ALLOWED'],
    harm: async (fork, { friends }) => expect(await fork.tokens(friends)).toBe(9_999n),
  },
  {
    does: 'the right of the permanent delegate, handed over',
    plan: PERMANENT,
    instruction: handOver(token.AuthorityType.PermanentDelegate),
    codes: [AUTHORITY],
    harm: async (fork, at) => {
      const theft = { destination: at.strangers, authority: at.stranger, amount: 10_000n };
      await fork.act(at.stranger, [send(at, theft)]);
      expect(await fork.tokens(at.own)).toBe(0n);
    },
  },
];

const PAUSABLE = (authority: Address): IssuePlan => ({
  extensions: [{ __kind: 'PausableConfig', authority, paused: false }],
  ofAccounts: [{ __kind: 'PausableAccount' }],
});

const STANDSTILLS: readonly RightAbused[] = [
  {
    does: 'every account that is yet to come, frozen',
    plan: (holder) => ({
      freezeAuthority: holder,
      extensions: [{ __kind: 'DefaultAccountState', state: token.AccountState.Initialized }],
    }),
    instruction: ({ mint, wallet }) => {
      const state = { freezeAuthority: signer(wallet), state: token.AccountState.Frozen };
      return token.getUpdateDefaultAccountStateInstruction({ mint, ...state });
    },
    codes: [OPERATION],
    harm: async (fork, { mint, stranger }) => {
      const place = { owner: HOOK, mint, tokenProgram: TOKEN_2022_PROGRAM };
      const [ata] = await token.findAssociatedTokenPda(place);
      await fork.act(stranger, [token.getCreateAssociatedTokenInstruction({ payer: signer(stranger), ata, ...place })]);
      expect((await fork.account(ata))?.data[108]).toBe(token.AccountState.Frozen);
    },
  },
  {
    does: 'every transfer, stopped',
    plan: PAUSABLE,
    instruction: ({ mint, wallet }) => token.getPauseInstruction({ mint, authority: signer(wallet) }),
    codes: [OPERATION],
    harm: async (fork, at) => expect(await fork.land(paidBy(at, send(at)))).toContain('paused'),
  },
  {
    does: 'the say over whether transfers are stopped, handed over',
    plan: PAUSABLE,
    instruction: handOver(token.AuthorityType.Pause),
    codes: [AUTHORITY],
    harm: async (fork, at) => {
      await fork.act(at.stranger, [token.getPauseInstruction({ mint: at.mint, authority: signer(at.stranger) })]);
      expect(await fork.land(paidBy(at, send(at)))).toContain('paused');
    },
  },
];

const CLOSABLE = (closeAuthority: Address): IssuePlan => ({
  ...{ amount: 0n, supply: 0n },
  extensions: [{ __kind: 'MintCloseAuthority', closeAuthority }],
});

const CLOSES: readonly RightAbused[] = [
  {
    does: 'the mint, closed for the stranger',
    plan: CLOSABLE,
    instruction: ({ mint, stranger, wallet }) =>
      token.getCloseAccountInstruction({ account: mint, destination: stranger, owner: signer(wallet) }),
    codes: [LIMITED, RECIPIENT, 'CLOSE_DESTINATION_NOT_ALLOWED'],
    harm: async (fork, { mint }) => expect(await fork.account(mint)).toBeNull(),
  },
  {
    does: 'the right to close the mint, handed over',
    plan: CLOSABLE,
    instruction: handOver(token.AuthorityType.CloseMint),
    codes: [AUTHORITY],
    harm: async (fork, { mint, stranger }) => {
      const closing = { account: mint, destination: stranger, owner: signer(stranger) };
      await fork.act(stranger, [token.getCloseAccountInstruction(closing)]);
      expect(await fork.account(mint)).toBeNull();
    },
  },
];

export const RIGHTS_ABUSED = [...FEES, ...HOOKS, ...PERMANENT_DELEGATES, ...STANDSTILLS, ...CLOSES];

export function takeFees({ mint, strangers }: Issue, from: Address, authority: Address): Instruction {
  return token.getWithdrawWithheldTokensFromAccountsInstruction({
    ...{ mint, feeReceiver: strangers, withdrawWithheldAuthority: signer(authority) },
    ...{ sources: [from], numTokenAccounts: 1 },
  });
}

/** Another epoch, for as long as `act` takes. */
export async function inEpoch(fork: Fork, epoch: bigint, act: () => Promise<unknown>): Promise<void> {
  const clock = fork.svm.getClock();
  const before = clock.epoch;
  clock.epoch = epoch;
  fork.svm.setClock(clock);
  await act();
  clock.epoch = before;
  fork.svm.setClock(clock);
}

export function setHook({ mint }: Issue, authority: Address): Instruction {
  return token.getUpdateTransferHookInstruction({ mint, authority: signer(authority), programId: HOOK });
}

function raiseFee({ mint }: Issue, authority: Address): Instruction {
  const everything = { transferFeeBasisPoints: 10_000, maximumFee: ALL };
  return token.getSetTransferFeeInstruction({ mint, transferFeeConfigAuthority: signer(authority), ...everything });
}

function handOver(authorityType: token.AuthorityType) {
  return ({ mint, wallet, stranger }: Issue): Instruction =>
    token.getSetAuthorityInstruction({ owned: mint, owner: signer(wallet), authorityType, newAuthority: stranger });
}

function paidBy({ wallet }: Issue, instruction: Instruction): Uint8Array {
  return wireTransaction(wallet, [instruction]);
}
