// Owns what the local chain accepts as a transaction: a strict parse, because LiteSVM aborts its process on bad bytes.
import { createWireCursor, type WireCursor } from './wire-cursor.ts';
import { requireSaneMessage, type WireInstruction, type WireLookup, type WireMessage } from './wire-message.ts';
import { parseV1Message } from './wire-v1.ts';

/** Packet limit of the cluster for legacy and v0. */
const MAX_WIRE_BYTES = 1232;
/** Limit of a version 1 transaction (SIMD-0385). */
const MAX_V1_WIRE_BYTES = 4096;

export interface WireTransaction extends WireMessage {
  readonly wire: Uint8Array;
  readonly signatures: readonly Uint8Array[];
  /** Where the recent blockhash stands in `wire`. */
  readonly blockhashOffset: number;
}

/** Parses a whole transaction. @throws MalformedWire */
export function parseWireTransaction(wire: Uint8Array): WireTransaction {
  const cursor = createWireCursor(wire);
  const isV1 = wire[0] === 0x81;
  const limit = isV1 ? MAX_V1_WIRE_BYTES : MAX_WIRE_BYTES;
  if (wire.length > limit) cursor.fail(`transaction too large: ${wire.length} bytes (max: ${limit})`);
  if (isV1) {
    const { message, blockhashOffset } = parseV1Message(cursor);
    const signatures = readSignatures(cursor, message.signers);
    requireEnd(cursor);
    return { ...message, wire, signatures, blockhashOffset };
  }
  const count = cursor.u8('signature count');
  if (count === 0 || count > 0x7f) cursor.fail(`signature count ${count} is not in 1..127`);
  const signatures = readSignatures(cursor, count);
  const { message, blockhashOffset } = parseLegacyOrV0(cursor);
  if (message.signers !== count) cursor.fail(`${count} signatures for ${message.signers} signers`);
  requireEnd(cursor);
  return { ...message, wire, signatures, blockhashOffset };
}

/** Parses a message without signatures, as getFeeForMessage is given it. @throws MalformedWire */
export function parseWireMessage(bytes: Uint8Array): WireMessage {
  const cursor = createWireCursor(bytes);
  const { message } = bytes[0] === 0x81 ? parseV1Message(cursor) : parseLegacyOrV0(cursor);
  requireEnd(cursor);
  return message;
}

function parseLegacyOrV0(cursor: WireCursor): { message: WireMessage; blockhashOffset: number } {
  const first = cursor.u8('message version or header');
  if (first > 0x80) cursor.fail(`message version ${first & 0x7f} is not supported here`);
  const version = first === 0x80 ? 0 : 'legacy';
  const signers = version === 0 ? cursor.u8('signer count') : first;
  const readonlySigned = cursor.u8('readonly signer count');
  const readonlyUnsigned = cursor.u8('readonly unsigned count');
  const keys = readMany(cursor, 'address count', () => cursor.bytes(32, 'address'));
  const blockhashOffset = cursor.offset();
  const blockhash = cursor.bytes(32, 'recent blockhash');
  const instructions = readMany(cursor, 'instruction count', () => readInstruction(cursor));
  const lookups = version === 0 ? readMany(cursor, 'lookup count', () => readLookup(cursor)) : [];
  const header = { version, signers, readonlySigned, readonlyUnsigned } as const;
  const message: WireMessage = { ...header, keys, blockhash, instructions, lookups, config: null };
  requireSaneMessage(cursor, message);
  return { message, blockhashOffset };
}

function readInstruction(cursor: WireCursor): WireInstruction {
  const programIndex = cursor.u8('program index');
  const accounts = cursor.bytes(cursor.shortLength('account index count'), 'account indices');
  const data = cursor.bytes(cursor.shortLength('data length'), 'instruction data');
  return { programIndex, accounts, data };
}

function readLookup(cursor: WireCursor): WireLookup {
  const table = cursor.bytes(32, 'lookup table address');
  const writable = cursor.bytes(cursor.shortLength('writable index count'), 'writable indices');
  const readonly = cursor.bytes(cursor.shortLength('readonly index count'), 'readonly indices');
  if (writable.length + readonly.length === 0) cursor.fail('lookup table is named but nothing is loaded from it');
  return { table, writable, readonly };
}

function readSignatures(cursor: WireCursor, count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, () => cursor.bytes(64, 'signature'));
}

function readMany<T>(cursor: WireCursor, what: string, read: () => T): readonly T[] {
  const count = cursor.shortLength(what);
  if (count > cursor.remaining()) cursor.fail(`${what} ${count} is more than the bytes left`);
  return Array.from({ length: count }, read);
}

function requireEnd(cursor: WireCursor): void {
  if (cursor.remaining() > 0) cursor.fail(`${cursor.remaining()} trailing bytes`);
}
