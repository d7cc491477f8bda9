// Owns reading token accounts of SPL Token and of Token-2022 from their bytes on chain.
import type { Address } from '../../address.ts';
import { addressAt } from '../../base58.ts';
import {
  NATIVE_MINT,
  NATIVE_MINT_2022,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
} from '../../transaction/programs/program-ids.ts';
import type { AccountState } from '../chain-facts.ts';
import { type ExtensionName, type Extensions, NO_EXTENSIONS, readExtensions } from './token-extensions.ts';

/** Size in bytes of a token account without extensions. */
export const TOKEN_ACCOUNT_SIZE = 165;
const DELEGATE = 72;
const STATE = 108;
const IS_NATIVE = 109;
const CLOSE_AUTHORITY = 129;

/** A token account as far as effects depend on it. */
export interface Holding {
  readonly tokenProgram: Address;
  readonly mint: Address;
  readonly owner: Address;
  /** Who may close it and take its lamports when that is not the owner. */
  readonly closeAuthority: Address | null;
  /** Base units; `null`: not known without asking the chain. Lamports of wrapped SOL that are not synced are not in it. */
  readonly amount: bigint | null;
  /** Base units of transfer fees that it keeps for its mint, beside the amount; `null`: not known without asking the chain. */
  readonly withheld: bigint | null;
  /** Bytes, which say what rent it needs; `null`: not known without asking the chain. */
  readonly size: number | null;
  readonly extensions: readonly ExtensionName[];
}

/** What holds lamports as tokens: an account of wrapped SOL. Each token program has a mint of its own for it. */
export function isNative({ mint }: { readonly mint: Address }): boolean {
  return isNativeMint(mint);
}

export function isNativeMint(mint: Address): boolean {
  return mint === NATIVE_MINT || mint === NATIVE_MINT_2022;
}

/**
 * `null` when it is no initialized token account, or has an extension that cannot be read.
 * Layout: mint, owner, u64 amount, option (u32 tag) delegate, state, option u64 native reserve, u64 delegated, option close authority.
 */
export function readTokenAccount(state: AccountState): Holding | null {
  const { data } = state;
  const extensions = extensionsOf(state);
  if (extensions === null || (data[STATE] !== 1 && data[STATE] !== 2)) return null;
  if (![DELEGATE, IS_NATIVE, CLOSE_AUTHORITY].every((offset) => isOptionTag(data, offset))) return null;
  const closeAuthority = data[CLOSE_AUTHORITY] === 1 ? addressAt(data, CLOSE_AUTHORITY + 4) : null;
  return {
    tokenProgram: state.owner,
    mint: addressAt(data, 0),
    owner: addressAt(data, 32),
    closeAuthority,
    amount: readU64(data, 64),
    withheld: readU64(extensions.get('transfer_fee_amount') ?? NOTHING_WITHHELD, 0),
    size: data.length,
    extensions: [...extensions.keys()],
  };
}

/** Of a token account that can be read: whether its mint's freeze authority has stopped it. */
export function isFrozen({ data }: AccountState): boolean {
  return data[STATE] === 2;
}

const NOTHING_WITHHELD = new Uint8Array(8);

function extensionsOf({ owner, data }: AccountState): Extensions | null {
  if (owner === TOKEN_2022_PROGRAM) return readExtensions(data, 'account', TOKEN_ACCOUNT_SIZE);
  return owner === TOKEN_PROGRAM && data.length === TOKEN_ACCOUNT_SIZE ? NO_EXTENSIONS : null;
}

/** A u32 that is 0 or 1, as both token programs write it. */
export function isOptionTag(data: Uint8Array, offset: number): boolean {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return view.getUint32(offset, true) <= 1;
}

export function readU64(bytes: Uint8Array, offset: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(offset, true);
}
