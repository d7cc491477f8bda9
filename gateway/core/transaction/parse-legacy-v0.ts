// Owns legacy and v0 wire transactions: a vector of signatures, then the message to the end of the bytes.
import type { AddressTableLookup, CompiledTransaction } from './compiled-transaction.ts';
import {
  type Cursor,
  readAddress,
  readHash,
  readIndexes,
  readShortLength,
  readU8,
  refuse,
  requireBytes,
} from './cursor.ts';
import { readHeader, readStaticAccounts, withinAccountLimit } from './header.ts';
import { checkIndexes, readInstructions } from './instructions.ts';
import { readSignatures, refuseTrailing } from './signatures.ts';

/** Bytes of a legacy or v0 transaction at most (PACKET_DATA_SIZE). */
const MAX_SIZE = 1232;

/** The first wire byte was seen to be below 0x80. `null` with the cursor's error set when refused. */
export function parseLegacyOrV0(cursor: Cursor): CompiledTransaction | null {
  const wire = cursor.bytes;
  if (wire.length > MAX_SIZE) {
    const expected = `at most ${MAX_SIZE} bytes for a legacy or v0 transaction`;
    refuse(cursor, { code: 'TOO_LARGE', field: 'transaction', expected, found: `${wire.length} bytes` });
  }
  const signatureCount = readU8(cursor, 'signatures');
  const signatures = readSignatures(cursor, signatureCount);
  const messageOffset = cursor.offset;
  const version = readVersion(cursor);
  const header = readHeader(cursor);
  checkSignatureCount(cursor, signatureCount, header.requiredSignatures);
  const staticCount = readShortLength(cursor, 'message.staticAccounts');
  const staticAccounts = readStaticAccounts(cursor, staticCount, header);
  const lifetimeToken = readHash(cursor, 'message.lifetimeToken');
  if (cursor.error !== null) return null;
  const messageBytes = wire.slice(messageOffset);
  const instructions = readInstructions(cursor, messageBytes, messageOffset);
  const lookups = version === 0 ? readLookups(cursor, staticCount) : [];
  refuseTrailing(cursor, 'message');
  checkIndexes(cursor, instructions, staticCount, staticCount + loadedCount(lookups));
  if (cursor.error !== null) return null;
  return {
    version,
    size: wire.length,
    messageBytes,
    signatures,
    header,
    staticAccounts,
    lifetimeToken,
    instructions: instructions.map(({ programIndex, accountIndexes, data }) => ({
      programIndex,
      accountIndexes,
      data,
    })),
    lookups,
    config: null,
  };
}

/** Leaves the cursor at the header: a legacy message has no version byte. */
function readVersion(cursor: Cursor): 'legacy' | 0 {
  const field = 'message.version';
  if (!requireBytes(cursor, 1, field)) return 'legacy';
  const prefix = cursor.bytes[cursor.offset] ?? 0;
  if (prefix < 0x80) return 'legacy';
  if (prefix === 0x81) {
    const expected = 'a v1 message at the start of the bytes, its signatures behind it';
    refuse(cursor, { code: 'VERSION_MISPLACED', field, expected, found: 'a v1 message behind signatures' });
  } else if (prefix !== 0x80) {
    const found = `version ${prefix & 0x7f}`;
    refuse(cursor, { code: 'UNSUPPORTED_VERSION', field, expected: 'legacy, version 0 or version 1', found });
  }
  cursor.offset += 1;
  return 0;
}

function checkSignatureCount(cursor: Cursor, signatures: number, required: number): void {
  if (cursor.error !== null || signatures === required) return;
  const expected = `${required} signatures, as the header requires`;
  refuse(cursor, {
    code: 'SIGNATURE_COUNT_MISMATCH',
    field: 'signatures',
    expected,
    found: `${signatures}`,
    offset: 0,
  });
}

function readLookups(cursor: Cursor, staticCount: number): readonly AddressTableLookup[] {
  const field = 'message.addressTableLookups';
  const count = readShortLength(cursor, field);
  const lookups: AddressTableLookup[] = [];
  let accounts = staticCount;
  for (let i = 0; i < count && cursor.error === null; i++) {
    cursor.element = i;
    const start = cursor.offset;
    const table = readAddress(cursor, `${field}[].table`);
    const writableIndexes = readIndexList(cursor, `${field}[].writableIndexes`);
    const readonlyIndexes = readIndexList(cursor, `${field}[].readonlyIndexes`);
    if (table === null || cursor.error !== null) break;
    const loaded = writableIndexes.length + readonlyIndexes.length;
    if (loaded === 0) {
      const problem = { code: 'EMPTY_LOOKUP', field: `${field}[]`, offset: start };
      refuse(cursor, { ...problem, expected: 'at least one index in each lookup', found: 'none' });
    }
    accounts += loaded;
    if (!withinAccountLimit(cursor, accounts, `${field}[]`)) break;
    lookups.push({ table, writableIndexes, readonlyIndexes });
  }
  return lookups;
}

function readIndexList(cursor: Cursor, field: string): readonly number[] {
  return readIndexes(cursor, readShortLength(cursor, field), field);
}

function loadedCount(lookups: readonly AddressTableLookup[]): number {
  let count = 0;
  for (const lookup of lookups) count += lookup.writableIndexes.length + lookup.readonlyIndexes.length;
  return count;
}
