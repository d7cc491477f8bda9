// Owns reading the arguments that only Token-2022 has: options without a tag, encrypted numbers, multipliers, lists of extensions.
import type { Address } from '../../../address.ts';
import type { ArgumentValue } from '../../decoded-transaction.ts';
import { address, advance, bytes, type DataReader, type ReadArgument, u8, u16 } from '../data-reader.ts';
import { EXTENSION_TYPES } from './token-2022-extensions.ts';

const SMALLEST_NORMAL = 2 ** -1022;

/** ElGamal ciphertext and the authenticated one that only the owner reads. */
export const encryptedBalance = bytes(64);
export const decryptableBalance = bytes(36);
export const elGamalPubkey = bytes(32);

/** All zeros: none. */
export function optionalAddress(reader: DataReader): Address | null {
  return unlessZero(reader, address);
}

/** All zeros: none. */
export function optionalElGamalPubkey(reader: DataReader): ArgumentValue {
  return unlessZero(reader, elGamalPubkey);
}

/** One byte; anything but 0 is true. */
export function flag(reader: DataReader): boolean {
  return u8(reader) !== 0n;
}

/** A double, as its shortest decimal. The program takes positive normal ones only. */
export function multiplier(reader: DataReader): string {
  const at = advance(reader, 8);
  if (at === null) return '';
  const value = reader.view.getFloat64(at, true);
  if (value >= SMALLEST_NORMAL && value < Number.POSITIVE_INFINITY) return String(value);
  reader.failure = `a multiplier is a positive normal number, not ${value}`;
  return '';
}

/** Each two bytes up to the end of the data. */
export function extensionTypes(reader: DataReader): readonly ArgumentValue[] {
  const names: ArgumentValue[] = [];
  while (reader.failure === null && reader.offset < reader.data.length) {
    const type = u16(reader);
    const name = EXTENSION_TYPES[Number(type)];
    if (name === undefined) reader.failure ??= `the extension ${type} is not known`;
    else names.push(name);
  }
  return names;
}

function unlessZero<T extends ArgumentValue>(reader: DataReader, read: (reader: DataReader) => T): T | null {
  const at = reader.offset;
  const value = read(reader);
  return reader.data.subarray(at, reader.offset).every((byte) => byte === 0) ? null : value;
}

/** An argument that is there only behind another of a certain value. */
export function when(condition: (reader: DataReader) => boolean, read: ReadArgument): ReadArgument {
  return (reader) => (condition(reader) ? read(reader) : null);
}
