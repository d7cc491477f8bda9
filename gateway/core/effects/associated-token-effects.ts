// Owns what Associated Token Account instructions do.
import type { Address } from '../address.ts';
import type { KnownInstruction } from '../transaction/decoded-transaction.ts';
import type { AssociatedTokenInstructionName } from '../transaction/programs/associated-token-account.ts';
import { NATIVE_MINT, TOKEN_PROGRAM } from '../transaction/programs/program-ids.ts';
import type { InstructionEffect } from './instruction-effect.ts';
import { accountIn } from './instruction-parts.ts';
import { payLamports } from './lamport-payment.ts';
import {
  changeLamports,
  changeTokens,
  knownHolding,
  type Ledger,
  lamportsOf,
  reportMissing,
  requireAmount,
  requireDecimals,
  requireHolding,
  setHolding,
} from './ledger.ts';
import { recordTransfer } from './movements.ts';
import { TOKEN_ACCOUNT_RENT } from './rent.ts';
import { wrappedAmount } from './token-initialize-effects.ts';

const CREATE = { says: 'a new token account, its rent paid by the payer: `creations`', apply: createAssociated };

export const ASSOCIATED_TOKEN_EFFECTS = {
  create: CREATE,
  create_idempotent: CREATE,
  recover_nested: {
    says: 'moves tokens and lamports of a nested account to its owner and closes it: `transfers`, `closes`',
    apply: recoverNested,
  },
} satisfies Record<AssociatedTokenInstructionName, InstructionEffect>;

/**
 * The program fails unless the account stands at the address derived from owner, token program and mint, and unless an
 * account that exists already has that owner and mint: so both are proven wherever the transaction succeeds.
 * An idempotent create counts its rent although it may turn out to be free.
 */
function createAssociated(ledger: Ledger, instruction: KnownInstruction): void {
  const account = accountIn(instruction, 'associated_token_account');
  const owner = accountIn(instruction, 'owner');
  const mint = accountIn(instruction, 'mint');
  const payer = accountIn(instruction, 'payer');
  ledger.effects.creations.push({
    instruction: instruction.index,
    basis: ledger.basis,
    account,
    payer,
    ownerProgram: TOKEN_PROGRAM,
    rentLamports: TOKEN_ACCOUNT_RENT,
  });
  if (payer === ledger.wallet) ledger.rentLamports += TOKEN_ACCOUNT_RENT;
  fillToRent(ledger, account, payer);
  ledger.associated.add(account);
  ledger.settled.add(account);
  const fresh = { closeAuthority: null, amount: newAmount(ledger, account, mint) };
  setHolding(ledger, account, { ...(knownHolding(ledger, account) ?? fresh), mint, owner });
}

function newAmount(ledger: Ledger, account: Address, mint: Address): bigint | null {
  if (mint === NATIVE_MINT) return wrappedAmount(ledger, account);
  return ledger.facts.accounts.has(account) ? 0n : null;
}

/** Adds what the account lacks of its rent; one that exists, or was funded before, lacks less. */
function fillToRent(ledger: Ledger, account: Address, payer: Address): void {
  const state = ledger.facts.accounts.get(account);
  const held = (state?.lamports ?? 0n) + (ledger.lamportChanges.get(account) ?? 0n);
  if (held >= TOKEN_ACCOUNT_RENT) return;
  changeLamports(ledger, account, TOKEN_ACCOUNT_RENT - held);
  changeLamports(ledger, payer, held - TOKEN_ACCOUNT_RENT);
}

/** Tokens of a nested account go to the wallet's own account of that mint, its lamports to the wallet. */
function recoverNested(ledger: Ledger, instruction: KnownInstruction): void {
  const { index } = instruction;
  const source = accountIn(instruction, 'nested_associated_token_account');
  const mint = accountIn(instruction, 'nested_mint');
  const destination = accountIn(instruction, 'destination_associated_token_account');
  const owner = accountIn(instruction, 'wallet');
  const nested = requireHolding(ledger, source, index);
  const amount = requireAmount(ledger, source, index);
  const recipient = requireHolding(ledger, destination, index)?.owner ?? null;
  ledger.settled.add(destination);
  const decimals = requireDecimals(ledger, mint, index);
  const debitsWallet = owner === ledger.wallet;
  recordTransfer(
    ledger,
    { instruction: index, asset: mint, amount, decimals, source, sourceOwner: owner, destination, recipient },
    debitsWallet,
  );
  const lamports = lamportsOf(ledger, source);
  if (lamports === null) reportMissing(ledger, 'lamports', index, `${source} was not read from the chain`);
  const closing = { source, sourceOwner: owner, destination: owner, amount: lamports ?? 0n };
  payLamports(ledger, index, closing, debitsWallet);
  ledger.effects.closes.push({
    instruction: index,
    basis: ledger.basis,
    account: source,
    owner: nested?.owner ?? owner,
    destination: owner,
  });
  changeTokens(ledger, destination, amount);
  setHolding(ledger, source, null);
}
