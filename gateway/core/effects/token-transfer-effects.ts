// Owns what token transfers do, with or without the mint named.
import type { Address } from '../address.ts';
import type { KnownInstruction } from '../transaction/decoded-transaction.ts';
import { NATIVE_MINT } from '../transaction/programs/program-ids.ts';
import { accountIn, integerIn, optionalAccountIn, optionalIntegerIn } from './instruction-parts.ts';
import {
  changeTokens,
  type Ledger,
  moveLamports,
  onlyOwnerCloses,
  reportMissing,
  requireDecimals,
  requireHolding,
} from './ledger.ts';
import { recordTransfer } from './movements.ts';
import { drawsOnWallet } from './token-control.ts';
import { type Holding, readMintDecimals } from './token-state.ts';

export function transferTokens(ledger: Ledger, instruction: KnownInstruction): void {
  const { index } = instruction;
  const source = accountIn(instruction, 'source');
  const destination = accountIn(instruction, 'destination');
  const amount = integerIn(instruction, 'amount');
  const from = requireHolding(ledger, source, index);
  const to = source === destination ? from : requireHolding(ledger, destination, index);
  // The chain refuses a mint that is not the one of both accounts.
  const mint = optionalAccountIn(instruction, 'mint') ?? from?.mint ?? to?.mint ?? null;
  recordTransfer(
    ledger,
    {
      instruction: index,
      // Without a mint the account itself stands as asset: no rule names it, and `missing` says why.
      asset: mint ?? source,
      amount,
      decimals: mint === null ? null : transferDecimals(ledger, instruction, mint),
      source,
      sourceOwner: from?.owner ?? null,
      destination,
      recipient: tokenRecipient(ledger, instruction, destination, to),
    },
    drawsOnWallet(ledger, instruction, source),
  );
  changeTokens(ledger, source, -amount);
  changeTokens(ledger, destination, amount);
  if (mint === NATIVE_MINT) moveLamports(ledger, source, destination, amount);
}

/** The decimals of a checked instruction are enforced by the chain; where the mint was read they must agree with it. */
export function transferDecimals(ledger: Ledger, instruction: KnownInstruction, mint: Address): number | null {
  const checked = optionalIntegerIn(instruction, 'decimals');
  if (checked === null) return requireDecimals(ledger, mint, instruction.index);
  const state = ledger.facts.accounts.get(mint);
  const onChain = state ? readMintDecimals(state) : null;
  if (onChain !== null && BigInt(onChain) !== checked) {
    reportMissing(
      ledger,
      'mint',
      instruction.index,
      `${mint} has ${onChain} decimals, the instruction says ${checked}`,
    );
  }
  return Number(checked);
}

/**
 * Whoever else may close the account can take wrapped SOL that is in it, and can close any other while it is empty and make it
 * anew for another owner before this transaction lands: then its owner now is not the one who receives.
 */
function tokenRecipient(
  ledger: Ledger,
  instruction: KnownInstruction,
  account: Address,
  holding: Holding | null,
): Address | null {
  if (holding === null) return null;
  if (onlyOwnerCloses(holding)) return holding.owner;
  const detail = `${account} can be closed by ${holding.closeAuthority}, who is not its owner`;
  reportMissing(ledger, 'token_account', instruction.index, detail);
  return null;
}
