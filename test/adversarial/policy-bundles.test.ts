import { gzipSync } from 'node:zlib';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { activePolicyScene, built, eventually } from '../../gateway/policy/activation/testing/active-policy-scene.ts';
import { OPERATOR, policyRecords } from '../../gateway/policy/activation/testing/replica-scene.ts';
import { type ScriptedSource, scriptedSource } from '../../gateway/policy/activation/testing/scripted-source.ts';
import type { BundleFiles } from '../../gateway/policy/bundle/bundle.ts';
import { signBundle } from '../../gateway/policy/bundle/sign-bundle.ts';
import { type KeyPair, keyPair } from '../../gateway/policy/bundle/testing/signing-keys.ts';
import { archiveOf, type SampleEntry } from '../../gateway/policy/bundle/testing/tar-samples.ts';
import { writeArchive } from '../../gateway/policy/bundle/write-archive.ts';
import { minutesAfterNoon, tinyBundle } from '../../gateway/policy/preparation/testing/tiny-bundles.ts';
import { WrongContent } from '../../gateway/policy/sources/bundle-source.ts';

const scene = activePolicyScene({ deadlineMs: 20_000 });

/** As an archive that a source brings. */
function bring(archive: Uint8Array): void {
  scene.source.bring(new Map(), { content: { kind: 'archive', archive: new Uint8Array(archive) } });
}

async function tamper(sql: string, ...values: readonly unknown[]): Promise<void> {
  const client = new Client({ connectionString: scene.databaseUrl });
  await client.connect();
  await client.query(sql, [...values]);
  await client.end();
}

function silent(): ScriptedSource {
  const away = scriptedSource();
  away.fail(new Error('the server does not answer'));
  return away;
}

/** The good bundle with entries before or after its own. */
async function withEntries(entries: readonly SampleEntry[]): Promise<Uint8Array> {
  const files = await built(2);
  return archiveOf([...entries, ...Array.from(files, ([name, content]) => ({ name, content }))]);
}

describe('what is no bundle', { timeout: 120_000 }, () => {
  it.each<[string, () => Promise<Uint8Array> | Uint8Array, string]>([
    ['nothing', () => new Uint8Array(), 'BUNDLE_MALFORMED'],
    ['a page of a proxy', () => Buffer.from('<html>502 Bad Gateway</html>'), 'BUNDLE_MALFORMED'],
    ['a zip bomb', () => gzipSync(Buffer.alloc(300 * 1024 * 1024), { level: 1 }), 'BUNDLE_MALFORMED'],
    ['half a download', async () => writeArchive(await built(2)).subarray(0, 20_000), 'BUNDLE_MALFORMED'],
    ['a path that leads out', () => withEntries([{ name: '../../etc/cron.d/x', content: 'x' }]), 'BUNDLE_MALFORMED'],
    [
      'a path that leads out of the root',
      () => withEntries([{ name: '/a/../../etc/passwd', content: 'x' }]),
      'BUNDLE_MALFORMED',
    ],
    ['a symbolic link', () => withEntries([{ name: 'data', type: '2', linkName: '/etc' }]), 'BUNDLE_MALFORMED'],
    ['a hard link', () => withEntries([{ name: 'x.rego', type: '1', linkName: 'policy.wasm' }]), 'BUNDLE_MALFORMED'],
    ['a second data.json', () => withEntries([{ name: 'data.json', content: '{}' }]), 'BUNDLE_MALFORMED'],
    ['a delta', () => archiveOf([{ name: 'patch.json', content: '{"data":[]}' }]), 'BUNDLE_MALFORMED'],
    ['a module that was changed', () => changedModule(), 'BUNDLE_MALFORMED'],
  ])('is refused, and the active revision stays: %s', async (_, archive, code) => {
    const replica = await scene.openWith(1);
    bring(await archive());
    await eventually(() => replica.refused).toEqual([code]);
    await eventually(async () => (await policyRecords(scene.state)).at(-1)).toMatchObject({
      kind: 'policy.refused',
      facts: { code },
    });
    expect(replica.says()).toBe('r1');
    scene.source.bring(await built(3));
    await eventually(() => replica.says()).toBe('r3');
  });

  async function changedModule(): Promise<Uint8Array> {
    const files = new Map(await built(2));
    const wasm = new Uint8Array(files.get('policy.wasm') ?? []);
    wasm[wasm.length >> 1] = (wasm[wasm.length >> 1] ?? 0) ^ 0xff;
    return writeArchive(files.set('policy.wasm', wasm));
  }
});

