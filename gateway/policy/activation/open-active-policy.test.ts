import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { State } from '../../state/contract/state.ts';
import { createTestDatabase, type TestDatabase } from '../../state/testing/test-database.ts';
import { signBundle } from '../bundle/sign-bundle.ts';
import { keyPair } from '../bundle/testing/signing-keys.ts';
import { writeArchive } from '../bundle/write-archive.ts';
import { createPreparer, type Preparer } from '../preparation/preparer.ts';
import { minutesAfterNoon, TINY_INPUT, TINY_REGO, tinyBundle } from '../preparation/testing/tiny-bundles.ts';
import type { OpenActivePolicyOptions } from './open-active-policy.ts';
import { OPERATOR, openRecord, openReplica, policyRecords, type Replica } from './testing/replica-scene.ts';
import { type ScriptedSource, scriptedSource } from './testing/scripted-source.ts';

let database: TestDatabase;
let state: State;
let source: ScriptedSource;
let replicas: Replica[];
let preparer: Preparer;

beforeAll(() => {
  preparer = createPreparer();
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
  const replica = await openReplica(state, from, { preparer, ...more });
  replicas.push(replica);
  return replica;
}

/** The machine may be busy. */
function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: 20_000 });
}

/** Bundle r<minutes>, built so many minutes after noon. */
function built(minutes: number) {
  return tinyBundle({ revision: `r${minutes}`, builtAt: minutesAfterNoon(minutes) });
}

async function openWith(minutes: number, more: Partial<OpenActivePolicyOptions> = {}): Promise<Replica> {
  source.bring(await built(minutes));
  return open(more);
}

async function kinds(): Promise<readonly string[]> {
  return (await policyRecords(state)).map(({ kind }) => kind);
}

describe('a start', () => {
  it("serves the source's newest bundle, and says so in the record", async () => {
    const replica = await openWith(1);
    expect(replica.says()).toBe('r1');
    expect(replica.activated).toEqual(['r1']);
    expect(await state.policy.selection()).toMatchObject({ followedRevision: 'r1', pinnedRevision: null });
    expect(await policyRecords(state)).toMatchObject([
      { kind: 'policy.activated', facts: { replica: 'one', revision: 'r1', before: null, by: 'source' } },
    ]);
    await eventually(() => state.policy.replicas()).toMatchObject([{ replica: 'one', revision: 'r1', problem: null }]);
  });

  it('serves what the source brought last, out of the record, while the source is away', async () => {
    const first = await openWith(1);
    await first.policy.close();
    const away = scriptedSource();
    away.fail(new Error('the server does not answer'));
    const second = await open({}, away);
    expect(second.says()).toBe('r1');
    expect(second.refused).toEqual(['SOURCE_FAILED']);
    await eventually(() => state.policy.replicas()).toMatchObject([
      { revision: 'r1', problem: 'the server does not answer' },
    ]);
  });

  it('does not wait long for a source that says nothing', async () => {
    const first = await openWith(1);
    await first.policy.close();
    const started = performance.now();
    const second = await open({ startWaitMs: 100 }, scriptedSource());
    expect(second.says()).toBe('r1');
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('refuses, and says why, where neither the source nor the record has a policy', async () => {
    source.fail(new Error('the server does not answer'));
    await expect(open()).rejects.toThrow(
      'no policy can decide. the source git https://policies.example: the server does not answer',
    );
    expect(source.closed()).toBe(true);
  });

  it('refuses where the only bundle is refused', async () => {
    source.bring(await tinyBundle({ revision: 'r1', rego: 'result := `{}`' }));
    await expect(open()).rejects.toThrow('must be denied by a well-formed decision document');
  });

  it('refuses where the pinned revision cannot decide, whatever the source has', async () => {
    const release = keyPair('ES256', 'release');
    source.bring(await built(1));
    const first = await open();
    await first.policy.control.activate(OPERATOR, 'r1', 'steady');
    await first.policy.close();
    const verification = { keys: [release.verifying], allowUnsigned: false };
    const signed = scriptedSource();
    signed.bring(signBundle(await built(2), release.signing));
    await expect(open({ verification }, signed)).rejects.toThrow(
      'the policy revision r1, which an operator chose, cannot decide: policy bundle revision r1: .signatures.json:',
    );
  });

  it('does not take a bundle out of the record that was changed there', async () => {
    const first = await openWith(1);
    await first.policy.close();
    const kept = await state.policy.find('r1');
    const other = writeArchive(await tinyBundle({ revision: 'r1', note: 'not r1' }));
    await state.policy.keep({ ...(await keptAs('r9', other)), revision: 'r9' });
    expect(kept).not.toBeNull();
    await state.policy.select({ followedRevision: 'r9' }, null, null);
    const away = scriptedSource();
    away.fail(new Error('away'));
    await expect(open({}, away)).rejects.toThrow('what is kept as r9 is r1');
  });

  async function keptAs(revision: string, archive: Uint8Array) {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(archive)));
    const facts = { origin: 'git', gitCommit: null, builtAt: null, signedBy: null, pushedBy: null } as const;
    return { revision, archive, archiveDigest: digest, contentDigest: digest, ...facts };
  }
});

