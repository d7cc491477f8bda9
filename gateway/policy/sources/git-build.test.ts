import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readArchive } from '../bundle/read-archive.ts';
import { readBundle } from '../bundle/read-bundle.ts';
import type { BundleSource, FetchedBundle } from './bundle-source.ts';
import type { GitSourceOptions } from './git-source.ts';
import { makeTestRepository, openTestSource, type TestRepository } from './testing/git-repository.ts';

let codeCache: string;
let folder: string;
let repository: TestRepository;
let source: BundleSource | null = null;

beforeAll(async () => {
  codeCache = await mkdtemp(join(tmpdir(), 'countersign-git-code-'));
});

afterAll(() => rm(codeCache, { recursive: true, force: true }));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-git-build-'));
  repository = makeTestRepository(folder);
});

afterEach(async () => {
  await source?.close();
  await rm(folder, { recursive: true, force: true });
});

async function next(
  more: Partial<GitSourceOptions> = {},
  signal = AbortSignal.timeout(60_000),
): Promise<FetchedBundle> {
  await source?.close();
  source = openTestSource(folder, { url: repository.url, codeCache, path: 'policies', holds: 'sources', ...more });
  return source.next(null, signal);
}

function bundleOf({ content }: FetchedBundle) {
  if (content.kind !== 'archive') throw new Error('a Git source brings archives');
  return readBundle(readArchive(content.archive, 'test'), 'test');
}

const AGENT = JSON.stringify({ wallets: {} });
const SOURCES = { 'policies/policy.yaml': 'name: demo\n', 'policies/data/agents/robot.json': AGENT };

describe('policy sources in a Git repository', () => {
  it('are compiled to a bundle that says of which commit and when, each time the same', async () => {
    const commit = repository.commit(SOURCES);
    const first = await next();
    expect(first).toMatchObject({ token: commit, gitCommit: commit, builtHere: false });
    const bundle = bundleOf(first);
    expect(bundle.gitCommit).toBe(commit);
    expect(bundle.builtAt).toBe(Number(repository.git('show', '--no-patch', '--format=%ct')) * 1000);
    expect(JSON.parse(new TextDecoder().decode(bundle.data))).toMatchObject({ countersign: { agents: { robot: {} } } });
    expect((await next()).content).toEqual(first.content);
  });

  it('are built one after the other as if each were the first', { timeout: 120_000 }, async () => {
    repository.commit(SOURCES);
    const first = await next();
    const rule = 'package countersign.rules.own\n\ndefault verdict := {"decision": "deny", "reasons": []}\n';
    const changes = [
      { 'policies/data/agents/other.json': AGENT },
      { 'policies/rules/own/own.rego': rule },
      { 'policies/rules/own/own.rego': `${rule}\nx := 1\n` },
    ];
    let last = { token: first.token, gitCommit: first.gitCommit };
    const warm = source;
    source = null;
    try {
      for (const change of changes) {
        const commit = repository.commit(change);
        const built = await warm?.next(last, AbortSignal.timeout(60_000));
        expect(built?.token).toBe(commit);
        expect(built?.content).toEqual((await next()).content);
        last = { token: commit, gitCommit: commit };
      }
    } finally {
      await warm?.close();
    }
  });

  it('count as signed where the commit was', async () => {
    const keyFile = join(folder, 'owner');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', keyFile]);
    const allowedSignersFile = join(folder, 'allowed-signers');
    await writeFile(allowedSignersFile, `owner ${await readFile(`${keyFile}.pub`, 'utf8')}`);
    repository.commitSigned(keyFile, SOURCES);
    expect(await next({ allowedSignersFile })).toMatchObject({ builtHere: true });
  });

  it('are refused with the name of the file that is wrong, and nothing of this machine', async () => {
    repository.commit({ ...SOURCES, 'policies/data/agents/robot.json': '{"wallets": {"w": {"enbled": []}}}' });
    const error: unknown = await next().catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/the policy of commit [0-9a-f]{40} cannot be built: .*enbled/);
    expect(String(error)).not.toContain(join(folder, 'countersign-git'));
  });

  it('are refused where the policy does not compile', async () => {
    const rule = 'package countersign.rules.own\n\nverdict := {\n';
    repository.commit({ ...SOURCES, 'policies/rules/own/own.rego': rule });
    await expect(next()).rejects.toThrow(/cannot be built: .*own\.rego/);
  });

  it('may not be a folder that holds something else', async () => {
    repository.commit({ 'policies/README': 'x' });
    await expect(next()).rejects.toThrow('the repository is no policy repository: it has no policy.yaml');
  });

  it('are given up, with all that was started, when the signal says so', async () => {
    repository.commit(SOURCES);
    const ending = new AbortController();
    const coming = next({}, ending.signal);
    const refused = expect(coming).rejects.toThrow('enough');
    const works = async () => (await readdir(folder, { recursive: true })).some((path) => path.endsWith('build/work'));
    await vi.waitUntil(works, { timeout: 20_000, interval: 10 });
    ending.abort(new Error('enough'));
    await refused;
    await source?.close();
    expect((await readdir(folder)).sort()).toEqual(['clone', 'policies.git']);
  });
});