describe('times and names', { timeout: 120_000 }, () => {
  it('of a clock that jumps: what says that it was built in the future waits, and what is older never comes', async () => {
    const replica = await scene.openWith(1);
    scene.source.bring(await tinyBundle({ revision: 'future', builtAt: Date.now() + 40 * 3_600_000 }));
    await eventually(() => replica.refused).toContain('BUILT_IN_THE_FUTURE');
    scene.source.bring(await tinyBundle({ revision: 'past', builtAt: 0 }));
    await eventually(() => replica.refused).toContain('OLDER_THAN_ACTIVE');
    expect(replica.activated).toEqual(['r1']);
    scene.source.bring(await built(2));
    await eventually(() => replica.says()).toBe('r2');
  });

  it('of a revision that decided: another content does not take its place, not by a push either', async () => {
    const replica = await scene.openWith(1);
    scene.source.bring(await built(1, { note: 'another', builtAt: minutesAfterNoon(5) }));
    await eventually(() => replica.refused).toEqual(['REVISION_REUSED']);
    const archive = writeArchive(await built(1, { note: 'another' }));
    await expect(replica.policy.control.push(OPERATOR, archive)).rejects.toMatchObject({ reason: 'BUNDLE_REFUSED' });
    expect(replica.says()).toBe('r1');
  });

  it('of a bundle that goes back on purpose: built anew, it decides again; replayed, it does not', async () => {
    const replica = await scene.openWith(1);
    scene.source.bring(await built(2));
    await eventually(() => replica.says()).toBe('r2');
    scene.source.bring(await built(1));
    await eventually(() => replica.refused).toEqual(['OLDER_THAN_ACTIVE']);
    scene.source.bring(await built(1, { builtAt: minutesAfterNoon(3) }));
    await eventually(() => replica.policy.engine.current().bundleRevision).toBe('r1');
    scene.source.bring(await built(2));
    await eventually(() => replica.refused).toEqual(['OLDER_THAN_ACTIVE', 'OLDER_THAN_ACTIVE']);
    expect(replica.says()).toBe('r1');
  });
});

describe('the record', { timeout: 120_000 }, () => {
  const flip = () => tamper('UPDATE policy_archives SET bytes = set_byte(bytes, 300, get_byte(bytes, 300) # 255)');

  it('is not believed where an archive in it was changed, and a push of the bundle mends it', async () => {
    const archive = writeArchive(await built(2));
    const replica = await scene.openWith(1);
    await replica.policy.control.push(OPERATOR, archive);
    await replica.policy.close();
    await flip();
    await expect(scene.open({}, silent())).rejects.toThrow(/does not hash to what it should/);
    const again = scriptedSource();
    again.bring(await built(3));
    const { policy } = await scene.open({}, again);
    await expect(policy.control.activate(OPERATOR, 'r2', 'try')).rejects.toThrow(/does not hash to what it should/);
    expect(await scene.state.policy.selection()).toMatchObject({ pinnedRevision: null });
    await policy.control.push(OPERATOR, archive);
    expect(await policy.control.activate(OPERATOR, 'r2', 'try')).toMatchObject({ revision: 'r2' });
  });

  it('is not believed where an archive was put in place of another, hash and all, without a signature', async () => {
    const release = keyPair('EdDSA', 'release');
    const verification = { keys: [release.verifying], allowUnsigned: false };
    scene.source.bring(signBundle(await built(1), release.signing));
    await (await scene.open({ verification })).policy.close();
    const forged = writeArchive(await built(1, { note: 'forged' }));
    await tamper('UPDATE policy_archives SET bytes = $1, archive_sha256 = sha256($1)', Buffer.from(forged));
    await tamper('UPDATE policy_bundles SET archive_sha256 = sha256($1)', Buffer.from(forged));
    await expect(scene.open({ verification }, silent())).rejects.toThrow(/\.signatures\.json/);
  });

  it('of a time when nothing was signed is of no use where the gateway builds what is signed', async () => {
    await (await scene.openWith(1)).policy.close();
    const verification = { keys: [], allowUnsigned: false };
    await expect(scene.open({ verification, buildsHere: true }, silent())).rejects.toThrow(/no policy can decide/);
    const signed = scriptedSource();
    signed.bring(await built(2), { builtHere: true, gitCommit: 'a'.repeat(40) });
    const replica = await scene.open({ verification, buildsHere: true }, signed);
    expect(replica.says()).toBe('r2');
    await replica.policy.close();
    expect((await scene.open({ verification, buildsHere: true }, silent())).says()).toBe('r2');
    await expect(scene.open({ verification, buildsHere: false }, silent())).rejects.toThrow(/no policy can decide/);
  });

  it('keeps the history of a repository whose bundle was pushed before it was followed', async () => {
    const replica = await scene.openWith(1);
    const files = await built(2);
    await replica.policy.control.push(OPERATOR, writeArchive(files));
    const commit = 'b'.repeat(40);
    scene.source.bring(files, { gitCommit: commit });
    await eventually(() => replica.says()).toBe('r2');
    expect(await scene.state.policy.find('r2')).toMatchObject({ origin: 'git', gitCommit: commit, pushedBy: null });
    await replica.policy.close();
    const next = silent();
    await scene.open({}, next);
    expect(next.asked[0]).toEqual({ token: '', gitCommit: commit });
  });
});

