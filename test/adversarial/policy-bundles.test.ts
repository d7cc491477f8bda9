import { gzipSync } from 'node:zlib';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OpenActivePolicyOptions } from '../../gateway/policy/activation/open-active-policy.ts';
import {
  OPERATOR,
  openRecord,
  openReplica,
  policyRecords,
  type Replica,
} from '../../gateway/policy/activation/testing/replica-scene.ts';
import { type ScriptedSource, scriptedSource } from '../../gateway/policy/activation/testing/scripted-source.ts';
import type { BundleFiles } from '../../gateway/policy/bundle/bundle.ts';
import { signBundle } from '../../gateway/policy/bundle/sign-bundle.ts';
import { type KeyPair, keyPair } from '../../gateway/policy/bundle/testing/signing-keys.ts';
import { archiveOf, type SampleEntry } from '../../gateway/policy/bundle/testing/tar-samples.ts';
import { writeArchive } from '../../gateway/policy/bundle/write-archive.ts';
import { createPreparer, type Preparer } from '../../gateway/policy/preparation/preparer.ts';
import {
  minutesAfterNoon,
  TINY_INPUT,
  TINY_REGO,
  type TinyBundle,
  tinyBundle,
} from '../../gateway/policy/preparation/testing/tiny-bundles.ts';
import { WrongContent } from '../../gateway/policy/sources/bundle-source.ts';
import type { State } from '../../gateway/state/contract/state.ts';
import { createTestDatabase, type TestDatabase } from '../../gateway/state/testing/test-database.ts';

let database: TestDatabase;
let state: State;
let source: ScriptedSource;
let replicas: Replica[];
let preparer: Preparer;

beforeAll(() => {
  preparer = createPreparer({ deadlineMs: 20_000 });
});

afterAll(() => preparer.close());

beforeEach(async () => {
  database = await createTestDatabase();
  state = await openRecord(database.url);
  source = scriptedSource();
  replicas = [];
});

afterEach(async () => {
  await Promise.all(replicas.map(({ policy }) => policy.close()));
  await state.close();
  await database.drop();
});

async function open(more: Partial<OpenActivePolicyOptions> = {}, from = source): Promise<Replica> {
  const replica = await openReplica(state, from, { preparer, startWaitMs: 500, ...more });
  replicas.push(replica);
  return replica;
}

function built(minutes: number, more: Partial<TinyBundle> = {}): Promise<BundleFiles> {
  return tinyBundle({ revision: `r${minutes}`, builtAt: minutesAfterNoon(minutes), ...more });
}

async function openFirst(): Promise<Replica> {
  source.bring(await built(1));
  return open();
}

/** The machine may be busy. */
function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: 40_000 });
}

/** As an archive that a source brings. */
function bring(archive: Uint8Array): void {
  source.bring(new Map(), { content: { kind: 'archive', archive: new Uint8Array(archive) } });
}

async function tamper(sql: string, ...values: readonly unknown[]): Promise<void> {
  const client = new Client({ connectionString: database.url });
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
    ['a zip bomb', () => gzipSync(Buffer.alloc(300 * 1024 * 1024)), 'BUNDLE_MALFORMED'],
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
    const replica = await openFirst();
    bring(await archive());
    await eventually(() => replica.refused).toEqual([code]);
    await eventually(async () => (await policyRecords(state)).at(-1)).toMatchObject({
      kind: 'policy.refused',
      facts: { code },
    });
    expect(replica.says()).toBe('r1');
    source.bring(await built(3));
    await eventually(() => replica.says()).toBe('r3');
  });

  async function changedModule(): Promise<Uint8Array> {
    const files = new Map(await built(2));
    const wasm = new Uint8Array(files.get('policy.wasm') ?? []);
    wasm[wasm.length >> 1] = (wasm[wasm.length >> 1] ?? 0) ^ 0xff;
    return writeArchive(files.set('policy.wasm', wasm));
  }
});

const MANY = 'concat("", ["aaaaaaaaaa" | some i in numbers.range(1, 10000)])';
const LOOPS = `contains(${MANY}, concat("", [substring(${MANY}, 0, 50000), "b"]))`;
const EATS =
  'count([concat("", [i | some j in numbers.range(1, 3000)]) | some k in numbers.range(1, 300000); i := "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]) > 0';

const attacked = (condition: string) => `${TINY_REGO}\ndecision := "deny" if {\n\tinput.attack\n\t${condition}\n}\n`;
const ATTACK = new TextEncoder().encode('{"agent":{"id":"agent-0"},"attack":true,"v":1}');

