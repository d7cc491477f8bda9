// Owns what gives a mint of Token-2022 a name, makes it a group, or the member of one: who may change that from then on.
import type { Address } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { accountIn, optionalAddressIn } from '../instruction-parts.ts';
import type { Ledger } from '../ledger.ts';
import { recordOperation, subjectOf } from './token-operation-effects.ts';

export function initializeMetadata(ledger: Ledger, instruction: KnownInstruction): void {
  recordOperation(ledger, instruction, 'mint_metadata_initialize');
  firstAuthority(ledger, instruction, 'token_metadata_update_authority', accountIn(instruction, 'update_authority'));
}

export function initializeGroup(ledger: Ledger, instruction: KnownInstruction): void {
  recordOperation(ledger, instruction, 'mint_group_initialize');
  const authority = optionalAddressIn(instruction, 'update_authority');
  if (authority !== null) firstAuthority(ledger, instruction, 'token_group_update_authority', authority);
}

/** The group, another mint, counts its members. */
export function initializeGroupMember(ledger: Ledger, instruction: KnownInstruction): void {
  recordOperation(ledger, instruction, 'mint_group_member_initialize');
  const { index } = instruction;
  const account = accountIn(instruction, 'group');
  ledger.effects.operations.push({ instruction: index, basis: ledger.basis, kind: 'mint_group_member_add', account });
}

function firstAuthority(ledger: Ledger, instruction: KnownInstruction, kind: string, to: Address): void {
  const account = subjectOf(instruction);
  const { index } = instruction;
  ledger.effects.authorityChanges.push({ instruction: index, basis: ledger.basis, kind, account, from: null, to });
}