describe('a new bundle of the source', () => {
  it('decides as soon as it is tested; what began with the one before ends with it', async () => {
    const replica = await openWith(1);
    const begun = replica.policy.engine.current();
    source.bring(await built(2));
    await eventually(() => replica.says()).toBe('r2');
    expect(begun.evaluate(TINY_INPUT).reasons[0]?.message).toBe('r1');
    expect(replica.policy.engine.current().bundleRevision).toBe('r2');
  });

  it('that is bad leaves the last good one, and is told by metric, record, status, once for each content', async () => {
    const replica = await openWith(1);
    const bad = await tinyBundle({ revision: 'bad', rego: 'result := `{}`', builtAt: minutesAfterNoon(2) });
    source.bring(bad, { token: 'bad' });
    await eventually(() => replica.refused).toEqual(['SELF_TEST_FAILED']);
    expect(replica.says()).toBe('r1');
    await eventually(kinds).toEqual(['policy.activated', 'policy.refused']);
    const [, refusal] = await policyRecords(state);
    expect(refusal?.facts).toMatchObject({ code: 'SELF_TEST_FAILED', content: 'bad', from: source.label });
    const problem = expect.stringContaining('must be denied');
    await eventually(() => state.policy.replicas()).toMatchObject([{ revision: 'r1', problem }]);
    expect(source.asked.at(-1)).toEqual({ token: 'bad', gitCommit: null });
    source.bring(await built(3));
    await eventually(() => replica.says()).toBe('r3');
    await eventually(() => state.policy.replicas()).toMatchObject([{ revision: 'r3', problem: null }]);
  });

  it('comes after the source failed, with the same last bundle in the question', async () => {
    const replica = await openWith(1);
    source.fail(new Error('the network is gone'));
    await eventually(() => replica.refused).toEqual(['SOURCE_FAILED']);
    source.bring(await built(2));
    await eventually(() => replica.says()).toBe('r2');
    expect(await kinds()).toEqual(['policy.activated', 'policy.activated']);
  });

  it('is refused when its revision is that of another content', async () => {
    const replica = await openWith(1);
    source.bring(await tinyBundle({ revision: 'r1', note: 'not r1', builtAt: minutesAfterNoon(2) }));
    await eventually(() => replica.refused).toEqual(['REVISION_REUSED']);
    expect(replica.says()).toBe('r1');
  });

  it('must descend from the commit of the last good one, unless an operator lets the source start over', async () => {
    source.bring(await built(1), { gitCommit: 'a'.repeat(40) });
    const replica = await open();
    await eventually(() => source.asked.at(-1)).toEqual({ token: 'token-1', gitCommit: 'a'.repeat(40) });
    await replica.policy.control.follow(OPERATOR, 'the history was rewritten');
    await eventually(() => source.asked).toContainEqual(null);
    await eventually(() => source.asked.at(-1)).toEqual({ token: 'token-1', gitCommit: 'a'.repeat(40) });
  });
});

