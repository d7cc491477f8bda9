// Owns which bounds Lighthouse assertions set: what cannot be otherwise once the transaction has landed.
import type { Address } from '../../address.ts';
import type { ArgumentValue, DecodedInstruction, KnownInstruction } from '../../transaction/decoded-transaction.ts';
import type { LighthouseInstructionName } from '../../transaction/programs/lighthouse/lighthouse.ts';
import type { KNOWN_PROGRAMS } from '../../transaction/programs/lighthouse/lighthouse-assertions.ts';
import {
  CONFIG_PROGRAM,
  LOADER_V2_PROGRAM,
  LOADER_V3_PROGRAM,
  RENT_SYSVAR,
  STAKE_PROGRAM,
  SYSTEM_PROGRAM,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
  VOTE_PROGRAM,
} from '../../transaction/programs/program-ids.ts';
import type { Guarantee } from '../effects.ts';
import { optionalAccountIn } from '../instruction-parts.ts';
import { isList, memberOf, membersOf } from './argument-values.ts';

/** Kinds of guarantee by the name of what is asserted; of nested assertions by both names. What is not listed guarantees nothing. */
type Kinds = Readonly<Record<string, string>>;

const ACCOUNT_INFO: Kinds = {
  lamports: 'lamports',
  data_length: 'data_length',
  owner: 'owner_program',
  known_owner: 'owner_program',
  executable: 'executable',
};

const MINT_ACCOUNT: Kinds = {
  mint_authority: 'mint_authority',
  supply: 'mint_supply',
  decimals: 'mint_decimals',
  is_initialized: 'mint_is_initialized',
  freeze_authority: 'mint_freeze_authority',
};

const TOKEN_ACCOUNT: Kinds = {
  mint: 'token_mint',
  owner: 'token_owner',
  amount: 'token_amount',
  delegate: 'token_delegate',
  state: 'token_state',
  is_native: 'token_native_reserve',
  delegated_amount: 'token_delegated_amount',
  close_authority: 'token_close_authority',
};

const STAKE_ACCOUNT: Kinds = {
  state: 'stake_state',
  'meta_assertion.rent_exempt_reserve': 'stake_rent_exempt_reserve',
  'meta_assertion.authorized_staker': 'stake_staker',
  'meta_assertion.authorized_withdrawer': 'stake_withdrawer',
  'meta_assertion.lockup_unix_timestamp': 'stake_lockup_unix_timestamp',
  'meta_assertion.lockup_epoch': 'stake_lockup_epoch',
  'meta_assertion.lockup_custodian': 'stake_lockup_custodian',
  'stake_assertion.delegation_voter_pubkey': 'stake_vote_account',
  'stake_assertion.delegation_stake': 'stake_delegated_lamports',
  'stake_assertion.delegation_activation_epoch': 'stake_activation_epoch',
  'stake_assertion.delegation_deactivation_epoch': 'stake_deactivation_epoch',
};

const UPGRADEABLE_LOADER: Kinds = {
  state: 'program_state',
  'buffer.authority': 'program_buffer_authority',
  'program.program_data_address': 'program_data_address',
  'program_data.upgrade_authority': 'program_upgrade_authority',
  'program_data.slot': 'program_slot',
};

const SYSVAR_CLOCK: Kinds = {
  slot: 'clock_slot',
  epoch: 'clock_epoch',
  unix_timestamp: 'clock_unix_timestamp',
};

/** `null`: the assertion holds, but no guarantee has room for what it says. */
const KINDS: Readonly<Record<LighthouseInstructionName, Kinds | null>> = {
  memory_write: null,
  memory_close: null,
  assert_account_data: null,
  assert_account_data_multi: null,
  assert_account_delta: null,
  assert_account_info: ACCOUNT_INFO,
  assert_account_info_multi: ACCOUNT_INFO,
  assert_mint_account: MINT_ACCOUNT,
  assert_mint_account_multi: MINT_ACCOUNT,
  assert_token_account: TOKEN_ACCOUNT,
  assert_token_account_multi: TOKEN_ACCOUNT,
  assert_stake_account: STAKE_ACCOUNT,
  assert_stake_account_multi: STAKE_ACCOUNT,
  assert_upgradeable_loader_account: UPGRADEABLE_LOADER,
  assert_upgradeable_loader_account_multi: UPGRADEABLE_LOADER,
  assert_sysvar_clock: SYSVAR_CLOCK,
  assert_merkle_tree_account: null,
  assert_bubblegum_tree_config_account: null,
};

