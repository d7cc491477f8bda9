// Owns strict reading of RPC results; what does not have the documented shape is an UnexpectedAnswer.
import type { Address } from '@solana/kit';
import { decodeBase58OfLength } from '../base58.ts';
import type { ChainAccount, Commitment, SignatureStatus } from '../chain-reader.ts';
import { isRecord, stringifyExactJson, toU64 } from '../json-exact.ts';

/** Says which member is wrong, never its value: an answer is foreign text. */
export class UnexpectedAnswer extends Error {
  constructor(member: string, expected: string) {
    super(`${member} is not ${expected}`);
    this.name = 'UnexpectedAnswer';
  }
}

export function readU64(value: unknown, member: string): bigint {
  const exact = toU64(value);
  if (exact === undefined) throw new UnexpectedAnswer(member, 'an unsigned 64-bit integer');
  return exact;
}

export function readBoolean(value: unknown, member: string): boolean {
  if (typeof value !== 'boolean') throw new UnexpectedAnswer(member, 'a boolean');
  return value;
}

/** A list of at most `most` items. */
export function readListUpTo(value: unknown, member: string, most: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > most) throw new UnexpectedAnswer(member, `a list of at most ${most}`);
  return value;
}

/** A list of exactly `length` items. */
export function readList(value: unknown, member: string, length: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== length) throw new UnexpectedAnswer(member, `a list of ${length}`);
  return value;
}

export function readObject(value: unknown, member: string): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new UnexpectedAnswer(member, 'an object');
  return value;
}

/** Base58 text of 32 bytes: an address, a blockhash, a genesis hash. */
export function readBase58Hash(value: unknown, member: string): Address {
  const found = typeof value === 'string' ? toAddress(value) : undefined;
  if (found === undefined) throw new UnexpectedAnswer(member, 'base58 of 32 bytes');
  return found;
}

/** `{context: {slot}, value}`. */
export function readContext(result: unknown): { readonly slot: bigint; readonly value: unknown } {
  const { context, value } = readObject(result, 'result');
  if (value === undefined) throw new UnexpectedAnswer('result.value', 'there');
  return { slot: readU64(readObject(context, 'result.context').slot, 'result.context.slot'), value };
}

/** An account in base64; `null` for none. `maxBytes`: of its data, as many as were asked for; default all. */
export function readAccount(value: unknown, member: string, maxBytes: number | null = null): ChainAccount | null {
  if (value === null) return null;
  const account = readObject(value, member);
  const data = readBase64Data(account.data, `${member}.data`);
  readBoolean(account.executable, `${member}.executable`);
  if (maxBytes !== null && data.length > maxBytes) {
    throw new UnexpectedAnswer(`${member}.data`, `the first ${maxBytes} bytes of it`);
  }
  const isWhole = maxBytes === null || data.length < maxBytes;
  const space = account.space === undefined ? BigInt(data.length) : readU64(account.space, `${member}.space`);
  if (isWhole ? space !== BigInt(data.length) : space < BigInt(data.length)) {
    throw new UnexpectedAnswer(`${member}.data`, 'as long as its space says');
  }
  return {
    owner: readBase58Hash(account.owner, `${member}.owner`),
    lamports: readU64(account.lamports, `${member}.lamports`),
    data,
  };
}

/** A signature status; `null` for a signature that is not known. */
export function readStatus(value: unknown, member: string): SignatureStatus | null {
  if (value === null) return null;
  const { slot, err, confirmationStatus } = readObject(value, member);
  if (err === undefined) throw new UnexpectedAnswer(`${member}.err`, 'there');
  return {
    slot: readU64(slot, `${member}.slot`),
    commitment: readCommitment(confirmationStatus, `${member}.confirmationStatus`),
    error: err === null ? null : readRuntimeError(err, `${member}.err`),
  };
}

/** Of the runtime's own errors the longest have some fifty. */
const MAX_ERROR_CHARACTERS = 1_000;

/** What the runtime says went wrong, as compact JSON text. */
export function readRuntimeError(err: unknown, member: string): string {
  const error = readExactText(err, member);
  if (error.length > MAX_ERROR_CHARACTERS) {
    throw new UnexpectedAnswer(member, `an error of at most ${MAX_ERROR_CHARACTERS} characters`);
  }
  return error;
}

/** Any value, as compact JSON text. */
export function readExactText(value: unknown, member: string): string {
  try {
    return stringifyExactJson(value);
  } catch (error) {
    // What was parsed from text has no circle: it is nested deeper than the stack.
    if (error instanceof RangeError) throw new UnexpectedAnswer(member, 'nested so that it can be read');
    throw error;
  }
}

function readCommitment(value: unknown, member: string): Commitment {
  if (value === 'processed' || value === 'confirmed' || value === 'finalized') return value;
  throw new UnexpectedAnswer(member, 'processed, confirmed or finalized');
}

function readBase64Data(value: unknown, member: string): Uint8Array {
  const [text, encoding] = readList(value, member, 2);
  if (typeof text !== 'string' || encoding !== 'base64') throw new UnexpectedAnswer(member, '[text, "base64"]');
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new UnexpectedAnswer(member, 'canonical base64');
  return Uint8Array.from(bytes);
}

/** The one place here that makes an Address. kit's own check costs four times as much, for every account read. */
function toAddress(text: string): Address | undefined {
  return decodeBase58OfLength(text, 32) === undefined ? undefined : (text as Address);
}
