// Owns parsing of JSON-RPC parameters; whatever does not fit is an invalid-params error that names the parameter.

import { decodeBase58, decodeBase58OfLength } from '../base58.ts';
import type { Commitment } from '../chain-reader.ts';
import { isRecord, toU64 } from '../json-exact.ts';
import type { Chain } from './chain.ts';
import { toCommitment } from './commitment.ts';
import { invalidParams, RpcError } from './rpc-error.ts';
import { MalformedWire } from './wire-cursor.ts';

export type Params = readonly unknown[];
export type Config = Readonly<Record<string, unknown>>;

/** The configuration object at `index`; left out or null is an empty one. */
export function configAt(params: Params, index: number): Config {
  const value = params[index];
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw invalidParams(`parameter ${index} must be an object`);
  return value;
}

/** The 32 bytes of a base58 address. */
export function addressAt(value: unknown, what: string): Uint8Array {
  const bytes = typeof value === 'string' ? decodeBase58OfLength(value, 32) : undefined;
  if (bytes === undefined) throw invalidParams(`${what} must be a base58 address of 32 bytes`);
  return bytes;
}

/** A base58 signature, as text. */
export function signatureAt(value: unknown, what: string): string {
  if (typeof value !== 'string' || decodeBase58OfLength(value, 64) === undefined) {
    throw invalidParams(`${what} must be a base58 signature of 64 bytes`);
  }
  return value;
}

export function u64At(value: unknown, what: string): bigint {
  const exact = toU64(value);
  if (exact === undefined) throw invalidParams(`${what} must be an unsigned 64-bit integer`);
  return exact;
}

export function listAt(value: unknown, what: string, limit: number): readonly unknown[] {
  if (!Array.isArray(value)) throw invalidParams(`${what} must be an array`);
  if (value.length > limit) throw invalidParams(`Too many inputs provided; max ${limit}`);
  return value;
}

/** A boolean member; left out or null is false. */
export function flagOf(config: Config, name: string): boolean {
  const value = config[name] ?? false;
  if (typeof value !== 'boolean') throw invalidParams(`${name} must be a boolean`);
  return value;
}

/** A member that is one of `allowed`; left out or null is the fallback. */
export function oneOf<T extends string>(config: Config, name: string, allowed: readonly T[], fallback: T): T {
  const value = config[name] ?? fallback;
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw invalidParams(`${name} must be one of ${allowed.join(', ')}`);
  return found;
}

/** The commitment of a configuration, finalized when left out. Also checks its minContextSlot. */
export function commitmentOfConfig(chain: Chain, config: Config, name = 'commitment'): Commitment {
  const commitment = toCommitment(config[name] ?? 'finalized');
  if (commitment === undefined) throw invalidParams(`${name} must be processed, confirmed or finalized`);
  const minimum = config.minContextSlot ?? null;
  const contextSlot = chain.clock.slot('processed');
  if (minimum !== null && u64At(minimum, 'minContextSlot') > contextSlot) {
    throw new RpcError('MIN_CONTEXT_SLOT_NOT_REACHED', 'Minimum context slot has not been reached', { contextSlot });
  }
  return commitment;
}

/** Bytes written in base64 or, when the configuration does not say, base58. */
export function encodedBytesAt(value: unknown, config: Config, what: string): Uint8Array {
  const encoding = oneOf(config, 'encoding', ['base58', 'base64'], 'base58');
  if (typeof value !== 'string') throw invalidParams(`${what} must be a string`);
  return encoding === 'base64' ? base64Bytes(value, what) : base58Bytes(value, what);
}

/** Strict base64: padded, no other characters. */
export function base64Bytes(text: string, what: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw invalidParams(`${what} is not valid base64`);
  return bytes;
}

/** Runs a strict parse; what it refuses is invalid params. */
export function parseOrRefuse<T>(parse: (bytes: Uint8Array) => T, bytes: Uint8Array): T {
  try {
    return parse(bytes);
  } catch (error) {
    if (error instanceof MalformedWire) throw invalidParams(`failed to deserialize transaction: ${error.message}`);
    throw error;
  }
}

function base58Bytes(text: string, what: string): Uint8Array {
  const longest = 5_600;
  const bytes = text.length > longest ? undefined : decodeBase58(text);
  if (bytes === undefined) throw invalidParams(`${what} is not valid base58 of at most ${longest} characters`);
  return bytes;
}
