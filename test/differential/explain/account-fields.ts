// Owns reading an account into named fields, independently of the core: by the published clients where there are some.
import { createHash } from 'node:crypto';
import { getAddressLookupTableDecoder } from '@solana-program/address-lookup-table';
import { getStakeStateAccountDecoder } from '@solana-program/stake';
import { getNonceDecoder } from '@solana-program/system';
import type { AccountState } from '../../../gateway/core/effects/chain-facts.ts';
import {
  ADDRESS_LOOKUP_TABLE_PROGRAM,
  LOADER_V3_PROGRAM,
  STAKE_PROGRAM,
  SYSTEM_PROGRAM,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
  VOTE_PROGRAM,
} from '../../../gateway/core/transaction/programs/program-ids.ts';
import { addressText, flatten } from './flatten.ts';
import { tokenFields } from './token-fields.ts';

export type Kind =
  | 'none'
  | 'system'
  | 'nonce'
  | 'unset'
  | 'token_account'
  | 'mint'
  | 'multisig'
  | 'stake'
  | 'vote'
  | 'lookup_table'
  | 'buffer'
  | 'program_data'
  | 'program'
  | 'other';

export interface AccountFields {
  readonly kind: Kind;
  readonly fields: ReadonlyMap<string, string>;
}

const NONCE_SIZE = 80;
const NOTHING: AccountFields = { kind: 'none', fields: new Map() };

/** Lamports and token amounts are compared apart. `unset`: of a program that has not written it yet. */
export function fieldsOf(state: AccountState | null): AccountFields {
  if (state === null) return NOTHING;
  const { owner, data } = state;
  if (owner === SYSTEM_PROGRAM) return systemFields(data);
  if (data.every((byte) => byte === 0)) return { kind: 'unset', fields: new Map([['program', owner]]) };
  switch (owner) {
    case TOKEN_PROGRAM:
    case TOKEN_2022_PROGRAM:
      return tokenFields(data, owner);
    case STAKE_PROGRAM:
      return stakeFields(data, owner);
    case VOTE_PROGRAM:
      return voteFields(data);
    case ADDRESS_LOOKUP_TABLE_PROGRAM:
      return { kind: 'lookup_table', fields: flatten(getAddressLookupTableDecoder().decode(data)) };
    case LOADER_V3_PROGRAM:
      return loaderFields(data);
    default:
      return {
        kind: 'other',
        fields: new Map([
          ['program', owner],
          ['data', digest(data)],
        ]),
      };
  }
}

function systemFields(data: Uint8Array): AccountFields {
  const nonce = data.length === NONCE_SIZE && data[4] === 1;
  if (nonce) return { kind: 'nonce', fields: flatten(getNonceDecoder().decode(data)) };
  return { kind: 'system', fields: new Map(data.length === 0 ? [] : [['data', digest(data)]]) };
}

/** What is staked stands behind who may do what. Flags of it are never set by an instruction. */
function stakeFields(data: Uint8Array, program: string): AccountFields {
  const { state } = getStakeStateAccountDecoder().decode(data);
  switch (state.__kind) {
    case 'Uninitialized':
    case 'RewardsPool':
      return { kind: 'unset', fields: new Map([['program', program]]) };
    case 'Initialized':
      return { kind: 'stake', fields: flatten(state.fields[0]) };
    case 'Stake': {
      const [meta, delegation, flags] = state.fields;
      return { kind: 'stake', fields: flatten({ ...meta, delegation: { ...delegation, flags } }) };
    }
  }
}

/** Every version: validator and withdrawer behind a number; the voter is among the rest. */
function voteFields(data: Uint8Array): AccountFields {
  const fields = [
    ['identity', addressText(data, 4)],
    ['withdrawer', addressText(data, 36)],
    ['rest', digest(data.subarray(68))],
  ] as const;
  return { kind: 'vote', fields: new Map(fields) };
}

const LOADER_KINDS = [null, 'buffer', 'program', 'program_data'] as const;

function loaderFields(data: Uint8Array): AccountFields {
  const kind = LOADER_KINDS[data[0] ?? 0] ?? null;
  if (kind === null) return { kind: 'other', fields: new Map([['data', digest(data)]]) };
  if (kind === 'program') return { kind, fields: new Map([['data', addressText(data, 4)]]) };
  const option = kind === 'buffer' ? 4 : 12;
  const authority = data[option] === 1 ? addressText(data, option + 1) : 'null';
  const content = digest(data.subarray(option + 33));
  return {
    kind,
    fields: new Map([
      ['authority', authority],
      ['content', content],
    ]),
  };
}

function digest(bytes: Uint8Array): string {
  return `${bytes.length} bytes ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
}
