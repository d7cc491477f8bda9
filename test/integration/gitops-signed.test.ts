import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openConnection } from '../../gateway/cli/connection.ts';
import { keyPair } from '../../gateway/policy/bundle/testing/signing-keys.ts';
import {
  BUNDLE,
  makeTestRepository,
  type TestRepository,
} from '../../gateway/policy/sources/testing/git-repository.ts';
import { AdminService, OperatorRole, PrincipalKind } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { PolicyService } from '../../proto/gen/countersign/v1/policy_pb.ts';
import {
  type BuiltBundle,
  builtOf,
  type Folder,
  type GitopsScene,
  newFolder,
  newPolicyRepository,
  openScene,
  type Release,
  releaseBy,
  SERVED_WITHIN_MS,
  SOL,
  withLimit,
} from './gitops-scene.ts';

const START = Date.now() - 60 * 60_000;

let folder: Folder;
let git: TestRepository;
let release: Release;
let first: BuiltBundle;
let scene: GitopsScene;
/** Of a request that the first revision allowed. */
let allowedFirst: string;

/** A repository that holds what was built and signed elsewhere. */
beforeAll(async () => {
  folder = await newFolder('gitops-signed');
  git = makeTestRepository(folder.path);
  release = await releaseBy('EdDSA', folder);
  const authors = await newFolder('gitops-authors');
  first = await builtOf(await newPolicyRepository(authors.path), START);
  await authors.remove();
  publish(release.archiveOf(first));
  const source = { type: 'git', url: git.url, branch: 'main', path: BUNDLE, poll_interval_ms: 200 };
  const controls = { new_admin_wait_hours: 24 };
  scene = await openScene({ source, signatures: release.signatures }, { controls });
}, 180_000);

afterAll(async () => {
  await scene?.stop();
  await folder?.remove();
});

/** The same policy with another limit, built so many minutes after the first. */
function limited(revision: string, minutes: number, lamports: bigint): BuiltBundle {
  return withLimit(first, revision, START + minutes * 60_000, lamports);
}

function publish(archive: Uint8Array): string {
  return git.commit({ [BUNDLE]: archive });
}

/** A source that brings one bad bundle after the other is asked ever more seldom: each test that brings one ends with a good one. */
async function strictAgain(): Promise<void> {
  publish(release.archiveOf(limited('strict', 10, SOL / 2n)));
  await scene.noProblem();
  expect(await scene.active()).toBe('strict');
}

async function refusedBecause(why: RegExp, code: string, content: string): Promise<void> {
  await scene.problem(why);
  await expect
    .poll(async () => (await scene.records()).filter((record) => record.content === content))
    .toMatchObject([{ kind: 'policy.refused', code, message: expect.stringMatching(why) }]);
}

