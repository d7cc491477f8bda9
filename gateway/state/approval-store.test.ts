import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApprovalRequirement } from '../core/decision/decision.ts';
import type { Operator } from '../core/principal/principal.ts';
import type { RequestState } from '../core/request/request-state.ts';
import { openState } from './open-state.ts';
import type { ApprovalRecord, NewApproval, NewRequest, State, VoteResult } from './state.ts';
import { createOperator, sampleOperator } from './testing/sample-principals.ts';
import { sampleApproval, sampleEntry, sampleJudgement, sampleRequest } from './testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

let database: TestDatabase;
let state: State;
let other: State;
let ann: Operator;
let ben: Operator;

beforeAll(async () => {
  database = await createTestDatabase();
  state = await openState({ databaseUrl: database.url, instanceId: 'one' });
  other = await openState({ databaseUrl: database.url, instanceId: 'two' });
  ann = await createOperator(state, sampleOperator('ann', { groups: ['treasury'] }));
  ben = await createOperator(state, sampleOperator('ben', { groups: ['security'] }));
});

afterAll(async () => {
  await state.close();
  await other.close();
  await database.drop();
});

interface Asked {
  readonly request: NewRequest;
  readonly approval: NewApproval;
}

async function ask(requirement: Partial<ApprovalRequirement> = {}, change: Partial<NewApproval> = {}): Promise<Asked> {
  const full = { quorum: 1, groups: [], timeoutSeconds: 300, ...requirement };
  const approval = sampleApproval({ requirement: full, ...change });
  const request = sampleRequest({ state: 'AWAITING_APPROVAL', approval });
  await state.requests.open(request, sampleEntry('request.approval_required', request.requestId));
  return { request, approval };
}

function vote(
  { request, approval }: Asked,
  approver: Operator,
  approve = true,
  on: State = state,
): Promise<VoteResult> {
  const { intentDigest } = request.judgement;
  return on.approvals.vote(
    { approvalId: approval.approvalId, approver, approve, intentDigest, comment: 'looked at it' },
    sampleEntry('approval.vote', request.requestId),
  );
}

async function approvalOf({ approval }: Asked): Promise<ApprovalRecord> {
  const record = await state.approvals.find(approval.approvalId);
  if (record === null) throw new Error('the approval is not in the record');
  return record;
}

async function length(): Promise<bigint> {
  return (await state.audit.head())?.sequence ?? 0n;
}

async function isDue(requestId: string): Promise<boolean> {
  return (await state.requests.claimDue(100, 3_600_000)).some((request) => request.requestId === requestId);
}

async function move(asked: Asked, to: RequestState, approval?: NewApproval): Promise<void> {
  const change = { requestId: asked.request.requestId, from: 'AWAITING_APPROVAL', to, dueAt: null } as const;
  const result = await state.requests.advance({ ...change, ...(approval === undefined ? {} : { approval }) }, null);
  expect(result).toEqual({ kind: 'advanced' });
}

describe('a new approval', () => {
  it('is pending, and says what the vote must name', async () => {
    const asked = await ask({ quorum: 2, groups: ['treasury', 'a "b", {c}'] });
    const { createdAt, ...record } = await approvalOf(asked);
    expect(record).toEqual({
      approvalId: asked.approval.approvalId,
      requestId: asked.request.requestId,
      agentId: 'agent-1',
      walletId: 'treasury',
      state: 'PENDING',
      requirement: asked.approval.requirement,
      reasons: asked.approval.reasons,
      intentDigest: asked.request.judgement.intentDigest,
      votes: [],
      expiresAt: asked.approval.expiresAt,
    });
    expect(Math.abs(createdAt - Date.now())).toBeLessThan(60_000);
    expect((await state.requests.find(asked.request.requestId))?.approvalId).toBe(asked.approval.approvalId);
  });

  it('is not made when the idempotency key exists', async () => {
    const ids = [sampleApproval(), sampleApproval()];
    for (const approval of ids) {
      const request = sampleRequest({ state: 'AWAITING_APPROVAL', approval }, { idempotencyKey: 'one approval' });
      await state.requests.open(request, sampleEntry('request.approval_required', request.requestId));
    }
    expect(await Promise.all(ids.map(({ approvalId }) => state.approvals.find(approvalId)))).toEqual([
      expect.anything(),
      null,
    ]);
  });
});

