import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FreezeScope } from '../../core/controls/freeze.ts';
import type { Operator } from '../../core/principal/principal.ts';
import { keyAddress } from '../../core/transaction/testing/wire-builder.ts';
import { createOperator, sampleOperator } from '../../state/testing/sample-principals.ts';
import { openPipelineScene, type PipelineScene } from '../testing/pipeline-scene.ts';
import { createFreezing, type Freezing } from './freezing.ts';

let scene: PipelineScene;
let freezing: Freezing;
let olga: Operator;
let otto: Operator;

beforeAll(async () => {
  scene = await openPipelineScene();
  freezing = createFreezing({
    state: scene.state,
    quorum: 2,
    newAdminWaitMs: 0,
    now: () => 7,
    newId: () => crypto.randomUUID(),
  });
  olga = await createOperator(scene.state, sampleOperator('olga', { roles: ['admin'] }));
  otto = await createOperator(scene.state, sampleOperator('otto', { roles: ['admin'] }));
});

afterAll(() => scene.close());

const freeze = (scope: FreezeScope, target: string) => freezing.freeze(olga, { scope, target, reason: 'why' });

it('is lifted by no admin who is new where it takes more than one, though the clock of the gateway is ahead', async () => {
  const newAdminWaitMs = 24 * 3_600_000;
  const state = { ...scene.state, time: async () => newAdminWaitMs };
  const now = () => 3 * newAdminWaitMs;
  const newId = () => crypto.randomUUID();
  const waiting = createFreezing({ state, quorum: 2, newAdminWaitMs, now, newId });
  const { freeze: made } = await waiting.freeze(olga, { scope: 'program', target: keyAddress(9), reason: 'why' });
  const name = { kind: 'id', freezeId: made.freezeId } as const;
  const vote = (since: number) => waiting.voteToLift({ ...olga, since }, name, 'over');
  await expect(vote(1)).rejects.toMatchObject({ reason: 'VOTE_REFUSED', message: expect.stringContaining('24 h') });
  expect((await vote(0)).votes).toHaveLength(1);
});

describe('what is frozen', () => {
  it.each<[FreezeScope, () => string, string]>([
    ['all', () => '', ''],
    ['agent', () => 'trader', 'trader'],
    ['wallet', () => 'treasury', 'treasury'],
    ['program', () => keyAddress(1), keyAddress(1)],
    ['mint', () => keyAddress(1), keyAddress(1)],
    ['recipient', () => keyAddress(1), keyAddress(1)],
  ])('may be %s', async (scope, target, recorded) => {
    const { freeze: made, isNew } = await freeze(scope, target());
    expect([made.scope, made.target, isNew]).toEqual([scope, recorded, true]);
  });

  it('is a wallet by its address too', async () => {
    const { freeze: made, isNew } = await freeze('wallet', scene.wallet);
    expect([made.target, isNew]).toEqual(['treasury', false]);
  });

  it.each<[FreezeScope, string, string]>([
    ['all', 'trader', 'target must be empty where everything is frozen; found "trader"'],
    ['agent', 'tradre', 'target must be an agent (did you mean trader?); found "tradre"; nothing was frozen'],
    ['agent', 'ann', 'target must be an agent; found "ann"'],
    ['agent', '', 'target must be an agent; found nothing'],
    ['wallet', 'tresury', 'target must be a wallet, by its id or its address (did you mean treasury?)'],
    ['wallet', keyAddress(1), 'target must be a wallet'],
    ['program', 'Tokenkeg', 'target must be the base58 address of a program, which has 32 bytes'],
    ['mint', 'SOL', 'target must be the base58 address of a mint'],
    ['recipient', keyAddress(1).slice(0, -1), 'target must be the base58 address of a recipient'],
    ['recipient', ` ${keyAddress(1)}`, 'target must be the base58 address of a recipient'],
  ])('is refused where a slip would give false safety: %s %j', async (scope, target, message) => {
    const before = (await freezing.list({ lifted: true })).length;
    const refused = { reason: 'INVALID_FIELD', message: expect.stringContaining(message) };
    await expect(freeze(scope, target)).rejects.toMatchObject(refused);
    expect(await freezing.list({ lifted: true })).toHaveLength(before);
  });
});

describe('lifting', () => {
  it('of a wallet is by its address too, as freezing it is', async () => {
    const { freeze: made } = await freeze('wallet', scene.wallet);
    const voted = await freezing.voteToLift(olga, { kind: 'target', scope: 'wallet', target: scene.wallet }, 'found');
    expect([voted.freezeId, voted.votes.length]).toEqual([made.freezeId, 1]);
    await expect(
      freezing.voteToLift(otto, { kind: 'target', scope: 'wallet', target: 'tresury' }, 'found'),
    ).rejects.toMatchObject({
      message: expect.stringContaining('in force (did you mean treasury?); countersign freezes'),
    });
  });

  it('is by id or by what is frozen, and each step stands in the chain', async () => {
    const target = keyAddress(5);
    const after = (await scene.state.audit.head())?.sequence ?? 0n;
    const { freeze: made } = await freeze('mint', target);
    const first = await freezing.voteToLift(olga, { kind: 'id', freezeId: made.freezeId }, 'found');
    expect(first.lifted).toBeNull();
    const second = await freezing.voteToLift(otto, { kind: 'target', scope: 'mint', target }, 'indeed');
    expect(second.lifted).toMatchObject({ by: 'otto' });
    const records = (await scene.state.audit.readAfter(after, 10)).map(({ body }) =>
      JSON.parse(Buffer.from(body).toString()),
    );
    const what = { freeze_id: made.freezeId, scope: 'mint', target };
    expect(records.map(({ kind, actor, facts }) => [kind, actor, facts])).toEqual([
      ['freeze.set', 'olga', { ...what, reason: 'why' }],
      ['freeze.lift_voted', 'olga', { ...what, reason: 'found', quorum: 2 }],
      ['freeze.lift_voted', 'otto', { ...what, reason: 'indeed', quorum: 2 }],
      ['freeze.lifted', 'otto', what],
    ]);
  });

  it('of what is not frozen is refused, and so is a vote that does not count', async () => {
    const target = keyAddress(6);
    const byTarget = { kind: 'target', scope: 'mint', target } as const;
    const missing = { reason: 'FREEZE_NOT_FOUND' };
    await expect(freezing.voteToLift(olga, byTarget, 'x')).rejects.toMatchObject(missing);
    const unknown = { kind: 'id', freezeId: crypto.randomUUID() } as const;
    await expect(freezing.voteToLift(olga, unknown, 'x')).rejects.toMatchObject(missing);
    await freeze('mint', target);
    await freezing.voteToLift(olga, byTarget, 'x');
    const refused = { reason: 'VOTE_REFUSED', message: expect.stringContaining('olga has already voted') };
    await expect(freezing.voteToLift(olga, byTarget, 'x')).rejects.toMatchObject(refused);
    await expect(freezing.voteToLift(scene.ann, byTarget, 'x')).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
  });
});
