import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BundleSource } from './bundle-source.ts';
import type { GitSourceOptions } from './git-source.ts';
import { makeTestRepository, openTestSource, type TestRepository } from './testing/git-repository.ts';

let folder: string;
let repository: TestRepository;
/** By what they look at. */
let sources: Map<string, BundleSource>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-git-content-'));
  repository = makeTestRepository(folder);
  sources = new Map();
});

afterAll(async () => {
  for (const source of sources.values()) await source.close();
  await rm(folder, { recursive: true, force: true });
});

/** What the source makes of the commit that was pushed last, whatever it saw before. */
async function bundle(more: Partial<GitSourceOptions> = {}) {
  const key = JSON.stringify(more);
  const source = sources.get(key) ?? openTestSource(folder, { url: repository.url, pollIntervalMs: 1, ...more });
  sources.set(key, source);
  return source.next(null, AbortSignal.timeout(30_000));
}

const SOURCES = { path: 'policies', holds: 'sources' } as const;

/** Pushes a commit of a tree that is made by hand, of `<mode> <type> <object>\t<path>` lines, and no other before it. */
function pushTree(...lines: readonly string[]): void {
  pushTreeObject(tree(...lines));
}

function pushTreeObject(object: string): void {
  const commit = repository.git('commit-tree', object, '-m', 'by hand');
  repository.git('--git-dir', repository.directory, 'update-ref', 'refs/heads/main', commit);
}

const blob = (text: string | Buffer) => repository.gitWith(text, 'hash-object', '-w', '--stdin');
const tree = (...lines: readonly string[]) => repository.gitWith(`${lines.join('\n')}\n`, 'mktree');

/** Pushes a commit in which this stands where the bundle should. */
function pushBundle(entry: string): void {
  pushTree(`040000 tree ${tree(`${entry}\tbundle.tar.gz`)}\tdist`);
}

describe('a built bundle in a Git repository is refused', () => {
  it('when it is not there, or no file', async () => {
    const file = `100644 blob ${blob('x')}`;
    pushTree(`${file}\tREADME`);
    await expect(bundle()).rejects.toThrow(/commit [0-9a-f]{40} has no dist\/bundle\.tar\.gz$/);
    pushBundle(`040000 tree ${tree(`${file}\tx`)}`);
    await expect(bundle()).rejects.toThrow('dist/bundle.tar.gz must be a file');
  });

  it('when it is a symbolic link, or lies behind one', async () => {
    pushBundle(`120000 blob ${blob('/etc/passwd')}`);
    await expect(bundle()).rejects.toThrow('"bundle.tar.gz" is a symbolic link, which is not followed');
    const real = tree(`100644 blob ${blob('a bundle')}\tbundle.tar.gz`);
    pushTree(`120000 blob ${blob('real')}\tdist`, `040000 tree ${real}\treal`);
    await expect(bundle()).rejects.toThrow('has no dist/bundle.tar.gz');
  });

  it('when it stands in Git LFS', async () => {
    pushBundle(`100644 blob ${blob('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n')}`);
    await expect(bundle()).rejects.toThrow('"bundle.tar.gz" stands in Git LFS, which is not read');
  });

  it('when it is larger than a bundle may be, without being read', async () => {
    pushBundle(`100644 blob ${blob(Buffer.alloc(65 * 1024 * 1024))}`);
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
    pushTree(`040000 tree ${tree(`100644 blob ${blob(Buffer.alloc(17 * 1024 * 1024))}\tdata.json`)}\tpolicies`);
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
    pushTree(`100644 blob ${blob('x')}\tpolicies`);
    await expect(bundle(SOURCES)).rejects.toThrow('policies must be a folder with policy sources, or end in .tar.gz');
  });

  it.each(['..', '.', '.git', '.GIT', 'a/b'])('by the check of git when an entry is called %j', async (name) => {
    const object = Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(blob('x'), 'hex')]);
    const outer = repository.gitWith(object, 'hash-object', '-w', '-t', 'tree', '--literally', '--stdin');
    pushTreeObject(outer);
    await expect(bundle({ path: '', holds: 'sources' })).rejects.toThrow(/git fetch failed: .*fsck error/);
  });
});
