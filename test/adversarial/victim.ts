// Owns the wallet as a victim: money, accounts that programs keep for it, and a stranger who is after them, all on the local chain.
import {
  type Address,
  address,
  createAddressWithSeed,
  createNoopSigner,
  getAddressEncoder,
  getProgramDerivedAddress,
} from '@solana/kit';
import { getCreateAssociatedTokenIdempotentInstruction } from '@solana-program/token';
import type { AccountState } from '../../gateway/core/effects/chain-facts.ts';
import { rentExemption, TOKEN_ACCOUNT_RENT } from '../../gateway/core/effects/rent.ts';
import { stakeAccount } from '../../gateway/core/effects/testing/stake-account.ts';
import {
  type ExtendedAccountPlan,
  extendedAccount,
  extendedMint,
  type MintPlan,
} from '../../gateway/core/effects/testing/token-2022-state.ts';
import {
  LOADER_V3_PROGRAM,
  SYSTEM_PROGRAM,
  TOKEN_PROGRAM,
} from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { tokenAccount } from '../../tour/transactions.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { type AttackedGateway, WRAPPED_SOL } from './attacked-gateway.ts';
import { bufferAccount, nonceAccount, tableAccount } from './kept-accounts.ts';

export const SOL = 1_000_000_000n;

/** A program that the wallet may upgrade. It must stand among the programs of the gateway. */
export const OWN_PROGRAM = keyAddress(180);

/** Where accounts stand that programs keep for the wallet, for rules that name them. */
export const VICTIMS_NONCE = keyAddress(185);
export const VICTIMS_BUFFER = keyAddress(186);
export const VICTIMS_DEAD_TABLE = keyAddress(188);

const FIXED = [
  keyAddress(181),
  keyAddress(182),
  keyAddress(183),
  keyAddress(184),
  VICTIMS_NONCE,
  VICTIMS_BUFFER,
  keyAddress(187),
  VICTIMS_DEAD_TABLE,
] as const;

export interface Victim {
  readonly gateway: AttackedGateway;
  readonly wallet: Address;
  /** May be paid. */
  readonly friend: Address;
  readonly stranger: Address;
  /** Token accounts of one mint. */
  readonly mint: Address;
  readonly own: Address;
  readonly friends: Address;
  readonly strangers: Address;
  /** Holds 4 SOL of the wallet, wrapped. */
  readonly wrapped: Address;
  /** A mint whose every authority is the wallet, and its tokens in the hands of a customer and of the stranger. */
  readonly issued: Address;
  readonly customers: Address;
  readonly strangersIssued: Address;
  /** 5 SOL, not locked, staker and withdrawer are the wallet. */
  readonly stake: Address;
  /** 2 SOL beyond rent, authority is the wallet. */
  readonly nonce: Address;
  /** 3 SOL beyond rent, authority is the wallet; holds another program. */
  readonly buffer: Address;
  readonly programData: Address;
  /** Authority is the wallet. */
  readonly table: Address;
  /** The same, deactivated long ago. */
  readonly deadTable: Address;
  /** Derived from the wallet with the seed `x`; holds 2 SOL. */
  readonly derived: Address;
  /** The same, derived for a program of the stranger that is not there yet. */
  readonly derivedForStranger: Address;
}

/** Everything stands on the chain of the gateway. */
export async function openVictim(gateway: AttackedGateway): Promise<Victim> {
  const { wallet, recipient: friend, mint } = gateway.scene;
  const stranger = gateway.attacker.address;
  const [own, friends, strangers, wrapped] = await Promise.all([
    tokenAccount(wallet, mint),
    tokenAccount(friend, mint),
    tokenAccount(stranger, mint),
    tokenAccount(wallet, address(WRAPPED_SOL)),
  ]);
  const [issued, customers, strangersIssued, stake, nonce, buffer, table, deadTable] = FIXED;
  const programData = await programDataOf(OWN_PROGRAM);
  const derived = await createAddressWithSeed({ baseAddress: wallet, seed: 'x', programAddress: SYSTEM_PROGRAM });
  const derivedForStranger = await createAddressWithSeed({ baseAddress: wallet, seed: 'x', programAddress: stranger });
  const place = { owner: stranger, mint, ata: strangers };
  await gateway.land([getCreateAssociatedTokenIdempotentInstruction({ payer: gateway.attacker, ...place })]);
  const accounts: readonly (readonly [Address, AccountState])[] = [
    [wrapped, wrappedSol(wallet, 4n * SOL)],
    [issued, mintOf({ mintAuthority: wallet, freezeAuthority: wallet })],
    [customers, tokensOf({ mint: issued, owner: keyAddress(199) })],
    [strangersIssued, tokensOf({ mint: issued, owner: stranger, amount: 0n })],
    [stake, stakeAccount({ staker: wallet, withdrawer: wallet, lamports: 5n * SOL })],
    [nonce, nonceAccount(wallet, 2n * SOL)],
    [buffer, bufferAccount(wallet, cpiProxy({ gated: true }), 3n * SOL)],
    [programData, programDataAccount(wallet, cpiProxy())],
    [table, tableAccount(wallet, [friend])],
    [deadTable, tableAccount(wallet, [friend], true)],
    [derivedForStranger, { owner: SYSTEM_PROGRAM, lamports: 2n * SOL, data: new Uint8Array() }],
    [derived, { owner: SYSTEM_PROGRAM, lamports: 2n * SOL, data: new Uint8Array() }],
  ];
  for (const [account, state] of accounts) await gateway.put(account, state);
  return {
    gateway,
    wallet,
    friend,
    stranger,
    mint,
    own,
    friends,
    strangers,
    wrapped,
    issued,
    customers,
    strangersIssued,
    stake,
    nonce,
    buffer,
    programData,
    table,
    deadTable,
    derived,
    derivedForStranger,
  };
}

export function signer(of: Address) {
  return createNoopSigner(of);
}

export function mintOf(plan: MintPlan): AccountState {
  return { ...extendedMint(plan), owner: TOKEN_PROGRAM };
}

export function tokensOf(plan: ExtendedAccountPlan): AccountState {
  return { ...extendedAccount(plan), owner: TOKEN_PROGRAM };
}

/** A token account whose lamports above rent are its tokens. */
export function wrappedSol(owner: Address, amount: bigint, plan: Partial<ExtendedAccountPlan> = {}): AccountState {
  const { data, lamports } = extendedAccount({ ...plan, mint: address(WRAPPED_SOL), owner, amount });
  const bytes = Buffer.from(data);
  // The option of the rent that is not tokens.
  bytes.writeUInt32LE(1, 109);
  bytes.writeBigUInt64LE(TOKEN_ACCOUNT_RENT, 113);
  return { owner: TOKEN_PROGRAM, lamports: lamports + amount, data: new Uint8Array(bytes) };
}

function programDataAccount(authority: Address, elf: Uint8Array): AccountState {
  const data = Buffer.alloc(45 + elf.length + 4_096);
  data.writeUInt32LE(3, 0);
  data.writeUInt8(1, 12);
  data.set(getAddressEncoder().encode(authority), 13);
  data.set(elf, 45);
  return { owner: LOADER_V3_PROGRAM, lamports: rentExemption(BigInt(data.length)), data: new Uint8Array(data) };
}

async function programDataOf(program: Address): Promise<Address> {
  const seeds = [getAddressEncoder().encode(program)];
  const [derived] = await getProgramDerivedAddress({ programAddress: LOADER_V3_PROGRAM, seeds });
  return derived;
}
