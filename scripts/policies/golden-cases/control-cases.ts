// Owns the golden cases of what moves no balance, or moves it later: nonces, ownership, stakes, lookup tables, programs.
import { getCloseLookupTableInstruction, getExtendLookupTableInstruction } from '@solana-program/address-lookup-table';
import { getSetAuthorityInstruction, getUpgradeInstruction } from '@solana-program/loader-v3';
import {
  getAuthorizeInstruction,
  getDeactivateInstruction,
  getDelegateStakeInstruction,
  getWithdrawInstruction,
  StakeAuthorize,
} from '@solana-program/stake';
import {
  getAssignInstruction,
  getAuthorizeNonceAccountInstruction,
  getCreateAccountAllowPrefundInstruction,
  getCreateAccountInstruction,
  getWithdrawNonceAccountInstruction,
} from '@solana-program/system';
import type { AccountState } from '../../../gateway/core/effects/chain-facts.ts';
import { rentExemption } from '../../../gateway/core/effects/rent.ts';
import { READONLY, READONLY_SIGNER, rawInstruction, WRITABLE } from '../../../gateway/core/effects/testing/judge.ts';
import {
  ADDRESS_LOOKUP_TABLE_PROGRAM,
  LOADER_V3_PROGRAM,
  SYSTEM_PROGRAM,
} from '../../../gateway/core/transaction/programs/program-ids.ts';
import type { GoldenPlan } from './plan.ts';
import {
  advanceNonce,
  EXCHANGE,
  KEEPER,
  NONCE,
  named,
  OURS,
  paySol,
  SOL,
  STRANGER,
  signerOf,
  WALLET,
} from './scene.ts';

/** Accounts that policies/data/keeper.json names. */
const STAKE = named('stake');
const TABLE = named('table');
const PROGRAM = named('program');
const PROGRAM_DATA = named('program data');
const BUFFER = named('buffer');
const VALIDATOR = named('validator');

const NONCE_SIZE = 80n;

/** A lookup table of the wallet without entries. */
const table: AccountState = {
  owner: ADDRESS_LOOKUP_TABLE_PROGRAM,
  lamports: rentExemption(56n),
  data: Uint8Array.from([1, 0, 0, 0, ...new Array<number>(8).fill(255), ...new Array<number>(44).fill(0)]),
};
/** The wallet's own table, deactivated long ago. */
const retired: AccountState = { ...table, data: Uint8Array.from([1, 0, 0, 0, 1, ...new Array<number>(51).fill(0)]) };
const programData: AccountState = {
  owner: LOADER_V3_PROGRAM,
  lamports: rentExemption(1_045n),
  data: Uint8Array.from([3, ...new Array<number>(1_044).fill(0)]),
};
const buffer: AccountState = {
  owner: LOADER_V3_PROGRAM,
  lamports: rentExemption(1_037n),
  data: Uint8Array.from([1, ...new Array<number>(1_036).fill(0)]),
};

const NONCE_CASES: readonly GoldenPlan[] = [
  {
    name: 'deny-durable-nonce',
    description: 'a transaction that never expires',
    instructions: [advanceNonce(), paySol(EXCHANGE, 1_000_000n)],
  },
  {
    name: 'deny-durable-nonce-in-disguise',
    description: 'the same with trailing data and one more account, which the runtime takes all the same',
    caller: KEEPER,
    instructions: [
      rawInstruction(
        SYSTEM_PROGRAM,
        [
          [named('other nonce'), WRITABLE],
          [named('filler'), READONLY],
          [WALLET, READONLY_SIGNER],
          [STRANGER, READONLY],
        ],
        [4, 0, 0, 0, 1, 2, 3],
      ),
      paySol(EXCHANGE, 1_000_000n),
    ],
  },
  {
    name: 'allow-durable-nonce-that-is-named',
    description: 'a nonce account that the data permits to live on and to advance',
    caller: KEEPER,
    instructions: [advanceNonce(), paySol(EXCHANGE, 1_000_000n)],
  },
  {
    name: 'deny-nonce-withdraw',
    description: 'the nonce account may be advanced, and not emptied',
    caller: KEEPER,
    instructions: [
      getWithdrawNonceAccountInstruction({
        nonceAccount: NONCE,
        recipientAccount: EXCHANGE,
        nonceAuthority: OURS,
        withdrawAmount: rentExemption(NONCE_SIZE),
      }),
    ],
  },
  {
    name: 'deny-nonce-given-away',
    description: 'a stranger becomes the authority of the nonce account',
    caller: KEEPER,
    instructions: [
      getAuthorizeNonceAccountInstruction({ nonceAccount: NONCE, nonceAuthority: OURS, newNonceAuthority: STRANGER }),
    ],
  },
];

