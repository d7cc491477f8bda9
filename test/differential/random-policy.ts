// Owns random policy data for a world: most of what may be permitted is, so that some transactions are allowed and some are not.
import type { CanonicalValue } from '../../gateway/core/canonical-json.ts';
import {
  ADDRESS_LOOKUP_TABLE_PROGRAM,
  ASSOCIATED_TOKEN_PROGRAM,
  ED25519_PROGRAM,
  LOADER_V3_PROGRAM,
  MEMO_PROGRAM_V1,
  MEMO_PROGRAM_V2,
  MEMO_PROGRAM_V4,
  STAKE_PROGRAM,
  SYSTEM_PROGRAM,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
  VOTE_PROGRAM,
} from '../../gateway/core/transaction/programs/program-ids.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { World } from './world.ts';

const PROGRAMS = [
  ...[SYSTEM_PROGRAM, TOKEN_PROGRAM, TOKEN_2022_PROGRAM, ASSOCIATED_TOKEN_PROGRAM, STAKE_PROGRAM, VOTE_PROGRAM],
  ...[ADDRESS_LOOKUP_TABLE_PROGRAM, LOADER_V3_PROGRAM, ED25519_PROGRAM],
  ...[MEMO_PROGRAM_V1, MEMO_PROGRAM_V2, MEMO_PROGRAM_V4],
];

const AUTHORITIES = [
  ...['token_account_owner', 'close_account', 'mint_tokens', 'freeze_account', 'token_account_freeze'],
  ...['token_account_thaw', 'nonce_authority', 'stake_staker', 'stake_withdrawer', 'stake_custodian'],
  ...['vote_voter', 'vote_withdrawer', 'vote_identity', 'lookup_table_authority', 'program_buffer_authority'],
];

const OPERATIONS = [
  ...['nonce_advance', 'nonce_withdraw', 'nonce_authorize', 'stake_withdraw', 'stake_split', 'stake_authorize'],
  ...['stake_delegate', 'stake_deactivate', 'stake_set_lockup', 'stake_merge', 'vote_withdraw', 'vote_authorize'],
  ...['lookup_table_extend', 'lookup_table_deactivate', 'program_buffer_write', 'mint_withheld_harvest'],
];

/** The settings of one wallet. Each thing is permitted in three cases of four. */
export function policyOf(
  random: SeededRandom,
  { wallet, others, proxy, initial, classic, extended }: World,
): CanonicalValue {
  const some = <T>(list: readonly T[]): readonly T[] => list.filter(() => random.chance(75));
  const labels = (list: readonly string[]) => Object.fromEntries(list.map((it) => [it, 'known']));
  const addresses = [...initial.keys()];
  const people = [wallet, ...others];
  const amounts = (list: readonly string[]) =>
    Object.fromEntries(list.map((it) => [it, random.pick([2_000_000n, 10n ** 13n])]));
  const assets = ['SOL', ...[...classic.mints, ...extended.mints].map(({ address }): string => address)];
  const programs = some(PROGRAMS).map((program) => [program, { instructions: ['*'] }] as const);
  const simulated = { instructions: ['unknown'], unknown_effects: 'simulated_but_not_guaranteed' };
  return {
    enabled: ['program_allowlist', 'authority_guard', 'address_allowlist', 'spending_limit', 'fee_limit'],
    program_allowlist: { programs: { ...Object.fromEntries(programs), [proxy]: simulated } },
    spending_limit: { per_transaction: amounts(some(assets)) },
    address_allowlist: { recipients: labels(some(addresses)) },
    authority_guard: {
      delegates: Object.fromEntries(some(people).map((it) => [it, amounts(some(assets))])),
      authority_changes: Object.fromEntries(some(AUTHORITIES).map((kind) => [kind, labels([...some(people), 'none'])])),
      close_destinations: labels(some(addresses)),
      account_owner_programs: labels(some([TOKEN_PROGRAM, TOKEN_2022_PROGRAM, STAKE_PROGRAM])),
      operations: Object.fromEntries(addresses.map((it) => [it, some(OPERATIONS)])),
      supply_changes: { mint: amounts(some(assets)), burn: amounts(some(assets)) },
    },
    fee_limit: { max_fee_lamports: 100_000n, max_rent_lamports: 10_000_000n },
  };
}
