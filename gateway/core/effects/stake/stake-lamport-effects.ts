// Owns what Stake instructions move: out of a stake account, or between two with the same authorities.
import { type Address, NATIVE_SOL } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { accountIn, integerIn, signsFrom } from '../instruction-parts.ts';
import { payLamports } from '../lamport-payment.ts';
import { type Ledger, lamportsOf, moveLamports, reportMissing } from '../ledger.ts';
import { recordTransfer } from '../movements.ts';
import { knownStake, requireStake, takesPart } from './stake-control.ts';
import type { StakeAuthorities } from './stake-state.ts';

/**
 * The wallet can be the withdrawer in the custodian's place too, so its signature there draws on it as well. Asks for nothing: the
 * instruction says how much leaves.
 */
export function withdrawStake(ledger: Ledger, instruction: KnownInstruction): void {
  const source = accountIn(instruction, 'stake');
  const destination = accountIn(instruction, 'recipient');
  const amount = integerIn(instruction, 'lamports');
  const debitsWallet = takesPart(ledger, instruction, source);
  const signs = signsFrom(instruction, 'withdraw_authority', ledger.wallet);
  const signer = signs ? ledger.wallet : accountIn(instruction, 'withdraw_authority');
  const sourceOwner = knownStake(ledger, source)?.withdrawer ?? signer;
  payLamports(ledger, instruction.index, { source, sourceOwner, destination, amount }, debitsWallet);
}

/** A split into a new account, which then has the authorities of the old one. With all lamports the old one is gone. */
export function splitStake(ledger: Ledger, instruction: KnownInstruction): void {
  const source = accountIn(instruction, 'stake');
  const destination = accountIn(instruction, 'split_stake');
  const amount = integerIn(instruction, 'lamports');
  const closes = lamportsOf(ledger, source) === amount;
  const authorities = moveWithin(ledger, instruction, { source, destination, amount, closes });
  ledger.stakes.set(destination, authorities);
}

/** All of the source goes to the destination, and the source is gone. */
export function mergeStake(ledger: Ledger, instruction: KnownInstruction): void {
  const source = accountIn(instruction, 'source_stake');
  const destination = accountIn(instruction, 'destination_stake');
  const amount = lamportsOf(ledger, source);
  if (amount === null) {
    reportMissing(ledger, 'lamports', instruction.index, `${source} was not read from the chain`);
  }
  moveWithin(ledger, instruction, { source, destination, amount: amount ?? 0n, closes: true });
}

export function moveBetweenStakes(ledger: Ledger, instruction: KnownInstruction): void {
  const source = accountIn(instruction, 'source_stake');
  const destination = accountIn(instruction, 'destination_stake');
  const amount = integerIn(instruction, 'lamports');
  moveWithin(ledger, instruction, { source, destination, amount, closes: false });
}

interface MoveWithin {
  readonly source: Address;
  readonly destination: Address;
  readonly amount: bigint;
  /** Whether the source is gone afterwards. */
  readonly closes: boolean;
}

/**
 * The program gives the destination the authorities of the source, or fails where they differ. So whoever may withdraw from one may
 * withdraw from the other, whatever else happens before the transaction lands, and nothing leaves anybody.
 * Answers whose both accounts are.
 */
function moveWithin(ledger: Ledger, instruction: KnownInstruction, move: MoveWithin): StakeAuthorities | null {
  const { index } = instruction;
  const { source, destination, amount, closes } = move;
  const authorities = requireStake(ledger, source, index);
  const owner = authorities?.withdrawer ?? null;
  const takes = takesPart(ledger, instruction, source);
  if (takes) ledger.controlled.add(destination);
  ledger.settled.add(destination);
  if (closes) {
    const basis = ledger.basis;
    ledger.effects.closes.push({ instruction: index, basis, account: source, owner: owner ?? source, destination });
  }
  const transfer = { asset: NATIVE_SOL, decimals: 9, instruction: index, source, destination, amount };
  const debitsWallet = owner === null ? takes : owner === ledger.wallet;
  recordTransfer(ledger, { ...transfer, sourceOwner: owner, recipient: owner }, debitsWallet);
  moveLamports(ledger, source, destination, amount);
  if (closes) ledger.stakes.set(source, null);
  return authorities;
}