const SYSTEM_CASES: readonly GoldenPlan[] = [
  {
    name: 'deny-system-assign',
    description: 'the wallet itself is given to a program',
    instructions: [getAssignInstruction({ account: OURS, programAddress: named('program') })],
  },
  {
    name: 'deny-system-assign-even-where-it-is-listed',
    description: 'a permission for every instruction of System is none to give the wallet away',
    caller: KEEPER,
    instructions: [getAssignInstruction({ account: OURS, programAddress: named('program') })],
  },
  {
    name: 'deny-account-for-unnamed-program',
    description: 'a new account for a program that nobody named',
    caller: KEEPER,
    instructions: [
      getCreateAccountInstruction({
        payer: OURS,
        newAccount: signerOf(named('new account')),
        lamports: rentExemption(165n),
        space: 165n,
        programAddress: named('unnamed program'),
      }),
    ],
  },
  {
    name: 'deny-prefunded-account',
    description: 'the wallet itself as new account, by the instruction that takes accounts with lamports',
    caller: KEEPER,
    instructions: [
      getCreateAccountAllowPrefundInstruction({
        newAccount: OURS,
        payer: OURS,
        lamports: 0n,
        space: 0n,
        programAddress: named('unnamed program'),
      }),
    ],
  },
];

const STAKE_CASES: readonly GoldenPlan[] = [
  {
    name: 'allow-stake-delegation',
    description: 'a stake account that the data permits to delegate',
    caller: KEEPER,
    instructions: [getDelegateStakeInstruction({ stake: STAKE, vote: VALIDATOR, stakeAuthority: OURS })],
  },
  {
    name: 'deny-stake-deactivation',
    description: 'the same stake account may not be deactivated',
    caller: KEEPER,
    instructions: [getDeactivateInstruction({ stake: STAKE, stakeAuthority: OURS })],
  },
  {
    name: 'deny-stake-given-away',
    description: 'a stranger becomes who may withdraw the stake',
    caller: KEEPER,
    instructions: [
      getAuthorizeInstruction({
        stake: STAKE,
        authority: OURS,
        arg0: STRANGER,
        arg1: StakeAuthorize.Withdrawer,
      }),
    ],
  },
  {
    name: 'deny-stake-withdrawal-to-stranger',
    description: 'the stake leaves for a stranger',
    caller: KEEPER,
    instructions: [
      getWithdrawInstruction({ stake: STAKE, recipient: STRANGER, withdrawAuthority: OURS, args: SOL / 10n }),
    ],
  },
  {
    name: 'allow-stake-withdrawal-to-the-wallet',
    description: 'a part of the stake comes back to the wallet',
    caller: KEEPER,
    instructions: [
      getWithdrawInstruction({ stake: STAKE, recipient: WALLET, withdrawAuthority: OURS, args: SOL / 10n }),
    ],
  },
];

const TABLE_CASES: readonly GoldenPlan[] = [
  {
    name: 'allow-lookup-table-extension',
    description: 'a lookup table that the data permits to extend',
    caller: KEEPER,
    instructions: [
      getExtendLookupTableInstruction({ address: TABLE, authority: OURS, payer: OURS, addresses: [EXCHANGE] }),
    ],
    chain: [[TABLE, table]],
  },
  {
    name: 'deny-extension-of-another-lookup-table',
    description: 'a lookup table that the data does not name',
    caller: KEEPER,
    instructions: [
      getExtendLookupTableInstruction({
        address: named('other table'),
        authority: OURS,
        payer: OURS,
        addresses: [EXCHANGE],
      }),
    ],
    chain: [[named('other table'), table]],
  },
  {
    name: 'deny-lookup-table-closed-to-stranger',
    description: 'the rent of a lookup table goes to a stranger',
    caller: KEEPER,
    instructions: [getCloseLookupTableInstruction({ address: TABLE, authority: OURS, recipient: STRANGER })],
    chain: [[TABLE, retired]],
  },
  {
    name: 'allow-lookup-table-closed-to-the-wallet',
    description: 'the rent of a lookup table comes back',
    caller: KEEPER,
    instructions: [getCloseLookupTableInstruction({ address: TABLE, authority: OURS, recipient: WALLET })],
    chain: [[TABLE, retired]],
  },
];

const upgrade = (spillAccount: typeof WALLET) =>
  getUpgradeInstruction({
    programDataAccount: PROGRAM_DATA,
    programAccount: PROGRAM,
    bufferAccount: BUFFER,
    spillAccount,
    authority: OURS,
  });
const PROGRAM_CHAIN = [[PROGRAM_DATA, programData] as const, [BUFFER, buffer] as const];

const PROGRAM_CASES: readonly GoldenPlan[] = [
  {
    name: 'allow-program-upgrade',
    description: 'a program that the data permits to upgrade, what its buffer held back to the wallet',
    caller: KEEPER,
    instructions: [upgrade(WALLET)],
    chain: PROGRAM_CHAIN,
  },
  {
    name: 'deny-program-upgrade-that-spills-to-stranger',
    description: 'the same upgrade, what its buffer held to a stranger',
    caller: KEEPER,
    instructions: [upgrade(STRANGER)],
    chain: PROGRAM_CHAIN,
  },
  {
    name: 'deny-program-given-away',
    description: 'a stranger becomes who may upgrade the program',
    caller: KEEPER,
    instructions: [
      getSetAuthorityInstruction({
        bufferOrProgramDataAccount: PROGRAM_DATA,
        currentAuthority: OURS,
        newAuthority: STRANGER,
      }),
    ],
    chain: PROGRAM_CHAIN,
  },
];

export const CONTROL_CASES: readonly GoldenPlan[] = [
  ...NONCE_CASES,
  ...SYSTEM_CASES,
  ...STAKE_CASES,
  ...TABLE_CASES,
  ...PROGRAM_CASES,
];
