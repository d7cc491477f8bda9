import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeArchive } from '../policy/bundle/write-archive.ts';
import { tinyBundle } from '../policy/preparation/testing/tiny-bundles.ts';
import { checkPolicy } from './policy.ts';

let work: string;
let path: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-check-'));
  path = join(work, 'bundle.tar.gz');
  await writeFile(path, writeArchive(await tinyBundle({ revision: 'r7' })));
});

afterAll(() => rm(work, { recursive: true, force: true }));

describe('a check of the policy', () => {
  it('says which bundle a start would find, in a process that does nothing else', async () => {
    const config = JSON.stringify({
      source: { kind: 'directory', path },
      signatures: { keys: [], allowUnsigned: true },
    });
    const module = JSON.stringify(join(import.meta.dirname, 'policy.ts'));
    const program = `const { checkPolicy } = await import(${module}); console.log(await checkPolicy(${config}));`;
    const { stdout } = await promisify(execFile)(execPath, ['--input-type=module', '--eval', program]);
    expect(stdout).toBe('policy bundle r7\n');
  });

  it('says what is wrong with it', async () => {
    const source = { kind: 'directory', path } as const;
    await expect(checkPolicy({ source, signatures: { keys: [], allowUnsigned: false } })).rejects.toThrow(
      'no key is configured that could verify it',
    );
  });
});
