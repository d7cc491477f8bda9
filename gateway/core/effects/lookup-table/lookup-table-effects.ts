// Owns what Address Lookup Table instructions do: what a table costs, who may change it, and who gets its lamports back.
import type { Address } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import {
  LOOKUP_TABLE_ENTRY_SIZE,
  LOOKUP_TABLE_META_SIZE,
  readLookupTableState,
} from '../../transaction/lookup-table.ts';
import type { LookupTableInstructionName } from '../../transaction/programs/address-lookup-table.ts';
import { ADDRESS_LOOKUP_TABLE_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { recordRent } from '../account-rent.ts';
import type { AccountCreation } from '../effects.ts';
import type { InstructionEffect } from '../instruction-effect.ts';
import { accountIn, optionalAccountIn } from '../instruction-parts.ts';
import { payLamports } from '../lamport-payment.ts';
import { type Ledger, lamportsOf, lookUp, moveLamports, reportMissing } from '../ledger.ts';
import { rentExemption } from '../rent.ts';

export const LOOKUP_TABLE_EFFECTS = {
  create_lookup_table: {
    says: 'a new table and its authority, its rent paid by the payer: `creations`, `authority_changes`',
    apply: create,
  },
  freeze_lookup_table: {
    says: 'gives the authority over a table up for good: `operations`, `authority_changes`',
    apply: freeze,
  },
  extend_lookup_table: {
    says: 'adds addresses to a table, the rent of its new entries paid by the payer: `operations`, `creations`, `data_addresses`',
    apply: extend,
  },
  deactivate_lookup_table: {
    says: 'ends the use of a table: `operations`',
    apply: (ledger, instruction) => operate(ledger, instruction, 'deactivate'),
  },
  close_lookup_table: {
    says: 'closes a table and sends all its SOL to the recipient: `operations`, `closes`, `transfers`',
    apply: close,
  },
} satisfies Record<LookupTableInstructionName, InstructionEffect>;

/** All of the rent, at most: what the address holds already is not charged. */
function create(ledger: Ledger, instruction: KnownInstruction): void {
  payRent(ledger, instruction, 'new', rentExemption(BigInt(LOOKUP_TABLE_META_SIZE)));
  changeAuthority(ledger, instruction, null, accountIn(instruction, 'authority'));
}

function freeze(ledger: Ledger, instruction: KnownInstruction): void {
  operate(ledger, instruction, 'freeze');
  changeAuthority(ledger, instruction, accountIn(instruction, 'authority'), null);
}

function changeAuthority(
  ledger: Ledger,
  instruction: KnownInstruction,
  from: Address | null,
  to: Address | null,
): void {
  const account = accountIn(instruction, 'lookup_table');
  const { index } = instruction;
  const { basis } = ledger;
  ledger.effects.authorityChanges.push({
    instruction: index,
    basis,
    kind: 'lookup_table_authority',
    account,
    from,
    to,
  });
}

/**
 * The payer makes the table exempt at its new size. A table is exempt at its size before, whoever extends it meanwhile, so the new
 * entries are what it costs; one that has too little now costs what it lacks too, which is asked for where the wallet pays.
 */
function extend(ledger: Ledger, instruction: KnownInstruction): void {
  operate(ledger, instruction, 'extend');
  const payer = optionalAccountIn(instruction, 'payer');
  if (payer === null) return;
  const { addresses } = instruction.arguments;
  const added = (Array.isArray(addresses) ? addresses.length : 0) * LOOKUP_TABLE_ENTRY_SIZE;
  const forEntries = rentExemption(BigInt(added)) - rentExemption(0n);
  const lacking = payer === ledger.wallet ? lackingBefore(ledger, instruction) : 0n;
  payRent(ledger, instruction, 'larger', forEntries + lacking);
}

function lackingBefore(ledger: Ledger, instruction: KnownInstruction): bigint {
  const account = accountIn(instruction, 'lookup_table');
  const state = lookUp(ledger, account);
  if (state === undefined) {
    reportMissing(ledger, 'lookup_table', instruction.index, `${account} was not read from the chain`);
  }
  const size = state && readLookupTableState(state) ? state.data.length : LOOKUP_TABLE_META_SIZE;
  const lacking = rentExemption(BigInt(size)) - (lamportsOf(ledger, account) ?? 0n);
  return state && lacking > 0n ? lacking : 0n;
}

/** A table that is not deactivated may grow before it is closed, so then its lamports are not known yet. */
function close(ledger: Ledger, instruction: KnownInstruction): void {
  const { index } = instruction;
  operate(ledger, instruction, 'close');
  const source = accountIn(instruction, 'lookup_table');
  const destination = accountIn(instruction, 'recipient');
  const owner = accountIn(instruction, 'authority');
  const state = lookUp(ledger, source);
  const table = state ? readLookupTableState(state) : null;
  if (table === null) {
    const reason = state === undefined ? 'was not read from the chain' : 'is no address lookup table';
    reportMissing(ledger, 'lookup_table', index, `${source} ${reason}`);
  }
  ledger.effects.closes.push({ instruction: index, basis: ledger.basis, account: source, owner, destination });
  const debitsWallet = owner === ledger.wallet;
  if (table?.deactivated === false && debitsWallet && destination !== ledger.wallet) {
    const detail = `all that ${source} will hold goes to ${destination}; it is not deactivated, so that it may grow`;
    reportMissing(ledger, 'amount', index, detail);
  }
  if (debitsWallet) ledger.controlled.add(source);
  const amount = lamportsOf(ledger, source) ?? 0n;
  payLamports(ledger, index, { source, sourceOwner: owner, destination, amount }, debitsWallet);
}

function payRent(
  ledger: Ledger,
  instruction: KnownInstruction,
  kind: AccountCreation['kind'],
  rentLamports: bigint,
): void {
  const account = accountIn(instruction, 'lookup_table');
  const payer = accountIn(instruction, 'payer');
  const { index } = instruction;
  const ownerProgram = ADDRESS_LOOKUP_TABLE_PROGRAM;
  recordRent(ledger, { instruction: index, kind, account, payer, ownerProgram, rentLamports });
  ledger.rentHolders.set(account, accountIn(instruction, 'authority'));
  moveLamports(ledger, payer, account, rentLamports);
}

function operate(ledger: Ledger, instruction: KnownInstruction, kind: string): void {
  const account = accountIn(instruction, 'lookup_table');
  ledger.effects.operations.push({
    instruction: instruction.index,
    basis: ledger.basis,
    kind: `lookup_table_${kind}`,
    account,
  });
}
