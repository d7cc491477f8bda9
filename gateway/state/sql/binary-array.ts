// Owns Postgres's binary form of one-dimensional arrays: a batch crosses as a few flat buffers, without escaping.
// Source of the format: array_send and array_recv in src/backend/utils/adt/arrayfuncs.c.

const OID = { bool: 16, bytea: 17, int8: 20, int4: 23, text: 25 } as const;

const HEADER = 20;

export function textArray(values: readonly (string | null)[]): Buffer {
  let size = 0;
  for (const value of values) if (value !== null) size += Buffer.byteLength(value);
  return build(OID.text, values, size, (target, offset, value) => target.write(value, offset));
}

export function byteaArray(values: readonly (Uint8Array | null)[]): Buffer {
  let size = 0;
  for (const value of values) if (value !== null) size += value.length;
  return build(OID.bytea, values, size, (target, offset, value) => {
    target.set(value, offset);
    return value.length;
  });
}

/** Integers up to 2^53; throws on what is no safe integer. */
export function int8Array(values: readonly (number | null)[]): Buffer {
  return build(OID.int8, values, values.length * 8, (target, offset, value) => {
    if (!Number.isSafeInteger(value)) throw new RangeError('a whole number of milliseconds is expected');
    target.writeBigInt64BE(BigInt(value), offset);
    return 8;
  });
}

/** Throws on what is no 32-bit integer. */
export function int4Array(values: readonly number[]): Buffer {
  return build(OID.int4, values, values.length * 4, (target, offset, value) => {
    if (!Number.isInteger(value)) throw new RangeError('a whole number is expected');
    target.writeInt32BE(value, offset);
    return 4;
  });
}

export function boolArray(values: readonly boolean[]): Buffer {
  return build(OID.bool, values, values.length, (target, offset, value) => {
    target[offset] = value ? 1 : 0;
    return 1;
  });
}

function build<T>(
  oid: number,
  values: readonly (T | null)[],
  maximalSize: number,
  write: (target: Buffer, offset: number, value: T) => number,
): Buffer {
  if (values.length === 0) return emptyArray(oid);
  const target = Buffer.allocUnsafe(HEADER + values.length * 4 + maximalSize);
  let hasNull = 0;
  let offset = HEADER;
  for (const value of values) {
    if (value === null) {
      hasNull = 1;
      offset = target.writeInt32BE(-1, offset);
    } else {
      const length = write(target, offset + 4, value);
      target.writeInt32BE(length, offset);
      offset += 4 + length;
    }
  }
  target.writeInt32BE(1, 0);
  target.writeInt32BE(hasNull, 4);
  target.writeInt32BE(oid, 8);
  target.writeInt32BE(values.length, 12);
  target.writeInt32BE(1, 16);
  return target.subarray(0, offset);
}

function emptyArray(oid: number): Buffer {
  const target = Buffer.alloc(12);
  target.writeInt32BE(oid, 8);
  return target;
}
