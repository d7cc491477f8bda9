import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operator } from '../../core/principal/principal.ts';
import { type ApprovalScene, type Asked, openApprovalScene } from '../testing/approval-scene.ts';
import { createOperator, sampleOperator } from '../testing/sample-principals.ts';
import { sampleApproval, sampleEntry, sampleRequest } from '../testing/sample-request.ts';

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
    expect(await scene.approvalOf(asked)).toEqual({ ...approval, readAt: expect.any(Number) });
  }

  it('of the one who asked', async () => {
    const asker = await createOperator(scene.state, sampleOperator('asks-itself'));
    await refused(await scene.ask({}, {}, asker.id), asker, 'a request of their own');
  });

  it('of one who voted before with the same answer', async () => {
    const asked = await scene.ask({ quorum: 2 });
    await scene.vote(asked, scene.ann);
    await refused(asked, scene.ann, 'already voted');
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

describe('a vote may be taken back', () => {
  it('before it decided anything, with a record, and cast anew', async () => {
    const asked = await scene.ask({ quorum: 2 });
    await scene.vote(asked, scene.ann);
    const before = await length();
    expect(await scene.withdraw(asked, scene.ann)).toMatchObject({ approval: { state: 'PENDING', votes: [] } });
    expect(await length()).toBe(before + 1n);
    expect(await scene.vote(asked, scene.ben)).toMatchObject({ approval: { state: 'PENDING' } });
    expect(await scene.vote(asked, scene.ann)).toMatchObject({ approval: { state: 'APPROVED' } });
  });

  it('but not after, and nobody takes back what they did not vote', async () => {
    const asked = await scene.ask({ quorum: 2 });
    await scene.vote(asked, scene.ann);
    const before = await length();
    expect(await scene.withdraw(asked, scene.ben)).toMatchObject({ kind: 'refused', reason: /no vote on it/ });
    await scene.vote(asked, scene.ben);
    expect(await scene.withdraw(asked, scene.ann)).toMatchObject({ kind: 'refused', reason: /was approved/ });
    expect(await length()).toBe(before + 1n);
    const late = await scene.ask({}, { expiresAt: Date.now() - 1 });
    expect(await scene.withdraw(late, scene.ann)).toMatchObject({ kind: 'refused', reason: /ran out/ });
    const unknown = { request: sampleRequest(), approval: sampleApproval() };
    expect(await scene.withdraw(unknown, scene.ann)).toEqual({ kind: 'not_found' });
  });

  it('or turned into a rejection, which ends it', async () => {
    const asked = await scene.ask({ quorum: 2 });
    await scene.vote(asked, scene.ann);
    expect(await scene.vote(asked, scene.ann, false)).toMatchObject({
      approval: { state: 'REJECTED', votes: [{ approverId: 'ann', approve: false }] },
    });
    expect(await isDue(asked.request.requestId)).toBe(true);
  });

  it('while another casts the last one: either it counted, or there is no quorum', async () => {
    for (let round = 0; round < 20; round++) {
      const asked = await scene.ask({ quorum: 2 });
      await scene.vote(asked, scene.ann);
      const [withdrawn, voted] = await Promise.all([
        scene.withdraw(asked, scene.ann, scene.other),
        scene.vote(asked, scene.ben),
      ]);
      const { state, votes } = await scene.approvalOf(asked);
      expect(voted.kind).toBe('recorded');
      expect([state, votes.length]).toEqual(withdrawn.kind === 'recorded' ? ['PENDING', 1] : ['APPROVED', 2]);
    }
  });
});

describe('seats of groups', () => {
  const seated = {
    quorum: 2,
    groups: ['security', 'treasury'],
    perGroup: [
      { group: 'security', quorum: 1 },
      { group: 'treasury', quorum: 1 },
    ],
  };

  it('want people of each of them, in whatever order they vote', async () => {
    const tom = await createOperator(scene.state, sampleOperator('tom', { groups: ['treasury'] }));
    for (const last of [false, true]) {
      const asked = await scene.ask(seated);
      if (last) await scene.vote(asked, scene.ben);
      await scene.vote(asked, scene.ann);
      if (last) continue;
      expect(await scene.vote(asked, tom)).toMatchObject({ approval: { state: 'PENDING' } });
      expect(await scene.vote(asked, scene.ben)).toMatchObject({ approval: { state: 'APPROVED' } });
    }
  });

  it('are not held by who left the group since', async () => {
    const leaver = await createOperator(scene.state, sampleOperator('leaver', { groups: ['treasury'] }));
    const asked = await scene.ask(seated);
    await scene.vote(asked, leaver);
    await scene.change('leaver', { groups: ['security'] });
    expect(await scene.vote(asked, scene.ben)).toMatchObject({ approval: { state: 'PENDING' } });
    expect(await scene.vote(asked, scene.ann)).toMatchObject({ approval: { state: 'APPROVED' } });
  });
});

describe('an escalation', () => {
  const escalation = { afterSeconds: 100, groups: ['security'] };
  const requirement = { quorum: 1, groups: ['treasury'], escalation };

  it('lets its groups vote from its time on, once, with a record', async () => {
    const asked = await scene.ask(requirement, { expiresAt: Date.now() + 150_000 });
    const { approvalId } = asked.approval;
    expect(await scene.vote(asked, scene.ben)).toMatchObject({ kind: 'refused', reason: /yet/ });
    const before = await length();
    const entry = sampleEntry('approval.escalated', asked.request.requestId);
    const both = [scene.state, scene.other].map((on) => on.approvals.escalate(approvalId, entry));
    expect((await Promise.all(both)).toSorted()).toEqual(['escalated', 'not_due']);
    expect(await length()).toBe(before + 1n);
    expect(await scene.vote(asked, scene.ben)).toMatchObject({ approval: { state: 'APPROVED' } });
  });

  it('does not come early, to what is decided, or where none is', async () => {
    const entry = sampleEntry('approval.escalated');
    const early = await scene.ask(requirement);
    const decided = await scene.ask(requirement, { expiresAt: Date.now() + 150_000 });
    await scene.vote(decided, scene.ann);
    const without = await scene.ask({}, { expiresAt: Date.now() + 1_000 });
    for (const { approval } of [early, decided, without]) {
      expect(await scene.state.approvals.escalate(approval.approvalId, entry)).toBe('not_due');
    }
    expect(await scene.vote(early, scene.ben)).toMatchObject({ kind: 'refused' });
  });
});

it('a vote that was checked under other controls is not counted', async () => {
  const asked = await scene.ask();
  const { version } = scene.state.controls.current();
  const before = await length();
  expect(await scene.vote(asked, scene.ann, true, scene.state, { controls: version - 1n })).toEqual({
    kind: 'controls_changed',
  });
  expect(await length()).toBe(before);
  expect(await scene.approvalOf(asked)).toMatchObject({ state: 'PENDING', votes: [] });
});

it('a vote and the end of its time never both happen', async () => {
  for (let round = 0; round < 20; round++) {
    const asked = await scene.ask({}, { expiresAt: Date.now() + round });
    const change = {
      requestId: asked.request.requestId,
      from: 'AWAITING_APPROVAL',
      to: 'DENIED',
      dueAt: null,
    } as const;
    const [voted] = await Promise.all([scene.vote(asked, scene.ann), scene.other.requests.advance(change, null)]);
    expect((await scene.approvalOf(asked)).state === 'APPROVED').toBe(voted.kind === 'recorded');
  }
});
