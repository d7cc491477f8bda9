// Owns the strict reading of a tar archive in memory (POSIX.1-2024 pax, ustar, and the long names of GNU tar): files and
// directories; whatever else an archive can hold is refused.

const BLOCK = 512;
const LARGEST_EXTENSION = 64 * 1024;

/** Attributes that change nothing of what the file is. */
const HARMLESS =
  /^(mtime|atime|ctime|uid|gid|uname|gname|comment|SCHILY\.(xattr\..*|dev|ino|nlink)|LIBARCHIVE\.(xattr\..*|creationtime))$/;

export interface TarEntry {
  readonly kind: 'file' | 'directory';
  /** As it stands in the archive. */
  readonly name: string;
  /** A view into the archive; empty for directories. */
  readonly bytes: Uint8Array;
}

interface Header {
  readonly type: string;
  readonly name: string;
  readonly size: number;
}

/** Throws an Error that says what is wrong and where. */
export function* readTar(tar: Uint8Array): Generator<TarEntry> {
  const reader = { tar, at: 0 };
  let longName: string | null = null;
  let extended: Extended = {};
  for (let header = nextHeader(reader); header !== null; header = nextHeader(reader)) {
    const size: number = isExtension(header.type) ? header.size : (extended.size ?? header.size);
    const bytes = content(reader, header, size);
    switch (header.type) {
      case 'x':
        if (extended.path !== undefined || extended.size !== undefined)
          throw new Error('it has two pax headers for one file');
        extended = paxRecords(bytes);
        break;
      case 'g':
        requireHarmless(paxRecords(bytes));
        break;
      case 'L':
        if (longName !== null) throw new Error('it has two long names for one file');
        longName = text(bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes);
        break;
      case '0':
      case '5': {
        const name = nameOf(header.name, longName, extended.path);
        if (header.type === '5' && size > 0) throw new Error(`${JSON.stringify(name)}: a directory has no content`);
        yield { kind: header.type === '0' ? 'file' : 'directory', name, bytes };
        longName = null;
        extended = {};
        break;
      }
      default:
        throw new Error(
          `${JSON.stringify(header.name)}: ${kindOf(header.type)} is not accepted; only files and directories are`,
        );
    }
  }
  if (longName !== null || extended.path !== undefined || extended.size !== undefined) {
    throw new Error('it ends after a header, before its file');
  }
}

function isExtension(type: string): boolean {
  return type === 'x' || type === 'g' || type === 'L';
}

function kindOf(type: string): string {
  const known: Readonly<Record<string, string>> = {
    '1': 'a hard link',
    '2': 'a symbolic link',
    '3': 'a device',
    '4': 'a device',
    '6': 'a pipe',
    S: 'a sparse file',
    K: 'a long link',
  };
  return known[type] ?? `an entry of type ${JSON.stringify(type)}`;
}

/** Two ways to say a name that disagree would be two files to two readers. */
function nameOf(header: string, long: string | null, pax: string | undefined): string {
  if (long !== null && pax !== undefined)
    throw new Error(`${JSON.stringify(header)}: it has a long name and a pax path`);
  return pax ?? long ?? header;
}

/** `null`: the end of the archive, which two blocks of zeros mark, and zeros alone follow. */
function nextHeader(reader: { readonly tar: Uint8Array; at: number }): Header | null {
  const { tar, at } = reader;
  const block = tar.subarray(at, at + BLOCK);
  if (block.length < BLOCK) throw new Error('it is cut off');
  if (block.every((byte) => byte === 0)) {
    const rest = tar.subarray(at);
    if (rest.length < 2 * BLOCK) throw new Error('it is cut off: the mark of its end is missing');
    if (!rest.every((byte) => byte === 0)) throw new Error('something follows its end');
    return null;
  }
  reader.at = at + BLOCK;
  const magic = String.fromCharCode(...block.subarray(257, 265));
  if (magic !== 'ustar\x0000' && magic !== 'ustar  \0')
    throw new Error(`the header at byte ${at} is none of ustar or GNU tar`);
  requireChecksum(block, at);
  const prefix = magic === 'ustar\x0000' ? terminated(block.subarray(345, 500)) : '';
  const name = terminated(block.subarray(0, 100));
  const type = String.fromCharCode(block[156] ?? 0);
  return {
    type: type === '\0' ? '0' : type,
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: octal(block.subarray(124, 136), 'size', at),
  };
}

function content(reader: { readonly tar: Uint8Array; at: number }, header: Header, size: number): Uint8Array {
  if (isExtension(header.type) && size > LARGEST_EXTENSION) throw new Error(`a header of it has ${size} bytes`);
  const bytes = reader.tar.subarray(reader.at, reader.at + size);
  if (bytes.length < size) throw new Error(`it is cut off in ${JSON.stringify(header.name)}`);
  reader.at += Math.ceil(size / BLOCK) * BLOCK;
  return bytes;
}

/** The sum of all bytes, with spaces for the sum itself. */
function requireChecksum(block: Uint8Array, at: number): void {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : (block[i] ?? 0);
  if (sum !== octal(block.subarray(148, 156), 'checksum', at)) throw new Error(`the header at byte ${at} is damaged`);
}

function octal(field: Uint8Array, what: string, at: number): number {
  const digits = /^ *([0-7]{1,11})[ \0]*$/.exec(String.fromCharCode(...field))?.[1];
  if (digits === undefined) throw new Error(`the ${what} in the header at byte ${at} is no octal number`);
  return Number.parseInt(digits, 8);
}

interface Extended {
  readonly path?: string;
  readonly size?: number;
}

/** `<length> <key>=<value>\n`, each once; the length counts itself and the line's end. */
function paxRecords(bytes: Uint8Array): Extended {
  const found = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const digits = /^([1-9][0-9]{0,5}) /.exec(String.fromCharCode(...bytes.subarray(at, at + 7)))?.[1] ?? '';
    const length = Number(digits);
    const record = bytes.subarray(at + digits.length + 1, at + length);
    const equals = record.indexOf(0x3d);
    if (digits === '' || at + length > bytes.length || equals < 1 || record.at(-1) !== 0x0a) {
      throw new Error('a pax header is malformed');
    }
    const key = text(record.subarray(0, equals));
    if (found.has(key)) throw new Error(`a pax header says ${key} twice`);
    found.set(key, HARMLESS.test(key) ? '' : text(record.subarray(equals + 1, -1)));
    at += length;
  }
  return extendedOf(found);
}

function extendedOf(found: ReadonlyMap<string, string>): Extended {
  const unknown = [...found.keys()].find((key) => key !== 'path' && key !== 'size' && !HARMLESS.test(key));
  if (unknown !== undefined) throw new Error(`the pax header ${JSON.stringify(unknown)} is not accepted`);
  const path = found.get('path');
  const size = found.get('size');
  if (size !== undefined && !/^(0|[1-9][0-9]{0,9})$/.test(size))
    throw new Error('the size in a pax header is no number');
  return { ...(path === undefined ? {} : { path }), ...(size === undefined ? {} : { size: Number(size) }) };
}

function requireHarmless({ path, size }: Extended): void {
  if (path !== undefined || size !== undefined) throw new Error('a pax header for all files says path or size');
}

/** Up to the first NUL; what follows it must be nothing. */
function terminated(field: Uint8Array): string {
  const end = field.indexOf(0);
  if (end < 0) return text(field);
  if (!field.subarray(end).every((byte) => byte === 0)) throw new Error('a name goes on behind a NUL');
  return text(field.subarray(0, end));
}

function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error('a name is not UTF-8');
  }
}
