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
  // A level at once: each answer waits for its turn of a thread that serves requests meanwhile.
  let folders = top.isDirectory() ? [''] : [];
  for (let depth = 0; folders.length > 0 && depth < DEEPEST; depth++) {
    const names = (await Promise.all(folders.map((at) => namesIn(path, at)))).flat();
    const known = names.slice(0, MOST_ENTRIES - lines.length);
    const found = await Promise.all(known.map((name) => lstat(join(path, name), { bigint: true })));
    lines.push(...known.map((name, n) => line(name, found[n] ?? top)));
    folders = known.filter((_, n) => found[n]?.isDirectory());
  }
  return lines.join('\n');
}

async function namesIn(root: string, at: string): Promise<readonly string[]> {
  const names = await readdir(join(root, at));
  return names.sort().map((name) => (at === '' ? name : `${at}/${name}`));
}

/** The time of change is set by the system alone: it tells a write that kept size and time of modification. */
function line(path: string, { dev, ino, mode, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return JSON.stringify([path, ...[dev, ino, mode, size, mtimeNs, ctimeNs].map(String)]);
}
