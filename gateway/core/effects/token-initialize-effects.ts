// Owns what new token accounts and mints change for the instructions after them.
import type { Address } from '../address.ts';
import type { KnownInstruction } from '../transaction/decoded-transaction.ts';
import { NATIVE_MINT } from '../transaction/programs/program-ids.ts';
import { accountIn, addressIn, integerIn, optionalAccountIn } from './instruction-parts.ts';
import { knownLamports, type Ledger, requireHolding, setHolding } from './ledger.ts';
import { TOKEN_ACCOUNT_RENT } from './rent.ts';

/** The program refuses an account that is in use, so its owner is proven wherever the transaction succeeds. */
export function initializeAccount(ledger: Ledger, instruction: KnownInstruction): void {
  const owner = optionalAccountIn(instruction, 'owner') ?? addressIn(instruction, 'owner');
  const mint = accountIn(instruction, 'mint');
  const account = accountIn(instruction, 'account');
  const amount = mint === NATIVE_MINT ? wrappedAmount(ledger, account) : 0n;
  setHolding(ledger, account, { mint, owner, closeAuthority: null, amount });
  ledger.settled.add(account);
}

export function initializeMint(ledger: Ledger, instruction: KnownInstruction): void {
  ledger.newMintDecimals.set(accountIn(instruction, 'mint'), Number(integerIn(instruction, 'decimals')));
}

/** Asks for the account, so that SOL sent to it before is known to be its owner's. */
export function syncNative(ledger: Ledger, instruction: KnownInstruction): void {
  const account = accountIn(instruction, 'account');
  const holding = requireHolding(ledger, account, instruction.index);
  if (holding !== null) setHolding(ledger, account, { ...holding, amount: wrappedAmount(ledger, account) });
}

/** Lamports above rent, which is what an account of wrapped SOL counts when it is initialized or synced. */
export function wrappedAmount(ledger: Ledger, account: Address): bigint | null {
  const lamports = knownLamports(ledger, account);
  if (lamports === null) return null;
  return lamports > TOKEN_ACCOUNT_RENT ? lamports - TOKEN_ACCOUNT_RENT : 0n;
}
