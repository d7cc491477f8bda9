// Owns how a change of a bundle on disk is noticed without reading it: by what the file system says of each file.
import type { BigIntStats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The reading of a bundle has stricter bounds; these only end the looking. */
const MOST_ENTRIES = 20_000;
const DEEPEST = 16;

/** Two are the same only where no file was written, replaced, added or removed in between. Throws where there is nothing. */
export async function fingerprintOf(path: string): Promise<string> {
  const top = await stat(path, { bigint: true });
  const lines = [line('', top)];
  if (top.isDirectory()) await addEntries(path, '', lines, 1);
  return lines.join('\n');
}

async function addEntries(root: string, at: string, lines: string[], depth: number): Promise<void> {
  const entries = await readdir(join(root, at), { withFileTypes: true });
  for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (lines.length > MOST_ENTRIES) return;
    const path = at === '' ? name : `${at}/${name}`;
    const found = await lstat(join(root, path), { bigint: true });
    lines.push(line(path, found));
    if (found.isDirectory() && depth < DEEPEST) await addEntries(root, path, lines, depth + 1);
  }
}

/** The time of change is set by the system alone: it tells a write that kept size and time of modification. */
function line(path: string, { dev, ino, mode, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return JSON.stringify([path, ...[dev, ino, mode, size, mtimeNs, ctimeNs].map(String)]);
}
