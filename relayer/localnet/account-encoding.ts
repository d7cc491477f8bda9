// Owns how an account is written in JSON: the encodings and data slices of the cluster's RPC.
import { zstdCompressSync } from 'node:zlib';
import { encodeBase58 } from '../base58.ts';
import { isRecord } from '../json-exact.ts';
import { type Config, oneOf, u64At } from './params.ts';
import { invalidParams, RpcError } from './rpc-error.ts';

/** `binary` is the old default: a bare base58 string. `jsonParsed` falls back to base64, as for an unknown program. */
const ENCODINGS = ['binary', 'base58', 'base64', 'base64+zstd', 'jsonParsed'] as const;
const MAX_BASE58_BYTES = 128;

/** What LiteSVM and a simulation know of an account. */
export interface StoredAccount {
  lamports(): bigint;
  data(): Uint8Array;
  owner(): Uint8Array;
  executable(): boolean;
  rentEpoch(): bigint;
}

/** The JSON of an account; null when there is none. An account without lamports does not exist. */
export function accountJson(account: StoredAccount | null, config: Config): unknown {
  const encoding = oneOf(config, 'encoding', ENCODINGS, 'binary');
  const slice = sliceOf(config);
  if (account === null || account.lamports() === 0n) return null;
  const data = account.data();
  return {
    data: encodeData(slice === null ? data : data.subarray(slice.offset, slice.offset + slice.length), encoding),
    executable: account.executable(),
    lamports: account.lamports(),
    owner: encodeBase58(account.owner()),
    rentEpoch: account.rentEpoch(),
    space: data.length,
  };
}

function encodeData(data: Uint8Array, encoding: (typeof ENCODINGS)[number]): unknown {
  switch (encoding) {
    case 'binary':
      return base58Data(data);
    case 'base58':
      return [base58Data(data), 'base58'];
    case 'base64':
    case 'jsonParsed':
      return [Buffer.from(data).toString('base64'), 'base64'];
    case 'base64+zstd':
      return [zstdCompressSync(data).toString('base64'), 'base64+zstd'];
  }
}

function base58Data(data: Uint8Array): string {
  if (data.length > MAX_BASE58_BYTES) {
    throw new RpcError(
      'INVALID_REQUEST',
      'Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding.',
    );
  }
  return encodeBase58(data);
}

function sliceOf(config: Config): { readonly offset: number; readonly length: number } | null {
  const slice = config.dataSlice ?? null;
  if (slice === null) return null;
  if (!isRecord(slice)) throw invalidParams('dataSlice must be an object');
  const offset = Number(u64At(slice.offset, 'dataSlice.offset'));
  return { offset, length: Number(u64At(slice.length, 'dataSlice.length')) };
}
