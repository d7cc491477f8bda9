import { describe, expect, it } from 'vitest';
import { writeArchive } from '../bundle/write-archive.ts';
import { TINY_INPUT, TINY_REGO, tinyBundle } from '../preparation/testing/tiny-bundles.ts';
import { activePolicyScene, built, eventually } from './testing/active-policy-scene.ts';
import { OPERATOR, policyRecords, type Replica } from './testing/replica-scene.ts';

const scene = activePolicyScene();

describe('an operator', () => {
  it('pushes, activates, goes back and lets the source choose again, each with a record', async () => {
    const replica = await scene.openWith(1);
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
    scene.source.bring(await built(6));
    await eventually(async () => (await scene.state.policy.selection()).followedRevision).toBe('r6');
    expect(replica.says()).toBe('r1');
    await control.follow(OPERATOR, 'go on');
    expect(replica.says()).toBe('r6');
    expect((await policyRecords(scene.state)).map(({ kind, facts }) => [kind, facts.revision])).toEqual([
      ['policy.activated', 'r1'],
      ['policy.pushed', 'r5'],
      ['policy.pinned', 'r5'],
      ['policy.activated', 'r5'],
      ['policy.pinned', 'r1'],
      ['policy.activated', 'r1'],
      ['policy.followed', 'r6'],
      ['policy.activated', 'r6'],
    ]);
    expect(await control.status()).toMatchObject({ active: { revision: 'r6' }, source: scene.source.label });
    expect((await control.revisions(10)).map(({ revision }) => revision)).toEqual(['r6', 'r5', 'r1']);
  });

  it('is told what is wrong with a bundle, and it is not kept', async () => {
    const replica = await scene.openWith(1);
    const bad = writeArchive(await tinyBundle({ revision: 'bad', rego: 'result := `{}`' }));
    const pushed = replica.policy.control.push(OPERATOR, bad);
    await expect(pushed).rejects.toMatchObject({ reason: 'BUNDLE_REFUSED', metadata: { code: 'SELF_TEST_FAILED' } });
    expect(await scene.state.policy.find('bad')).toBeNull();
    await eventually(scene.kinds).toEqual(['policy.activated', 'policy.refused']);
  });

  it('cannot push another content under a revision that is taken', async () => {
    const replica = await scene.openWith(1);
    const other = writeArchive(await tinyBundle({ revision: 'r1', note: 'not r1' }));
    await expect(replica.policy.control.push(OPERATOR, other)).rejects.toMatchObject({
      reason: 'BUNDLE_REFUSED',
      metadata: { code: 'REVISION_REUSED' },
    });
  });

  it('is told of revisions that are not there, and nothing is chosen', async () => {
    const { control } = (await scene.openWith(1)).policy;
    const missing = { reason: 'REVISION_NOT_FOUND' };
    await expect(control.activate(OPERATOR, 'nowhere', 'try')).rejects.toMatchObject(missing);
    await expect(control.rollBack(OPERATOR, 'try')).rejects.toMatchObject(missing);
    await expect(control.setShadow(OPERATOR, 'nowhere')).rejects.toMatchObject(missing);
    await expect(control.download('nowhere')).rejects.toMatchObject(missing);
    await expect(control.explain(TINY_INPUT, 'nowhere')).rejects.toMatchObject(missing);
    expect(await scene.state.policy.selection()).toMatchObject({ pinnedRevision: null });
    expect(await scene.kinds()).toEqual(['policy.activated']);
  });

  it('asks what the active revision and another one say of an input', async () => {
    const replica = await scene.openWith(1);
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
    const { control } = (await scene.openWith(1)).policy;
    await expect(control.shadowReport(1)).rejects.toMatchObject({ reason: 'REVISION_NOT_FOUND' });
    await control.setShadow(OPERATOR, 'r1');
    expect(await control.shadowReport(1)).toMatchObject({ activeRevision: 'r1', shadowRevision: 'r1', samples: [] });
    await control.setShadow(OPERATOR, null);
    expect(await scene.state.policy.selection()).toMatchObject({ shadowRevision: null, shadowSince: null });
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
    const replica = await scene.openWith(1);
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
    const replica = await scene.openWith(1);
    await shadowed(replica, 'strict');
    replica.says();
    scene.source.bring(await built(2));
    await eventually(() => replica.activated).toEqual(['r1', 'r2']);
    replica.says();
    replica.says();
    await eventually(() => replica.policy.control.shadowReport(5)).toMatchObject({
      activeRevision: 'r2',
      tallies: expect.arrayContaining([{ kind: 'newly_denied', decisions: 2n, exposure: {} }]),
    });
  });

  it('ends when it is taken away, and another takes its place', async () => {
    const replica = await scene.openWith(1);
    await shadowed(replica, 'strict');
    await shadowed(replica, 'strict-2');
    await replica.policy.control.setShadow(OPERATOR, null);
    await eventually(async () => (await replica.policy.control.status()).replicas).toMatchObject([
      { shadowRevision: null, problem: null },
    ]);
  });
});
