// Owns what new token accounts and mints change for the instructions after them.
import type { Address } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { TOKEN_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { accountIn, addressIn, integerIn, optionalAccountIn } from '../instruction-parts.ts';
import { knownLamports, type Ledger, setHolding } from '../ledger.ts';
import { rentExemption } from '../rent.ts';
import { noteMint } from './mint-facts.ts';
import { plainMint } from './mint-state.ts';
import { requireTokenAccount } from './token-control.ts';
import { requiredExtensions } from './token-extensions.ts';
import { isNativeMint, TOKEN_ACCOUNT_SIZE } from './token-state.ts';

/** The program refuses an account that is in use, so its owner is proven wherever the transaction succeeds. */
export function initializeAccount(ledger: Ledger, instruction: KnownInstruction): void {
  const owner = optionalAccountIn(instruction, 'owner') ?? addressIn(instruction, 'owner');
  const mint = accountIn(instruction, 'mint');
  const account = accountIn(instruction, 'account');
  const { program, index } = instruction;
  const extensions = requiredExtensions(noteMint(ledger, index, mint, program)?.extensions ?? []);
  const size = program === TOKEN_PROGRAM ? TOKEN_ACCOUNT_SIZE : knownSize(ledger, account);
  const amount = isNativeMint(mint) ? wrappedAmount(ledger, account, size) : 0n;
  const fresh = { closeAuthority: null, withheld: 0n, tokenProgram: program };
  setHolding(ledger, account, { ...fresh, mint, owner, amount, size, extensions });
  ledger.settled.add(account);
}

/**
 * A mint of Token-2022 is known only where the transaction makes its account too: another transaction may have given it extensions
 * before.
 */
export function initializeMint(ledger: Ledger, instruction: KnownInstruction): void {
  const mint = accountIn(instruction, 'mint');
  const prepared = ledger.unfinishedMints.get(mint) ?? plainMint(instruction.program, 0);
  ledger.rentHolders.set(mint, prepared.closeAuthority ?? 'nobody');
  if (instruction.program !== TOKEN_PROGRAM && !ledger.newSizes.has(mint)) return;
  ledger.mints.set(mint, { ...prepared, decimals: Number(integerIn(instruction, 'decimals')) });
}

/** Its lamports stay where they are for ever. */
export function initializeMultisig(ledger: Ledger, instruction: KnownInstruction): void {
  ledger.rentHolders.set(accountIn(instruction, 'multisig'), 'nobody');
}

/** Asks for the account, so that SOL sent to it before is known to be its owner's. */
export function syncNative(ledger: Ledger, instruction: KnownInstruction): void {
  const account = accountIn(instruction, 'account');
  const holding = requireTokenAccount(ledger, instruction, account);
  if (holding === null) return;
  setHolding(ledger, account, { ...holding, amount: wrappedAmount(ledger, account, holding.size) });
}

/** Lamports above rent, which is what an account of wrapped SOL counts when it is initialized or synced. */
export function wrappedAmount(ledger: Ledger, account: Address, size: number | null): bigint | null {
  const lamports = knownLamports(ledger, account);
  if (lamports === null || size === null) return null;
  const rent = rentExemption(BigInt(size));
  return lamports > rent ? lamports - rent : 0n;
}

function knownSize(ledger: Ledger, account: Address): number | null {
  const made = ledger.newSizes.get(account);
  return made === undefined ? (ledger.facts.accounts.get(account)?.data.length ?? null) : Number(made);
}