describe('a policy that misbehaves', { timeout: 120_000 }, () => {
  it.each([
    ['loops', LOOPS, 'POLICY_STEPS_EXHAUSTED'],
    ['eats memory', EATS, /POLICY_(STEPS_EXHAUSTED|EVALUATION_FAILED)/],
    ['contradicts itself', 'true', 'POLICY_EVALUATION_FAILED'],
  ])('on an input, because it %s, denies that input, and the next is judged as ever', async (_, condition, code) => {
    source.bring(await built(1, { rego: attacked(condition) }));
    const replica = await open();
    for (let i = 0; i < 3; i++) {
      const verdict = replica.policy.engine.current().evaluate(ATTACK);
      expect(verdict).toMatchObject({ kind: 'deny', reasons: [{ code: expect.stringMatching(code) }] });
      expect(replica.says()).toBe('r1');
    }
  });

  it.each([
    ['gives no result', 'result := "x" if input.never'],
    ['gives a number', 'result := 1'],
    ['gives an object in place of text', 'result := {"decision": "allow"}'],
    ['gives text that is no decision', 'result := "allow"'],
    ['allows in another form', 'result := `{"v":1,"decision":"ALLOW","limits":[],"approval":null,"reasons":[]}`'],
    ['allows whatever comes', TINY_REGO.replace('default decision := "deny"', 'default decision := "allow"')],
    ['loops on the ordinary', `${TINY_REGO}\ndecision := "deny" if ${LOOPS}\n`],
  ])('is refused when it %s', async (_, rego) => {
    const replica = await openFirst();
    source.bring(await built(2, { rego }));
    await eventually(() => replica.refused).toEqual(['SELF_TEST_FAILED']);
    expect(replica.says()).toBe('r1');
  });

  it('costs requests nothing when people ask what it says of the worst input', async () => {
    // So much data that a new instance takes a while.
    source.bring(await built(1, { rego: attacked('true'), agents: 10_000 }));
    const { policy, says } = await open();
    const asked = Array.from({ length: 6 }, () => policy.control.explain(ATTACK, null).catch((error) => error));
    const [first] = await Promise.all(asked);
    expect(first).toMatchObject({ reason: 'BUNDLE_REFUSED', message: expect.stringContaining('cannot explain') });
    expect(says()).toBe('r1');
    expect(says()).toBe('r1');
  });

  it('is explained for so many at once and no more', async () => {
    const { policy } = await openFirst();
    const asked = Array.from({ length: 30 }, () => policy.control.explain(TINY_INPUT, null));
    const outcomes = await Promise.allSettled(asked);
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(22);
    for (const one of refused) expect(one).toMatchObject({ reason: { reason: 'OVERLOADED' } });
    expect(await policy.control.explain(TINY_INPUT, null)).toMatchObject({ verdict: { kind: 'allow' } });
  });
});

describe('times and names', { timeout: 120_000 }, () => {
  it('of a clock that jumps: what says that it was built in the future waits, and what is older never comes', async () => {
    const replica = await openFirst();
    source.bring(await tinyBundle({ revision: 'future', builtAt: Date.now() + 40 * 3_600_000 }));
    await eventually(() => replica.refused).toContain('BUILT_IN_THE_FUTURE');
    source.bring(await tinyBundle({ revision: 'past', builtAt: 0 }));
    await eventually(() => replica.refused).toContain('OLDER_THAN_ACTIVE');
    expect(replica.activated).toEqual(['r1']);
    source.bring(await built(2));
    await eventually(() => replica.says()).toBe('r2');
  });

  it('of a revision that decided: another content does not take its place, not by a push either', async () => {
    const replica = await openFirst();
    source.bring(await built(1, { note: 'another', builtAt: minutesAfterNoon(5) }));
    await eventually(() => replica.refused).toEqual(['REVISION_REUSED']);
    const archive = writeArchive(await built(1, { note: 'another' }));
    await expect(replica.policy.control.push(OPERATOR, archive)).rejects.toMatchObject({ reason: 'BUNDLE_REFUSED' });
    expect(replica.says()).toBe('r1');
  });

  it('of a bundle that goes back on purpose: built anew, it decides again; replayed, it does not', async () => {
    const replica = await openFirst();
    source.bring(await built(2));
    await eventually(() => replica.says()).toBe('r2');
    source.bring(await built(1));
    await eventually(() => replica.refused).toEqual(['OLDER_THAN_ACTIVE']);
    source.bring(await built(1, { builtAt: minutesAfterNoon(3) }));
    await eventually(() => replica.policy.engine.current().bundleRevision).toBe('r1');
    source.bring(await built(2));
    await eventually(() => replica.refused).toEqual(['OLDER_THAN_ACTIVE', 'OLDER_THAN_ACTIVE']);
    expect(replica.says()).toBe('r1');
  });
});

