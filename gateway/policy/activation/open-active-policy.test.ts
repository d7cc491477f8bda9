import { describe, expect, it } from 'vitest';
import { signBundle } from '../bundle/sign-bundle.ts';
import { keyPair } from '../bundle/testing/signing-keys.ts';
import { writeArchive } from '../bundle/write-archive.ts';
import { minutesAfterNoon, TINY_INPUT, TINY_REGO, tinyBundle } from '../preparation/testing/tiny-bundles.ts';
import { activePolicyScene, built, eventually } from './testing/active-policy-scene.ts';
import { OPERATOR, policyRecords } from './testing/replica-scene.ts';
import { scriptedSource } from './testing/scripted-source.ts';

const scene = activePolicyScene();

describe('a start', () => {
  it("serves the source's newest bundle, and says so in the record", async () => {
    const replica = await scene.openWith(1);
    expect(replica.says()).toBe('r1');
    expect(replica.activated).toEqual(['r1']);
    expect(await scene.state.policy.selection()).toMatchObject({ followedRevision: 'r1', pinnedRevision: null });
    await eventually(() => policyRecords(scene.state)).toMatchObject([
      { kind: 'policy.activated', facts: { replica: 'one', revision: 'r1', before: null, by: 'source' } },
    ]);
    await eventually(() => scene.state.policy.replicas()).toMatchObject([
      { replica: 'one', revision: 'r1', problem: null },
    ]);
  });

  it('serves what the source brought last, out of the record, while the source is away', async () => {
    const first = await scene.openWith(1);
    await first.policy.close();
    const away = scriptedSource();
    away.fail(new Error('the server does not answer'));
    const second = await scene.open({}, away);
    expect(second.says()).toBe('r1');
    expect(second.refused).toEqual(['SOURCE_FAILED']);
    await eventually(() => scene.state.policy.replicas()).toMatchObject([
      { revision: 'r1', problem: 'the server does not answer' },
    ]);
  });

  it('does not wait long for a source that says nothing', async () => {
    const first = await scene.openWith(1);
    await first.policy.close();
    const started = performance.now();
    const second = await scene.open({ startWaitMs: 100 }, scriptedSource());
    expect(second.says()).toBe('r1');
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('refuses, and says why, where neither the source nor the record has a policy', async () => {
    scene.source.fail(new Error('the server does not answer'));
    await expect(scene.open()).rejects.toThrow(
      'no policy can decide. the source git https://policies.example: the server does not answer',
    );
    expect(scene.source.closed()).toBe(true);
  });

  it('refuses where the only bundle is refused', async () => {
    scene.source.bring(await tinyBundle({ revision: 'r1', rego: 'result := `{}`' }));
    await expect(scene.open()).rejects.toThrow('must be denied by a well-formed decision document');
  });

  it('refuses where the pinned revision cannot decide, whatever the source has', async () => {
    const release = keyPair('ES256', 'release');
    scene.source.bring(await built(1));
    const first = await scene.open();
    await first.policy.control.activate(OPERATOR, 'r1', 'steady');
    await first.policy.close();
    const verification = { keys: [release.verifying], allowUnsigned: false };
    const signed = scriptedSource();
    signed.bring(signBundle(await built(2), release.signing));
    await expect(scene.open({ verification }, signed)).rejects.toThrow(
      'the policy revision r1, which an operator chose, cannot decide: policy bundle revision r1: .signatures.json:',
    );
  });

  it('does not take a bundle out of the record that was changed there', async () => {
    const first = await scene.openWith(1);
    await first.policy.close();
    const kept = await scene.state.policy.find('r1');
    const other = writeArchive(await tinyBundle({ revision: 'r1', note: 'not r1' }));
    await scene.state.policy.keep({ ...(await keptAs('r9', other)), revision: 'r9' });
    expect(kept).not.toBeNull();
    await scene.state.policy.select({ followedRevision: 'r9' }, null, null);
    const away = scriptedSource();
    away.fail(new Error('away'));
    await expect(scene.open({}, away)).rejects.toThrow('what is kept as r9 is r1');
  });

  async function keptAs(revision: string, archive: Uint8Array) {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(archive)));
    const facts = { origin: 'git', gitCommit: null, builtAt: null, signedBy: null, pushedBy: null } as const;
    return { revision, archive, archiveDigest: digest, contentDigest: digest, ...facts };
  }
});

