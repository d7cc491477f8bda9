import { mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BundleSource, FetchedBundle } from './bundle-source.ts';
import { openDirectorySource } from './directory-source.ts';

let folder: string;
let path: string;
let source: BundleSource;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-directory-source-'));
  path = join(folder, 'bundle');
  source = openDirectorySource({ kind: 'directory', path });
});

afterEach(async () => {
  await source.close();
  await rm(folder, { recursive: true, force: true });
});

async function writeBundle(at: string, data: string): Promise<void> {
  await mkdir(join(at, 'idls'), { recursive: true });
  await writeFile(join(at, '.manifest'), '{}');
  await writeFile(join(at, 'data.json'), data);
  await writeFile(join(at, 'idls', 'program.json'), '{}');
}

/** In place of what is there, as one step where the system has it. */
async function swap(data: string): Promise<void> {
  await writeBundle(join(folder, 'next'), data);
  await rename(path, join(folder, 'old'));
  await rename(join(folder, 'next'), path);
}

const never = () => new AbortController().signal;
const lastOf = ({ token, gitCommit }: FetchedBundle) => ({ token, gitCommit });

function dataOf({ content }: FetchedBundle): string {
  if (content.kind === 'archive') return Buffer.from(content.archive).toString();
  return Buffer.from(content.files.get('data.json') ?? []).toString();
}

/** What comes after `last`, and how many milliseconds after `change` was made. */
async function broughtBy(last: FetchedBundle, change: () => Promise<void>): Promise<{ data: string; ms: number }> {
  const coming = source.next(lastOf(last), never());
  await change();
  const changed = performance.now();
  return { data: dataOf(await coming), ms: performance.now() - changed };
}

describe('a directory as source', () => {
  it('brings what is there at once, and then waits', async () => {
    await writeBundle(path, '{"n":1}');
    const first = await source.next(null, never());
    expect(first).toMatchObject({ gitCommit: null, builtHere: false });
    expect(dataOf(first)).toBe('{"n":1}');
    const waited = source.next(lastOf(first), AbortSignal.timeout(900));
    await expect(waited).rejects.toThrow(expect.objectContaining({ name: 'TimeoutError' }));
  });

  it('sees within 300 ms that another one was put in its place', async () => {
    await writeBundle(path, '{"n":1}');
    const { data, ms } = await broughtBy(await source.next(null, never()), () => swap('{"n":2}'));
    expect(data).toBe('{"n":2}');
    expect(ms).toBeLessThan(300);
  });

  it('sees a file written anew with the same size and times', async () => {
    await writeBundle(path, '{"n":1}');
    const at = new Date(1_700_000_000_000);
    await utimes(join(path, 'data.json'), at, at);
    const first = await source.next(null, never());
    const { data } = await broughtBy(first, async () => {
      await writeFile(join(path, 'data.json'), '{"n":2}');
      await utimes(join(path, 'data.json'), at, at);
    });
    expect(data).toBe('{"n":2}');
  });

  it('sees a change deep inside, and one behind a link', async () => {
    await writeBundle(join(folder, 'real'), '{"n":1}');
    await symlink(join(folder, 'real'), path);
    const first = await source.next(null, never());
    await broughtBy(first, () => writeFile(join(folder, 'real', 'idls', 'program.json'), '{"more":1}'));
    const second = await source.next(null, never());
    expect(second.token).not.toBe(first.token);
    await writeBundle(join(folder, 'other'), '{"n":3}');
    const { data } = await broughtBy(second, async () => {
      await symlink(join(folder, 'other'), join(folder, '..link'));
      await rename(join(folder, '..link'), path);
    });
    expect(data).toBe('{"n":3}');
  });

  it('does not take what is written again without being changed for another one', async () => {
    await writeBundle(path, '{"n":1}');
    const first = await source.next(null, never());
    const coming = source.next(lastOf(first), AbortSignal.timeout(900));
    await swap('{"n":1}');
    await expect(coming).rejects.toThrow(expect.objectContaining({ name: 'TimeoutError' }));
  });

  it('waits until the last of several files is written', async () => {
    await writeBundle(path, '{"n":1}');
    const first = await source.next(null, never());
    const coming = source.next(lastOf(first), never());
    // Each write begins when the one before has ended: there is no quiet in between.
    for (let n = 0; n < 60; n++) await writeFile(join(path, 'data.json'), `{"n":${'1'.repeat(n)}`);
    await writeFile(join(path, 'data.json'), '{"n":"whole"}');
    expect(dataOf(await coming)).toBe('{"n":"whole"}');
  });

  it('may be an archive, which is brought as it is', async () => {
    path = join(folder, 'bundle.tar.gz');
    source = openDirectorySource({ kind: 'directory', path });
    await writeFile(path, 'first');
    const first = await source.next(null, never());
    expect(first.content.kind).toBe('archive');
    await writeFile(join(folder, 'next'), 'second');
    const { data, ms } = await broughtBy(first, () => rename(join(folder, 'next'), path));
    expect(data).toBe('second');
    expect(ms).toBeLessThan(300);
  });

  it('says what is wrong, and brings the next good one all the same', async () => {
    await expect(source.next(null, never())).rejects.toThrow(`policy bundle ${path}: there is nothing`);
    await writeBundle(path, '{"n":1}');
    await rm(join(path, 'data.json'));
    await symlink('/etc/passwd', join(path, 'data.json'));
    await expect(source.next(null, never())).rejects.toThrow('data.json: symbolic links are not followed');
    await rm(join(path, 'data.json'));
    await writeFile(join(path, 'data.json'), '{"n":2}');
    expect(dataOf(await source.next(null, never()))).toBe('{"n":2}');
  });

  it('ends with the reason of the signal, and when it is closed', async () => {
    await writeBundle(path, '{"n":1}');
    const first = await source.next(null, never());
    const ending = new AbortController();
    const coming = source.next(lastOf(first), ending.signal);
    ending.abort(new Error('enough'));
    await expect(coming).rejects.toThrow('enough');
    const other = source.next(lastOf(first), never());
    await source.close();
    await expect(other).rejects.toThrow('the source was closed');
  });
});