describe('rollback protection', () => {
  it('refuses a bundle that was built before the one that decides', async () => {
    const replica = await openWith(2);
    source.bring(await built(1));
    await eventually(() => replica.refused).toEqual(['OLDER_THAN_ACTIVE']);
    expect(replica.says()).toBe('r2');
    expect((await policyRecords(state)).at(-1)?.facts.message).toContain('r1 was built at 2026-11-21T12:01:00.000Z');
  });

  it('refuses a bundle that decided before and was replaced, as old as it is', async () => {
    source.bring(await tinyBundle({ revision: 'r1', builtAt: minutesAfterNoon(5) }));
    const replica = await open();
    source.bring(await tinyBundle({ revision: 'r2', builtAt: minutesAfterNoon(5) }));
    await eventually(() => replica.says()).toBe('r2');
    source.bring(await tinyBundle({ revision: 'r1', builtAt: minutesAfterNoon(5) }));
    await eventually(() => replica.refused).toEqual(['REPLACED_BEFORE']);
    expect(replica.says()).toBe('r2');
  });

  it('refuses a bundle that does not say when it was built, and one from the future', async () => {
    const replica = await openWith(1);
    source.bring(await tinyBundle({ revision: 'undated', builtAt: null }));
    await eventually(() => replica.refused).toEqual(['OLDER_THAN_ACTIVE']);
    source.bring(await tinyBundle({ revision: 'far', builtAt: Date.now() + 48 * 3_600_000 }));
    await eventually(() => replica.refused).toEqual(['OLDER_THAN_ACTIVE', 'BUILT_IN_THE_FUTURE']);
    expect(replica.says()).toBe('r1');
  });

  it('holds after a restart as well', async () => {
    await (await openWith(2)).policy.close();
    const old = scriptedSource();
    old.bring(await built(1));
    const replica = await open({}, old);
    expect(replica.says()).toBe('r2');
    expect(replica.refused).toEqual(['OLDER_THAN_ACTIVE']);
  });

  it('does not hold for a directory, whose owner develops', async () => {
    const directory = scriptedSource('directory');
    directory.bring(await built(2));
    const replica = await open({}, directory);
    directory.bring(await built(1));
    await eventually(() => replica.says()).toBe('r1');
  });

  it('takes the bundle after all when an operator lets decide what is older still', async () => {
    source.bring(await built(1));
    const replica = await open();
    await replica.policy.control.push(OPERATOR, writeArchive(await built(5)));
    await replica.policy.control.activate(OPERATOR, 'r5', 'hot fix');
    source.bring(await built(3));
    await eventually(() => replica.refused).toEqual(['OLDER_THAN_ACTIVE']);
    await replica.policy.control.follow(OPERATOR, 'the fix is in');
    await eventually(() => replica.says()).toBe('r3');
  });
});

