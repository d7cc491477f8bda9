import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operator } from '../core/principal/principal.ts';
import { type ApprovalScene, type Asked, openApprovalScene } from './testing/approval-scene.ts';
import { createOperator, sampleOperator } from './testing/sample-principals.ts';
import { sampleApproval, sampleEntry, sampleRequest } from './testing/sample-request.ts';

let scene: ApprovalScene;

beforeAll(async () => {
  scene = await openApprovalScene();
});

afterAll(() => scene.close());

async function length(): Promise<bigint> {
  return (await scene.state.audit.head())?.sequence ?? 0n;
}

async function isDue(requestId: string): Promise<boolean> {
  return (await scene.state.requests.claimDue(100, 3_600_000)).some((request) => request.requestId === requestId);
}

describe('a vote', () => {
  it('that reaches the quorum approves, is recorded with its audit record, and makes the request due', async () => {
    const asked = await scene.ask();
    const before = await length();
    const result = await scene.vote(asked, scene.ann);
    expect(result).toMatchObject({
      kind: 'recorded',
      approval: { state: 'APPROVED', votes: [{ approverId: 'ann', approve: true, comment: 'looked at it' }] },
    });
    expect(await length()).toBe(before + 1n);
    expect(await isDue(asked.request.requestId)).toBe(true);
  });

  it('below the quorum leaves it pending and the request alone', async () => {
    const asked = await scene.ask({ quorum: 2 });
    expect(await scene.vote(asked, scene.ann)).toMatchObject({ approval: { state: 'PENDING' } });
    expect(await isDue(asked.request.requestId)).toBe(false);
    expect(await scene.vote(asked, scene.ben)).toMatchObject({ approval: { state: 'APPROVED' } });
    expect(await isDue(asked.request.requestId)).toBe(true);
  });

  it('against it rejects at once, whatever the quorum', async () => {
    const asked = await scene.ask({ quorum: 3 });
    await scene.vote(asked, scene.ann);
    expect(await scene.vote(asked, scene.ben, false)).toMatchObject({ approval: { state: 'REJECTED' } });
    expect(await isDue(asked.request.requestId)).toBe(true);
  });

  it('counts once for each approver, also when it is cast in many places at the same time', async () => {
    const asked = await scene.ask({ quorum: 2 });
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, i) => scene.vote(asked, scene.ann, true, i % 2 ? scene.state : scene.other)),
    );
    expect(results.filter((result) => result.kind === 'recorded')).toHaveLength(1);
    expect(await scene.approvalOf(asked)).toMatchObject({ state: 'PENDING', votes: [{ approverId: 'ann' }] });
  });

  it('of two at the same time reaches a quorum of two exactly once', async () => {
    const asked = await scene.ask({ quorum: 2 });
    const results = await Promise.all([scene.vote(asked, scene.ann), scene.vote(asked, scene.ben, true, scene.other)]);
    const states = results.map((result) => (result.kind === 'recorded' ? result.approval.state : result.kind));
    expect(states.toSorted()).toEqual(['APPROVED', 'PENDING']);
  });

  it('for an unknown approval finds nothing', async () => {
    const asked = { request: sampleRequest(), approval: sampleApproval() };
    expect(await scene.vote(asked, scene.ann)).toEqual({ kind: 'not_found' });
  });
});

describe('a vote is refused, and leaves no record,', () => {
  async function refused(asked: Asked, approver: Operator, reason: string, cast = scene.vote): Promise<void> {
    const [before, approval] = [await length(), await scene.approvalOf(asked)];
    expect(await cast(asked, approver)).toEqual({ kind: 'refused', reason: expect.stringContaining(reason) });
    expect(await length()).toBe(before);
    expect(await scene.approvalOf(asked)).toEqual(approval);
  }

  it('of the one who asked', async () => {
    const asker = await createOperator(scene.state, sampleOperator('asks-itself'));
    await refused(await scene.ask({}, {}, asker.id), asker, 'a request of their own');
  });

  it('of one who voted before, with the same or another answer', async () => {
    const asked = await scene.ask({ quorum: 2 });
    await scene.vote(asked, scene.ann);
    await refused(asked, scene.ann, 'already voted');
    await refused(asked, scene.ann, 'already voted', (each, approver) => scene.vote(each, approver, false));
  });

  it('on another digest', async () => {
    const asked = await scene.ask();
    for (const digest of [randomBytes(32), Buffer.alloc(0), asked.request.judgement.intentDigest.slice(0, 31)]) {
      await refused(asked, scene.ann, 'another intent digest', ({ request, approval }) =>
        scene.vote(
          {
            approval,
            request: { ...request, judgement: { ...request.judgement, intentDigest: new Uint8Array(digest) } },
          },
          scene.ann,
        ),
      );
    }
  });

  it('after the end', async () => {
    await refused(await scene.ask({}, { expiresAt: Date.now() - 1 }), scene.ann, 'ran out');
    const approved = await scene.ask();
    await scene.vote(approved, scene.ann);
    await refused(approved, scene.ben, 'was approved');
    const rejected = await scene.ask();
    await scene.vote(rejected, scene.ann, false);
    await refused(rejected, scene.ben, 'was rejected');
  });

  it('of one in none of the groups, by what the record says and not the caller', async () => {
    const asked = await scene.ask({ groups: ['security', 'board'] });
    await refused(asked, scene.ann, 'security, board');
    await refused(asked, { ...scene.ann, groups: ['board'] }, 'security, board');
    expect(await scene.vote(asked, scene.ben)).toMatchObject({ approval: { state: 'APPROVED' } });
  });

  it('of one without the role, of an agent, of nobody, and of one who was shut out', async () => {
    const asked = await scene.ask();
    await refused(
      asked,
      await createOperator(scene.state, sampleOperator('reader', { roles: ['auditor', 'admin'] })),
      'role',
    );
    await refused(asked, sampleOperator('nobody'), 'no operator');
    await scene.state.principals.create({ kind: 'agent', id: 'robot', wallets: [] }, sampleEntry('principal.created'));
    await refused(asked, sampleOperator('robot'), 'no operator');
    const gone = await createOperator(scene.state, sampleOperator('gone'));
    await scene.state.principals.disable(gone.id, sampleEntry('principal.disabled'));
    await refused(asked, gone, 'no operator');
  });
});

it('does not count the vote of one who was shut out since', async () => {
  const [first, second] = [sampleOperator('first'), sampleOperator('second')];
  for (const operator of [first, second]) await createOperator(scene.state, operator);
  const asked = await scene.ask({ quorum: 2 });
  await scene.vote(asked, first);
  await scene.state.principals.disable(first.id, sampleEntry('principal.disabled'));
  expect(await scene.vote(asked, second)).toMatchObject({ approval: { state: 'PENDING' } });
  expect(await scene.vote(asked, scene.ann)).toMatchObject({ approval: { state: 'APPROVED' } });
});
