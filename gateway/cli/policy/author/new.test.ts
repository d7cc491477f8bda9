import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeTerminal } from '../../testing/fake-terminal.ts';

let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-new-'));
});

afterAll(() => rm(work, { recursive: true, force: true }));

async function run(...args: readonly string[]) {
  const terminal = fakeTerminal({});
  const code = await terminal.run('policy', ...args);
  return { code, out: terminal.out.join('\n'), err: terminal.err.join('\n') };
}

describe('policy new', () => {
  it('makes a repository under its own name that passes check, fmt, lint and test', async () => {
    const directory = join(await mkdtemp(join(work, 'repository-')), 'our-policies');
    expect((await run('new', directory)).code).toBe(0);
    expect(await readFile(join(directory, 'policy.yaml'), 'utf8')).toContain('name: our-policies');
    expect(await readdir(directory)).toEqual(
      expect.arrayContaining(['.github', 'README.md', 'data', 'fixtures', 'rules']),
    );
    for (const command of [['check'], ['fmt', '--check'], ['lint'], ['test']]) {
      const [name = '', ...options] = command;
      expect([name, (await run(name, directory, ...options)).code]).toEqual([name, 0]);
    }
  });

  it('puts it into Git, so that what is next is a commit', async () => {
    const directory = join(await mkdtemp(join(work, 'git-')), 'our-policies');
    const { code, out } = await run('new', directory);
    expect([code, out]).toEqual([
      0,
      expect.stringContaining(`git -C ${directory} add . && git -C ${directory} commit`),
    ]);
    expect(await readFile(join(directory, '.git', 'HEAD'), 'utf8')).toBe('ref: refs/heads/main\n');
  });

  it('leaves Git alone where that is asked for, and where the directory is in a checkout already', async () => {
    const parent = await mkdtemp(join(work, 'parent-'));
    const alone = await run('new', join(parent, 'alone'), '--no-git');
    expect([alone.code, alone.out]).toEqual([0, expect.not.stringContaining('git -C')]);
    expect(await readdir(join(parent, 'alone'))).not.toContain('.git');
    await run('new', join(parent, 'checkout'));
    const within = await run('new', join(parent, 'checkout', 'more'));
    expect([within.code, within.out]).toEqual([0, expect.stringContaining('commit')]);
    expect(await readdir(join(parent, 'checkout', 'more'))).not.toContain('.git');
  });

  it('touches no directory that holds anything', async () => {
    const directory = join(work, 'full');
    await mkdir(directory);
    await writeFile(join(directory, 'key'), 'a key');
    const { code, err } = await run('new', directory);
    expect([code, err]).toEqual([1, expect.stringContaining('is not empty')]);
    expect(await readdir(directory)).toEqual(['key']);
  });
});
