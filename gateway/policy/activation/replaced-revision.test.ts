import { describe, expect, it } from 'vitest';
import { writeArchive } from '../bundle/write-archive.ts';
import { minutesAfterNoon, tinyBundle } from '../preparation/testing/tiny-bundles.ts';
import { activePolicyScene, built, eventually } from './testing/active-policy-scene.ts';
import { OPERATOR, policyRecords } from './testing/replica-scene.ts';
import { scriptedSource } from './testing/scripted-source.ts';

const scene = activePolicyScene();

describe('rollback protection', () => {
  it('refuses a bundle that was built before the one that decides', async () => {
    const replica = await scene.openWith(2);
    scene.source.bring(await built(1));
    await eventually(() => replica.refused).toEqual(['OLDER_THAN_ACTIVE']);
    expect(replica.says()).toBe('r2');
    await eventually(async () => (await policyRecords(scene.state)).at(-1)?.facts.message).toContain(
      'r1 was built at 2026-11-21T12:01:00.000Z',
    );
  });

  it('refuses a bundle that decided before and was replaced, as old as it is', async () => {
    scene.source.bring(await tinyBundle({ revision: 'r1', builtAt: minutesAfterNoon(5) }));
    const replica = await scene.open();
    scene.source.bring(await tinyBundle({ revision: 'r2', builtAt: minutesAfterNoon(5) }));
    await eventually(() => replica.says()).toBe('r2');
    scene.source.bring(await tinyBundle({ revision: 'r1', builtAt: minutesAfterNoon(5) }));
    await eventually(() => replica.refused).toEqual(['REPLACED_BEFORE']);
    expect(replica.says()).toBe('r2');
  });

  it('refuses a bundle that does not say when it was built, and one from the future', async () => {
    const replica = await scene.openWith(1);
    scene.source.bring(await tinyBundle({ revision: 'undated', builtAt: null }));
    await eventually(() => replica.refused).toEqual(['OLDER_THAN_ACTIVE']);
    scene.source.bring(await tinyBundle({ revision: 'far', builtAt: Date.now() + 48 * 3_600_000 }));
    await eventually(() => replica.refused).toEqual(['OLDER_THAN_ACTIVE', 'BUILT_IN_THE_FUTURE']);
    expect(replica.says()).toBe('r1');
  });

  it('holds after a restart as well', async () => {
    await (await scene.openWith(2)).policy.close();
    const old = scriptedSource();
    old.bring(await built(1));
    const replica = await scene.open({}, old);
    expect(replica.says()).toBe('r2');
    expect(replica.refused).toEqual(['OLDER_THAN_ACTIVE']);
  });

  it('does not hold for a directory, whose owner develops', async () => {
    const directory = scriptedSource('directory');
    directory.bring(await built(2));
    const replica = await scene.open({}, directory);
    directory.bring(await built(1));
    await eventually(() => replica.says()).toBe('r1');
  });

  it('takes the bundle after all when an operator lets decide what is older still', async () => {
    scene.source.bring(await built(1));
    const replica = await scene.open();
    await replica.policy.control.push(OPERATOR, writeArchive(await built(5)));
    await replica.policy.control.activate(OPERATOR, 'r5', 'hot fix');
    scene.source.bring(await built(3));
    await eventually(() => replica.refused).toEqual(['OLDER_THAN_ACTIVE']);
    await replica.policy.control.follow(OPERATOR, 'the fix is in');
    await eventually(() => replica.says()).toBe('r3');
  });
});
