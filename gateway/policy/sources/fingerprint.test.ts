import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fingerprintOf } from './fingerprint.ts';

const TIME = new Date(1_700_000_000_000);

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-fingerprint-'));
  await mkdir(join(folder, 'a', 'b'), { recursive: true });
  file = join(folder, 'a', 'b', 'file');
  await write(file, 'one');
});

afterEach(() => rm(folder, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await utimes(path, TIME, TIME);
}

describe('a fingerprint', () => {
  it('stays as long as nothing changes', async () => {
    expect(await fingerprintOf(folder)).toBe(await fingerprintOf(folder));
  });

  it.each<[string, () => Promise<void>]>([
    ['a file is written with the same size and times', () => write(file, 'two')],
    [
      'a file of the same size and times takes the place of another',
      async () => {
        await write(`${folder}-next`, 'two');
        await rename(`${folder}-next`, file);
      },
    ],
    ['a file is added', () => write(join(folder, 'a', 'more'), 'x')],
    ['a file is taken away', () => rm(file)],
    ['a file is called otherwise', () => rename(file, join(folder, 'a', 'b', 'other'))],
    ['an empty folder is added', () => mkdir(join(folder, 'a', 'c')).then(() => {})],
  ])('changes when %s', async (_, change) => {
    const before = await fingerprintOf(folder);
    await change();
    expect(await fingerprintOf(folder)).not.toBe(before);
  });

  it('is not of what is not there', async () => {
    await expect(fingerprintOf(join(folder, 'gone'))).rejects.toThrow('ENOENT');
  });
});