const KINDS_BY_NAME: ReadonlyMap<string, Kinds | null> = new Map(Object.entries(KINDS));

/** Bitwise operators set no bound that a guarantee can name. */
const OPERATORS: ReadonlyMap<ArgumentValue | undefined, Guarantee['operator']> = new Map([
  ['equal', '=='],
  ['not_equal', '!='],
  ['greater_than', '>'],
  ['less_than', '<'],
  ['greater_than_or_equal', '>='],
  ['less_than_or_equal', '<='],
]);

/** Programs that Lighthouse knows by name and we by address. */
const KNOWN_OWNERS: Readonly<Record<(typeof KNOWN_PROGRAMS)[number], Address>> = {
  system: SYSTEM_PROGRAM,
  token: TOKEN_PROGRAM,
  token_2022: TOKEN_2022_PROGRAM,
  rent: RENT_SYSVAR,
  stake: STAKE_PROGRAM,
  vote: VOTE_PROGRAM,
  bpf_loader: LOADER_V2_PROGRAM,
  upgradeable_loader: LOADER_V3_PROGRAM,
  sysvar_config: CONFIG_PROGRAM,
};
const OWNERS_BY_NAME: ReadonlyMap<string, Address> = new Map(Object.entries(KNOWN_OWNERS));

/** Native programs that change nothing in the accounts they are given. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(['compute_budget', 'memo', 'ed25519', 'secp256k1', 'secp256r1']);

/**
 * An assertion says how an account is at its place among the instructions. It counts where nothing behind it can change that
 * account: a program can write only to accounts that its instruction names as writable, whatever it is.
 */
export function assertedGuarantees(instructions: readonly DecodedInstruction[]): readonly Guarantee[] {
  return instructions.flatMap((instruction, i) => {
    if (instruction.kind !== 'known' || instruction.programName !== 'lighthouse') return [];
    const kinds = KINDS_BY_NAME.get(instruction.name) ?? null;
    if (kinds === null) return [];
    const account = optionalAccountIn(instruction, 'target_account');
    if (account !== null && instructions.slice(i + 1).some((later) => mayChange(later, account))) return [];
    return assertionsIn(instruction).flatMap((assertion) => guaranteesOf(instruction.index, account, kinds, assertion));
  });
}

function mayChange(instruction: DecodedInstruction, account: Address): boolean {
  if (instruction.kind === 'known') {
    const { programName, name } = instruction;
    if (WITHOUT_EFFECT.has(programName) || (programName === 'lighthouse' && name.startsWith('assert_'))) return false;
  }
  return instruction.accounts.some(({ address, writable }) => writable && address === account);
}

function assertionsIn({ arguments: values }: KnownInstruction): readonly ArgumentValue[] {
  const { assertion, assertions } = values;
  if (isList(assertions)) return assertions;
  return assertion === undefined ? [] : [assertion];
}

function guaranteesOf(
  instruction: number,
  account: Address | null,
  kinds: Kinds,
  assertion: ArgumentValue,
): readonly Guarantee[] {
  return membersOf(assertion).flatMap(([name, content]) => {
    const nested = memberOf(content, 'operator') === undefined ? membersOf(content)[0] : undefined;
    const path = nested === undefined ? name : `${name}.${nested[0]}`;
    const bound = nested === undefined ? content : nested[1];
    const kind = kinds[path];
    const operator = OPERATORS.get(memberOf(bound, 'operator'));
    const asserted = assertedValue(name, memberOf(bound, 'value'));
    if (kind === undefined || operator === undefined || asserted === null) return [];
    return [{ instruction, basis: 'asserted', kind, argument: null, account, operator, ...asserted }];
  });
}

/** `null`: there is nothing that could be named. */
function assertedValue(name: string, value: ArgumentValue | undefined): Pick<Guarantee, 'amount' | 'value'> | null {
  if (typeof value === 'bigint') return { amount: value, value: null };
  if (typeof value === 'boolean') return { amount: null, value: String(value) };
  if (value === null) return { amount: null, value: 'none' };
  if (typeof value !== 'string') return null;
  const named = name === 'known_owner' ? OWNERS_BY_NAME.get(value) : value;
  return named === undefined ? null : { amount: null, value: named };
}
