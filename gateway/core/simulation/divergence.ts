// Owns the comparison of what a simulation left behind with what the effects declare: whatever is not declared is a divergence.
// One-sided: more than expected, or less rent than declared, harms nobody.
import type { Address } from '../address.ts';
import { assertNever } from '../assert-never.ts';
import type { AccountState, ChainFacts } from '../effects/chain-facts.ts';
import type { Effects } from '../effects/effects.ts';
import { declaredAuthorities, isClosed, isNamed, leastLamports } from './declared-changes.ts';
import { isUpgradedData } from './program-upgrade.ts';
import { type ProtectedAccount, protectedAccount } from './protected-accounts.ts';
import type { Divergence } from './simulation.ts';
import { tokenAccountDivergences } from './token-account-divergence.ts';

export interface AccountsAround {
  readonly wallet: Address;
  /** Accounts as they were before. */
  readonly facts: ChainFacts;
  /** Accounts as the simulation leaves them. `null`: no such account. */
  readonly after: ReadonlyMap<Address, AccountState | null>;
  readonly effects: Effects;
}

/** Accounts that are not among the facts cannot be compared; the caller names them. */
export function findDivergences({ wallet, facts, after, effects }: AccountsAround): readonly Divergence[] {
  return [...after].flatMap(([address, left]) => {
    const before = facts.accounts.get(address) ?? null;
    const watched = before === null ? null : protectedAccount(address, before, wallet, facts, effects);
    return watched === null ? [] : divergencesOf(watched, left, effects, facts);
  });
}

function divergencesOf(
  watched: ProtectedAccount,
  after: AccountState | null,
  effects: Effects,
  facts: ChainFacts,
): readonly Divergence[] {
  const { address, before } = watched;
  const lamports = lamportDivergence(watched, after, effects);
  if (after === null || isClosed(address, effects)) {
    return after === null ? [...lamports, ...vanished(watched, effects)] : lamports;
  }
  const owner = ownerDivergence(address, before, after, effects);
  switch (watched.kind) {
    case 'wallet':
      return [...lamports, ...owner, ...walletDataDivergence(watched, after, effects)];
    case 'state':
      return [...lamports, ...owner, ...stateDivergence(watched, after, effects, facts)];
    case 'token_account':
      return [...lamports, ...owner, ...tokenAccountDivergences(watched, after, effects)];
    default:
      return assertNever(watched);
  }
}

function lamportDivergence(
  watched: ProtectedAccount,
  after: AccountState | null,
  effects: Effects,
): readonly Divergence[] {
  const { address, before } = watched;
  const least = leastLamports(watched, effects);
  const left = after?.lamports ?? 0n;
  if (left >= least) return [];
  const detail = `of ${before.lamports} lamports at least ${least} should be left; the simulation leaves ${left}`;
  return [{ account: address, change: 'lamports', detail }];
}

/** An account whose lamports may all go may go with them; a token account must have been closed. */
function vanished(watched: ProtectedAccount, effects: Effects): readonly Divergence[] {
  const { kind, address } = watched;
  if (isClosed(address, effects)) return [];
  if (kind !== 'token_account' && leastLamports(watched, effects) <= 0n) return [];
  return [{ account: address, change: 'closed', detail: 'it should be there; the simulation closes it' }];
}

function ownerDivergence(
  address: Address,
  before: AccountState,
  after: AccountState,
  effects: Effects,
): readonly Divergence[] {
  if (after.owner === before.owner) return [];
  if (declaredAuthorities(address, ['system_assign'], effects).includes(after.owner)) return [];
  const detail = `it should belong to the program ${before.owner}; the simulation gives it to ${after.owner}`;
  return [{ account: address, change: 'owner_program', detail }];
}

function walletDataDivergence(
  { address, before }: ProtectedAccount,
  after: AccountState,
  effects: Effects,
): readonly Divergence[] {
  const kinds = ['system_assign', 'system_allocate'];
  if (sameBytes(before.data, after.data) || declaredAuthorities(address, kinds, effects).length > 0) return [];
  const detail = `its ${before.data.length} bytes of data should be as they were; the simulation leaves ${after.data.length}, or others`;
  return [{ account: address, change: 'data', detail }];
}

function stateDivergence(
  { address, before }: ProtectedAccount,
  after: AccountState,
  effects: Effects,
  facts: ChainFacts,
): readonly Divergence[] {
  if (sameBytes(before.data, after.data) || isNamed(address, effects)) return [];
  if (isUpgradedData(address, facts, effects)) return [];
  return [{ account: address, change: 'data', detail: 'no effect names it; the simulation changes its data' }];
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}