describe('a signed bundle in a Git repository', { timeout: 120_000 }, () => {
  it('decides', async () => {
    const decided = await scene.transfer(SOL);
    expect(decided).toMatchObject({ outcome: 'signed', revision: 'first' });
    allowedFirst = decided.requestId;
  });

  it('is replaced soon after a stricter one was pushed', async () => {
    publish(release.archiveOf(limited('strict', 10, SOL / 2n)));
    const { revision, ms } = await scene.decidedAnew(SOL, 'denied', 'first');
    expect(revision).toBe('strict');
    expect(ms).toBeLessThan(SERVED_WITHIN_MS);
    const activated = (await scene.records()).filter(({ kind }) => kind === 'policy.activated');
    expect(activated).toMatchObject([
      { revision: 'first', before: null, by: 'source' },
      { revision: 'strict', before: 'first', by: 'source' },
    ]);
  });

  it.each([
    [
      'that nobody signed',
      () => release.archiveOf(limited('unsigned', 20, 5n * SOL), null),
      'SIGNATURE_INVALID',
      /\.signatures\.json/,
    ],
    [
      'that a stranger signed',
      () => release.archiveOf(limited('foreign', 20, 5n * SOL), keyPair('EdDSA', 'release')),
      'SIGNATURE_INVALID',
      /\.signatures\.json/,
    ],
    [
      'that is older',
      () => release.archiveOf(limited('older', 5, 5n * SOL)),
      'OLDER_THAN_ACTIVE',
      /was built at .* before strict/,
    ],
    [
      'that came in half',
      () => release.archiveOf(limited('half', 20, 5n * SOL)).subarray(0, 100_000),
      'BUNDLE_MALFORMED',
      /gzip|archive|unexpected end/i,
    ],
    [
      'with the name of another',
      () => release.archiveOf(limited('first', 20, 5n * SOL)),
      'REVISION_REUSED',
      /is known with another content/,
    ],
  ])('stays, and says why, where one comes %s', async (_, archive, code, why) => {
    const commit = publish(archive());
    await refusedBecause(why, code, commit);
    expect(await scene.transfer(SOL)).toMatchObject({ outcome: 'denied', revision: 'strict' });
    expect(await scene.transfer(SOL / 4n)).toMatchObject({ outcome: 'signed', revision: 'strict' });
    await strictAgain();
  });

  it('stays where the history was replaced', async () => {
    git.git('checkout', '--quiet', '--orphan', 'rewritten');
    const commit = publish(release.archiveOf(limited('rewritten', 20, 5n * SOL)));
    await refusedBecause(/its history was replaced/, 'CONTENT_REFUSED', commit);
    expect(await scene.transfer(SOL)).toMatchObject({ outcome: 'denied', revision: 'strict' });
    git.git('checkout', '--quiet', '--force', 'main');
    await strictAgain();
  });
});

describe('the operator of a gateway that follows it', { timeout: 120_000 }, () => {
  it('sees what decides', async () => {
    const { code, out } = await scene.cli('policy', 'status');
    expect(code).toBe(0);
    expect(out).toContain('Revision strict decides');
    expect(out).toContain('key release');
  });

  it('goes back, and stays there whatever is pushed', async () => {
    const back = await scene.cli('policy', 'rollback', '--reason', 'payroll is denied');
    expect(back).toMatchObject({ code: 0, out: expect.stringContaining('revision first decides') });
    expect(await scene.transfer(SOL)).toMatchObject({ outcome: 'signed', revision: 'first' });
    publish(release.archiveOf(limited('stricter', 30, SOL / 4n)));
    await expect
      .poll(async () => (await scene.cli('policy', 'revisions')).out, { timeout: 30_000 })
      .toContain('stricter');
    expect(await scene.transfer(SOL)).toMatchObject({ outcome: 'signed', revision: 'first' });
    expect((await scene.records()).at(-1)).not.toMatchObject({ revision: 'stricter' });
  });

  it('lets the source choose again, and pins what then decides', async () => {
    expect((await scene.cli('policy', 'follow', '--reason', 'payroll is fixed')).code).toBe(0);
    expect(await scene.transfer(SOL / 2n)).toMatchObject({ outcome: 'denied', revision: 'stricter' });
    expect((await scene.cli('policy', 'pin')).code).toBe(0);
    const commit = publish(release.archiveOf(limited('laxer', 40, 5n * SOL)));
    await expect.poll(async () => (await scene.cli('policy', 'revisions')).out, { timeout: 30_000 }).toContain('laxer');
    expect(commit).not.toBe('');
    expect(await scene.transfer(SOL)).toMatchObject({ outcome: 'denied', revision: 'stricter' });
  });

  it('lets another revision judge beside it, and reads what it would have decided', async () => {
    expect((await scene.cli('policy', 'shadow', 'set', 'laxer')).code).toBe(0);
    await expect
      .poll(async () => (await scene.cli('policy', 'status')).out, { timeout: 30_000 })
      .toMatch(/stricter +laxer/);
    const { requestId } = await scene.transfer(SOL);
    await expect
      .poll(async () => (await scene.cli('policy', 'shadow', 'report')).out, { timeout: 30_000 })
      .toMatch(/newly allowed +1 +1\.0000000\d{1,2} SOL/);
    expect((await scene.cli('policy', 'shadow', 'report')).out).toContain(requestId);
    expect((await scene.cli('policy', 'shadow', 'off')).code).toBe(0);
  });

  it('has each choice in the record, with who made it and why', async () => {
    const choices = (await scene.records()).filter(({ kind }) => /pinned|followed|shadowed/.test(String(kind)));
    expect(choices).toMatchObject([
      { kind: 'policy.pinned', revision: 'first', before: 'strict', reason: 'payroll is denied', rolled_back: true },
      { kind: 'policy.followed', revision: 'stricter', before: 'first', reason: 'payroll is fixed' },
      { kind: 'policy.pinned', revision: 'stricter', before: 'stricter' },
      { kind: 'policy.shadowed', revision: 'laxer' },
      { kind: 'policy.shadowed', revision: null },
    ]);
  });
});

