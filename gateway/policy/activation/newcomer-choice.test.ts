import { describe, expect, it } from 'vitest';
import type { Operator } from '../../core/principal/principal.ts';
import type { PolicySelection, PolicyStore } from '../../state/contract/policy-store.ts';
import { createAdmin } from '../../state/testing/sample-principals.ts';
import { signBundle } from '../bundle/sign-bundle.ts';
import { keyPair } from '../bundle/testing/signing-keys.ts';
import { writeArchive } from '../bundle/write-archive.ts';
import type { Verification } from '../preparation/preparation.ts';
import { createRefuseNewcomer } from './newcomer-choice.ts';
import { activePolicyScene, built, eventually } from './testing/active-policy-scene.ts';
import { OPERATOR, policyRecords, UNSIGNED } from './testing/replica-scene.ts';

const HOUR = 3_600_000;
const NOW = Date.now();
const release = keyPair('EdDSA', 'release');
const SIGNED: Verification = { keys: [release.verifying], allowUnsigned: false };
const old: Operator = { ...OPERATOR, since: 0 };
const mallory: Operator = { ...OPERATOR, id: 'mallory', since: NOW };

/** Hours after a start at which each was built; those that ever decided: r1, r2 and r3, of which r3 does now. */
const BUILT = new Map<string, number | null>([
  ['r1', 1],
  ['r2', 2],
  ['r3', 3],
  ['r4', 4],
  ['aside', 2],
  ['undated', null],
]);
const CHOSEN = { version: 1n, shadowRevision: null, shadowSince: null, chosenBy: null, chosenAt: null } as const;
const FOLLOWS: PolicySelection = { ...CHOSEN, pinnedRevision: null, followedRevision: 'r3' };

/** What comes of a choice of the gateway that opened at this hour of the start. */
async function chosen(
  by: Operator,
  revision: string,
  {
    selection = FOLLOWS,
    verification = SIGNED,
    rebuilt = new Map<string, number | null>(),
    firstMadeAt = 0,
    waitMs = 24 * HOUR,
  } = {},
): Promise<string> {
  const times = new Map([...BUILT, ...rebuilt]);
  const record = (name: string) => ({ revision: name, builtAt: (times.get(name) ?? Number.NaN) * HOUR });
  const store = {
    find: async (name: string) => (times.get(name) === null ? { revision: name, builtAt: null } : record(name)),
    everActive: async (name: string) => ['r1', 'r2', 'r3'].includes(name),
  };
  const principals = { list: async () => [{ createdAt: firstMadeAt }, { createdAt: NOW }] };
  const rule = { waitMs, principals, databaseTime: async () => NOW };
  // Only what is looked at is there.
  return createRefuseNewcomer(Object({ rule, store, verification }))(by, revision, selection).then(
    () => 'taken',
    ({ code }) => code,
  );
}

describe('who is new as an operator', () => {
  it('goes back neither to what decided before nor to what was built before, nor to what does not say when it was built', async () => {
    for (const back of ['r1', 'r2', 'aside', 'undated']) expect(await chosen(mallory, back)).toBe('OPERATOR_TOO_NEW');
    expect([await chosen(mallory, 'r3'), await chosen(mallory, 'r4')]).toEqual(['taken', 'taken']);
  });

  it.each<[string, Operator]>([
    ['whose role is', { ...old, gained: { 'role:policy': NOW - 24 * HOUR + 1 } }],
    ['of whom nobody knows since when it calls', OPERATOR],
  ])('or %s, does not', async (_name, by) => {
    expect(await chosen(by, 'r2')).toBe('OPERATOR_TOO_NEW');
  });

  it.each<[string, Operator]>([
    [
      'who was there before, with a role that it had',
      { ...old, since: NOW - 24 * HOUR, gained: { 'role:admin': NOW } },
    ],
    ['whose role is old enough', { ...old, gained: { 'role:policy': NOW - 24 * HOUR } }],
  ])('is not one %s', async (_name, by) => {
    expect(await chosen(by, 'r2')).toBe('taken');
  });

  it('brings nothing back that somebody replaced by hand, newer or not, before it is built anew', async () => {
    const selection = { ...FOLLOWS, pinnedRevision: 'r2', chosenBy: 'ops', chosenAt: 5 * HOUR };
    expect(await chosen(mallory, 'r3', { selection })).toBe('OPERATOR_TOO_NEW');
    expect(await chosen(mallory, 'r3', { selection, rebuilt: new Map([['r3', 6]]) })).toBe('taken');
    const pinned = { ...selection, pinnedRevision: 'r4' };
    expect(await chosen(mallory, 'r3', { selection: pinned })).toBe('OPERATOR_TOO_NEW');
  });

  it('goes back where everybody is, where nobody is to wait, and where anybody can build the old one anew', async () => {
    expect(await chosen(mallory, 'r2', { firstMadeAt: NOW - 24 * HOUR })).toBe('OPERATOR_TOO_NEW');
    expect(await chosen(mallory, 'r2', { firstMadeAt: NOW - 24 * HOUR + 1 })).toBe('taken');
    expect(await chosen(mallory, 'r2', { waitMs: 0 })).toBe('taken');
    expect(await chosen(mallory, 'r2', { verification: UNSIGNED })).toBe('taken');
  });
});

