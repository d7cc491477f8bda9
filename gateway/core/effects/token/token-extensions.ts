// Owns reading the extensions of Token-2022 mints and accounts, and how large a token account becomes by them.
import { EXTENSION_TYPES } from '../../transaction/programs/token/token-2022-extensions.ts';

/** Where the byte stands that says whether an account with extensions is a mint or a token account. */
const KIND_OFFSET = 165;
const TLV_OFFSET = 166;
const TYPE_AND_LENGTH = 4;
const MULTISIG_SIZE = 355;
const KINDS = { mint: 1, account: 2 } as const;

export type ExtendedKind = keyof typeof KINDS;

export type ExtensionName = Exclude<(typeof EXTENSION_TYPES)[number], 'uninitialized'>;

interface ExtensionLayout {
  readonly kind: ExtendedKind;
  /** Bytes of its value; `null`: as many as it takes. */
  readonly size: number | null;
  /** What every new token account of a mint with this extension gets. */
  readonly requires?: readonly ExtensionName[];
}

const EXTENSIONS: Readonly<Record<ExtensionName, ExtensionLayout>> = {
  transfer_fee_config: { kind: 'mint', size: 108, requires: ['transfer_fee_amount'] },
  transfer_fee_amount: { kind: 'account', size: 8 },
  mint_close_authority: { kind: 'mint', size: 32 },
  confidential_transfer_mint: { kind: 'mint', size: 65 },
  confidential_transfer_account: { kind: 'account', size: 295 },
  default_account_state: { kind: 'mint', size: 1 },
  immutable_owner: { kind: 'account', size: 0 },
  memo_transfer: { kind: 'account', size: 1 },
  non_transferable: { kind: 'mint', size: 0, requires: ['non_transferable_account', 'immutable_owner'] },
  interest_bearing_config: { kind: 'mint', size: 52 },
  cpi_guard: { kind: 'account', size: 1 },
  permanent_delegate: { kind: 'mint', size: 32 },
  non_transferable_account: { kind: 'account', size: 0 },
  transfer_hook: { kind: 'mint', size: 64, requires: ['transfer_hook_account'] },
  transfer_hook_account: { kind: 'account', size: 1 },
  confidential_transfer_fee: { kind: 'mint', size: 129 },
  confidential_transfer_fee_amount: { kind: 'account', size: 64 },
  metadata_pointer: { kind: 'mint', size: 64 },
  token_metadata: { kind: 'mint', size: null },
  group_pointer: { kind: 'mint', size: 64 },
  token_group: { kind: 'mint', size: 80 },
  group_member_pointer: { kind: 'mint', size: 64 },
  token_group_member: { kind: 'mint', size: 72 },
  confidential_mint_burn: { kind: 'mint', size: 196 },
  scaled_ui_amount_config: { kind: 'mint', size: 56 },
  pausable_config: { kind: 'mint', size: 33, requires: ['pausable_account'] },
  pausable_account: { kind: 'account', size: 0 },
  permissioned_burn: { kind: 'mint', size: 32 },
};

/** The values of the extensions, by name. */
export type Extensions = ReadonlyMap<ExtensionName, Uint8Array>;

export const NO_EXTENSIONS: Extensions = new Map();

/**
 * `null` where anything is not as the program writes it: an extension that is not known or stands twice, one of the other kind, a
 * length that is not its own, or data behind the end. `baseSize`: bytes of the kind without extensions.
 */
export function readExtensions(data: Uint8Array, kind: ExtendedKind, baseSize: number): Extensions | null {
  if (data.length === baseSize) return NO_EXTENSIONS;
  if (data.length < TLV_OFFSET || data.length === MULTISIG_SIZE || data[KIND_OFFSET] !== KINDS[kind]) return null;
  if (!isZero(data.subarray(baseSize, KIND_OFFSET))) return null;
  const found = new Map<ExtensionName, Uint8Array>();
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = TLV_OFFSET;
  while (at + 2 <= data.length && view.getUint16(at, true) !== 0) {
    const name = EXTENSION_TYPES[view.getUint16(at, true)];
    if (!isExtensionName(name) || found.has(name) || at + TYPE_AND_LENGTH > data.length) return null;
    const { size, kind: itsKind } = EXTENSIONS[name];
    const length = view.getUint16(at + 2, true);
    const end = at + TYPE_AND_LENGTH + length;
    if (itsKind !== kind || (size !== null && length !== size) || end > data.length) return null;
    found.set(name, data.subarray(at + TYPE_AND_LENGTH, end));
    at = end;
  }
  // What follows the last one is padding: the program writes nothing there.
  return isZero(data.subarray(at)) ? found : null;
}

/** What the program gives a new token account of a mint, and what the Associated Token Account program asks for besides. */
export function requiredExtensions(
  mint: readonly ExtensionName[],
  besides: readonly ExtensionName[] = [],
): readonly ExtensionName[] {
  const required = mint.flatMap((name) => EXTENSIONS[name].requires ?? []);
  return [...new Set([...besides, ...required])];
}

/** Bytes of a token account with these extensions. No set of them is as large as a multisig, which the program avoids by padding. */
export function extendedAccountSize(extensions: readonly ExtensionName[], baseSize: number): number {
  const names = new Set(extensions);
  if (names.size === 0) return baseSize;
  let size = TLV_OFFSET;
  for (const name of names) size += TYPE_AND_LENGTH + (EXTENSIONS[name].size ?? 0);
  return size;
}

/** Bytes that a token account grows by at most when it gets these extensions, whatever it has already. */
export function extensionGrowth(extensions: readonly ExtensionName[]): number {
  return extendedAccountSize(extensions, KIND_OFFSET) - KIND_OFFSET;
}

export function isExtensionName(name: unknown): name is ExtensionName {
  return typeof name === 'string' && Object.hasOwn(EXTENSIONS, name);
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
