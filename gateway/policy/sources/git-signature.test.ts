import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BundleSource } from './bundle-source.ts';
import { BUNDLE, makeTestRepository, openTestSource, type TestRepository } from './testing/git-repository.ts';

/** Of the two keys, which all tests share. */
let keys: string;
let folder: string;
let allowedSignersFile: string;
let repository: TestRepository;
let source: BundleSource;

beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), 'countersign-git-keys-'));
  for (const name of ['owner', 'stranger']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(keys, name)]);
  }
});

afterAll(() => rm(keys, { recursive: true, force: true }));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-git-signature-'));
  allowedSignersFile = join(folder, 'allowed-signers');
  repository = makeTestRepository(folder);
  await allow('owner@example.com', '', 'owner');
  source = openTestSource(folder, { url: repository.url, allowedSignersFile });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await source.close();
  await rm(folder, { recursive: true, force: true });
});

async function allow(principal: string, options: string, key: string): Promise<void> {
  const publicKey = await readFile(join(keys, `${key}.pub`), 'utf8');
  await writeFile(allowedSignersFile, `${principal} ${options} ${publicKey}`);
}

function commitSignedBy(key: string, text = 'a bundle'): string {
  return repository.commitSigned(join(keys, key), { [BUNDLE]: text });
}

const next = () => source.next(null, AbortSignal.timeout(20_000));
const refused = (commit: string) =>
  expect(next()).rejects.toThrow(`commit ${commit} has no SSH signature of a key in ${allowedSignersFile}`);

/** The commit as git keeps it. */
const rawOf = (commit: string) => repository.gitWith('', 'cat-file', 'commit', commit);

function pushRaw(raw: string): string {
  const commit = repository.gitWith(`${raw}\n`, 'hash-object', '-w', '-t', 'commit', '--stdin');
  repository.push(`${commit}:refs/heads/main`);
  return commit;
}

/** Programs in place of gpg that find every signature good and its owner trusted. */
async function believers(): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const status = [
    'NEWSIG',
    'GOODSIG 0123456789ABCDEF Anybody',
    `VALIDSIG ${'A'.repeat(40)} 2026-01-01 0`,
    'TRUST_ULTIMATE 0 pgp',
  ];
  const script = `#!/bin/sh\ncat <<END\n${status.map((line) => `[GNUPG:] ${line}`).join('\n')}\nEND\n`;
  for (const name of ['gpg', 'gpgsm']) await writeFile(join(bin, name), script, { mode: 0o755 });
  return bin;
}

describe('a commit that must be signed', () => {
  it('is taken when one of the allowed signers signed it', async () => {
    const commit = commitSignedBy('owner');
    expect(await next()).toMatchObject({ token: commit, builtHere: false });
  });

  it('is refused without a signature, and when a stranger signed it', async () => {
    await refused(repository.commit({ [BUNDLE]: 'a bundle' }));
    await refused(commitSignedBy('stranger', 'another'));
    const good = commitSignedBy('owner', 'a third');
    expect((await next()).token).toBe(good);
  });

  it('is refused when only a commit before it is signed', async () => {
    commitSignedBy('owner');
    await refused(repository.commit({ [BUNDLE]: 'more' }));
  });

  it('is refused with the signature of another commit', async () => {
    const raw = rawOf(commitSignedBy('owner'));
    await refused(pushRaw(raw.replace('a change', 'another change')));
  });

  it('is refused when the signature is of another purpose', async () => {
    await allow('owner@example.com', 'namespaces="file"', 'owner');
    await refused(commitSignedBy('owner'));
    await allow('owner@example.com', 'namespaces="git"', 'owner');
    expect((await next()).token).toMatch(/^[0-9a-f]{40}$/);
  });

  it('is refused when the key was not allowed any more at its time', async () => {
    await allow('owner@example.com', 'valid-before="20200101"', 'owner');
    await refused(commitSignedBy('owner'));
  });

  it('is refused with a signature of another format, whatever the machine has to check it', async () => {
    const raw = rawOf(commitSignedBy('owner'));
    const pgp = raw.replaceAll('SSH SIGNATURE', 'PGP SIGNATURE');
    expect(pgp).toContain('BEGIN PGP SIGNATURE');
    const x509 = raw.replaceAll('SSH SIGNATURE', 'SIGNED MESSAGE');
    vi.stubEnv('PATH', `${await believers()}:${process.env.PATH}`);
    await refused(pushRaw(pgp));
    await refused(pushRaw(x509));
  });

  it('is judged by the file as it stands now', async () => {
    const commit = commitSignedBy('owner');
    await allow('stranger@example.com', '', 'stranger');
    await refused(commit);
    await allow('owner@example.com', '', 'owner');
    expect((await next()).token).toBe(commit);
    await rm(allowedSignersFile);
    await source.close();
    source = openTestSource(folder, { url: repository.url, allowedSignersFile });
    await refused(commit);
  });
});
