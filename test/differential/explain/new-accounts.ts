// Owns holding what is said of new accounts against what they became: who has authority over them, and who can take their rent back.
import { unwrapOption } from '@solana/kit';
import type { Address } from '../../../gateway/core/address.ts';
import type { AccountState } from '../../../gateway/core/effects/chain-facts.ts';
import type { Execution } from '../execution.ts';
import { fieldsOf, type Kind } from './account-fields.ts';
import { lastHandover } from './said.ts';
import { readMint, readToken } from './token-fields.ts';

/** Fields of a new account that say who may do what with it, and the kinds of authority changes that name them. */
const AUTHORITIES: { readonly [K in Kind]?: Readonly<Record<string, string>> } = {
  stake: { 'authorized.staker': 'stake_staker', 'authorized.withdrawer': 'stake_withdrawer' },
  vote: { identity: 'vote_identity', withdrawer: 'vote_withdrawer' },
};

/** Authorities of an account that was not there, or not initialized, are named. A part of a stake has those of the whole. */
export function newAuthorities({ effects, before, after }: Execution): readonly string[] {
  return [...after].flatMap(([account, state]) => {
    const [old, now] = [fieldsOf(before.get(account) ?? null), fieldsOf(state)];
    const authorities = old.kind === now.kind ? undefined : AUTHORITIES[now.kind];
    const isPart = effects.operations.some(({ kind }) => kind === 'stake_split');
    if (authorities === undefined || isPart) return [];
    return Object.entries(authorities).flatMap(([field, kind]) => {
      const said = lastHandover(effects, account, [kind])?.to ?? null;
      return said === now.fields.get(field)
        ? []
        : [`${account}: its ${field} is ${now.fields.get(field)}, effects say ${said}`];
    });
  });
}

/** Who could close each account that was made, as it stands in the end. */
export function refunds({ effects, after }: Execution): readonly string[] {
  return effects.creations.flatMap(({ account, refundableTo }) => {
    const state = after.get(account) ?? null;
    const holder = holderOf(account, state);
    // What an unknown program keeps is up to that program.
    return holder === null || holder === refundableTo || refundableTo === state?.owner
      ? []
      : [`${account}: its rent can be taken by ${holder}, effects say by ${refundableTo}`];
  });
}

/** `null`: it is gone again, or cannot be told from the account alone. */
function holderOf(account: Address, state: AccountState | null): string | null {
  const token = readToken(state);
  if (token !== null) return unwrapOption(token.closeAuthority) ?? token.owner;
  const { kind, fields } = fieldsOf(state);
  switch (kind) {
    case 'stake':
      return fields.get('authorized.withdrawer') ?? null;
    case 'vote':
      return fields.get('withdrawer') ?? null;
    case 'nonce':
    case 'lookup_table':
    case 'buffer':
    case 'program_data':
      return nobody(fields.get('authority'));
    case 'mint':
      return readMint(state)?.extensions.__option === 'None' ? 'nobody' : (fields.get(CLOSE) ?? 'nobody');
    case 'unset':
    case 'system':
      return account;
    case 'multisig':
      return 'nobody';
    case 'none':
    case 'program':
    case 'token_account':
    case 'other':
      return null;
  }
}

const CLOSE = 'MintCloseAuthority.closeAuthority';

function nobody(authority: string | undefined): string | null {
  return authority === 'null' ? 'nobody' : (authority ?? null);
}
