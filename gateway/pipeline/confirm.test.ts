import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChainReader, Commitment, SignatureStatus } from '../../relayer/chain-reader.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';
import { type SubmittedScene, submitOne } from './testing/submitted-scene.ts';

let scene: PipelineScene;
let start: number;
let submitted: SubmittedScene;

beforeAll(async () => {
  scene = await openPipelineScene();
  start = scene.script.time;
});
afterAll(() => scene.close());
beforeEach(async () => {
  submitted = await submitOne(scene, start);
});

const look: SubmittedScene['look'] = (...given) => submitted.look(...given);
const kinds = () => submitted.kinds();

const ERROR = '{"InstructionError":[0,"Custom"]}';

describe('a transaction that landed', () => {
  it.each<[Commitment, string]>([
    ['processed', 'SUBMITTED'],
    ['confirmed', 'CONFIRMED'],
    ['finalized', 'FINALIZED'],
  ])('and is %s becomes %s, with its slot', async (commitment, state) => {
    scene.chain.status = seen(commitment);
    expect(await look()).toMatchObject({ state, slot: 77n, error: null });
  });

  it('is finalized after it was confirmed, and is then due no more', async () => {
    scene.chain.status = seen('confirmed');
    await look();
    scene.chain.status = seen('finalized');
    expect(await look()).toMatchObject({ state: 'FINALIZED' });
    expect(await kinds()).toEqual(['request.confirmed', 'request.finalized']);
    expect(submitted.pause()).toBeNull();
  });

  it('with an error and is finalized has failed, and says why', async () => {
    scene.chain.status = { ...seen('finalized'), error: ERROR };
    expect(await look()).toMatchObject({ state: 'FAILED', error: ERROR });
    expect((await scene.auditOf(submitted.requestId)).at(-1)).toMatchObject({
      kind: 'request.failed',
      actor: 'gateway',
      facts: { error: ERROR, slot: 77 },
    });
  });

  it('with an error, as one of several nodes tells, has not failed while another tells the opposite', async () => {
    const { chain } = scene;
    const truthful = { ...chain, getSignatureStatuses: async () => ({ slot: 10_000n, statuses: [seen('finalized')] }) };
    const several = { ...chain, nodes: () => [chain, truthful], witnesses: 2 };
    chain.status = { ...seen('finalized'), error: ERROR };
    expect(await look({}, several)).toMatchObject({ state: 'SUBMITTED' });
    expect(submitted.pause()).not.toBeNull();
    const agreeing = { ...chain, nodes: () => [chain, chain], witnesses: 2 };
    expect(await look({}, agreeing)).toMatchObject({ state: 'FAILED', error: ERROR });
  });

  it('with an error and is confirmed has not failed yet, says the error, and is watched and not sent', async () => {
    scene.chain.status = { ...seen('confirmed'), error: ERROR };
    expect(await look()).toMatchObject({ state: 'SUBMITTED', error: ERROR, slot: 77n });
    scene.chain.status = null;
    expect(await look()).toMatchObject({ state: 'SUBMITTED', error: ERROR, slot: null });
    expect(scene.relayer.sent).toHaveLength(1);
    expect(submitted.pause()).not.toBeNull();
  });

  it('with an error on one fork and without on another did not fail: the error does not hold any more', async () => {
    scene.chain.status = { ...seen('confirmed'), error: ERROR };
    await look();
    scene.chain.status = seen('confirmed');
    expect(await look()).toMatchObject({ state: 'CONFIRMED', error: null });
    scene.chain.status = seen('finalized');
    expect(await look()).toMatchObject({ state: 'FINALIZED', error: null });
  });

  it('without an error on one fork and with one on another is INDETERMINATE until that is final', async () => {
    scene.chain.status = seen('confirmed');
    await look();
    scene.chain.status = { ...seen('confirmed'), error: ERROR };
    expect(await look()).toMatchObject({ state: 'INDETERMINATE', error: ERROR });
    scene.chain.status = { ...seen('finalized'), error: ERROR };
    expect(await look()).toMatchObject({ state: 'FAILED', error: ERROR });
  });

  it('with an error that is only processed has not failed yet: the fork may die', async () => {
    scene.chain.status = { ...seen('processed'), error: '"AccountInUse"' };
    expect(await look()).toMatchObject({ state: 'SUBMITTED', error: null });
  });

  it('on a fork that died is looked for again, without the slot of that fork', async () => {
    scene.chain.status = seen('processed');
    await look();
    scene.chain.status = null;
    expect(await look()).toMatchObject({ state: 'SUBMITTED', slot: null });
  });

  it('and is no longer there is INDETERMINATE, and may still be confirmed', async () => {
    scene.chain.status = seen('confirmed');
    await look();
    scene.chain.status = null;
    expect(await look()).toMatchObject({ state: 'INDETERMINATE', slot: null });
    scene.chain.status = seen('confirmed');
    expect(await look()).toMatchObject({ state: 'CONFIRMED', slot: 77n });
  });

  it('and is confirmed is not lost to a node that is behind, but to one that is so far behind that the slot was never true', async () => {
    scene.chain.status = seen('confirmed');
    await look();
    Object.assign(scene.chain, { status: null, statusSlot: 76n });
    expect(await look()).toMatchObject({ state: 'CONFIRMED', slot: 77n });
    scene.chain.statusSlot = 77n;
    expect(await look()).toMatchObject({ state: 'INDETERMINATE' });
    scene.chain.status = { ...seen('confirmed'), slot: 1_000_000n };
    expect(await look()).toMatchObject({ state: 'CONFIRMED' });
    Object.assign(scene.chain, { status: null, statusSlot: 10_000n });
    expect(await look()).toMatchObject({ state: 'INDETERMINATE' });
  });

  it('and is no longer there is sent again, with the same bytes, while its blockhash lives', async () => {
    scene.chain.status = seen('confirmed');
    await look();
    scene.chain.status = null;
    await look();
    expect(scene.relayer.sent).toHaveLength(1);
    await look();
    const [first, ...again] = scene.relayer.sent.map((bytes) => Buffer.from(bytes).toString('hex'));
    expect(again).toEqual([first]);
    Object.assign(scene.chain.heights, { confirmed: 251n });
    expect(await look()).toMatchObject({ state: 'INDETERMINATE' });
    expect(scene.relayer.sent).toHaveLength(2);
  });

  it('and is then only processed, in another slot, is not confirmed any more', async () => {
    scene.chain.status = seen('confirmed');
    await look();
    scene.chain.status = seen('processed');
    expect(await look()).toMatchObject({ state: 'CONFIRMED', slot: 77n });
    scene.chain.status = { ...seen('processed'), slot: 78n };
    expect(await look()).toMatchObject({ state: 'INDETERMINATE', slot: 78n });
  });
});

