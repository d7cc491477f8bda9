// Owns who and what stands in the golden cases, and the instructions that most of them are made of.
import { createHash } from 'node:crypto';
import {
  type Address,
  address,
  createNoopSigner,
  getAddressDecoder,
  type Instruction,
  type TransactionSigner,
} from '@solana/kit';
import { getSetComputeUnitLimitInstruction, getSetComputeUnitPriceInstruction } from '@solana-program/compute-budget';
import { getAdvanceNonceAccountInstruction, getTransferSolInstruction } from '@solana-program/system';
import {
  findAssociatedTokenPda,
  getCreateAssociatedTokenIdempotentInstruction,
  getTransferCheckedInstruction,
} from '@solana-program/token';
import type { AccountState } from '../../../gateway/core/effects/chain-facts.ts';
import { tokenAccount } from '../../../gateway/core/effects/testing/judge.ts';
import { SYSTEM_PROGRAM, TOKEN_PROGRAM } from '../../../gateway/core/transaction/programs/program-ids.ts';

/** An address that stands for a name; the policy data of policies/data hold those that it permits. */
export function named(name: string): Address {
  return getAddressDecoder().decode(createHash('sha256').update(name).digest());
}

export const WALLET = named('wallet');
export const STRANGER = named('stranger');
export const SPONSOR = named('sponsor');
/** Of policies/data/example.json. */
export const EXCHANGE = address('Stake11111111111111111111111111111111111111');
export const PAYROLL = address('Vote111111111111111111111111111111111111111');
export const USDC = address('EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v');
export const OTHER_MINT = named('other mint');

export const SOL = 1_000_000_000n;
export const USD = 1_000_000n;

export const KEEPER = ['keeper', 'operations'] as const;

export function signerOf(account: Address): TransactionSigner {
  return createNoopSigner(account);
}

export const OURS = signerOf(WALLET);

export function paySol(destination: Address, lamports: bigint, source = OURS): Instruction {
  return getTransferSolInstruction({ source, destination, amount: lamports });
}

export const COMPUTE: readonly Instruction[] = [
  getSetComputeUnitLimitInstruction({ units: 200_000 }),
  getSetComputeUnitPriceInstruction({ microLamports: 1_000n }),
];

export async function associated(owner: Address, mint: Address, tokenProgram = TOKEN_PROGRAM): Promise<Address> {
  const [found] = await findAssociatedTokenPda({ owner, mint, tokenProgram });
  return found;
}

export async function createAssociated(owner: Address, mint: Address): Promise<Instruction> {
  const ata = await associated(owner, mint);
  return getCreateAssociatedTokenIdempotentInstruction({ payer: OURS, owner, mint, ata });
}

/** From the wallet's associated account to that of the recipient. */
export async function payToken(recipient: Address, mint: Address, amount: bigint, decimals = 6): Promise<Instruction> {
  const [source, destination] = await Promise.all([associated(WALLET, mint), associated(recipient, mint)]);
  return getTransferCheckedInstruction({ source, mint, destination, authority: OURS, amount, decimals });
}

/** The associated token account of an owner, as the chain holds it. */
export async function held(
  owner: Address,
  mint: Address,
  amount = 1_000_000_000_000n,
): Promise<readonly [Address, AccountState]> {
  return [await associated(owner, mint), tokenAccount({ mint, owner, amount })];
}

export function systemAccount(lamports: bigint): AccountState {
  return { owner: SYSTEM_PROGRAM, lamports, data: new Uint8Array() };
}

/** The nonce account that policies/data/keeper.json permits. */
export const NONCE = named('nonce');

export function advanceNonce(nonceAccount = NONCE): Instruction {
  return getAdvanceNonceAccountInstruction({ nonceAccount, nonceAuthority: OURS });
}
