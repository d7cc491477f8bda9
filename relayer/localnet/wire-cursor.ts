// Owns reading of wire bytes front to back; every read past the end and every non-canonical length is an error.

/** Bytes that are no transaction: the message says what, at which offset. Becomes a JSON-RPC error, never a crash. */
export class MalformedWire extends Error {
  constructor(offset: number, problem: string) {
    super(`${problem} at byte ${offset}`);
    this.name = 'MalformedWire';
  }
}

export interface WireCursor {
  readonly offset: () => number;
  readonly remaining: () => number;
  readonly u8: (what: string) => number;
  readonly u16: (what: string) => number;
  readonly u32: (what: string) => number;
  readonly u64: (what: string) => bigint;
  /** A view, no copy. */
  readonly bytes: (length: number, what: string) => Uint8Array;
  /** Solana's compact-u16: one to three bytes, only the shortest form. */
  readonly shortLength: (what: string) => number;
  readonly fail: (problem: string) => never;
}

/** A cursor at the first byte. Every method throws {@link MalformedWire}. */
export function createWireCursor(wire: Uint8Array): WireCursor {
  const view = new DataView(wire.buffer, wire.byteOffset, wire.byteLength);
  let offset = 0;
  const fail = (problem: string): never => {
    throw new MalformedWire(offset, problem);
  };
  const take = (length: number, what: string): number => {
    if (offset + length > wire.length) fail(`${what} runs past the end of ${wire.length} bytes`);
    const at = offset;
    offset += length;
    return at;
  };
  const u8 = (what: string): number => view.getUint8(take(1, what));
  const shortLength = (what: string): number => {
    let value = 0;
    for (let position = 0; position < 3; position++) {
      const byte = u8(what);
      if (position > 0 && byte === 0) fail(`${what} is not in its shortest form`);
      value |= (byte & 0x7f) << (7 * position);
      if (byte < 0x80) return value > 0xffff ? fail(`${what} is above 65535`) : value;
    }
    return fail(`${what} has more than three bytes`);
  };
  return {
    offset: () => offset,
    remaining: () => wire.length - offset,
    u8,
    u16: (what) => view.getUint16(take(2, what), true),
    u32: (what) => view.getUint32(take(4, what), true),
    u64: (what) => view.getBigUint64(take(8, what), true),
    bytes: (length, what) => {
      const at = take(length, what);
      return wire.subarray(at, at + length);
    },
    shortLength,
    fail,
  };
}
