import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RequestState } from '../../core/request/request-state.ts';
import type { NewApproval } from '../contract/request-store.ts';
import { type ApprovalScene, type Asked, openApprovalScene } from '../testing/approval-scene.ts';
import {
  SAMPLE_CUSTODY,
  SAMPLE_TERMS,
  sampleApproval,
  sampleEntry,
  sampleJudgement,
  sampleRequest,
} from '../testing/sample-request.ts';

let scene: ApprovalScene;

beforeAll(async () => {
  scene = await openApprovalScene();
});

afterAll(() => scene.close());

async function move(asked: Asked, to: RequestState, approval?: NewApproval): Promise<void> {
  const change = { requestId: asked.request.requestId, from: 'AWAITING_APPROVAL', to, dueAt: null } as const;
  const result = await scene.state.requests.advance(
    {
      ...change,
      ...(to === 'SIGNING' ? { terms: SAMPLE_TERMS, custody: SAMPLE_CUSTODY } : {}),
      ...(approval === undefined ? {} : { approval }),
    },
    null,
  );
  expect(result).toEqual({ kind: 'advanced' });
}

describe('a new approval', () => {
  it('is pending, and says what the vote must name', async () => {
    const asked = await scene.ask({ quorum: 2, groups: ['treasury', 'a "b", {c}'] });
    const { createdAt, readAt, ...record } = await scene.approvalOf(asked);
    expect(record).toEqual({
      approvalId: asked.approval.approvalId,
      excess: [],
      requestId: asked.request.requestId,
      agentId: 'agent-1',
      walletId: 'treasury',
      state: 'PENDING',
      requirement: asked.approval.requirement,
      reasons: asked.approval.reasons,
      intentDigest: asked.request.judgement.intentDigest,
      votes: [],
      expiresAt: asked.approval.expiresAt,
      escalatedAt: null,
      supersededBy: null,
    });
    expect(Math.abs(createdAt - Date.now())).toBeLessThan(60_000);
    expect(readAt).toBeGreaterThanOrEqual(createdAt);
    expect((await scene.state.requests.find(asked.request.requestId))?.approvalId).toBe(asked.approval.approvalId);
  });

  it('is not made when the idempotency key exists', async () => {
    const ids = [sampleApproval(), sampleApproval()];
    for (const approval of ids) {
      const request = sampleRequest({ state: 'AWAITING_APPROVAL', approval }, { idempotencyKey: 'one approval' });
      await scene.state.requests.open(request, sampleEntry('request.approval_required', request.requestId));
    }
    expect(await Promise.all(ids.map(({ approvalId }) => scene.state.approvals.find(approvalId)))).toEqual([
      expect.anything(),
      null,
    ]);
  });
});

