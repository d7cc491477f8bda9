// Owns Solana's off-chain message format, version 0 (agave docs, proposals/off-chain-message-signing): who signs what for which
// application, in bytes that no runtime takes for a transaction.
import type { Address } from '../address.ts';
import type { Parsed } from '../transaction/compiled-transaction.ts';
import { type Cursor, openCursor, readAddress, readHash, readU8, readU16, refuse } from '../transaction/cursor.ts';
import { isUtf8 } from './plain-text.ts';

export interface OffchainMessage {
  /** Base58 of 32 bytes; any bytes may stand there. */
  readonly applicationDomain: string;
  /** In their order, each once. */
  readonly signers: readonly Address[];
  /** Never empty; UTF-8, and of format 0 printable ASCII. */
  readonly body: Uint8Array;
}

/** `\xffsolana offchain`: its first byte is that of no transaction. */
export const SIGNING_DOMAIN: Uint8Array = Uint8Array.of(0xff, ...new TextEncoder().encode('solana offchain'));

/** Of preamble and body together, by the number of the format. */
const MAX_SIZES: readonly number[] = [1232, 1232, 65_535];
const RESTRICTED_ASCII = 0;

/** Whether the bytes begin as every off-chain message does, of whatever version. */
export function hasSigningDomain(bytes: Uint8Array): boolean {
  return bytes.length >= SIGNING_DOMAIN.length && SIGNING_DOMAIN.every((byte, i) => bytes[i] === byte);
}

/** Reads bytes that have the signing domain. Never throws. Offsets in errors count from the first byte of the domain. */
export function parseOffchainMessage(bytes: Uint8Array): Parsed<OffchainMessage> {
  const cursor = openCursor(bytes);
  cursor.offset = SIGNING_DOMAIN.length;
  readVersion(cursor);
  const applicationDomain = readHash(cursor, 'message.application_domain');
  const format = readFormat(cursor);
  const signers = readSigners(cursor);
  const body = readBody(cursor, format);
  const { error } = cursor;
  if (error !== null) return { kind: 'malformed', error };
  return { kind: 'parsed', value: { applicationDomain, signers, body } };
}

function readVersion(cursor: Cursor): void {
  const version = readU8(cursor, 'message.version');
  if (version === 0) return;
  const problem = { code: 'UNSUPPORTED_VERSION', field: 'message.version', offset: cursor.offset - 1 };
  refuse(cursor, { ...problem, expected: 'version 0 of the off-chain message format', found: `version ${version}` });
}

function readFormat(cursor: Cursor): number {
  const format = readU8(cursor, 'message.format');
  if (format < MAX_SIZES.length) return format;
  const expected = 'format 0 (printable ASCII), 1 or 2 (UTF-8)';
  const problem = { code: 'UNKNOWN_FORMAT', field: 'message.format', offset: cursor.offset - 1 };
  refuse(cursor, { ...problem, expected, found: `format ${format}` });
  return format;
}

function readSigners(cursor: Cursor): readonly Address[] {
  const field = 'message.signers';
  const count = readU8(cursor, field);
  if (count === 0) refuse(cursor, { code: 'NO_SIGNERS', field, expected: 'at least one signer', found: 'none' });
  const signers: Address[] = [];
  for (let i = 0; i < count; i++) {
    cursor.element = i;
    const signer = readAddress(cursor, `${field}[]`);
    if (signer === null) return signers;
    if (signers.includes(signer)) {
      const problem = { code: 'DUPLICATE_SIGNER', field: `${field}[]`, offset: cursor.offset - 32 };
      refuse(cursor, { ...problem, expected: 'every signer once', found: `${signer} again` });
    }
    signers.push(signer);
  }
  return signers;
}

function readBody(cursor: Cursor, format: number): Uint8Array {
  const field = 'message.body';
  const length = readU16(cursor, 'message.length');
  const body = cursor.bytes.slice(cursor.offset);
  if (length === 0) refuse(cursor, { code: 'EMPTY', field, expected: 'at least one byte', found: 'none' });
  if (length !== body.length) {
    const expected = `${length} bytes, as its length says`;
    refuse(cursor, { code: 'LENGTH_MISMATCH', field, expected, found: `${body.length} bytes` });
  }
  const max = MAX_SIZES[format] ?? 0;
  if (cursor.bytes.length > max) {
    const expected = `at most ${max} bytes with its preamble in format ${format}`;
    refuse(cursor, { code: 'TOO_LARGE', field: 'message', expected, found: `${cursor.bytes.length} bytes`, offset: 0 });
  }
  if (format === RESTRICTED_ASCII) refuseUnprintable(cursor, body);
  else if (!isUtf8(body)) {
    refuse(cursor, { code: 'NOT_UTF8', field, expected: 'UTF-8', found: 'other bytes' });
  }
  return body;
}

function refuseUnprintable(cursor: Cursor, body: Uint8Array): void {
  const place = body.findIndex((byte) => byte < 0x20 || byte > 0x7e);
  if (place < 0) return;
  const problem = { code: 'NOT_ASCII', field: 'message.body', offset: cursor.offset + place };
  const found = `0x${(body[place] ?? 0).toString(16).padStart(2, '0')}`;
  refuse(cursor, { ...problem, expected: 'printable ASCII, 0x20 to 0x7e, in format 0', found });
}
