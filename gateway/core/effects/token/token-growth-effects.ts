// Owns what Token-2022 makes larger or new, and who pays the rent for it.
import type { Address } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { TOKEN_2022_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { recordRent } from '../account-rent.ts';
import { accountIn, optionalAccountIn } from '../instruction-parts.ts';
import { knownHolding, type Ledger, lookUp, moveLamports, reportMissing, setHolding } from '../ledger.ts';
import { rentExemption } from '../rent.ts';
import { MINT_SIZE } from './mint-state.ts';
import { type ExtensionName, extendedAccountSize, extensionGrowth, isExtensionName } from './token-extensions.ts';
import { recordOperation, subjectOf } from './token-operation-effects.ts';
import { TOKEN_ACCOUNT_SIZE } from './token-state.ts';

const OWNED = { ownerProgram: TOKEN_2022_PROGRAM };

export function reallocate(ledger: Ledger, instruction: KnownInstruction): void {
  recordOperation(ledger, instruction, 'token_account_reallocate');
  const types = instruction.arguments.new_extension_types;
  const names = Array.isArray(types) ? types : [types];
  if (!names.every(isExtensionName)) {
    reportMissing(ledger, 'instruction', instruction.index, `the extensions ${names.join(', ')} are not all known`);
  }
  grow(ledger, instruction, accountIn(instruction, 'payer'), names.filter(isExtensionName));
}

/** With a payer the account is made large enough first. */
export function configureWithRegistry(ledger: Ledger, instruction: KnownInstruction): void {
  recordOperation(ledger, instruction, 'token_account_confidential_configure');
  const payer = optionalAccountIn(instruction, 'payer');
  if (payer === null) return;
  grow(ledger, instruction, payer, ['confidential_transfer_account', 'confidential_transfer_fee_amount']);
}

/** Rent is counted at most: the account may be made anew without its extensions before the transaction lands. */
function grow(ledger: Ledger, instruction: KnownInstruction, payer: Address, names: readonly ExtensionName[]): void {
  const account = subjectOf(instruction);
  const most = rentExemption(BigInt(extensionGrowth(names))) - rentExemption(0n);
  recordRent(ledger, { ...OWNED, instruction: instruction.index, kind: 'larger', account, payer, rentLamports: most });
  // Asks for it: its owner is who can take the rent back.
  if (!ledger.holdings.has(account)) lookUp(ledger, account);
  const holding = knownHolding(ledger, account);
  if (holding === null || holding.size === null) {
    moveLamports(ledger, payer, account, most);
    return;
  }
  const needed = extendedAccountSize([...holding.extensions, ...names], TOKEN_ACCOUNT_SIZE);
  const size = Math.max(holding.size, needed);
  moveLamports(ledger, payer, account, rentExemption(BigInt(size)) - rentExemption(BigInt(holding.size)));
  setHolding(ledger, account, { ...holding, size });
}

export function createNativeMint(ledger: Ledger, instruction: KnownInstruction): void {
  const payer = accountIn(instruction, 'payer');
  const mint = accountIn(instruction, 'native_mint');
  const rentLamports = rentExemption(BigInt(MINT_SIZE));
  recordRent(ledger, { ...OWNED, instruction: instruction.index, kind: 'new', account: mint, payer, rentLamports });
  // Nobody can close it.
  ledger.rentHolders.set(mint, 'nobody');
  moveLamports(ledger, payer, mint, rentLamports);
}