describe('a repository whose history is replaced twice', { timeout: 120_000 }, () => {
  it('is held against the last good commit, not against the first replacement', async () => {
    const good = 'a'.repeat(40);
    scene.source.bring(await built(1), { gitCommit: good });
    const replica = await scene.open();
    const replaced = 'b'.repeat(40);
    scene.source.fail(new WrongContent(replaced, 'its history was replaced'));
    await eventually(async () => (await policyRecords(scene.state)).at(-1)).toMatchObject({
      kind: 'policy.refused',
      facts: { code: 'CONTENT_REFUSED', content: replaced, message: 'its history was replaced' },
    });
    await eventually(() => scene.source.asked).toContainEqual({ token: replaced, gitCommit: good });
    expect(replica.says()).toBe('r1');
  });
});

describe('keys', { timeout: 120_000 }, () => {
  const of = (...keys: readonly KeyPair[]) => ({ keys: keys.map(({ verifying }) => verifying), allowUnsigned: false });

  it('are rotated without a gap, and what only the old one signed does not outlive it', async () => {
    const [old, fresh] = [keyPair('ES256', 'old'), keyPair('RS256', 'fresh')];
    scene.source.bring(signBundle(await built(1), old.signing));
    await (await scene.open({ verification: of(old) })).policy.close();

    const both = scriptedSource();
    both.bring(signBundle(await built(1), old.signing));
    const second = await scene.open({ verification: of(old, fresh) }, both);
    expect(second.says()).toBe('r1');
    await second.policy.close();

    await expect(scene.open({ verification: of(fresh) }, silent())).rejects.toThrow(/r1.*\.signatures\.json/);

    const signedAnew = scriptedSource();
    signedAnew.bring(signBundle(await built(1), fresh.signing));
    const third = await scene.open({ verification: of(fresh) }, signedAnew);
    expect(third.says()).toBe('r1');
    expect(await scene.state.policy.find('r1')).toMatchObject({ signedBy: 'fresh' });
    await third.policy.close();
    expect((await scene.open({ verification: of(fresh) }, silent())).says()).toBe('r1');
  });

  it.each([
    ['unsigned', (files: BundleFiles) => files],
    [
      'signed by another key of the same name',
      (files: BundleFiles) => signBundle(files, keyPair('ES256', 'k').signing),
    ],
    ['signed by another algorithm', (files: BundleFiles) => signBundle(files, keyPair('EdDSA', 'k').signing)],
  ])('refuse what is %s, from the source and from a push', async (_, made) => {
    const key = keyPair('ES256', 'k');
    scene.source.bring(signBundle(await built(1), key.signing));
    const replica = await scene.open({ verification: of(key) });
    const files = made(await built(2));
    scene.source.bring(files);
    await eventually(() => replica.refused).toEqual(['SIGNATURE_INVALID']);
    await expect(replica.policy.control.push(OPERATOR, writeArchive(files))).rejects.toMatchObject({
      metadata: { code: 'SIGNATURE_INVALID' },
    });
    expect(await scene.state.policy.find('r2')).toBeNull();
    expect(replica.says()).toBe('r1');
  });
});
