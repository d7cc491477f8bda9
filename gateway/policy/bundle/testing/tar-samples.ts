// Owns tar archives made by hand, right and wrong in every field.
import { gzipSync } from 'node:zlib';

export interface SampleEntry {
  readonly name: string;
  readonly content?: string | Uint8Array;
  readonly type?: string;
  /** Instead of the content's. */
  readonly size?: string;
  readonly magic?: string;
  readonly prefix?: string;
  readonly linkName?: string;
  /** Instead of the right one. */
  readonly checksum?: string;
}

export function tarOf(entries: readonly SampleEntry[], end: Uint8Array = new Uint8Array(1024)): Buffer {
  return Buffer.concat([...entries.map(entryBlocks), end]);
}

export function archiveOf(entries: readonly SampleEntry[], end?: Uint8Array): Uint8Array {
  return gzipSync(tarOf(entries, end));
}

function entryBlocks(entry: SampleEntry): Buffer {
  const content = Buffer.from(entry.content ?? '');
  const header = Buffer.alloc(512);
  header.write(entry.name, 0, 100, 'utf8');
  header.write('0000600\0', 100);
  header.write(entry.size ?? `${content.length.toString(8).padStart(11, '0')}\0`, 124, 12, 'latin1');
  header.write('        ', 148);
  header.write(entry.type ?? '0', 156, 1, 'latin1');
  header.write(entry.linkName ?? '', 157, 100, 'utf8');
  header.write(entry.magic ?? 'ustar\x0000', 257, 8, 'latin1');
  header.write(entry.prefix ?? '', 345, 155, 'utf8');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(entry.checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** The content of a pax header. */
export function pax(records: Readonly<Record<string, string>>): string {
  return Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      const bytes = Buffer.byteLength(rest);
      const length = [bytes + 1, bytes + 2, bytes + 3].find((total) => total === String(total).length + bytes);
      return `${length}${rest}`;
    })
    .join('');
}