describe('a new bundle of the source', () => {
  it('decides as soon as it is tested; what began with the one before ends with it', async () => {
    const replica = await scene.openWith(1);
    const begun = replica.policy.engine.current();
    scene.source.bring(await built(2));
    await eventually(() => replica.says()).toBe('r2');
    expect(begun.evaluate(TINY_INPUT).reasons[0]?.message).toBe('r1');
    expect(replica.policy.engine.current().bundleRevision).toBe('r2');
  });

  it('that is bad leaves the last good one, and is told by metric, record, status, once for each content', async () => {
    const replica = await scene.openWith(1);
    const bad = await tinyBundle({ revision: 'bad', rego: 'result := `{}`', builtAt: minutesAfterNoon(2) });
    scene.source.bring(bad, { token: 'bad' });
    await eventually(() => replica.refused).toEqual(['SELF_TEST_FAILED']);
    expect(replica.says()).toBe('r1');
    await eventually(scene.kinds).toEqual(['policy.activated', 'policy.refused']);
    const [, refusal] = await policyRecords(scene.state);
    expect(refusal?.facts).toMatchObject({ code: 'SELF_TEST_FAILED', content: 'bad', from: scene.source.label });
    const problem = expect.stringContaining('must be denied');
    await eventually(() => scene.state.policy.replicas()).toMatchObject([{ revision: 'r1', problem }]);
    await eventually(() => scene.source.asked.at(-1)).toEqual({ token: 'bad', gitCommit: null });
    scene.source.bring(await built(3));
    await eventually(() => replica.says()).toBe('r3');
    await eventually(() => scene.state.policy.replicas()).toMatchObject([{ revision: 'r3', problem: null }]);
  });

  it('comes after the source failed, with the same last bundle in the question', async () => {
    const replica = await scene.openWith(1);
    scene.source.fail(new Error('the network is gone'));
    await eventually(() => replica.refused).toEqual(['SOURCE_FAILED']);
    scene.source.bring(await built(2));
    await eventually(() => replica.says()).toBe('r2');
    await eventually(scene.kinds).toEqual(['policy.activated', 'policy.activated']);
  });

  it('is refused when its revision is that of another content', async () => {
    const replica = await scene.openWith(1);
    scene.source.bring(await tinyBundle({ revision: 'r1', note: 'not r1', builtAt: minutesAfterNoon(2) }));
    await eventually(() => replica.refused).toEqual(['REVISION_REUSED']);
    expect(replica.says()).toBe('r1');
  });

  it('must descend from the commit of the last good one, unless an operator lets the source start over', async () => {
    scene.source.bring(await built(1), { gitCommit: 'a'.repeat(40) });
    const replica = await scene.open();
    await eventually(() => scene.source.asked.at(-1)).toEqual({ token: 'token-1', gitCommit: 'a'.repeat(40) });
    await replica.policy.control.follow(OPERATOR, 'the history was rewritten');
    await eventually(() => scene.source.asked).toContainEqual(null);
    await eventually(() => scene.source.asked.at(-1)).toEqual({ token: 'token-1', gitCommit: 'a'.repeat(40) });
  });
});

describe('a policy that throws', () => {
  const FRAGILE = `${TINY_REGO}
decision := "deny" if input.boom`;
  const boom = new TextEncoder().encode('{"agent":{"id":"agent-0"},"boom":true,"v":1}');

  it.each([1, 10_000])('denies that input alone, with the data of %i agents', async (agents) => {
    scene.source.bring(await tinyBundle({ revision: 'fragile', rego: FRAGILE, agents }));
    const replica = await scene.open();
    const generation = replica.policy.engine.current();
    expect(generation.evaluate(boom).reasons[0]?.code).toBe('POLICY_EVALUATION_FAILED');
    expect(replica.says()).toBe('fragile');
  });

  it('again and again is set up again, and denies meanwhile with a reason', async () => {
    scene.source.bring(await tinyBundle({ revision: 'fragile', rego: FRAGILE, agents: 3_000 }));
    const replica = await scene.open();
    const generation = replica.policy.engine.current();
    const codes = [boom, boom, boom].map((input) => generation.evaluate(input).reasons[0]?.code);
    expect(codes).toEqual(['POLICY_EVALUATION_FAILED', 'POLICY_EVALUATION_FAILED', 'POLICY_INSTANCE_NOT_READY']);
    await eventually(() => replica.says()).toBe('fragile');
  });
});
