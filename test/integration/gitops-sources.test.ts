import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTestRepository, type TestRepository } from '../../gateway/policy/sources/testing/git-repository.ts';
import { type GitServer, startGitServer } from '../../gateway/policy/sources/testing/git-server.ts';
import {
  agentFiles,
  type Folder,
  type GitopsScene,
  newFolder,
  newPolicyRepository,
  openScene,
  type PolicyRepository,
  SERVED_WITHIN_MS,
  SOL,
} from './gitops-scene.ts';

/** What says that a transaction at the limit of before is allowed. */
const OF_THE_OLD_LIMIT = 'fixtures/allow-trade-at-limit.json';
const RULE = 'rules/one_recipient/one_recipient.rego';

let folder: Folder;
let server: GitServer;
let git: TestRepository;
let policies: PolicyRepository;
let scene: GitopsScene;

/** The commits of an author, as policy repositories are kept: sources, each commit signed. */
beforeAll(async () => {
  folder = await newFolder('gitops-sources');
  git = makeTestRepository(folder.path);
  for (const name of ['owner', 'stranger']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder.path, name)]);
  }
  policies = await newPolicyRepository(folder.path);
  commitBy('owner', {});
  server = await startGitServer(folder.path);
  const publicKey = await readFile(join(folder.path, 'owner.pub'), 'utf8');
  const signers = await folder.write('allowed-signers', `owner@example.com ${publicKey}`);
  const source = { type: 'git', url: server.url, branch: 'main', poll_interval_ms: 200, allowed_signers_file: signers };
  scene = await openScene({ source });
}, 180_000);

afterAll(async () => {
  await scene?.stop();
  await server?.close();
  await folder?.remove();
});

function commitBy(key: string, files: Readonly<Record<string, string | null>>): string {
  return git.commitSigned(join(folder.path, key), files);
}

const limitOf = (limit: string) => agentFiles(policies.agentFile(limit));

describe('a policy repository of `countersign policy new`, followed over http', { timeout: 120_000 }, () => {
  it('decides: the gateway compiles it, and every answer names the revision', async () => {
    const active = await scene.active();
    expect(active).toMatch(/^[0-9a-f]{32}$/);
    expect(await scene.transfer(SOL)).toMatchObject({ outcome: 'signed', revision: active });
    expect(await scene.transfer(2n * SOL)).toMatchObject({ outcome: 'denied', revision: active });
  });

  it('is stricter soon after a stricter commit was pushed', async () => {
    const before = await scene.active();
    commitBy('owner', { ...limitOf('0.5 SOL'), [OF_THE_OLD_LIMIT]: null });
    await server.asked();
    const { ms } = await scene.decidedAnew(SOL, 'denied', before);
    // The gateway compiles it on the way.
    expect(ms).toBeLessThan(3 * SERVED_WITHIN_MS);
    expect(await scene.transfer(SOL / 4n)).toMatchObject({ outcome: 'signed' });
  });

  it.each([
    [
      'Rego that does not compile',
      'owner',
      () => ({ [RULE]: 'package countersign.rules.one_recipient\n\nverdict := {' }),
      /rego_parse_error/,
    ],
    ['a fixture that is decided otherwise', 'owner', () => limitOf('3 SOL'), /fixtures\/[a-z-]+\.json/],
    [
      'data with a misspelt name',
      'owner',
      () => agentFiles(policies.agentFile('1 SOL').replace('per_transaction', 'per_transacton')),
      /per_transacton/,
    ],
    ['a commit that a stranger signed', 'stranger', () => limitOf('1.4 SOL'), /no SSH signature of a key/],
  ])('keeps what decides where there is %s, says why, and records it', async (_, key, change, why) => {
    const before = await scene.active();
    const restore = new Map<string, string>();
    for (const path of Object.keys(change())) restore.set(path, await readFile(join(policies.directory, path), 'utf8'));
    const commit = commitBy(key, change());
    await scene.problem(why);
    expect(await scene.transfer(SOL)).toMatchObject({ outcome: 'denied', revision: before });
    expect(await scene.transfer(SOL / 4n)).toMatchObject({ outcome: 'signed', revision: before });
    await expect
      .poll(async () => (await scene.records()).filter(({ content }) => content === commit))
      .toMatchObject([{ kind: 'policy.refused', message: expect.stringMatching(why) }]);
    commitBy('owner', Object.fromEntries(restore));
    await scene.noProblem();
    expect(await scene.active()).toBe(before);
  });

  it('goes back by a commit that goes back: what decided before decides again', async () => {
    const strict = await scene.active();
    commitBy('owner', limitOf('0.4 SOL'));
    await scene.decidedAnew(SOL / 2n, 'denied', strict);
    git.git('revert', '--no-edit', `--gpg-sign=${join(folder.path, 'owner')}`, 'HEAD');
    const between = await scene.active();
    git.push('HEAD:refs/heads/main');
    const { revision } = await scene.decidedAnew(SOL / 2n - 1_000_000n, 'signed', between);
    expect(revision).toBe(strict);
  });

  it('is not taken where its history was replaced, until an operator lets it', async () => {
    const before = await scene.active();
    git.git('checkout', '--quiet', '--orphan', 'rewritten');
    const commit = commitBy('owner', limitOf('1.2 SOL'));
    await scene.problem(/does not descend from .* its history was replaced/);
    expect(await scene.transfer(SOL)).toMatchObject({ outcome: 'denied', revision: before });
    await expect
      .poll(async () => (await scene.records()).filter(({ content }) => content === commit))
      .toMatchObject([{ kind: 'policy.refused', code: 'CONTENT_REFUSED' }]);
    expect((await scene.cli('policy', 'follow', '--reason', 'we began anew')).code).toBe(0);
    await scene.decidedAnew(SOL, 'signed', before);
    await scene.noProblem();
  });
});
