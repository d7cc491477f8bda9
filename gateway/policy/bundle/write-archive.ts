// Owns the writing of a bundle as a gzipped tar, as `opa build` names and packs files: the same files always give the same bytes.
import { gzipSync } from 'node:zlib';
import type { BundleFiles } from './bundle.ts';
import { pathProblem } from './bundle-parts.ts';

const BLOCK = 512;
/** Of the name and of the prefix in a header. */
const LONGEST_NAME = 100;
const LONGEST_PREFIX = 155;
const UTF8 = new TextEncoder();

/** Sorted by path, with no times and no owners. Throws for a path that `readArchive` would refuse. */
export function writeArchive(files: BundleFiles): Uint8Array<ArrayBuffer> {
  const blocks: Uint8Array[] = [];
  for (const path of [...files.keys()].sort()) {
    const problem = pathProblem(path);
    if (problem !== null) throw new Error(`the bundle cannot be packed: ${path}: ${problem}`);
    const bytes = files.get(path) ?? new Uint8Array();
    blocks.push(...headers(`/${path}`, bytes.length), bytes, padding(bytes.length));
  }
  blocks.push(new Uint8Array(2 * BLOCK));
  const archive = new Uint8Array(gzipSync(Buffer.concat(blocks), { level: 9 }));
  // The operating system on which it was packed; 255 is "unknown".
  archive[9] = 0xff;
  return archive;
}

function headers(path: string, size: number): readonly Uint8Array[] {
  const split = splitName(path);
  if (split !== null) return [header({ ...split, size, type: '0' })];
  const record = paxRecord('path', path);
  const extended = header({ name: 'pax', prefix: '', size: record.length, type: 'x' });
  return [extended, record, padding(record.length), header({ name: 'long', prefix: '', size, type: '0' })];
}

/** A path of up to 100 bytes is a name; a longer one is cut at a slash. `null`: it does not fit. */
function splitName(path: string): { readonly name: string; readonly prefix: string } | null {
  const length = (text: string) => UTF8.encode(text).length;
  if (length(path) <= LONGEST_NAME) return { name: path, prefix: '' };
  for (let slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
    const [prefix, name] = [path.slice(0, slash), path.slice(slash + 1)];
    if (length(prefix) <= LONGEST_PREFIX && length(name) <= LONGEST_NAME) return { name, prefix };
  }
  return null;
}

function header(entry: {
  readonly name: string;
  readonly prefix: string;
  readonly size: number;
  readonly type: string;
}): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => block.set(UTF8.encode(text), at);
  put(0, entry.name);
  put(100, '0000600\0');
  put(108, '0000000\0');
  put(116, '0000000\0');
  put(124, `${entry.size.toString(8).padStart(11, '0')}\0`);
  put(136, '00000000000\0');
  put(148, '        ');
  put(156, entry.type);
  put(257, 'ustar\x0000');
  put(345, entry.prefix);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}

/** Its length counts its own digits. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = UTF8.encode(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length += 1;
  return Buffer.concat([UTF8.encode(String(length)), rest]);
}

function padding(size: number): Uint8Array {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}
