// Owns what effects say may happen to one account, as bounds that its state after a simulation is held against.
import { type Address, NATIVE_SOL } from '../address.ts';
import type { Effects } from '../effects/effects.ts';
import { NATIVE_MINT, NATIVE_MINT_2022 } from '../transaction/programs/program-ids.ts';
import type { ProtectedAccount } from './protected-accounts.ts';
import type { TokenAccountFields } from './token-account-fields.ts';

/** What moves lamports: SOL, and wrapped SOL of either token program. */
const LAMPORTS: ReadonlySet<string> = new Set([NATIVE_SOL, NATIVE_MINT, NATIVE_MINT_2022]);

/** Lamports that an account must hold at the end, if nothing happened but the effects. Rent counts as paid, whether or not it was. */
export function leastLamports({ address: account, before }: ProtectedAccount, effects: Effects): bigint {
  let least = before.lamports;
  if (effects.fee.payer === account) least -= effects.fee.totalLamports;
  for (const { payer, rentLamports } of effects.creations) if (payer === account) least -= rentLamports;
  for (const { asset, source, destination, amount } of effects.transfers) {
    if (!LAMPORTS.has(asset)) continue;
    if (source === account) least -= amount;
    if (destination === account) least += amount;
  }
  return least;
}

/** Tokens likewise. Wrapped SOL that comes in may still wait to be counted as tokens, so it does not count; its lamports do. */
export function leastTokens(
  account: Address,
  { mint, isNative, amount: before }: TokenAccountFields,
  effects: Effects,
): bigint {
  let least = before;
  for (const { instruction, asset, source, destination, amount, withheld } of effects.transfers) {
    if (asset === NATIVE_SOL) continue;
    if (source === account) least -= amount;
    // It pays itself, and what it gets is hidden.
    if (source === destination && hides(account, instruction, effects)) continue;
    if (destination === account && asset === mint && !isNative) least += amount - withheld;
  }
  for (const { kind, account: holder, amount } of effects.supplyChanges) {
    if (holder === account) least += kind === 'mint' ? amount : -amount;
  }
  return least;
}

function hides(account: Address, instruction: number, { operations }: Effects): boolean {
  const deposit = 'token_account_confidential_deposit';
  return operations.some(
    (done) => done.kind === deposit && done.account === account && done.instruction === instruction,
  );
}

/** Whom authority changes of these kinds make what; `null`: nobody. */
export function declaredAuthorities(
  account: Address,
  kinds: readonly string[],
  effects: Effects,
): readonly (Address | null)[] {
  return effects.authorityChanges
    .filter((change) => change.account === account && kinds.includes(change.kind))
    .map(({ to }) => to);
}

export function isClosed(account: Address, effects: Effects): boolean {
  return effects.closes.some((close) => close.account === account);
}

/** Whether fees that accounts keep for a mint are gathered in it, or paid out by it. */
export function takesFees(mint: Address, { operations, transfers }: Effects): boolean {
  return (
    operations.some(({ kind, account }) => kind === 'mint_withheld_harvest' && account === mint) ||
    transfers.some(({ source }) => source === mint)
  );
}

/** Whether any effect names the account at all. */
export function isNamed(account: Address, effects: Effects): boolean {
  const { transfers, creations, approvals, authorityChanges, closes, supplyChanges, operations } = effects;
  const changes = [...creations, ...approvals, ...authorityChanges, ...closes, ...supplyChanges, ...operations];
  return (
    changes.some((change) => change.account === account) ||
    supplyChanges.some(({ asset }) => asset === account) ||
    transfers.some(({ source, destination }) => source === account || destination === account)
  );
}