describe('when the request moves on, its approval', () => {
  it('times out if its time has passed', async () => {
    const asked = await scene.ask({}, { expiresAt: Date.now() - 1 });
    await move(asked, 'DENIED');
    expect((await scene.approvalOf(asked)).state).toBe('TIMED_OUT');
  });

  it('is superseded if it was still pending', async () => {
    for (const to of ['DENIED', 'EXPIRED'] as const) {
      const asked = await scene.ask();
      await move(asked, to);
      expect(await scene.approvalOf(asked)).toMatchObject({ state: 'SUPERSEDED', supersededBy: null });
    }
  });

  it('lets nothing be signed while it is pending, rejected or over', async () => {
    const [pending, rejected, over] = [
      await scene.ask(),
      await scene.ask(),
      await scene.ask({}, { expiresAt: Date.now() + 500 }),
    ];
    await scene.vote(rejected, scene.ann, false);
    await scene.vote(over, scene.ann);
    await vi.waitFor(async () => {
      const { readAt, expiresAt } = await scene.approvalOf(over);
      expect(readAt).toBeGreaterThan(expiresAt);
    });
    for (const { request, approval } of [pending, rejected, over]) {
      const { requestId } = request;
      const signing = {
        from: 'AWAITING_APPROVAL',
        to: 'SIGNING',
        terms: SAMPLE_TERMS,
        custody: SAMPLE_CUSTODY,
      } as const;
      const change = { ...signing, requestId, onApproval: approval.approvalId, dueAt: null };
      expect(await scene.state.requests.advance(change, null)).toEqual({ kind: 'stale' });
      expect(await scene.state.requests.find(requestId)).toMatchObject({ state: 'AWAITING_APPROVAL' });
    }
  });

  it('is left alone by who acts on the one before it', async () => {
    const asked = await scene.ask();
    const { requestId } = asked.request;
    const change = { requestId, from: 'AWAITING_APPROVAL', to: 'AWAITING_APPROVAL', dueAt: null } as const;
    await scene.state.requests.advance({ ...change, approval: sampleApproval(), judgement: sampleJudgement() }, null);
    for (const to of ['DENIED', 'EXPIRED', 'AWAITING_APPROVAL'] as const) {
      const late = { ...change, to, onApproval: asked.approval.approvalId };
      expect(await scene.state.requests.advance(late, null)).toEqual({ kind: 'stale' });
    }
  });

  it('stays what it was voted to be', async () => {
    const approved = await scene.ask();
    await scene.vote(approved, scene.ann);
    await move(approved, 'SIGNING');
    expect((await scene.approvalOf(approved)).state).toBe('APPROVED');
    const rejected = await scene.ask();
    await scene.vote(rejected, scene.ann, false);
    await move(rejected, 'DENIED');
    expect((await scene.approvalOf(rejected)).state).toBe('REJECTED');
  });

  it('is superseded by a new round, which the record then names and whose digest is the new one', async () => {
    const asked = await scene.ask();
    await scene.vote(asked, scene.ann);
    const [approval, judgement] = [sampleApproval(), sampleJudgement()];
    const change = {
      requestId: asked.request.requestId,
      from: 'AWAITING_APPROVAL',
      to: 'AWAITING_APPROVAL',
      dueAt: null,
    } as const;
    await scene.state.requests.advance({ ...change, approval, judgement }, null);
    expect(await scene.approvalOf(asked)).toMatchObject({ state: 'SUPERSEDED', supersededBy: approval.approvalId });
    expect(await scene.state.approvals.find(approval.approvalId)).toMatchObject({
      supersededBy: null,
      state: 'PENDING',
      votes: [],
      intentDigest: judgement.intentDigest,
    });
    expect((await scene.state.requests.find(asked.request.requestId))?.approvalId).toBe(approval.approvalId);
  });

  it('is left alone by a change that comes too late', async () => {
    const asked = await scene.ask();
    await move(asked, 'AWAITING_APPROVAL');
    const change = { requestId: asked.request.requestId, from: 'EVALUATED', to: 'DENIED', dueAt: null } as const;
    expect(await scene.state.requests.advance(change, null)).toEqual({ kind: 'stale' });
    expect((await scene.approvalOf(asked)).state).toBe('PENDING');
  });

  it('and a vote at the same time never wait for each other', async () => {
    for (let round = 0; round < 20; round++) {
      const asked = await scene.ask();
      const change = {
        requestId: asked.request.requestId,
        from: 'AWAITING_APPROVAL',
        to: 'DENIED',
        dueAt: null,
      } as const;
      const [voted] = await Promise.all([
        scene.vote(asked, scene.ann, true, scene.other),
        scene.state.requests.advance(change, null),
      ]);
      expect(voted.kind).toBe((await scene.approvalOf(asked)).state === 'APPROVED' ? 'recorded' : 'refused');
    }
  });
});

describe('list', () => {
  it('gives pages, newest first, of the states that are asked for', async () => {
    const asked = [await scene.ask(), await scene.ask(), await scene.ask(), await scene.ask()];
    const ids = asked.map(({ approval }) => approval.approvalId).toReversed();
    const [, , skipped] = asked;
    if (skipped !== undefined) await scene.vote(skipped, scene.ann);
    const pending = ids.filter((id) => id !== skipped?.approval.approvalId);
    const list = async (states: readonly ('PENDING' | 'APPROVED')[], limit: number, after: string | null) =>
      (await scene.state.approvals.list({ states, limit, after })).map((approval) => approval.approvalId);
    expect(await list(['PENDING', 'APPROVED'], 3, null)).toEqual(ids.slice(0, 3));
    expect(await list(['PENDING'], 2, null)).toEqual(pending.slice(0, 2));
    expect(await list(['PENDING'], 1, pending[1] ?? '')).toEqual(pending.slice(2, 3));
    expect(await list([], 10, null)).toEqual([]);
    expect(await list(['PENDING'], 10, randomUUID())).toEqual([]);
  });

  it('counts the pending ones', async () => {
    const before = await scene.state.approvals.countPending();
    const asked = await scene.ask();
    expect(await scene.state.approvals.countPending()).toBe(before + 1);
    await scene.vote(asked, scene.ann);
    expect(await scene.state.approvals.countPending()).toBe(before);
  });
});
