import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BundleSource, FetchedBundle, LastBundle } from './bundle-source.ts';
import type { GitSourceOptions } from './git-source.ts';
import { BUNDLE, makeTestRepository, openTestSource, type TestRepository } from './testing/git-repository.ts';

let folder: string;
let repository: TestRepository;
let source: BundleSource;

const open = (more: Partial<GitSourceOptions> = {}) => {
  source = openTestSource(folder, { url: repository.url, ...more });
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-git-source-'));
  repository = makeTestRepository(folder);
  open();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await source.close();
  await rm(folder, { recursive: true, force: true });
});

const lastOf = ({ token, gitCommit }: FetchedBundle): LastBundle => ({ token, gitCommit });
const next = (last: LastBundle | null = null, ms = 20_000) => source.next(last, AbortSignal.timeout(ms));
const nothingComes = (last: LastBundle) => expect(next(last, 1_000)).rejects.toThrow('timeout');

function textOf({ content }: FetchedBundle): string {
  if (content.kind !== 'archive') throw new Error('a Git source brings archives');
  return Buffer.from(content.archive).toString();
}

describe('a Git repository as source', () => {
  it('brings the bundle at the tip of a branch, and the next once it is pushed', async () => {
    const one = repository.commit({ [BUNDLE]: 'first' });
    const first = await next();
    expect(first).toMatchObject({ token: one, gitCommit: one, builtHere: false });
    expect(textOf(first)).toBe('first');
    const coming = next(lastOf(first));
    const two = repository.commit({ [BUNDLE]: 'second' });
    const second = await coming;
    expect([second.token, textOf(second)]).toEqual([two, 'second']);
    await nothingComes(lastOf(second));
  });

  it('takes only as much of the history as it needs', async () => {
    for (let n = 0; n < 5; n++) repository.commit({ [BUNDLE]: `bundle ${n}`, [`other-${n}`]: 'x' });
    await next();
    const [work] = (await readdir(folder)).filter((name) => name.startsWith('countersign-git-'));
    const shallow = repository.git(
      '--git-dir',
      join(folder, work ?? '', 'repository.git'),
      'rev-list',
      '--all',
      '--count',
    );
    expect(shallow).toBe('1');
  });

  it('does not take a commit for another bundle that leaves its path alone', async () => {
    repository.commit({ [BUNDLE]: 'first' });
    const first = await next();
    const coming = next(lastOf(first), 1_500);
    repository.commit({ README: 'more' });
    await expect(coming).rejects.toThrow('timeout');
    const again = next(lastOf(first));
    repository.commit({ [BUNDLE]: 'second' });
    expect(textOf(await again)).toBe('second');
  });

  it('follows a tag as it is moved forward, also one with a message', async () => {
    open({ ref: { kind: 'tag', name: 'live' } });
    const one = repository.commit({ [BUNDLE]: 'first' });
    repository.git('tag', 'live');
    repository.push('refs/tags/live');
    const first = await next();
    expect(first.token).toBe(one);
    const two = repository.commit({ [BUNDLE]: 'second' });
    repository.git('tag', '--force', '--annotate', '--message', 'release', 'live');
    repository.push('refs/tags/live');
    const second = await next(lastOf(first));
    expect(second.token).toBe(two);
    repository.git('tag', '--force', 'live', one);
    repository.push('refs/tags/live');
    await expect(next(lastOf(second))).rejects.toThrow(`tag live is now at ${one}, which does not descend from ${two}`);
  });

  it('removes its folder when it is closed', async () => {
    repository.commit({ [BUNDLE]: 'first' });
    await next();
    await source.close();
    expect((await readdir(folder)).sort()).toEqual(['clone', 'policies.git']);
  });

  it('is not led astray by the environment or by the configuration of who runs the gateway', async () => {
    const one = repository.commit({ [BUNDLE]: 'first' });
    await writeFile(join(folder, '.gitconfig'), `[url "file:///nowhere/"]\n\tinsteadOf = "file:///"\n`);
    vi.stubEnv('HOME', folder);
    vi.stubEnv('GIT_DIR', '/nowhere');
    vi.stubEnv('GIT_CONFIG_PARAMETERS', "'core.bare'='maybe'");
    expect((await next()).token).toBe(one);
  });
});

