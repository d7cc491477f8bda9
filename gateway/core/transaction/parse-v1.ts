// Owns v1 wire transactions (SIMD-0385): the message first, its resource requests inside it, the signatures last.
import type { CompiledTransaction, MessageConfig } from './compiled-transaction.ts';
import { type Cursor, readHash, readU8, readU32, readU64, refuse } from './cursor.ts';
import { readHeader, readStaticAccounts } from './header.ts';
import { checkIndexes, readV1Instructions } from './instructions.ts';
import { readSignatures, refuseTrailing, SIGNATURE_BYTES } from './signatures.ts';

/** Bytes of a v1 transaction at most. */
export const MAX_V1_SIZE = 4096;
const MAX_SIGNATURES = 12;

const PRIORITY_FEE_BITS = 0b11;
const COMPUTE_UNIT_LIMIT_BIT = 0b100;
const LOADED_ACCOUNTS_BIT = 0b1000;
const HEAP_SIZE_BIT = 0b1_0000;
const KNOWN_BITS = 0b1_1111;
const MIN_HEAP = 32 * 1024;
const MAX_HEAP = 256 * 1024;

/** The first wire byte was seen to be 0x81. `null` with the cursor's error set when refused. */
export function parseV1(cursor: Cursor): CompiledTransaction | null {
  const wire = cursor.bytes;
  cursor.offset = 1;
  const header = readHeader(cursor);
  checkSignatureLimit(cursor, header.requiredSignatures);
  const maskOffset = cursor.offset;
  const mask = readU32(cursor, 'message.config.mask');
  checkMask(cursor, mask, maskOffset);
  const lifetimeToken = readHash(cursor, 'message.lifetimeToken');
  const instructionCount = readU8(cursor, 'message.instructions');
  const staticCount = readU8(cursor, 'message.staticAccounts');
  if (cursor.error !== null) return null;
  // The signatures stand at the end: the message must end exactly where they begin.
  const messageEnd = Math.max(cursor.offset, wire.length - header.requiredSignatures * SIGNATURE_BYTES);
  cursor.end = messageEnd;
  const staticAccounts = readStaticAccounts(cursor, staticCount, header);
  const config = readConfig(cursor, mask);
  const messageBytes = wire.slice(0, messageEnd);
  const instructions = readV1Instructions(cursor, instructionCount, messageBytes);
  refuseTrailing(cursor, 'message');
  checkIndexes(cursor, instructions, staticCount, staticCount);
  cursor.end = wire.length;
  const signatures = readSignatures(cursor, header.requiredSignatures);
  refuseTrailing(cursor, 'signatures');
  if (cursor.error !== null) return null;
  return {
    version: 1,
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
    lookups: [],
    config,
  };
}

function checkSignatureLimit(cursor: Cursor, count: number): void {
  if (cursor.error !== null || count <= MAX_SIGNATURES) return;
  const field = 'message.header.requiredSignatures';
  const expected = `at most ${MAX_SIGNATURES} signers in a v1 message`;
  refuse(cursor, { code: 'TOO_MANY_SIGNERS', field, expected, found: `${count}`, offset: 1 });
}

function checkMask(cursor: Cursor, mask: number, offset: number): void {
  const field = 'message.config.mask';
  const found = `0x${mask.toString(16)}`;
  // `>>> 0` because the upper bit makes a 32-bit result negative.
  if ((mask & ~KNOWN_BITS) >>> 0 !== 0) {
    const expected = 'no bits but 0 to 4';
    refuse(cursor, { code: 'CONFIG_BITS_UNKNOWN', field, expected, found, offset });
  }
  const feeBits = mask & PRIORITY_FEE_BITS;
  if (feeBits !== 0 && feeBits !== PRIORITY_FEE_BITS) {
    const expected = 'bits 0 and 1 (the priority fee) both set or both clear';
    refuse(cursor, { code: 'CONFIG_FEE_BITS_SPLIT', field, expected, found, offset });
  }
}

/** The values stand in the order of their bits. */
function readConfig(cursor: Cursor, mask: number): MessageConfig {
  const fee = (mask & PRIORITY_FEE_BITS) !== 0 ? readU64(cursor, 'message.config.priorityFeeLamports') : null;
  const units = (mask & COMPUTE_UNIT_LIMIT_BIT) !== 0 ? readU32(cursor, 'message.config.computeUnitLimit') : null;
  const loaded =
    (mask & LOADED_ACCOUNTS_BIT) !== 0 ? readU32(cursor, 'message.config.loadedAccountsDataSizeLimit') : null;
  const heap = (mask & HEAP_SIZE_BIT) !== 0 ? readU32(cursor, 'message.config.heapSize') : null;
  if (heap !== null && cursor.error === null && (heap < MIN_HEAP || heap > MAX_HEAP || heap % 1024 !== 0)) {
    refuse(cursor, {
      code: 'HEAP_SIZE_INVALID',
      field: 'message.config.heapSize',
      expected: `a multiple of 1024 from ${MIN_HEAP} to ${MAX_HEAP}`,
      found: `${heap}`,
      offset: cursor.offset - 4,
    });
  }
  return {
    priorityFeeLamports: fee,
    computeUnitLimit: units,
    loadedAccountsDataSizeLimit: loaded,
    heapSize: heap,
  };
}
