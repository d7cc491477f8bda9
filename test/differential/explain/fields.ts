// Owns holding every field of every account against the effects: nothing is another that they do not explain.
import type { Address } from '../../../gateway/core/address.ts';
import type { AccountState } from '../../../gateway/core/effects/chain-facts.ts';
import type { Effects } from '../../../gateway/core/effects/effects.ts';
import type { DecodedTransaction } from '../../../gateway/core/transaction/decoded-transaction.ts';
import type { Execution } from '../execution.ts';
import { type AccountFields, fieldsOf, type Kind } from './account-fields.ts';
import {
  BUFFER_RULES,
  LOOKUP_TABLE_RULES,
  NONCE_RULES,
  PROGRAM_DATA_RULES,
  STAKE_RULES,
  SYSTEM_RULES,
  VOTE_RULES,
} from './kept-rules.ts';
import { closes, creates, never, type Rule } from './said.ts';
import { MINT_RULES, TOKEN_ACCOUNT_RULES } from './token-rules.ts';

const NO_RULES: Readonly<Record<string, Rule>> = {};

/** What is not named here never changes, whatever the effects say. */
const RULES: Readonly<Record<Kind, Readonly<Record<string, Rule>>>> = {
  none: NO_RULES,
  system: SYSTEM_RULES,
  nonce: NONCE_RULES,
  unset: NO_RULES,
  token_account: TOKEN_ACCOUNT_RULES,
  mint: MINT_RULES,
  multisig: NO_RULES,
  stake: STAKE_RULES,
  vote: VOTE_RULES,
  lookup_table: LOOKUP_TABLE_RULES,
  buffer: BUFFER_RULES,
  program_data: PROGRAM_DATA_RULES,
  program: NO_RULES,
  other: NO_RULES,
};

const AUTHORITIES: { readonly [K in Kind]?: readonly string[] } = {
  nonce: ['authority'],
  stake: ['authorized.staker', 'authorized.withdrawer'],
  vote: ['identity', 'withdrawer'],
  lookup_table: ['authority'],
};

export function fieldChanges({ decoded, effects, before, after }: Execution): readonly string[] {
  return [...before].flatMap(([account, state]) => {
    const now = after.get(account) ?? null;
    return sameBytes(state, now)
      ? []
      : changesOf({ account, old: fieldsOf(state), now: fieldsOf(now) }, effects, decoded);
  });
}

interface Pair {
  readonly account: Address;
  readonly old: AccountFields;
  readonly now: AccountFields;
}

function changesOf({ account, old, now }: Pair, effects: Effects, decoded: DecodedTransaction): readonly string[] {
  if (closes(effects, account)) return [];
  if (old.kind !== now.kind) {
    const explained = BECOMES.some((rule) => rule(account, old, now, effects));
    if (!explained) return [`${account} was ${old.kind} and is ${now.kind}`];
  }
  const names = old.kind === now.kind ? [...old.fields.keys(), ...now.fields.keys()] : authorities(now.kind, effects);
  return [...new Set(names)].flatMap((field) => {
    const change = { account, field, before: old.fields.get(field) ?? null, after: now.fields.get(field) ?? null };
    if (change.before === change.after || ruleFor(RULES[now.kind], field)(change, effects, decoded)) return [];
    return [`${account}: ${now.kind} ${field} was ${change.before} and is ${change.after}`];
  });
}

/** Of a new account those fields that say who may do what with it. A stake that is split off has those of the one that it comes from. */
function authorities(kind: Kind, { operations }: Effects): readonly string[] {
  if (kind === 'stake' && operations.some((operation) => operation.kind === 'stake_split')) return [];
  return AUTHORITIES[kind] ?? [];
}

/** Of the field itself, or of what it is a part of. */
function ruleFor(rules: Readonly<Record<string, Rule>>, field: string): Rule {
  for (let name = field; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
    const rule = rules[name];
    if (rule !== undefined) return rule;
  }
  return rules[''] ?? never;
}

type Becomes = (account: Address, old: AccountFields, now: AccountFields, effects: Effects) => boolean;

/** How an account becomes one of another kind without being closed. */
const BECOMES: readonly Becomes[] = [
  // Made for a program, and then written by it.
  (account, old, _now, effects) => (old.kind === 'none' || old.kind === 'system') && creates(effects, account),
  // Lamports make a System account, and without any there is none; they are compared apart.
  (_account, old, now) => [old.kind, now.kind].every((kind) => kind === 'none' || kind === 'system'),
  // Handed to a program.
  (account, _old, now, { authorityChanges }) =>
    now.kind !== 'none' &&
    authorityChanges.some((it) => {
      return it.account === account && it.kind === 'system_assign' && it.to === now.fields.get('program');
    }),
  // All was withdrawn, also where it went back into the same account.
  (account, { kind }, now, { operations }) =>
    (now.kind === 'none' || now.kind === 'unset' || now.kind === 'system') &&
    operations.some((it) => it.account === account && it.kind === WITHDRAWALS[kind]),
  // A program that was closed, or deployed over what was there.
  (account, old, now, { operations }) =>
    (old.kind === 'program' || now.kind === 'program') &&
    operations.some((it) => it.account === account && (it.kind === 'program_close' || it.kind === 'program_deploy')),
];

const WITHDRAWALS: { readonly [K in Kind]?: string } = {
  nonce: 'nonce_withdraw',
  stake: 'stake_withdraw',
  vote: 'vote_withdraw',
};

function sameBytes(a: AccountState | null, b: AccountState | null): boolean {
  if (a === null || b === null) return a === b;
  return a.owner === b.owner && Buffer.compare(a.data, b.data) === 0;
}