describe('the record', { timeout: 120_000 }, () => {
  const flip = () => tamper('UPDATE policy_archives SET bytes = set_byte(bytes, 300, get_byte(bytes, 300) # 255)');

  it('is not believed where an archive in it was changed, and a push of the bundle mends it', async () => {
    const archive = writeArchive(await built(2));
    const replica = await openFirst();
    await replica.policy.control.push(OPERATOR, archive);
    await replica.policy.close();
    await flip();
    await expect(open({}, silent())).rejects.toThrow(/does not hash to what it should/);
    const again = scriptedSource();
    again.bring(await built(3));
    const { policy } = await open({}, again);
    await expect(policy.control.activate(OPERATOR, 'r2', 'try')).rejects.toThrow(/does not hash to what it should/);
    expect(await state.policy.selection()).toMatchObject({ pinnedRevision: null });
    await policy.control.push(OPERATOR, archive);
    expect(await policy.control.activate(OPERATOR, 'r2', 'try')).toMatchObject({ revision: 'r2' });
  });

  it('is not believed where an archive was put in place of another, hash and all, without a signature', async () => {
    const release = keyPair('EdDSA', 'release');
    const verification = { keys: [release.verifying], allowUnsigned: false };
    source.bring(signBundle(await built(1), release.signing));
    await (await open({ verification })).policy.close();
    const forged = writeArchive(await built(1, { note: 'forged' }));
    await tamper('UPDATE policy_archives SET bytes = $1, archive_sha256 = sha256($1)', Buffer.from(forged));
    await tamper('UPDATE policy_bundles SET archive_sha256 = sha256($1)', Buffer.from(forged));
    await expect(open({ verification }, silent())).rejects.toThrow(/\.signatures\.json/);
  });

  it('of a time when nothing was signed is of no use where the gateway builds what is signed', async () => {
    await (await openFirst()).policy.close();
    const verification = { keys: [], allowUnsigned: false };
    await expect(open({ verification, buildsHere: true }, silent())).rejects.toThrow(/no policy can decide/);
    const signed = scriptedSource();
    signed.bring(await built(2), { builtHere: true, gitCommit: 'a'.repeat(40) });
    const replica = await open({ verification, buildsHere: true }, signed);
    expect(replica.says()).toBe('r2');
    await replica.policy.close();
    expect((await open({ verification, buildsHere: true }, silent())).says()).toBe('r2');
    await expect(open({ verification, buildsHere: false }, silent())).rejects.toThrow(/no policy can decide/);
  });

  it('keeps the history of a repository whose bundle was pushed before it was followed', async () => {
    const replica = await openFirst();
    const files = await built(2);
    await replica.policy.control.push(OPERATOR, writeArchive(files));
    const commit = 'b'.repeat(40);
    source.bring(files, { gitCommit: commit });
    await eventually(() => replica.says()).toBe('r2');
    expect(await state.policy.find('r2')).toMatchObject({ origin: 'git', gitCommit: commit, pushedBy: null });
    await replica.policy.close();
    const next = silent();
    await open({}, next);
    expect(next.asked[0]).toEqual({ token: '', gitCommit: commit });
  });
});

describe('a repository whose history is replaced twice', { timeout: 120_000 }, () => {
  it('is held against the last good commit, not against the first replacement', async () => {
    const good = 'a'.repeat(40);
    source.bring(await built(1), { gitCommit: good });
    const replica = await open();
    const replaced = 'b'.repeat(40);
    source.fail(new WrongContent(replaced, 'its history was replaced'));
    await eventually(async () => (await policyRecords(state)).at(-1)).toMatchObject({
      kind: 'policy.refused',
      facts: { code: 'CONTENT_REFUSED', content: replaced, message: 'its history was replaced' },
    });
    await eventually(() => source.asked).toContainEqual({ token: replaced, gitCommit: good });
    expect(replica.says()).toBe('r1');
  });
});

describe('keys', { timeout: 120_000 }, () => {
  const of = (...keys: readonly KeyPair[]) => ({ keys: keys.map(({ verifying }) => verifying), allowUnsigned: false });

  it('are rotated without a gap, and what only the old one signed does not outlive it', async () => {
    const [old, fresh] = [keyPair('ES256', 'old'), keyPair('RS256', 'fresh')];
    source.bring(signBundle(await built(1), old.signing));
    await (await open({ verification: of(old) })).policy.close();

    const both = scriptedSource();
    both.bring(signBundle(await built(1), old.signing));
    const second = await open({ verification: of(old, fresh) }, both);
    expect(second.says()).toBe('r1');
    await second.policy.close();

    await expect(open({ verification: of(fresh) }, silent())).rejects.toThrow(/r1.*\.signatures\.json/);

    const signedAnew = scriptedSource();
    signedAnew.bring(signBundle(await built(1), fresh.signing));
    const third = await open({ verification: of(fresh) }, signedAnew);
    expect(third.says()).toBe('r1');
    expect(await state.policy.find('r1')).toMatchObject({ signedBy: 'fresh' });
    await third.policy.close();
    expect((await open({ verification: of(fresh) }, silent())).says()).toBe('r1');
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
    source.bring(signBundle(await built(1), key.signing));
    const replica = await open({ verification: of(key) });
    const files = made(await built(2));
    source.bring(files);
    await eventually(() => replica.refused).toEqual(['SIGNATURE_INVALID']);
    await expect(replica.policy.control.push(OPERATOR, writeArchive(files))).rejects.toMatchObject({
      metadata: { code: 'SIGNATURE_INVALID' },
    });
    expect(await state.policy.find('r2')).toBeNull();
    expect(replica.says()).toBe('r1');
  });
});
