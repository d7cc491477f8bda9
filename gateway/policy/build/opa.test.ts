import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { opaAnswer, runOpa } from './opa.ts';

let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-opa-'));
});

afterAll(() => rm(work, { recursive: true, force: true }));

/** A program that stands in the place of opa, and tells what it may use. */
async function program(script: string): Promise<string> {
  const file = join(work, 'opa');
  await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

describe('opa', () => {
  it('has bounds of the system on its memory and on what it writes, and leaves no image of its memory', async () => {
    const opa = await program('ulimit -v; ulimit -f; ulimit -c');
    expect(await runOpa(opa, ['build'])).toBe(`${4 * 1024 * 1024}\n${2 * 256 * 1024}\n0\n`);
  });

  it('is ended where it takes more memory than that', async () => {
    const opa = await program('exec perl -e \'my $text = "x" x (5 * 1024 ** 3); print length $text\'');
    const { code, output } = await opaAnswer(opa, ['build']);
    expect(code).not.toBe(0);
    expect(output).toBe('');
  });

  it('is given its arguments as they are', async () => {
    const opa = await program('printf "%s|" "$@"');
    expect(await runOpa(opa, ['eval', 'a b', '$(id)', '', '"\'*'])).toBe('eval|a b|$(id)||"\'*|');
  });

  it('knows nothing of the environment of the gateway', async () => {
    vi.stubEnv('COUNTERSIGN_PASSPHRASE', 'secret');
    try {
      const names = (await runOpa(await program('env'), ['build'])).split('\n').map((line) => line.split('=')[0]);
      expect(
        names.filter((name) => !['HOME', 'PATH', 'TMPDIR', 'PWD', 'GOMEMLIMIT', 'GOGC', '_', ''].includes(name ?? '')),
      ).toEqual([]);
      expect(names).toContain('GOMEMLIMIT');
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('fails with what it said, and says who brings it where it is not there', async () => {
    await expect(runOpa(await program('echo "a.rego:1: wrong" >&2; exit 2'), ['check'])).rejects.toThrow(
      'check failed:\na.rego:1: wrong',
    );
    await expect(runOpa(join(work, 'none'), ['check'])).rejects.toThrow(
      `${join(work, 'none')} check failed:\nthere is no such program; scripts/install.sh brings opa`,
    );
  });
});