describe('a transaction that one of several nodes shows as not final for ever', () => {
  const LONG_MS = 660_000;
  const HOUR_MS = 3_600_000;

  /** Two must agree; the first shows it as confirmed. */
  function among(...others: readonly (SignatureStatus | null)[]): ChainReader {
    const { chain } = scene;
    chain.status = seen('confirmed');
    const nodes = others.map((status) => ({
      ...chain,
      getSignatureStatuses: async () => ({ slot: 10_000n, statuses: [status] }),
    }));
    return { ...chain, nodes: () => [chain, ...nodes], witnesses: 2 };
  }

  it('is final where two others show that', async () => {
    const several = among(seen('finalized'), seen('finalized'));
    expect(await look({}, several)).toMatchObject({ state: 'CONFIRMED' });
    scene.script.time = start + LONG_MS;
    expect(await look({}, several)).toMatchObject({ state: 'FINALIZED' });
  });

  it('counts as used where the others never find it', async () => {
    const several = among(null, null);
    for (const minutes of [0, 11, 20, 29, 38, 47, 56, 65]) {
      scene.script.time = start + minutes * 60_000;
      expect(await look({}, several)).toMatchObject({ state: 'CONFIRMED' });
    }
    scene.script.time = start + LONG_MS + HOUR_MS;
    expect(await look({}, several)).toMatchObject({
      state: 'INDETERMINATE',
      error: expect.stringContaining('counts as used'),
    });
    expect(submitted.pause()).toBeNull();
  });

  it('stays so where all show the same: the cluster stands still', async () => {
    for (let minutes = 0; minutes < 120; minutes += 9) {
      scene.script.time = start + minutes * 60_000;
      expect(await look({}, among(seen('confirmed'), seen('processed')))).toMatchObject({ state: 'CONFIRMED' });
    }
  });
});

function seen(commitment: Commitment): SignatureStatus {
  return { commitment, slot: 77n, error: null };
}
