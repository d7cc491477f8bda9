// Owns the step from wire bytes to a compiled transaction: accepts exactly what the runtime accepts, and copies the bytes.
import type { CompiledTransaction, Parsed } from './compiled-transaction.ts';
import { type Cursor, openCursor, refuse } from './cursor.ts';
import { parseLegacyOrV0 } from './parse-legacy-v0.ts';
import { MAX_V1_SIZE, parseV1 } from './parse-v1.ts';

/**
 * Reads a legacy, v0 or v1 wire transaction. The rules are those of the runtime's deserializer and sanitizer
 * (solana-sdk: message, transaction, short-vec; SIMD-0385), and its limits at execution: 64 accounts, 64 instructions.
 * Never throws for any bytes. Signatures are not verified here.
 */
export function parseTransaction(wire: Uint8Array): Parsed<CompiledTransaction> {
  // One copy up front: whoever holds `wire` can change nothing between a check and a use.
  const cursor = openCursor(wire.length <= MAX_V1_SIZE ? new Uint8Array(wire) : wire);
  const value = parseAny(cursor);
  if (value !== null && cursor.error === null) return { kind: 'parsed', value };
  const error = cursor.error;
  if (error === null) throw new Error('a transaction was refused without a reason');
  return { kind: 'malformed', error };
}

function parseAny(cursor: Cursor): CompiledTransaction | null {
  const { length } = cursor.bytes;
  if (length > MAX_V1_SIZE) {
    const expected = `at most ${MAX_V1_SIZE} bytes (1232 for legacy and v0)`;
    refuse(cursor, { code: 'TOO_LARGE', field: 'transaction', expected, found: `${length} bytes` });
    return null;
  }
  const first = cursor.bytes[0];
  if (first === undefined) {
    refuse(cursor, { code: 'EMPTY', field: 'transaction', expected: 'a wire transaction', found: 'no bytes' });
    return null;
  }
  // The runtime peeks at this bit: clear means a one-byte signature count, set means a message with its version.
  if (first < 0x80) return parseLegacyOrV0(cursor);
  if (first === 0x81) return parseV1(cursor);
  refuse(cursor, {
    code: first === 0x80 ? 'VERSION_MISPLACED' : 'UNSUPPORTED_VERSION',
    field: 'transaction',
    expected: 'a signature count below 128, or the version byte 0x81 of a v1 message',
    found: `0x${first.toString(16)}`,
  });
  return null;
}
