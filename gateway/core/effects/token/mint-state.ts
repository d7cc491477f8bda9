// Owns reading mints of SPL Token and of Token-2022 from their bytes on chain, and the transfer fee that they ask.
import type { Address } from '../../address.ts';
import { addressAt } from '../../base58.ts';
import {
  NATIVE_MINT,
  NATIVE_MINT_2022,
  SYSTEM_PROGRAM,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
} from '../../transaction/programs/program-ids.ts';
import type { AccountState } from '../chain-facts.ts';
import { type ExtensionName, type Extensions, NO_EXTENSIONS, readExtensions } from './token-extensions.ts';
import { isOptionTag, readU64 } from './token-state.ts';

/** Size in bytes of a mint without extensions. */
export const MINT_SIZE = 82;
const DECIMALS = 44;
const INITIALIZED = 45;
const FREEZE_AUTHORITY = 46;
const ONE_IN_BASIS_POINTS = 10_000n;

export interface TransferFee {
  readonly basisPoints: number;
  readonly maximum: bigint;
}

export interface TransferHook {
  /** `null`: no program is called now. */
  readonly program: Address | null;
  /** Who may set the program; `null`: nobody. */
  readonly authority: Address | null;
}

/** A mint as far as effects depend on it. */
export interface Mint {
  readonly tokenProgram: Address;
  readonly decimals: number;
  readonly extensions: readonly ExtensionName[];
  /** Who may close the mint once no tokens are left, and make another at its address. */
  readonly closeAuthority: Address | null;
  readonly permanentDelegate: Address | null;
  readonly transferHook: TransferHook | null;
  /** The fee now and the one to come, in whichever order; empty: none. */
  readonly transferFees: readonly TransferFee[];
  /** Base units of fees that wait in the mint; `null`: not followed. */
  readonly withheld: bigint | null;
}

/** A mint as its program makes it, without any extension. */
export function plainMint(tokenProgram: Address, decimals: number): Mint {
  return {
    tokenProgram,
    decimals,
    extensions: [],
    closeAuthority: null,
    permanentDelegate: null,
    transferHook: null,
    transferFees: [],
    withheld: 0n,
  };
}

/** The mints of wrapped SOL have no authority and no extension, so nothing about them can change. */
export const NATIVE_MINTS: ReadonlyMap<Address, Mint> = new Map([
  [NATIVE_MINT, plainMint(TOKEN_PROGRAM, 9)],
  [NATIVE_MINT_2022, plainMint(TOKEN_2022_PROGRAM, 9)],
]);

/**
 * `null` when it is no initialized mint, or has an extension that cannot be read.
 * Layout: option (u32 tag) mint authority, u64 supply, decimals, initialized, option freeze authority; extensions behind 165 bytes.
 */
export function readMint(state: AccountState): Mint | null {
  const { data, owner } = state;
  const extensions = extensionsOf(state);
  if (extensions === null || data[INITIALIZED] !== 1) return null;
  if (!isOptionTag(data, 0) || !isOptionTag(data, FREEZE_AUTHORITY)) return null;
  const hook = extensions.get('transfer_hook');
  const fee = extensions.get('transfer_fee_config');
  return {
    tokenProgram: owner,
    decimals: data[DECIMALS] ?? 0,
    extensions: [...extensions.keys()],
    closeAuthority: optionalAddress(extensions.get('mint_close_authority'), 0),
    permanentDelegate: optionalAddress(extensions.get('permanent_delegate'), 0),
    transferHook:
      hook === undefined ? null : { authority: optionalAddress(hook, 0), program: optionalAddress(hook, 32) },
    // Two authorities, what is withheld, then twice epoch, maximum, basis points.
    transferFees: fee === undefined ? [] : [readFee(fee, 72), readFee(fee, 90)],
    withheld: fee === undefined ? 0n : readU64(fee, 64),
  };
}

/**
 * What the mint keeps of a transfer, at most: the larger of the fee now and the one to come, since which one is asked hangs on the
 * epoch in which the transaction lands. Rounded up and capped as the program does.
 */
export function transferFee(mint: Mint, amount: bigint): bigint {
  let most = 0n;
  for (const { basisPoints, maximum } of mint.transferFees) {
    let fee = (amount * BigInt(basisPoints) + ONE_IN_BASIS_POINTS - 1n) / ONE_IN_BASIS_POINTS;
    if (fee > maximum) fee = maximum;
    if (fee > most) most = fee;
  }
  // More than all is not kept, whatever a mint says that was read wrongly.
  return most < amount ? most : amount;
}

function readFee(config: Uint8Array, offset: number): TransferFee {
  const view = new DataView(config.buffer, config.byteOffset, config.byteLength);
  return { maximum: readU64(config, offset + 8), basisPoints: view.getUint16(offset + 16, true) };
}

function extensionsOf({ owner, data }: AccountState): Extensions | null {
  if (owner === TOKEN_2022_PROGRAM) return readExtensions(data, 'mint', MINT_SIZE);
  return owner === TOKEN_PROGRAM && data.length === MINT_SIZE ? NO_EXTENSIONS : null;
}

/** All zeros, which is also the System program's address, stand for none. */
function optionalAddress(extension: Uint8Array | undefined, offset: number): Address | null {
  const address = extension === undefined ? null : addressAt(extension, offset);
  return address === SYSTEM_PROGRAM ? null : address;
}
