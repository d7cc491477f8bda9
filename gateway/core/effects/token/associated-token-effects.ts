// Owns what Associated Token Account instructions do.
import type { Address } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { TOKEN_PROGRAM } from '../../transaction/programs/program-ids.ts';
import type { AssociatedTokenInstructionName } from '../../transaction/programs/token/associated-token-account.ts';
import { recordRent } from '../account-rent.ts';
import type { InstructionEffect } from '../instruction-effect.ts';
import { accountIn, optionalAccountIn, signsFrom } from '../instruction-parts.ts';
import { payLamports } from '../lamport-payment.ts';
import {
  changeLamports,
  changeTokens,
  changeWithheld,
  knownHolding,
  type Ledger,
  lamportsOf,
  reportMissing,
  requireAmount,
  requireHolding,
  setHolding,
} from '../ledger.ts';
import { recordTransfer } from '../movements.ts';
import { rentExemption } from '../rent.ts';
import { noteMint, requireMint } from './mint-facts.ts';
import { transferFee } from './mint-state.ts';
import { type ExtensionName, extendedAccountSize, requiredExtensions } from './token-extensions.ts';
import { wrappedAmount } from './token-initialize-effects.ts';
import { type Holding, isNativeMint, TOKEN_ACCOUNT_SIZE } from './token-state.ts';

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
  const { index } = instruction;
  const account = accountIn(instruction, 'associated_token_account');
  const owner = accountIn(instruction, 'owner');
  const mint = accountIn(instruction, 'mint');
  const payer = accountIn(instruction, 'payer');
  const tokenProgram = accountIn(instruction, 'token_program');
  const extensions = newExtensions(ledger, index, mint, tokenProgram);
  const size = extendedAccountSize(extensions, TOKEN_ACCOUNT_SIZE);
  const rentLamports = rentExemption(BigInt(size));
  recordRent(ledger, { instruction: index, kind: 'new', account, payer, ownerProgram: tokenProgram, rentLamports });
  fillToRent(ledger, account, payer, rentLamports);
  ledger.associated.add(account);
  ledger.settled.add(account);
  const amount = newAmount(ledger, account, mint, size);
  const fresh: Holding = { tokenProgram, mint, owner, closeAuthority: null, amount, withheld: 0n, size, extensions };
  setHolding(ledger, account, { ...(knownHolding(ledger, account) ?? fresh), tokenProgram, mint, owner });
}

/** Under Token-2022 its owner can never change, and its mint decides what else it has; under SPL Token there is nothing of the kind. */
function newExtensions(
  ledger: Ledger,
  instruction: number,
  mint: Address,
  tokenProgram: Address,
): readonly ExtensionName[] {
  const state = noteMint(ledger, instruction, mint, tokenProgram);
  return tokenProgram === TOKEN_PROGRAM ? [] : requiredExtensions(state?.extensions ?? [], ['immutable_owner']);
}

function newAmount(ledger: Ledger, account: Address, mint: Address, size: number): bigint | null {
  if (isNativeMint(mint)) return wrappedAmount(ledger, account, size);
  return ledger.facts.accounts.has(account) ? 0n : null;
}

/** Adds what the account lacks of its rent; one that exists, or was funded before, lacks less. */
function fillToRent(ledger: Ledger, account: Address, payer: Address, rent: bigint): void {
  const state = ledger.facts.accounts.get(account);
  const held = (state?.lamports ?? 0n) + (ledger.lamportChanges.get(account) ?? 0n);
  if (held >= rent) return;
  changeLamports(ledger, account, rent - held);
  changeLamports(ledger, payer, held - rent);
}

/** The nested account may be one of the other token program. */
function nestedProgram(instruction: KnownInstruction): Address {
  return optionalAccountIn(instruction, 'nested_token_program') ?? accountIn(instruction, 'token_program');
}

/** Tokens of a nested account go to the wallet's own account of that mint, its lamports to the wallet. */
function recoverNested(ledger: Ledger, instruction: KnownInstruction): void {
  const { index } = instruction;
  const source = accountIn(instruction, 'nested_associated_token_account');
  const asset = accountIn(instruction, 'nested_mint');
  const destination = accountIn(instruction, 'destination_associated_token_account');
  const owner = accountIn(instruction, 'wallet');
  const nested = requireHolding(ledger, source, index);
  const amount = requireAmount(ledger, source, index);
  const recipient = requireHolding(ledger, destination, index)?.owner ?? null;
  ledger.settled.add(destination);
  // The program passes no further accounts on, so a transfer hook cannot be called: the chain refuses a mint that has one.
  const mint = requireMint(ledger, index, asset, nestedProgram(instruction));
  const withheld = mint === null ? 0n : transferFee(mint, amount);
  // The owner may be a multisig whose members sign.
  const debitsWallet = owner === ledger.wallet || signsFrom(instruction, 'wallet', ledger.wallet);
  const movement = { asset, amount, decimals: mint?.decimals ?? null, withheld, recipient };
  recordTransfer(ledger, { instruction: index, source, sourceOwner: owner, destination, ...movement }, debitsWallet);
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
  changeTokens(ledger, destination, amount - withheld);
  changeWithheld(ledger, destination, withheld);
  setHolding(ledger, source, null);
}
