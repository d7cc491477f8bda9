import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BundleSource } from './bundle-source.ts';
import type { GitSourceOptions } from './git-source.ts';
import { BUNDLE, makeTestRepository, openTestSource, type TestRepository } from './testing/git-repository.ts';

let folder: string;
let repository: TestRepository;
let source: BundleSource | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-git-content-'));
  repository = makeTestRepository(folder);
});

afterEach(async () => {
  await source?.close();
  await rm(folder, { recursive: true, force: true });
});

async function bundle(more: Partial<GitSourceOptions> = {}) {
  await source?.close();
  source = openTestSource(folder, { url: repository.url, ...more });
  return source.next(null, AbortSignal.timeout(30_000));
}

const SOURCES = { path: 'policies', holds: 'sources' } as const;

/** Pushes a commit of a tree that is made by hand: `<mode> <type> <object>\t<path>` lines. */
function pushTree(...lines: readonly string[]): void {
  pushTreeObject(repository.gitWith(`${lines.join('\n')}\n`, 'mktree'));
}

function pushTreeObject(tree: string): void {
  const commit = repository.git('commit-tree', tree, '-m', 'by hand');
  repository.push(`${commit}:refs/heads/main`);
}

const blob = (text: string) => repository.gitWith(text, 'hash-object', '-w', '--stdin');
const tree = (...lines: readonly string[]) => repository.gitWith(`${lines.join('\n')}\n`, 'mktree');

describe('a built bundle in a Git repository is refused', () => {
  it('when it is not there, or no file', async () => {
    repository.commit({ README: 'x' });
    await expect(bundle()).rejects.toThrow(/commit [0-9a-f]{40} has no dist\/bundle\.tar\.gz$/);
    repository.commit({ [`${BUNDLE}/x`]: 'x' });
    await expect(bundle()).rejects.toThrow('dist/bundle.tar.gz must be a file');
  });

  it('when it is a symbolic link, or lies behind one', async () => {
    pushTree(`040000 tree ${tree(`120000 blob ${blob('/etc/passwd')}\tbundle.tar.gz`)}\tdist`);
    await expect(bundle()).rejects.toThrow('"bundle.tar.gz" is a symbolic link, which is not followed');
    const real = tree(`100644 blob ${blob('a bundle')}\tbundle.tar.gz`);
    pushTree(`120000 blob ${blob('real')}\tdist`, `040000 tree ${real}\treal`);
    await expect(bundle()).rejects.toThrow('has no dist/bundle.tar.gz');
  });

  it('when it stands in Git LFS', async () => {
    repository.commit({ [BUNDLE]: 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' });
    await expect(bundle()).rejects.toThrow('"bundle.tar.gz" stands in Git LFS, which is not read');
  });

  it('when it is larger than a bundle may be, without being read', async () => {
    repository.commit({ [BUNDLE]: Buffer.alloc(65 * 1024 * 1024).toString('latin1') });
    await expect(bundle()).rejects.toThrow('"bundle.tar.gz" has 68157440 bytes; at most 67108864 are read');
  });
});

describe('policy sources in a Git repository are refused', () => {
  const link = () => `120000 blob ${blob('/etc/passwd')}`;

  it.each<[string, () => string, string]>([
    ['a symbolic link', () => `${link()}\tpolicy.yaml`, '"policy.yaml" is a symbolic link, which is not followed'],
    [
      'a symbolic link deep inside',
      () => `040000 tree ${tree(`${link()}\tdata.json`)}\tdata`,
      '"data/data.json" is a symbolic link',
    ],
    ['a submodule', () => `160000 commit ${'1'.repeat(40)}\trules`, '"rules" is a submodule, which is not fetched'],
    ['a name with a backslash', () => `100644 blob ${blob('x')}\ta\\\\b`, 'is no name that a file may have here'],
    ['a name with a control character', () => `100644 blob ${blob('x')}\t"a\\033b"`, 'is no name that a file may have'],
    ['a name that is not UTF-8', () => `100644 blob ${blob('x')}\t"a\\377b"`, 'is no name that a file may have here'],
  ])('with %s', async (_, entry, message) => {
    pushTree(`040000 tree ${tree(entry())}\tpolicies`);
    await expect(bundle(SOURCES)).rejects.toThrow(message);
  });

  it('with a file that is too large', async () => {
    repository.commit({ 'policies/data.json': Buffer.alloc(17 * 1024 * 1024).toString('latin1') });
    await expect(bundle(SOURCES)).rejects.toThrow('"data.json" has 17825792 bytes; at most 16777216 are read');
  });

  it('with trees in trees that would be files without end', async () => {
    let inner = tree(`100644 blob ${blob('x')}\tf`);
    for (let depth = 0; depth < 12; depth++) {
      inner = tree(...Array.from({ length: 10 }, (_, n) => `040000 tree ${inner}\td${n}`));
    }
    pushTree(`040000 tree ${inner}\tpolicies`);
    await expect(bundle(SOURCES)).rejects.toThrow('git ls-tree: it printed more than 16777216 bytes');
  });

  it('where the path is a file, or behind a link', async () => {
    repository.commit({ policies: 'x' });
    await expect(bundle(SOURCES)).rejects.toThrow('policies must be a folder with policy sources, or end in .tar.gz');
  });

  it.each(['..', '.', '.git', '.GIT', 'a/b'])('by the check of git when an entry is called %j', async (name) => {
    const object = Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(blob('x'), 'hex')]);
    const outer = repository.gitWith(object, 'hash-object', '-w', '-t', 'tree', '--literally', '--stdin');
    pushTreeObject(outer);
    await expect(bundle({ path: '', holds: 'sources' })).rejects.toThrow(/git fetch failed: .*fsck error/);
  });
});
