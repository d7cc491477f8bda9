// Owns accounts over which the wallet has a right without owning them, on the local chain, and the plots that use these rights.
import { AccountRole, type Address, type Instruction } from '@solana/kit';
import * as stake from '@solana-program/stake';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import * as token2022 from '@solana-program/token-2022';
import { expect } from 'vitest';
import { rentExemption, TOKEN_ACCOUNT_RENT } from '../../gateway/core/effects/rent.ts';
import { STAKE_RENT, stakeAccount } from '../../gateway/core/effects/testing/stake-account.ts';
import { extendedAccount, extendedMint, feeConfig } from '../../gateway/core/effects/testing/token-2022-state.ts';
import {
  CLOCK_SYSVAR,
  RENT_SYSVAR,
  TOKEN_PROGRAM,
  VOTE_PROGRAM,
} from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { key, voteInstruction } from '../differential/vote-account.ts';
import { gainsLamports, holdsTokens, type Plot } from './plot.ts';
import { SOL, signer, tokensOf, type Victim } from './victim.ts';

const LIMIT = 'SPENDING_LIMIT_EXCEEDED';
const ASSET = 'ASSET_NOT_ALLOWED';
const RECIPIENT = 'RECIPIENT_NOT_ALLOWED';
const OPERATION = 'OPERATION_NOT_ALLOWED';
const AUTHORITY = 'AUTHORITY_CHANGE_NOT_ALLOWED';

/** A multisig of which the wallet alone is enough, and what it owns. */
export const MULTISIG = keyAddress(301);
export const JOINT = keyAddress(302);
/** A customer's account whose delegate is the wallet, and an empty one that the wallet may close. */
export const LENT = keyAddress(303);
const CLOSABLE = keyAddress(304);
/** A mint whose permanent delegate is the wallet, who may also take its fees; a customer's tokens of it, and a stranger's account. */
const HELD = keyAddress(305);
const CUSTOMERS_HELD = keyAddress(306);
const STRANGERS_HELD = keyAddress(307);
/** A stake that is locked until the wallet, its custodian, says otherwise. */
const LOCKED = keyAddress(308);
const VOTE = keyAddress(309);
const CUSTOMER = keyAddress(310);

/** Everything stands on the chain of the gateway. */
export async function entrust(victim: Victim): Promise<void> {
  const { gateway } = victim;
  const { wallet, mint, stranger } = victim;
  const fees = feeConfig({ basisPoints: 100, maximum: 1_000_000n }, undefined, wallet, 70_000n);
  const withheld = { __kind: 'TransferFeeAmount', withheldAmount: 0n } as const;
  await gateway.put(MULTISIG, multisigOf([wallet, stranger]));
  await gateway.put(JOINT, tokensOf({ mint, owner: MULTISIG, amount: 9_000n }));
  await gateway.put(LENT, tokensOf({ mint, owner: CUSTOMER, amount: 8_000n, delegate: wallet }));
  await gateway.put(CLOSABLE, tokensOf({ mint, owner: stranger, amount: 0n, closeAuthority: wallet }));
  await gateway.put(HELD, extendedMint({ extensions: [fees, { __kind: 'PermanentDelegate', delegate: wallet }] }));
  await gateway.put(
    CUSTOMERS_HELD,
    extendedAccount({ mint: HELD, owner: CUSTOMER, amount: 7_000n, extensions: [withheld] }),
  );
  await gateway.put(
    STRANGERS_HELD,
    extendedAccount({ mint: HELD, owner: stranger, amount: 0n, extensions: [withheld] }),
  );
  await gateway.put(
    LOCKED,
    stakeAccount({ staker: stranger, withdrawer: stranger, lamports: 6n * SOL, custodian: wallet }),
  );
  await openVoteAccount(victim);
}

