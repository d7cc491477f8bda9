// Owns the version 1 message (SIMD-0385): no lookup tables, limits and fee in a config, signatures behind the message.
import type { WireCursor } from './wire-cursor.ts';
import { requireSaneMessage, type V1Config, type WireMessage } from './wire-message.ts';

const MAX_SIGNATURES = 12;
const MAX_INSTRUCTIONS = 64;
const MAX_ADDRESSES = 64;
const FEE_BITS = 0b00011;
const COMPUTE_UNIT_LIMIT_BIT = 0b00100;
const LOADED_DATA_LIMIT_BIT = 0b01000;
const HEAP_SIZE_BIT = 0b10000;
const KNOWN_BITS = 0b11111;

/** Reads the message at the cursor, which is left at the first signature. @throws MalformedWire */
export function parseV1Message(cursor: WireCursor): { message: WireMessage; blockhashOffset: number } {
  if (cursor.u8('version') !== 0x81) cursor.fail('version byte is not 0x81');
  const signers = cursor.u8('signer count');
  const readonlySigned = cursor.u8('readonly signer count');
  const readonlyUnsigned = cursor.u8('readonly unsigned count');
  const mask = cursor.u32('config mask');
  const blockhashOffset = cursor.offset();
  const blockhash = cursor.bytes(32, 'recent blockhash');
  const instructionCount = cursor.u8('instruction count');
  const keyCount = cursor.u8('address count');
  requireCap(cursor, 'signatures', signers, MAX_SIGNATURES);
  requireCap(cursor, 'instructions', instructionCount, MAX_INSTRUCTIONS);
  requireCap(cursor, 'addresses', keyCount, MAX_ADDRESSES);
  const keys = Array.from({ length: keyCount }, () => cursor.bytes(32, 'address'));
  const config = readConfig(cursor, mask);
  const instructions = readInstructions(cursor, instructionCount);
  const header = { version: 1, signers, readonlySigned, readonlyUnsigned } as const;
  const message: WireMessage = { ...header, keys, blockhash, instructions, lookups: [], config };
  requireSaneMessage(cursor, message);
  return { message, blockhashOffset };
}

function readConfig(cursor: WireCursor, mask: number): V1Config {
  const feeBits = mask & FEE_BITS;
  if (mask > KNOWN_BITS) cursor.fail(`config mask ${mask} has unknown bits`);
  if (feeBits !== 0 && feeBits !== FEE_BITS) cursor.fail('config mask has one of the two priority fee bits');
  const priorityFeeLamports = feeBits === 0 ? 0n : cursor.u64('priority fee');
  const computeUnitLimit = (mask & COMPUTE_UNIT_LIMIT_BIT) === 0 ? 0 : cursor.u32('compute unit limit');
  if ((mask & LOADED_DATA_LIMIT_BIT) !== 0) cursor.u32('loaded accounts data size limit');
  if ((mask & HEAP_SIZE_BIT) !== 0) {
    const heap = cursor.u32('heap size');
    if (heap % 1024 !== 0 || heap < 32 * 1024 || heap > 256 * 1024) {
      cursor.fail(`heap size ${heap} is no multiple of 1024 within 32768..262144`);
    }
  }
  return { priorityFeeLamports, computeUnitLimit };
}

function readInstructions(cursor: WireCursor, count: number): WireMessage['instructions'] {
  const headers = Array.from({ length: count }, () => ({
    programIndex: cursor.u8('program index'),
    accounts: cursor.u8('account index count'),
    data: cursor.u16('data length'),
  }));
  return headers.map(({ programIndex, accounts, data }) => ({
    programIndex,
    accounts: cursor.bytes(accounts, 'account indices'),
    data: cursor.bytes(data, 'instruction data'),
  }));
}

function requireCap(cursor: WireCursor, what: string, count: number, cap: number): void {
  if (count > cap) cursor.fail(`${count} ${what} are more than ${cap}`);
}