describe('an operator whom an admin made just now', { timeout: 120_000 }, () => {
  it('does not take the policy back, as the others may, and it is on record', async () => {
    const { operator, environment, databaseUrl } = scene.gateway;
    const database = new Client({ connectionString: databaseUrl });
    await database.connect();
    await database.query('UPDATE principals SET created_at_ms = 0; UPDATE api_keys SET created_at_ms = 0');
    await database.end();
    const [principal, roles] = ['mallory', [OperatorRole.POLICY]];
    await operator.unary(AdminService.method.createPrincipal, { principal, kind: PrincipalKind.OPERATOR, roles });
    const { secret } = await operator.unary(AdminService.method.createApiKey, { principal });
    const mallory = openConnection({ address: environment.gateway.controlPlane, apiKey: secret, caFile: null });
    await expect(mallory.unary(PolicyService.method.rollBack, { reason: 'mine' })).rejects.toMatchObject({
      reason: 'BUNDLE_REFUSED',
      message: expect.stringMatching(
        /policy revision first was not chosen: .* mallory is new with this API key until 20/,
      ),
    });
    mallory.close();
    expect(await scene.active()).toBe('stricter');
    await expect
      .poll(async () => (await scene.records()).at(-1))
      .toMatchObject({ kind: 'policy.refused', code: 'OPERATOR_TOO_NEW', content: 'first', from: 'operator mallory' });
    // What is known of a key is kept for a second.
    const back = () => scene.cli('policy', 'rollback', '--reason', 'by one who was there before');
    await expect.poll(async () => (await back()).code, { timeout: 5_000 }).toBe(0);
    expect(await scene.active()).toBe('first');
    expect((await scene.cli('policy', 'activate', 'stricter')).code).toBe(0);
  });
});

describe('the record', { timeout: 120_000 }, () => {
  it('replays a request of an earlier revision byte by byte', async () => {
    const { code, out, err } = await scene.cli('audit', 'replay', allowedFirst);
    expect(err).toBe('');
    expect(out).toContain('again, byte by byte, by revision first');
    expect(code).toBe(0);
  });

  it('shows by a backtest what a stricter revision would deny, and what would not have left', async () => {
    const bundle = join(folder.path, 'stricter.tar.gz');
    await writeFile(bundle, release.archiveOf(limited('stricter', 30, SOL / 4n)));
    const { code, out, err } = await scene.cli(
      'policy',
      'backtest',
      bundle,
      '--samples',
      '50',
      '--max-newly-denied',
      '0',
    );
    expect(out).toMatch(/newly denied: \d+, with [1-9]\d*(\.\d+)? SOL/);
    expect(out).toContain(`newly denied: request ${allowedFirst}`);
    expect(out).toContain('newly allowed: none');
    expect(code, err).toBe(1);
  });

  it('gives the same backtest from an export', async () => {
    const [bundle, file] = [join(folder.path, 'stricter.tar.gz'), join(folder.path, 'decisions.jsonl')];
    expect(await scene.cli('policy', 'decisions', '--output', file)).toMatchObject({ code: 0 });
    expect(await readFile(file, 'utf8')).toContain(allowedFirst);
    await copyFile(file, `${file}.copy`);
    const { out } = await scene.cli('policy', 'backtest', bundle, '--decisions', `${file}.copy`);
    expect(out).toContain(`newly denied: request ${allowedFirst}`);
  });
});