describe('a vote', () => {
  it('that reaches the quorum approves, is recorded with its audit record, and makes the request due', async () => {
    const asked = await ask();
    const before = await length();
    const result = await vote(asked, ann);
    expect(result).toMatchObject({
      kind: 'recorded',
      approval: { state: 'APPROVED', votes: [{ approverId: 'ann', approve: true, comment: 'looked at it' }] },
    });
    expect(await length()).toBe(before + 1n);
    expect(await isDue(asked.request.requestId)).toBe(true);
  });

  it('below the quorum leaves it pending and the request alone', async () => {
    const asked = await ask({ quorum: 2 });
    expect(await vote(asked, ann)).toMatchObject({ approval: { state: 'PENDING' } });
    expect(await isDue(asked.request.requestId)).toBe(false);
    expect(await vote(asked, ben)).toMatchObject({ approval: { state: 'APPROVED' } });
    expect(await isDue(asked.request.requestId)).toBe(true);
  });

  it('against it rejects at once, whatever the quorum', async () => {
    const asked = await ask({ quorum: 3 });
    await vote(asked, ann);
    expect(await vote(asked, ben, false)).toMatchObject({ approval: { state: 'REJECTED' } });
    expect(await isDue(asked.request.requestId)).toBe(true);
  });

  it('counts once for each approver, also when it is cast in many places at the same time', async () => {
    const asked = await ask({ quorum: 2 });
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, i) => vote(asked, ann, true, i % 2 ? state : other)),
    );
    expect(results.filter((result) => result.kind === 'recorded')).toHaveLength(1);
    expect(await approvalOf(asked)).toMatchObject({ state: 'PENDING', votes: [{ approverId: 'ann' }] });
  });

  it('of two at the same time reaches a quorum of two exactly once', async () => {
    const asked = await ask({ quorum: 2 });
    const results = await Promise.all([vote(asked, ann), vote(asked, ben, true, other)]);
    const states = results.map((result) => (result.kind === 'recorded' ? result.approval.state : result.kind));
    expect(states.toSorted()).toEqual(['APPROVED', 'PENDING']);
  });

  it('for an unknown approval finds nothing', async () => {
    const asked = { request: sampleRequest(), approval: sampleApproval() };
    expect(await vote(asked, ann)).toEqual({ kind: 'not_found' });
  });
});

describe('a vote is refused, and leaves no record,', () => {
  async function refused(asked: Asked, approver: Operator, reason: string, cast = vote): Promise<void> {
    const [before, approval] = [await length(), await approvalOf(asked)];
    expect(await cast(asked, approver)).toEqual({ kind: 'refused', reason: expect.stringContaining(reason) });
    expect(await length()).toBe(before);
    expect(await approvalOf(asked)).toEqual(approval);
  }

  it('of the one who asked', async () => {
    const asker = await createOperator(state, sampleOperator('asks-itself'));
    const approval = sampleApproval();
    const request = sampleRequest({ state: 'AWAITING_APPROVAL', approval }, { agentId: asker.id });
    await state.requests.open(request, sampleEntry('request.approval_required', request.requestId));
    await refused({ request, approval }, asker, 'a request of their own');
  });

  it('of one who voted before, with the same or another answer', async () => {
    const asked = await ask({ quorum: 2 });
    await vote(asked, ann);
    await refused(asked, ann, 'already voted');
    await refused(asked, ann, 'already voted', (each, approver) => vote(each, approver, false));
  });

  it('on another digest', async () => {
    const asked = await ask();
    for (const digest of [randomBytes(32), Buffer.alloc(0), asked.request.judgement.intentDigest.slice(0, 31)]) {
      await refused(asked, ann, 'another intent digest', ({ request, approval }) =>
        vote(
          {
            approval,
            request: { ...request, judgement: { ...request.judgement, intentDigest: new Uint8Array(digest) } },
          },
          ann,
        ),
      );
    }
  });

  it('after the end', async () => {
    await refused(await ask({}, { expiresAt: Date.now() - 1 }), ann, 'ran out');
    const approved = await ask();
    await vote(approved, ann);
    await refused(approved, ben, 'was approved');
    const rejected = await ask();
    await vote(rejected, ann, false);
    await refused(rejected, ben, 'was rejected');
  });

  it('of one in none of the groups, by what the record says and not the caller', async () => {
    const asked = await ask({ groups: ['security', 'board'] });
    await refused(asked, ann, 'security, board');
    await refused(asked, { ...ann, groups: ['board'] }, 'security, board');
    expect(await vote(asked, ben)).toMatchObject({ approval: { state: 'APPROVED' } });
  });

  it('of one without the role, of an agent, of nobody, and of one who was shut out', async () => {
    const asked = await ask();
    await refused(
      asked,
      await createOperator(state, sampleOperator('reader', { roles: ['auditor', 'admin'] })),
      'role',
    );
    await refused(asked, sampleOperator('nobody'), 'no operator');
    await state.principals.create({ kind: 'agent', id: 'robot', wallets: [] }, sampleEntry('principal.created'));
    await refused(asked, sampleOperator('robot'), 'no operator');
    const gone = await createOperator(state, sampleOperator('gone'));
    await state.principals.disable(gone.id, sampleEntry('principal.disabled'));
    await refused(asked, gone, 'no operator');
  });
});

