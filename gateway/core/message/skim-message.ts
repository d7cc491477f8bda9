// Owns a lenient look at bytes as a legacy or v0 message: it goes as far as the most lenient reader could, where the parser of
// transactions goes only as far as the runtime. Version byte 0x81 and above never come here.

export interface Skimmed {
  /** The header is one that the runtime takes, and the keys of all signers are there. */
  readonly namesSigners: boolean;
  /** Whatever the header says, as many keys as are counted are there, and a lifetime token behind them. */
  readonly hasKeys: boolean;
  /** All of this, and instructions and lookups up to the last byte, with every index in range. Of any size. */
  readonly isWhole: boolean;
}

interface Place {
  readonly bytes: Uint8Array;
  at: number;
}

const KEY_BYTES = 32;
const V0 = 0x80;

export function skimMessage(bytes: Uint8Array, start: number): Skimmed {
  const isV0 = bytes[start] === V0;
  const place = { bytes, at: isV0 ? start + 1 : start };
  const [signers, readonlySigned, readonlyOthers] = [readByte(place), readByte(place), readByte(place)];
  const keys = readLength(place);
  const left = bytes.length - place.at;
  const isSane = signers > readonlySigned && signers + readonlyOthers <= keys;
  const hasKeys = left >= (keys + 1) * KEY_BYTES;
  place.at += (keys + 1) * KEY_BYTES;
  return {
    namesSigners: isSane && left >= signers * KEY_BYTES,
    hasKeys,
    isWhole: isSane && hasKeys && endsWell(place, keys, isV0),
  };
}

/** `place` is behind the lifetime token. */
function endsWell(place: Place, keys: number, isV0: boolean): boolean {
  let [highestProgram, highestAccount] = [0, 0];
  for (let rest = readLength(place); rest > 0 && isInside(place); rest--) {
    highestProgram = Math.max(highestProgram, readByte(place));
    for (let accounts = readLength(place); accounts > 0 && isInside(place); accounts--) {
      highestAccount = Math.max(highestAccount, readByte(place));
    }
    const dataLength = readLength(place);
    place.at += dataLength;
  }
  const loaded = isV0 ? skipLookups(place) : 0;
  return place.at === place.bytes.length && highestProgram < keys && highestAccount < keys + loaded;
}

/** How many accounts they load. */
function skipLookups(place: Place): number {
  let loaded = 0;
  for (let rest = readLength(place); rest > 0 && isInside(place); rest--) {
    place.at += KEY_BYTES;
    for (const _list of ['writable', 'readonly']) {
      const count = readLength(place);
      place.at += count;
      loaded += count;
    }
  }
  return loaded;
}

function isInside({ bytes, at }: Place): boolean {
  return at < bytes.length;
}

/** Behind the end the place moves on, so that what was truncated never ends well. */
function readByte(place: Place): number {
  const byte = place.bytes[place.at] ?? 0;
  place.at += 1;
  return byte;
}

/** A compact length in any form, needless bytes included. */
function readLength(place: Place): number {
  let length = 0;
  for (let factor = 1; ; factor *= 0x80) {
    const byte = readByte(place);
    length += (byte & 0x7f) * factor;
    if (byte < 0x80) return length;
  }
}
