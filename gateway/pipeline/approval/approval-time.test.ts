import { beforeEach, describe, expect, it } from 'vitest';
import { openPendingScene, type PendingScene } from './testing/pending-scene.ts';

let scene: PendingScene;

beforeEach(async () => {
  scene = await openPendingScene();
  return () => scene.close();
});

describe('a request that nobody approves', () => {
  it('waits while there is time', async () => {
    const pending = await scene.pending();
    expect(await scene.settle(pending)).toEqual(pending);
  });

  it('is denied when its time has run out, under a decision of its own', async () => {
    const pending = await scene.pending();
    await scene.endTime(pending);
    const { judgement } = await scene.deniedAs(pending, 'APPROVAL_TIMED_OUT');
    expect(judgement.decision.decisionId).not.toBe(pending.judgement.decision.decisionId);
  });
});

describe('an approved request is denied, and nothing is signed,', () => {
  it('when it could not be carried out before its time ran out', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann);
    await scene.endTime(pending);
    await scene.deniedAs(pending, 'APPROVAL_TIMED_OUT');
  });

  it('when its time ran out while it was judged again', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann);
    const chain = {
      ...scene.chain,
      getLatestBlockhash: async (signal: AbortSignal) => {
        await scene.endTime(pending);
        return scene.chain.getLatestBlockhash(signal);
      },
    };
    await scene.deniedAs(pending, 'APPROVAL_TIMED_OUT', { ...scene.deps, chain });
    expect((await scene.approvalOf(pending)).state).toBe('APPROVED');
  });

  it('when its time ran out after the last look at it, before the intent was recorded', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann);
    const { approvals } = scene.state;
    let looks = 0;
    const find: typeof approvals.find = async (approvalId) => {
      const found = await approvals.find(approvalId);
      looks += 1;
      if (looks === 2) await scene.endTime(pending);
      return found;
    };
    const state = { ...scene.state, approvals: { ...approvals, find } };
    expect(await scene.settle(pending, { ...scene.deps, state })).toMatchObject({ state: 'AWAITING_APPROVAL' });
    expect([looks, scene.asked]).toEqual([2, []]);
    await scene.deniedAs(pending, 'APPROVAL_TIMED_OUT');
  });
});

describe('the time of an approval is that of the database', () => {
  it('a gateway whose clock is ahead ends none before it is over', async () => {
    const pending = await scene.pending();
    scene.script.time += 301_000;
    expect(await scene.settle(pending)).toEqual(pending);
    await scene.vote(pending, scene.ann);
    expect(await scene.settle(pending)).toMatchObject({ state: 'SIGNED' });
  });

  it('a gateway whose clock is behind carries none out after it is over', async () => {
    const [pending, approved] = [await scene.pending(), await scene.pending()];
    await scene.vote(approved, scene.ann);
    scene.script.time -= 301_000;
    for (const request of [pending, approved]) {
      await scene.endTime(request);
      await scene.deniedAs(request, 'APPROVAL_TIMED_OUT');
    }
  });
});