export const AS_A_HOLDER_OF_RIGHTS: readonly Plot[] = [
  [
    'as the member of a multisig',
    ({ strangers, wallet }) => [
      token.getTransferInstruction({
        source: JOINT,
        destination: strangers,
        authority: MULTISIG,
        multiSigners: [signer(wallet)],
        amount: 9_000n,
      }),
    ],
    [LIMIT, RECIPIENT],
    ({ strangers }) => holdsTokens(strangers, 9_000n),
  ],
  [
    'as a delegate',
    ({ strangers, wallet }) => [
      token.getTransferInstruction({
        source: LENT,
        destination: strangers,
        authority: signer(wallet),
        amount: 8_000n,
      }),
    ],
    [LIMIT, RECIPIENT],
    ({ strangers }) => holdsTokens(strangers, 8_000n),
  ],
  [
    'as the permanent delegate of a mint',
    ({ wallet }) => [held(CUSTOMERS_HELD, STRANGERS_HELD, wallet, 7_000n)],
    [ASSET, RECIPIENT],
    () => holdsTokens(STRANGERS_HELD, 6_930n),
  ],
  [
    'as who may take the transfer fees of a mint',
    ({ wallet }) => {
      const places = { mint: HELD, feeReceiver: STRANGERS_HELD, withdrawWithheldAuthority: signer(wallet) };
      return [token2022.getWithdrawWithheldTokensFromMintInstruction(places)];
    },
    [ASSET, RECIPIENT, 'FACT_MISSING'],
    () => holdsTokens(STRANGERS_HELD, 70_000n),
  ],
  [
    'as who sets the transfer fee of a mint',
    ({ wallet }) => [
      token2022.getSetTransferFeeInstruction({
        mint: HELD,
        transferFeeConfigAuthority: signer(wallet),
        transferFeeBasisPoints: 10_000,
        maximumFee: 2n ** 64n - 1n,
      }),
    ],
    [OPERATION],
    // From two epochs later on, all of each transfer is kept.
    ({ gateway }) =>
      async (fork) => {
        const { data } = (await fork.account(HELD)) ?? { data: new Uint8Array() };
        expect(Buffer.compare(Buffer.from(data), (await gateway.account(HELD))?.data ?? Buffer.of())).not.toBe(0);
      },
  ],
  [
    'as who mints',
    ({ issued, strangersIssued, wallet }) => [
      token.getMintToInstruction({
        mint: issued,
        token: strangersIssued,
        mintAuthority: signer(wallet),
        amount: 10n ** 12n,
      }),
    ],
    ['SUPPLY_CHANGE_NOT_ALLOWED'],
    ({ strangersIssued }) => holdsTokens(strangersIssued, 10n ** 12n),
  ],
  [
    'as the base key of a derived address that pays',
    ({ derived, wallet, stranger }) => [fromDerived(derived, wallet, stranger, 2n * SOL)],
    [LIMIT, RECIPIENT],
    (v) => gainsLamports(v, v.stranger, 2n * SOL),
  ],
  [
    'as the base key of a derived address that is handed to a program',
    ({ derivedForStranger, wallet, stranger }) => {
      const base = { base: wallet, baseAccount: signer(wallet), seed: 'x' };
      return [
        system.getAllocateWithSeedInstruction({
          ...base,
          newAccount: derivedForStranger,
          space: 0n,
          programAddress: stranger,
        }),
      ];
    },
    [AUTHORITY],
    ({ derivedForStranger, stranger }) =>
      async (fork) =>
        expect(await fork.account(derivedForStranger)).toMatchObject({ owner: stranger }),
  ],
  [
    'as who may close an account',
    ({ wallet, stranger }) => [
      token.getCloseAccountInstruction({ account: CLOSABLE, destination: stranger, owner: signer(wallet) }),
    ],
    [LIMIT, RECIPIENT],
    (v) => gainsLamports(v, v.stranger, TOKEN_ACCOUNT_RENT),
  ],
  [
    'as the custodian of a locked stake',
    ({ wallet, stranger }) => [
      stake.getWithdrawInstruction({
        stake: LOCKED,
        recipient: stranger,
        withdrawAuthority: signer(stranger),
        lockupAuthority: signer(wallet),
        args: STAKE_RENT + 6n * SOL,
      }),
    ],
    [LIMIT, RECIPIENT, OPERATION],
    (v) => gainsLamports(v, v.stranger, STAKE_RENT + 6n * SOL),
  ],
  [
    'as the withdrawer of a vote account',
    ({ wallet, stranger }) => {
      const places = [
        [VOTE, AccountRole.WRITABLE],
        [stranger, AccountRole.WRITABLE],
        [wallet, AccountRole.READONLY_SIGNER],
      ] as const;
      return [voteInstruction(3, places, [...u64(3n * SOL)])];
    },
    [LIMIT, RECIPIENT, OPERATION],
    (v) => gainsLamports(v, v.stranger, 3n * SOL),
  ],
  [
    'as the withdrawer of a vote account, given away',
    ({ wallet, stranger }) => {
      const places = [
        [VOTE, AccountRole.WRITABLE],
        [CLOCK_SYSVAR, AccountRole.READONLY],
        [wallet, AccountRole.READONLY_SIGNER],
      ] as const;
      return [voteInstruction(1, places, [...key(stranger), 1, 0, 0, 0])];
    },
    [AUTHORITY, OPERATION],
    (v) => async (fork) => {
      const { stranger, friend } = v;
      const places = [
        [VOTE, AccountRole.WRITABLE],
        [stranger, AccountRole.WRITABLE],
        [stranger, AccountRole.READONLY_SIGNER],
      ] as const;
      await fork.act(friend, [voteInstruction(3, places, [...u64(3n * SOL)])]);
      await gainsLamports(v, stranger, 3n * SOL)(fork);
    },
  ],
];

