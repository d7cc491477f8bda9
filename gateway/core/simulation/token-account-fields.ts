// Owns reading every field of a token account that the simulation may have changed, of both token programs.
import type { Address } from '../address.ts';
import { addressAt } from '../base58.ts';
import type { AccountState } from '../effects/chain-facts.ts';
import { TOKEN_ACCOUNT_SIZE } from '../effects/token/token-state.ts';
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '../transaction/programs/program-ids.ts';

const MULTISIG_SIZE = 355;
/** Behind the base of a Token-2022 account with extensions: says that it is an account and no mint. */
const ACCOUNT_TYPE = 2;

export interface TokenAccountFields {
  readonly mint: Address;
  readonly owner: Address;
  readonly amount: bigint;
  readonly delegate: Address | null;
  readonly delegatedAmount: bigint;
  readonly isFrozen: boolean;
  readonly isNative: boolean;
  readonly closeAuthority: Address | null;
}

/** `null` when it is no initialized token account. */
export function readTokenAccountFields(state: AccountState): TokenAccountFields | null {
  const { owner, data } = state;
  if (owner !== TOKEN_PROGRAM && owner !== TOKEN_2022_PROGRAM) return null;
  if (data.length < TOKEN_ACCOUNT_SIZE || data.length === MULTISIG_SIZE) return null;
  if (data.length > TOKEN_ACCOUNT_SIZE && (owner === TOKEN_PROGRAM || data[TOKEN_ACCOUNT_SIZE] !== ACCOUNT_TYPE))
    return null;
  if (data[108] !== 1 && data[108] !== 2) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const optionalAddress = (tag: number): Address | null =>
    view.getUint32(tag, true) === 1 ? addressAt(data, tag + 4) : null;
  return {
    mint: addressAt(data, 0),
    owner: addressAt(data, 32),
    amount: view.getBigUint64(64, true),
    delegate: optionalAddress(72),
    isFrozen: data[108] === 2,
    isNative: view.getUint32(109, true) === 1,
    delegatedAmount: view.getBigUint64(121, true),
    closeAuthority: optionalAddress(129),
  };
}

/** Members of a multisig of a token program: 1 byte m, n, initialized, then eleven places of which n are used. */
export function readMultisigMembers(state: AccountState): readonly Address[] {
  const { owner, data } = state;
  const isMultisig = (owner === TOKEN_PROGRAM || owner === TOKEN_2022_PROGRAM) && data.length === MULTISIG_SIZE;
  if (!isMultisig || data[2] !== 1) return [];
  return Array.from({ length: Math.min(data[1] ?? 0, 11) }, (_, i) => addressAt(data, 3 + 32 * i));
}