describe('an operator', () => {
  it('pushes, activates, goes back and lets the source choose again, each with a record', async () => {
    const replica = await openWith(1);
    const { control } = replica.policy;
    const archive = writeArchive(await built(5));
    const pushed = await control.push(OPERATOR, archive);
    expect(pushed).toMatchObject({ revision: 'r5', origin: 'push', pushedBy: 'ops', firstActiveAt: null });
    expect(replica.says()).toBe('r1');
    expect(new Uint8Array(await control.download('r5'))).toEqual(archive);
    const active = await control.activate(OPERATOR, 'r5', 'hot fix');
    expect(active).toMatchObject({ revision: 'r5', firstActiveAt: expect.any(Number) });
    expect(replica.says()).toBe('r5');
    expect((await control.rollBack(OPERATOR, 'it was cold')).revision).toBe('r1');
    expect(replica.says()).toBe('r1');
    source.bring(await built(6));
    await eventually(async () => (await state.policy.selection()).followedRevision).toBe('r6');
    expect(replica.says()).toBe('r1');
    await control.follow(OPERATOR, 'go on');
    expect(replica.says()).toBe('r6');
    expect((await policyRecords(state)).map(({ kind, facts }) => [kind, facts.revision])).toEqual([
      ['policy.activated', 'r1'],
      ['policy.pushed', 'r5'],
      ['policy.pinned', 'r5'],
      ['policy.activated', 'r5'],
      ['policy.pinned', 'r1'],
      ['policy.activated', 'r1'],
      ['policy.followed', 'r6'],
      ['policy.activated', 'r6'],
    ]);
    expect(await control.status()).toMatchObject({ active: { revision: 'r6' }, source: source.label });
    expect((await control.revisions(10)).map(({ revision }) => revision)).toEqual(['r6', 'r5', 'r1']);
  });

  it('is told what is wrong with a bundle, and it is not kept', async () => {
    const replica = await openWith(1);
    const bad = writeArchive(await tinyBundle({ revision: 'bad', rego: 'result := `{}`' }));
    const pushed = replica.policy.control.push(OPERATOR, bad);
    await expect(pushed).rejects.toMatchObject({ reason: 'BUNDLE_REFUSED', metadata: { code: 'SELF_TEST_FAILED' } });
    expect(await state.policy.find('bad')).toBeNull();
    await eventually(kinds).toEqual(['policy.activated', 'policy.refused']);
  });

  it('cannot push another content under a revision that is taken', async () => {
    const replica = await openWith(1);
    const other = writeArchive(await tinyBundle({ revision: 'r1', note: 'not r1' }));
    await expect(replica.policy.control.push(OPERATOR, other)).rejects.toMatchObject({
      reason: 'BUNDLE_REFUSED',
      metadata: { code: 'REVISION_REUSED' },
    });
  });

  it('is told of revisions that are not there, and nothing is chosen', async () => {
    const { control } = (await openWith(1)).policy;
    const missing = { reason: 'REVISION_NOT_FOUND' };
    await expect(control.activate(OPERATOR, 'nowhere', 'try')).rejects.toMatchObject(missing);
    await expect(control.rollBack(OPERATOR, 'try')).rejects.toMatchObject(missing);
    await expect(control.setShadow(OPERATOR, 'nowhere')).rejects.toMatchObject(missing);
    await expect(control.download('nowhere')).rejects.toMatchObject(missing);
    await expect(control.explain(TINY_INPUT, 'nowhere')).rejects.toMatchObject(missing);
    expect(await state.policy.selection()).toMatchObject({ pinnedRevision: null });
    expect(await kinds()).toEqual(['policy.activated']);
  });

  it('asks what the active revision and another one say of an input', async () => {
    const replica = await openWith(1);
    const strict = TINY_REGO.replace('input.v == 1', 'input.v == 2');
    await replica.policy.control.push(OPERATOR, writeArchive(await tinyBundle({ revision: 'strict', rego: strict })));
    const said = await replica.policy.control.explain(TINY_INPUT, null);
    expect(said).toMatchObject({ revision: 'r1', verdict: { kind: 'allow' } });
    expect(JSON.parse(said.explanation)).toMatchObject({ decision: 'allow' });
    expect(await replica.policy.control.explain(TINY_INPUT, 'strict')).toMatchObject({
      revision: 'strict',
      verdict: { kind: 'deny' },
    });
    expect(replica.says()).toBe('r1');
  });

  it('sets a shadow and takes it away', async () => {
    const { control } = (await openWith(1)).policy;
    await expect(control.shadowReport(1)).rejects.toMatchObject({ reason: 'REVISION_NOT_FOUND' });
    await control.setShadow(OPERATOR, 'r1');
    expect(await control.shadowReport(1)).toMatchObject({ activeRevision: 'r1', shadowRevision: 'r1', samples: [] });
    await control.setShadow(OPERATOR, null);
    expect(await state.policy.selection()).toMatchObject({ shadowRevision: null, shadowSince: null });
  });
});

