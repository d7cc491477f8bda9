// Owns reading accounts of both token programs into named fields, by the published client.
import { getMintDecoder, getMultisigDecoder, getTokenDecoder, type Mint, type Token } from '@solana-program/token-2022';
import type { Address } from '../../../gateway/core/address.ts';
import type { AccountState } from '../../../gateway/core/effects/chain-facts.ts';
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '../../../gateway/core/transaction/programs/program-ids.ts';
import type { AccountFields } from './account-fields.ts';
import { flatten } from './flatten.ts';

const MINT_SIZE = 82;
const ACCOUNT_SIZE = 165;
const MULTISIG_SIZE = 355;
const TLV_START = 166;

export function readToken(state: AccountState | null): Token | null {
  if (state === null || !isTokenProgram(state.owner) || kindOf(state.data) !== 'token_account') return null;
  const token = getTokenDecoder().decode(trimmed(state.data, ACCOUNT_SIZE));
  return token.state === 0 ? null : token;
}

export function readMint(state: AccountState | null): Mint | null {
  if (state === null || !isTokenProgram(state.owner) || kindOf(state.data) !== 'mint') return null;
  const mint = getMintDecoder().decode(trimmed(state.data, MINT_SIZE));
  return mint.isInitialized ? mint : null;
}

export function tokenFields(data: Uint8Array, program: Address): AccountFields {
  const kind = kindOf(data);
  if (kind === null) return { kind: 'unset', fields: new Map([['program', program]]) };
  if (kind === 'multisig') return { kind, fields: flatten(getMultisigDecoder().decode(data)) };
  const { extensions, ...base } =
    kind === 'mint'
      ? getMintDecoder().decode(trimmed(data, MINT_SIZE))
      : getTokenDecoder().decode(trimmed(data, ACCOUNT_SIZE));
  const fields = new Map([['program', program as string], ...flatten(base)]);
  // What is not initialized is nobody's yet, whatever extensions were prepared.
  const initialized = 'state' in base ? base.state !== 0 : base.isInitialized;
  if (!initialized) return { kind: 'unset', fields: new Map([['program', program]]) };
  const list = extensions.__option === 'Some' ? extensions.value : [];
  for (const { __kind, ...extension } of list) {
    fields.set(__kind, 'present');
    for (const [name, value] of flatten(extension, __kind)) fields.set(name, value);
  }
  return { kind, fields };
}

/** Without the room behind the last extension, on which the client fails. */
function trimmed(data: Uint8Array, baseSize: number): Uint8Array {
  if (data.length <= TLV_START) return data;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let end = TLV_START;
  while (end + 4 <= data.length && view.getUint16(end, true) !== 0) end += 4 + view.getUint16(end + 2, true);
  return data.subarray(0, end === TLV_START ? baseSize : end);
}

function kindOf(data: Uint8Array): 'token_account' | 'mint' | 'multisig' | null {
  if (data.length === MULTISIG_SIZE) return 'multisig';
  if (data.length === MINT_SIZE || (data.length > ACCOUNT_SIZE && data[ACCOUNT_SIZE] === 1)) return 'mint';
  return data.length >= ACCOUNT_SIZE ? 'token_account' : null;
}

function isTokenProgram(program: Address): boolean {
  return program === TOKEN_PROGRAM || program === TOKEN_2022_PROGRAM;
}
