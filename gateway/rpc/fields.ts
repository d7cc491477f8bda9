// Owns the checks of single request fields: each says which field is wrong, what was found and what would be right.
import { decodeBase58 } from '../core/base58.ts';
import { GatewayError } from '../core/errors.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const MAX_SHOWN_CHARACTERS = 48;

/** Throws INVALID_FIELD: `field` in the caller's own naming, `expected` completes "must be …". */
export function refuseField(field: string, expected: string, found: string): never {
  throw new GatewayError('INVALID_FIELD', `${field} must be ${expected}; found ${found}`, {
    metadata: { field, expected, found },
  });
}

/** The canonical lower-case form. */
export function uuidField(field: string, value: string): string {
  if (!UUID.test(value)) refuseField(field, 'a UUID such as 0b9c2f66-52f4-4c8a-9d0f-3e6b8a1c7d24', shown(value));
  return value.toLowerCase();
}

/** A public key of 32 bytes in base58. */
export function addressField(field: string, value: string): string {
  if (value.length > 44 || decodeBase58(value)?.length !== 32) {
    refuseField(field, 'a public key of 32 bytes in base58', shown(value));
  }
  return value;
}

// Sequences are bigint in Postgres, which is signed.
const MAX_SEQUENCE = 2n ** 63n - 1n;

/** Of the audit chain. */
export function sequenceField(field: string, value: bigint): bigint {
  if (value > MAX_SEQUENCE) refuseField(field, `at most ${MAX_SEQUENCE}`, String(value));
  return value;
}

/** A signature of 64 bytes in base58. */
export function signatureField(field: string, value: string): string {
  if (value.length > 88 || decodeBase58(value)?.length !== 64) {
    refuseField(field, 'a signature of 64 bytes in base58', shown(value));
  }
  return value;
}

/** A text without control characters (line feeds and tabs aside), bounded in UTF-8 bytes. */
export function textField(field: string, value: string, maxBytes: number): string {
  const bytes = Buffer.byteLength(value);
  if (bytes > maxBytes) refuseField(field, `at most ${maxBytes} bytes of UTF-8`, `${bytes} bytes`);
  if (/[^\P{Cc}\n\t]/u.test(value)) refuseField(field, 'text without control characters', shown(value));
  return value;
}

export function bytesField(field: string, value: Uint8Array, length: number, what: string): Uint8Array {
  if (value.length !== length) refuseField(field, `${length} bytes, ${what}`, `${value.length} bytes`);
  return value;
}

/** 0: the usual number. */
export function countField(field: string, value: number, usual: number, most: number): number {
  if (value > most) refuseField(field, `at most ${most}`, String(value));
  return value === 0 ? usual : value;
}

/** A found value as it may stand in a message: quoted, cut, control characters escaped. */
export function shown(value: string): string {
  if (value === '') return 'nothing';
  const cut = value.length > MAX_SHOWN_CHARACTERS ? `${value.slice(0, MAX_SHOWN_CHARACTERS)}…` : value;
  return JSON.stringify(cut.toWellFormed());
}