describe('a history that does not go forward', () => {
  it('is refused: another history, or an older commit', async () => {
    const one = repository.commit({ [BUNDLE]: 'first' });
    const two = repository.commit({ [BUNDLE]: 'second' });
    const second = lastOf(await next());
    repository.push(`${one}:refs/heads/main`);
    await expect(next(second)).rejects.toThrow(`branch main is now at ${one}, which does not descend from ${two}`);
    repository.git('checkout', '--quiet', '--orphan', 'other');
    const other = repository.commit({ [BUNDLE]: 'third' });
    await expect(next(second)).rejects.toThrow(
      `${other}, which does not descend from ${two}: its history was replaced`,
    );
    repository.git('checkout', '--quiet', '--detach', two);
    const three = repository.commit({ [BUNDLE]: 'forward again' });
    expect((await next(second)).token).toBe(three);
  });

  it('is refused after a start too, by the commit that was good', async () => {
    const one = repository.commit({ [BUNDLE]: 'first' });
    repository.git('checkout', '--quiet', '--orphan', 'other');
    const other = repository.commit({ [BUNDLE]: 'second' });
    await expect(next({ token: '', gitCommit: one })).rejects.toThrow(`${other}, which does not descend from ${one}`);
    await expect(next({ token: '', gitCommit: other })).resolves.toMatchObject({ token: other });
  });

  it('may replace what was refused, as long as it descends from what was good', async () => {
    const one = repository.commit({ [BUNDLE]: 'good' });
    await next();
    const bad = repository.commit({ [BUNDLE]: 'bad' });
    expect((await next({ token: one, gitCommit: one })).token).toBe(bad);
    const amended = repository.commit({ [BUNDLE]: 'better' }, '--amend');
    expect((await next({ token: bad, gitCommit: one })).token).toBe(amended);
  });

  it('is found to go forward over many commits, merges included', async () => {
    const one = repository.commit({ [BUNDLE]: 'first' });
    const first = lastOf(await next());
    const stream = Array.from({ length: 120 }, (_, n) =>
      [
        'commit refs/heads/long',
        `committer C <c@example.com> ${1_700_000_000 + n} +0000`,
        'data 1\nx',
        ...(n === 0 ? [`from ${one}`] : []),
        `M 644 inline ${BUNDLE}`,
        `data 3\n${String(n).padStart(3, '0')}\n`,
      ].join('\n'),
    ).join('\n');
    repository.gitWith(stream, 'fast-import', '--quiet');
    repository.git('merge', '--quiet', '--no-ff', '--strategy-option=theirs', '--message', 'all', 'long');
    repository.push('HEAD:refs/heads/main');
    expect(textOf(await next(first))).toBe('119');
  });
});

describe('a branch that is not there', () => {
  it('is said so, also when it was deleted, and comes again when it does', async () => {
    await expect(next()).rejects.toThrow(`git ${repository.url} main: there is no branch main (any more, or yet)`);
    repository.commit({ [BUNDLE]: 'first' });
    const first = lastOf(await next());
    repository.push(':refs/heads/main');
    await expect(next(first)).rejects.toThrow('there is no branch main (any more, or yet)');
    const two = repository.commit({ [BUNDLE]: 'second' });
    expect((await next(first)).token).toBe(two);
  });

  it('is not mistaken for another of a longer name', async () => {
    repository.commit({ [BUNDLE]: 'first' });
    repository.push('HEAD:refs/heads/feature/refs/heads/main', ':refs/heads/main');
    await expect(next()).rejects.toThrow('there is no branch main');
  });
});
