// Owns the comparison of one token account before and after a simulation with what the effects declare of it.
import type { AccountState } from '../effects/chain-facts.ts';
import type { Effects } from '../effects/effects.ts';
import { readExtensions } from '../effects/token/token-extensions.ts';
import { TOKEN_ACCOUNT_SIZE } from '../effects/token/token-state.ts';
import { declaredAuthorities, isNamed, leastTokens, takesFees } from './declared-changes.ts';
import type { ProtectedAccount } from './protected-accounts.ts';
import type { Divergence } from './simulation.ts';
import { readTokenAccountFields, type TokenAccountFields } from './token-account-fields.ts';

type TokenAccount = Extract<ProtectedAccount, { readonly kind: 'token_account' }>;

export function tokenAccountDivergences(
  watched: TokenAccount,
  after: AccountState,
  effects: Effects,
): readonly Divergence[] {
  const { address: account, fields: before } = watched;
  const left = readTokenAccountFields(after);
  if (left === null) {
    return [{ account, change: 'token_account', detail: 'it should be a token account; the simulation leaves none' }];
  }
  const found: (readonly [string, string | null])[] = [
    ['token_mint', differs('hold', before.mint, left.mint, [])],
    ['token_amount', amountProblem(watched, left, effects)],
    ['token_owner', differs('belong to', before.owner, left.owner, owners(watched, effects))],
    ['close_authority', closeAuthorityProblem(watched, left, effects)],
    ['token_delegate', delegateProblem(watched, left, effects)],
    ['token_state', frozenProblem(watched, left, effects)],
    ['token_extensions', extensionProblem(watched, after, effects)],
  ];
  return found.flatMap(([change, detail]) => (detail === null ? [] : [{ account, change, detail }]));
}

function owners({ address }: TokenAccount, effects: Effects): readonly (string | null)[] {
  return declaredAuthorities(address, ['token_account_owner'], effects);
}

function amountProblem(
  { address, fields }: TokenAccount,
  { amount }: TokenAccountFields,
  effects: Effects,
): string | null {
  const least = leastTokens(address, fields, effects);
  if (amount >= least) return null;
  return `of ${fields.amount} tokens at least ${least} should be left; the simulation leaves ${amount}`;
}

/** With the owner of wrapped SOL its close authority goes too. */
function closeAuthorityProblem(
  watched: TokenAccount,
  { closeAuthority }: TokenAccountFields,
  effects: Effects,
): string | null {
  const { address, fields } = watched;
  const declared = declaredAuthorities(address, ['close_account'], effects);
  const goesWithOwner = fields.isNative && owners(watched, effects).length > 0;
  return differs(
    'have as close authority',
    fields.closeAuthority,
    closeAuthority,
    goesWithOwner ? [...declared, null] : declared,
  );
}

/** To lose a delegate is no harm; to get one, or one with more, is. */
function delegateProblem(
  { address, fields }: TokenAccount,
  { delegate, delegatedAmount }: TokenAccountFields,
  effects: Effects,
): string | null {
  if (delegate === null) return null;
  const approved = effects.approvals
    .filter((approval) => approval.account === address && approval.delegate === delegate)
    .map(({ amount }) => amount);
  const allowed = delegate === fields.delegate ? [fields.delegatedAmount, ...approved] : approved;
  if (allowed.some((amount) => amount >= delegatedAmount)) return null;
  return `nobody should get more of a say; the simulation lets ${delegate} take ${delegatedAmount}`;
}

function frozenProblem(
  { address, fields }: TokenAccount,
  { isFrozen }: TokenAccountFields,
  effects: Effects,
): string | null {
  const kind = isFrozen ? 'token_account_freeze' : 'token_account_thaw';
  if (isFrozen === fields.isFrozen || declaredAuthorities(address, [kind], effects).length > 0) return null;
  return `it should be ${fields.isFrozen ? 'frozen' : 'free'} as before; the simulation leaves it ${isFrozen ? 'frozen' : 'free'}`;
}

/** Fees that are withheld in it change with every transfer to it, and where they are gathered; then nothing else may. */
function extensionProblem(
  { address, before, fields }: TokenAccount,
  after: AccountState,
  effects: Effects,
): string | null {
  if (isNamed(address, effects)) return null;
  const gathered = takesFees(fields.mint, effects);
  const was = gathered ? extensionsWithoutFees(before.data) : before.data.subarray(TOKEN_ACCOUNT_SIZE);
  const is = gathered ? extensionsWithoutFees(after.data) : after.data.subarray(TOKEN_ACCOUNT_SIZE);
  const isSame = was.length === is.length && was.every((byte, i) => byte === is[i]);
  return isSame ? null : 'no effect names it; the simulation changes its extensions';
}

function extensionsWithoutFees(data: Uint8Array): Uint8Array {
  const copy = data.slice();
  readExtensions(copy, 'account', TOKEN_ACCOUNT_SIZE)?.get('transfer_fee_amount')?.fill(0);
  return copy.subarray(TOKEN_ACCOUNT_SIZE);
}

/** Why a value is neither what it was nor what is declared. */
function differs(
  verb: string,
  before: string | null,
  after: string | null,
  declared: readonly (string | null)[],
): string | null {
  if (after === before || declared.includes(after)) return null;
  return `it should ${verb} ${before ?? 'nobody'}; the simulation leaves ${after ?? 'nobody'}`;
}
