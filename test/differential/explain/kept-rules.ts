// Owns which effect explains which change of an account that System, Stake, Vote, lookup tables or a loader keep.
import { creates, either, handedOver, lastHandover, operated, type Rule } from './said.ts';

const NONCE_OPERATIONS = ['nonce_advance', 'nonce_authorize', 'nonce_initialize', 'nonce_upgrade', 'nonce_withdraw'];

/** A durable nonce is moved on by the transaction that uses it, which names that too. */
export const NONCE_RULES: Readonly<Record<string, Rule>> = {
  authority: handedOver('nonce_authority'),
  '': operated(...NONCE_OPERATIONS),
};

export const SYSTEM_RULES: Readonly<Record<string, Rule>> = {
  data: ({ account }, effects) =>
    creates(effects, account) || lastHandover(effects, account, ['system_allocate']) !== undefined,
};

export const STAKE_RULES: Readonly<Record<string, Rule>> = {
  'authorized.staker': handedOver('stake_staker'),
  'authorized.withdrawer': handedOver('stake_withdrawer'),
  'lockup.custodian': handedOver('stake_custodian'),
  'lockup.unixTimestamp': operated('stake_set_lockup'),
  'lockup.epoch': operated('stake_set_lockup'),
  delegation: operated(
    ...['stake_delegate', 'stake_deactivate', 'stake_split', 'stake_merge', 'stake_move_stake'],
    ...['stake_deactivate_delinquent'],
  ),
};

export const VOTE_RULES: Readonly<Record<string, Rule>> = {
  identity: handedOver('vote_identity'),
  withdrawer: handedOver('vote_withdrawer'),
  rest: either(
    operated('vote_initialize', 'vote_authorize', 'vote_update_validator_identity', 'vote_update_commission'),
    operated('vote_withdraw'),
  ),
};

/** What is added must stand among the addresses that the data name, or among the accounts of the transaction. */
const extended: Rule = ({ account, before, after }, { operations, dataAddresses }, { accounts }) => {
  const old = before === null || before === '' ? [] : before.split(' ');
  const now = after === null || after === '' ? [] : after.split(' ');
  const indexes = new Set(operations.filter((it) => it.account === account).map(({ instruction }) => instruction));
  const named = dataAddresses.filter((it) => indexes.has(it.instruction)).map(({ address }): string => address);
  const told = new Set([...named, ...accounts.map(({ address }): string => address)]);
  return old.every((entry, i) => now[i] === entry) && now.slice(old.length).every((entry) => told.has(entry));
};

export const LOOKUP_TABLE_RULES: Readonly<Record<string, Rule>> = {
  authority: handedOver('lookup_table_authority'),
  deactivationSlot: operated('lookup_table_deactivate'),
  lastExtendedSlot: operated('lookup_table_extend'),
  lastExtendedSlotStartIndex: operated('lookup_table_extend'),
  addresses: extended,
};

export const BUFFER_RULES: Readonly<Record<string, Rule>> = {
  authority: handedOver('program_buffer_authority'),
  content: operated('program_buffer_write'),
};

/** The program is named, not the account that holds its data: that is among the accounts of the same instruction. */
const programChanged: Rule = ({ account }, { operations }, { instructions }) =>
  operations.some(
    ({ kind, instruction }) =>
      (kind === 'program_upgrade' || kind === 'program_extend') &&
      instructions[instruction]?.accounts.some(({ address }) => address === account),
  );

export const PROGRAM_DATA_RULES: Readonly<Record<string, Rule>> = {
  authority: handedOver('program_upgrade_authority'),
  content: programChanged,
};