function held(source: Address, destination: Address, authority: Address, amount: bigint): Instruction {
  const transfer = { source, mint: HELD, destination, authority: signer(authority), amount, decimals: 6 };
  return token2022.getTransferCheckedInstruction(transfer);
}

/** Of the address that the victim derived with the seed `x`. */
export function fromDerived(source: Address, wallet: Address, destination: Address, amount: bigint): Instruction {
  const from = { fromSeed: 'x', fromOwner: system.SYSTEM_PROGRAM_ADDRESS };
  return system.getTransferSolWithSeedInstruction({
    source,
    baseAccount: signer(wallet),
    destination,
    amount,
    ...from,
  });
}

function multisigOf(members: readonly Address[]) {
  const signers = Array.from({ length: 11 }, (_, n) => members[n] ?? system.SYSTEM_PROGRAM_ADDRESS);
  const data = token.getMultisigEncoder().encode({ m: 1, n: members.length, isInitialized: true, signers });
  return { owner: TOKEN_PROGRAM, lamports: rentExemption(355n), data: new Uint8Array(data) };
}

function u64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

/** Made by the attacker, who votes with it; the wallet may withdraw. */
async function openVoteAccount({ gateway, wallet }: Victim): Promise<void> {
  const { attacker } = gateway;
  const size = 3_762n;
  await gateway.put(VOTE, {
    owner: VOTE_PROGRAM,
    lamports: rentExemption(size) + 3n * SOL,
    data: new Uint8Array(Number(size)),
  });
  const accounts = [
    { address: VOTE, role: AccountRole.WRITABLE },
    { address: RENT_SYSVAR, role: AccountRole.READONLY },
    { address: CLOCK_SYSVAR, role: AccountRole.READONLY },
    { address: attacker.address, role: AccountRole.READONLY_SIGNER, signer: attacker },
  ];
  const data = [0, 0, 0, 0, ...key(attacker.address), ...key(attacker.address), ...key(wallet), 10];
  await gateway.land([{ programAddress: VOTE_PROGRAM, accounts, data: Uint8Array.from(data) }]);
}