describe('a shadow', () => {
  const STRICT = TINY_REGO.replace('input.v == 1', 'input.v == 2');

  async function shadowed(replica: Replica, revision: string): Promise<void> {
    await replica.policy.control.push(OPERATOR, writeArchive(await tinyBundle({ revision, rego: STRICT })));
    await replica.policy.control.setShadow(OPERATOR, revision);
    await eventually(async () => (await replica.policy.control.status()).replicas).toMatchObject([
      { shadowRevision: revision, problem: null },
    ]);
  }

  it('judges what the active revision judges, and its findings stand in the record', async () => {
    const replica = await openWith(1);
    await shadowed(replica, 'strict');
    expect(replica.says()).toBe('r1');
    replica.says();
    await eventually(() => replica.policy.control.shadowReport(5)).toMatchObject({
      activeRevision: 'r1',
      shadowRevision: 'strict',
      tallies: expect.arrayContaining([
        { kind: 'judged', decisions: 2n, exposure: {} },
        { kind: 'newly_denied', decisions: 2n, exposure: {} },
      ]),
      samples: [{ agentId: 'agent-0', difference: 'newly_denied' }, { difference: 'newly_denied' }],
    });
    expect(replica.shadowed).toContain('newly_denied');
  });

  it('is compared with the revision that decided, not with the one that does now', async () => {
    const replica = await openWith(1);
    await shadowed(replica, 'strict');
    replica.says();
    source.bring(await built(2));
    await eventually(() => replica.activated).toEqual(['r1', 'r2']);
    replica.says();
    replica.says();
    await eventually(() => replica.policy.control.shadowReport(5)).toMatchObject({
      activeRevision: 'r2',
      tallies: expect.arrayContaining([{ kind: 'newly_denied', decisions: 2n, exposure: {} }]),
    });
  });

  it('ends when it is taken away, and another takes its place', async () => {
    const replica = await openWith(1);
    await shadowed(replica, 'strict');
    await shadowed(replica, 'strict-2');
    await replica.policy.control.setShadow(OPERATOR, null);
    await eventually(async () => (await replica.policy.control.status()).replicas).toMatchObject([
      { shadowRevision: null, problem: null },
    ]);
  });
});

describe('a policy that throws', () => {
  const FRAGILE = `${TINY_REGO}
decision := "deny" if input.boom`;
  const boom = new TextEncoder().encode('{"agent":{"id":"agent-0"},"boom":true,"v":1}');

  it.each([1, 10_000])('denies that input alone, with the data of %i agents', async (agents) => {
    source.bring(await tinyBundle({ revision: 'fragile', rego: FRAGILE, agents }));
    const replica = await open();
    const generation = replica.policy.engine.current();
    expect(generation.evaluate(boom).reasons[0]?.code).toBe('POLICY_EVALUATION_FAILED');
    expect(replica.says()).toBe('fragile');
  });

  it('again and again is set up again, and denies meanwhile with a reason', async () => {
    source.bring(await tinyBundle({ revision: 'fragile', rego: FRAGILE, agents: 10_000 }));
    const replica = await open();
    const generation = replica.policy.engine.current();
    const codes = [boom, boom, boom].map((input) => generation.evaluate(input).reasons[0]?.code);
    expect(codes).toEqual(['POLICY_EVALUATION_FAILED', 'POLICY_EVALUATION_FAILED', 'POLICY_INSTANCE_NOT_READY']);
    await eventually(() => replica.says()).toBe('fragile');
  });
});