const TOO_NEW = { reason: 'BUNDLE_REFUSED', metadata: { code: 'OPERATOR_TOO_NEW' } };

describe('a gateway', () => {
  const scene = activePolicyScene({ verification: SIGNED });

  /** r2 decides, and r1 did before; the admin eva was there for years. */
  async function opened() {
    await createAdmin(scene.state, 'eva');
    const records = (await scene.state.principals.list()).map((record) => ({ ...record, createdAt: 0 }));
    const { time: databaseTime } = scene.state;
    const newcomers = { waitMs: 24 * HOUR, databaseTime, principals: { list: async () => records } };
    scene.source.bring(signBundle(await built(1), release.signing));
    const replica = await scene.open({ newcomers });
    scene.source.bring(signBundle(await built(2), release.signing));
    await eventually(() => replica.says()).toBe('r2');
    const { control } = replica.policy;
    const push = async (minutes: number) =>
      (await control.push(old, writeArchive(signBundle(await built(minutes), release.signing)))).revision;
    return { newcomers, replica, control, push };
  }

  it('tells a new operator that it does not go back, has it on record, and lets it go forward', async () => {
    const { control, replica, push } = await opened();
    const before = await scene.state.policy.selection();
    await expect(control.rollBack(mallory, 'mine')).rejects.toMatchObject({
      ...TOO_NEW,
      message: expect.stringMatching(/not chosen: .* for 24 h .*; mallory is new with this API key until 20.*anew/),
    });
    await expect(control.activate(mallory, await push(0), 'mine')).rejects.toMatchObject(TOO_NEW);
    await expect(control.activate(mallory, 'nowhere', 'mine')).rejects.toMatchObject({ reason: 'REVISION_NOT_FOUND' });
    expect([replica.says(), await scene.state.policy.selection()]).toEqual(['r2', before]);
    const refusals = async () => (await policyRecords(scene.state)).filter(({ kind }) => kind === 'policy.refused');
    await eventually(refusals).toMatchObject([
      { facts: { code: 'OPERATOR_TOO_NEW', content: 'r1', from: 'operator mallory' } },
      { facts: { code: 'OPERATOR_TOO_NEW', content: 'r0', from: 'operator mallory' } },
    ]);
    expect(await control.activate(mallory, await push(3), 'hot fix')).toMatchObject({ revision: 'r3' });
    await expect(control.follow(mallory, 'back to r2')).rejects.toMatchObject(TOO_NEW);
    expect(await control.rollBack(old, 'it was cold')).toMatchObject({ revision: 'r2' });
  });

  it('does not let it go back either where somebody chooses at another gateway in the moment before', async () => {
    const { newcomers, control, push } = await opened();
    const { policy } = scene.state;
    const stricter = await push(5);
    const select: PolicyStore['select'] = async (change, by, audit, onlyIf) => {
      if (by === 'mallory') await control.activate(old, stricter, 'stricter');
      return policy.select(change, by, audit, onlyIf);
    };
    const two = await scene.open({ newcomers, chooseAs: () => ({ select }), replica: 'two' });
    await expect(two.policy.control.activate(mallory, await push(3), 'mine')).rejects.toMatchObject(TOO_NEW);
    expect(await policy.selection()).toMatchObject({ pinnedRevision: 'r5', chosenBy: 'ops' });
  });
});