it('does not count the vote of one who was shut out since', async () => {
  const [first, second] = [sampleOperator('first'), sampleOperator('second')];
  for (const operator of [first, second]) await createOperator(state, operator);
  const asked = await ask({ quorum: 2 });
  await vote(asked, first);
  await state.principals.disable(first.id, sampleEntry('principal.disabled'));
  expect(await vote(asked, second)).toMatchObject({ approval: { state: 'PENDING' } });
  expect(await vote(asked, ann)).toMatchObject({ approval: { state: 'APPROVED' } });
});

describe('when the request moves on, its approval', () => {
  it('times out if its time has passed', async () => {
    const asked = await ask({}, { expiresAt: Date.now() - 1 });
    await move(asked, 'DENIED');
    expect((await approvalOf(asked)).state).toBe('TIMED_OUT');
  });

  it('is superseded if it was still pending', async () => {
    for (const to of ['DENIED', 'SIGNING', 'EXPIRED'] as const) {
      const asked = await ask();
      await move(asked, to);
      expect((await approvalOf(asked)).state).toBe('SUPERSEDED');
    }
  });

  it('stays what it was voted to be', async () => {
    const approved = await ask();
    await vote(approved, ann);
    await move(approved, 'SIGNING');
    expect((await approvalOf(approved)).state).toBe('APPROVED');
    const rejected = await ask();
    await vote(rejected, ann, false);
    await move(rejected, 'DENIED');
    expect((await approvalOf(rejected)).state).toBe('REJECTED');
  });

  it('is superseded by a new round, which the record then names and whose digest is the new one', async () => {
    const asked = await ask();
    await vote(asked, ann);
    const [approval, judgement] = [sampleApproval(), sampleJudgement()];
    const change = {
      requestId: asked.request.requestId,
      from: 'AWAITING_APPROVAL',
      to: 'AWAITING_APPROVAL',
      dueAt: null,
    } as const;
    await state.requests.advance({ ...change, approval, judgement }, null);
    expect((await approvalOf(asked)).state).toBe('SUPERSEDED');
    expect(await state.approvals.find(approval.approvalId)).toMatchObject({
      state: 'PENDING',
      votes: [],
      intentDigest: judgement.intentDigest,
    });
    expect((await state.requests.find(asked.request.requestId))?.approvalId).toBe(approval.approvalId);
  });

  it('is left alone by a change that comes too late', async () => {
    const asked = await ask();
    await move(asked, 'AWAITING_APPROVAL');
    const change = { requestId: asked.request.requestId, from: 'EVALUATED', to: 'DENIED', dueAt: null } as const;
    expect(await state.requests.advance(change, null)).toEqual({ kind: 'stale' });
    expect((await approvalOf(asked)).state).toBe('PENDING');
  });

  it('and a vote at the same time never wait for each other', async () => {
    for (let round = 0; round < 20; round++) {
      const asked = await ask();
      const change = {
        requestId: asked.request.requestId,
        from: 'AWAITING_APPROVAL',
        to: 'DENIED',
        dueAt: null,
      } as const;
      const [voted] = await Promise.all([vote(asked, ann, true, other), state.requests.advance(change, null)]);
      expect(voted.kind).toBe((await approvalOf(asked)).state === 'APPROVED' ? 'recorded' : 'refused');
    }
  });
});

describe('list', () => {
  it('gives pages, newest first, of the states that are asked for', async () => {
    const asked = [await ask(), await ask(), await ask(), await ask()];
    const ids = asked.map(({ approval }) => approval.approvalId).toReversed();
    const [, , skipped] = asked;
    if (skipped !== undefined) await vote(skipped, ann);
    const pending = ids.filter((id) => id !== skipped?.approval.approvalId);
    const list = async (states: readonly ('PENDING' | 'APPROVED')[], limit: number, after: string | null) =>
      (await state.approvals.list({ states, limit, after })).map((approval) => approval.approvalId);
    expect(await list(['PENDING', 'APPROVED'], 3, null)).toEqual(ids.slice(0, 3));
    expect(await list(['PENDING'], 2, null)).toEqual(pending.slice(0, 2));
    expect(await list(['PENDING'], 1, pending[1] ?? '')).toEqual(pending.slice(2, 3));
    expect(await list([], 10, null)).toEqual([]);
    expect(await list(['PENDING'], 10, randomUUID())).toEqual([]);
  });

  it('counts the pending ones', async () => {
    const before = await state.approvals.countPending();
    const asked = await ask();
    expect(await state.approvals.countPending()).toBe(before + 1);
    await vote(asked, ann);
    expect(await state.approvals.countPending()).toBe(before);
  });
});
