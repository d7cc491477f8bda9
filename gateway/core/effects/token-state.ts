// Owns reading SPL Token accounts and mints from their bytes on chain.
import type { Address } from '../address.ts';
import { addressAt } from '../base58.ts';
import { NATIVE_MINT, TOKEN_PROGRAM } from '../transaction/programs/program-ids.ts';
import type { AccountState } from './chain-facts.ts';

/** Size in bytes of an SPL Token account. */
export const TOKEN_ACCOUNT_SIZE = 165;
const MINT_SIZE = 82;

/** A token account as far as effects depend on it. */
export interface Holding {
  readonly mint: Address;
  readonly owner: Address;
  /** Who may close it and take its lamports when that is not the owner. */
  readonly closeAuthority: Address | null;
  /** Base units; `null`: not known without asking the chain. Lamports of wrapped SOL that are not synced are not in it. */
  readonly amount: bigint | null;
}

/** What holds lamports as tokens: an account of wrapped SOL. */
export function isNative(holding: Holding): boolean {
  return holding.mint === NATIVE_MINT;
}

/**
 * `null` when it is no initialized SPL Token account.
 * Layout: mint, owner, u64 amount, option (u32 tag) delegate, state at 108, …, option close authority at 129.
 */
export function readTokenAccount(state: AccountState): Holding | null {
  const { data } = state;
  if (state.owner !== TOKEN_PROGRAM || data.length !== TOKEN_ACCOUNT_SIZE) return null;
  if (data[108] !== 1 && data[108] !== 2) return null;
  const closeAuthority = data[129] === 1 ? addressAt(data, 133) : null;
  const amount = new DataView(data.buffer, data.byteOffset, data.byteLength).getBigUint64(64, true);
  return { mint: addressAt(data, 0), owner: addressAt(data, 32), closeAuthority, amount };
}

/** Decimals of a mint; `null` when it is no initialized SPL Token mint. Layout: …, decimals at 44, initialized at 45. */
export function readMintDecimals(state: AccountState): number | null {
  const { data } = state;
  if (state.owner !== TOKEN_PROGRAM || data.length !== MINT_SIZE || data[45] !== 1) return null;
  return data[44] ?? null;
}
