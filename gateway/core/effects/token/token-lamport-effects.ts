// Owns what token instructions do to lamports: closing accounts, unwrapping SOL, withdrawing what is above rent.
import { type Address, NATIVE_SOL } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { NATIVE_MINT, NATIVE_MINT_2022, TOKEN_2022_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { accountIn, optionalIntegerIn } from '../instruction-parts.ts';
import {
  changeTokens,
  type Ledger,
  lamportsOf,
  lookUp,
  moveLamports,
  reportMissing,
  requireAmount,
  setHolding,
} from '../ledger.ts';
import { lamportRecipient, recordTransfer } from '../movements.ts';
import { rentExemption } from '../rent.ts';
import { readMint } from './mint-state.ts';
import { authorityOf, drawsOnWallet, requireTokenAccount } from './token-control.ts';
import { type Holding, isNative, readTokenAccount } from './token-state.ts';

/** All lamports go to the destination: of wrapped SOL what is above rent counts as wrapped SOL, the rest as SOL. */
export function closeTokenAccount(ledger: Ledger, instruction: KnownInstruction): void {
  const { index } = instruction;
  const account = accountIn(instruction, 'account');
  const destination = accountIn(instruction, 'destination');
  const ofMint = isMint(ledger, instruction, account);
  const holding = ofMint ? null : requireTokenAccount(ledger, instruction, account);
  const sourceOwner = ofMint ? authorityOf(instruction) : (holding?.owner ?? null);
  const owner = sourceOwner ?? authorityOf(instruction) ?? account;
  ledger.effects.closes.push({ instruction: index, basis: ledger.basis, account, owner, destination });
  const lamports = requireLamports(ledger, account, index);
  const wrapped = holding !== null && isNative(holding) ? above(lamports, rentOf(ledger, account, holding, index)) : 0n;
  const place: Place = { instruction, source: account, sourceOwner, destination };
  if (holding !== null && wrapped > 0n) pay(ledger, place, holding.mint, wrapped);
  if (holding !== null && isNative(holding)) requireOwnDestination(ledger, instruction, account, destination);
  pay(ledger, place, NATIVE_SOL, lamports - wrapped);
  setHolding(ledger, account, null);
  ledger.rentHolders.set(account, 'nobody');
  ledger.mints.delete(account);
}

/** Token-2022 closes mints with the same instruction, for their close authority. */
function isMint(ledger: Ledger, { program }: KnownInstruction, account: Address): boolean {
  if (program !== TOKEN_2022_PROGRAM || ledger.holdings.has(account)) return false;
  const state = lookUp(ledger, account);
  return ledger.mints.has(account) || (state != null && readMint(state) !== null);
}

/** Without an amount all wrapped SOL of the account leaves it, as much as there will be. */
export function unwrapLamports(ledger: Ledger, instruction: KnownInstruction): void {
  const source = accountIn(instruction, 'source');
  const holding = requireTokenAccount(ledger, instruction, source);
  const stated = optionalIntegerIn(instruction, 'amount');
  const amount = stated ?? requireAmount(ledger, source, instruction.index);
  const destination = accountIn(instruction, 'destination');
  if (stated === null) requireOwnDestination(ledger, instruction, source, destination);
  changeTokens(ledger, source, -amount);
  // The chain refuses an account that does not hold wrapped SOL.
  const asset = instruction.program === TOKEN_2022_PROGRAM ? NATIVE_MINT_2022 : NATIVE_MINT;
  pay(ledger, { instruction, source, sourceOwner: holding?.owner ?? null, destination }, asset, amount);
}

/** The source is a token account, a mint or a multisig; what is above the rent exemption of its size leaves it. */
export function withdrawExcessLamports(ledger: Ledger, instruction: KnownInstruction): void {
  const source = accountIn(instruction, 'source');
  const state = lookUp(ledger, source);
  const isTokenAccount = ledger.holdings.get(source) != null || (state != null && readTokenAccount(state) !== null);
  const holding = isTokenAccount ? requireTokenAccount(ledger, instruction, source) : null;
  const size = holding?.size ?? ledger.newSizes.get(source) ?? state?.data.length ?? 0;
  const excess = above(requireLamports(ledger, source, instruction.index), rentExemption(BigInt(size)));
  const sourceOwner = holding?.owner ?? authorityOf(instruction);
  const destination = accountIn(instruction, 'destination');
  requireOwnDestination(ledger, instruction, source, destination);
  pay(ledger, { instruction, source, sourceOwner, destination }, NATIVE_SOL, excess);
}

/**
 * All of a balance is what it will be, not what was read: another transaction of the wallet can fill the account before. So where the
 * wallet pays all of one to somebody else, the amount counts as not established.
 */
function requireOwnDestination(
  ledger: Ledger,
  instruction: KnownInstruction,
  source: Address,
  destination: Address,
): void {
  if (!drawsOnWallet(ledger, instruction, source) || lamportRecipient(ledger, destination) === ledger.wallet) return;
  const detail = `all that ${source} will hold goes to ${destination}; what it held when it was read may grow`;
  reportMissing(ledger, 'amount', instruction.index, detail);
}

interface Place {
  readonly instruction: KnownInstruction;
  readonly source: Address;
  readonly sourceOwner: Address | null;
  readonly destination: Address;
}

function pay(ledger: Ledger, place: Place, asset: string, amount: bigint): void {
  const { instruction, source, sourceOwner, destination } = place;
  const recipient = lamportRecipient(ledger, destination);
  const transfer = { instruction: instruction.index, asset, amount, decimals: 9, source, sourceOwner, destination };
  recordTransfer(ledger, { ...transfer, recipient }, drawsOnWallet(ledger, instruction, source));
  moveLamports(ledger, source, destination, amount);
}

function requireLamports(ledger: Ledger, account: Address, instruction: number): bigint {
  const lamports = lamportsOf(ledger, account);
  if (lamports === null) reportMissing(ledger, 'lamports', instruction, `${account} was not read from the chain`);
  return lamports ?? 0n;
}

function above(lamports: bigint, floor: bigint): bigint {
  return lamports > floor ? lamports - floor : 0n;
}

/** Names the size as missing where it is not known; then all of the lamports count as above the rent. */
function rentOf(ledger: Ledger, account: Address, { size }: Holding, instruction: number): bigint {
  if (size === null) reportMissing(ledger, 'lamports', instruction, `the size of ${account} is not known`);
  return size === null ? 0n : rentExemption(BigInt(size));
}
