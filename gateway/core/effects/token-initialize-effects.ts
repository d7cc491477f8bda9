// Owns what new token accounts and mints change for the instructions after them.
import type { KnownInstruction } from '../transaction/decoded-transaction.ts';
import { accountIn, addressIn, integerIn, optionalAccountIn } from './instruction-parts.ts';
import { type Ledger, requireHolding, setHolding } from './ledger.ts';

/** The program refuses an account that is in use, so its owner is proven wherever the transaction succeeds. */
export function initializeAccount(ledger: Ledger, instruction: KnownInstruction): void {
  const owner = optionalAccountIn(instruction, 'owner') ?? addressIn(instruction, 'owner');
  const mint = accountIn(instruction, 'mint');
  setHolding(ledger, accountIn(instruction, 'account'), { mint, owner, closeAuthority: null });
}

export function initializeMint(ledger: Ledger, instruction: KnownInstruction): void {
  ledger.newMintDecimals.set(accountIn(instruction, 'mint'), Number(integerIn(instruction, 'decimals')));
}

/** Asks for the account, so that SOL sent to it before is known to be its owner's. */
export function syncNative(ledger: Ledger, instruction: KnownInstruction): void {
  requireHolding(ledger, accountIn(instruction, 'account'), instruction.index);
}
