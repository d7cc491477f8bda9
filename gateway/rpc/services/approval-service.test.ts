import { fromJson } from '@bufbuild/protobuf';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ApprovalService,
  ApprovalState,
  ListApprovalsRequestSchema,
} from '../../../proto/gen/countersign/v1/approval_pb.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ApprovalView } from '../../pipeline/outcome.ts';
import { controlPlane, type Plane } from '../testing/planes.ts';
import { APPROVAL_ID, sampleApproval, sampleView } from '../testing/samples.ts';

const DIGEST = new Uint8Array(32).fill(4);

let plane: Plane;
let asked: unknown[][];
let views: ApprovalView[];

beforeAll(async () => {
  plane = await controlPlane({
    approvals: {
      listApprovals: async (page) => {
        asked.push([page]);
        return views.slice(0, page.limit);
      },
      getApproval: async (approvalId) => {
        asked.push([approvalId]);
        throw new GatewayError('APPROVAL_NOT_FOUND', 'there is no such approval');
      },
      vote: async (operator, vote) => {
        asked.push([operator.id, vote]);
        if (!vote.approve) throw new GatewayError('VOTE_REFUSED', 'olga asked for this herself');
        const votes = [
          { approverId: operator.id, approve: true, comment: vote.comment, time: 5000, groups: [], counts: true },
        ];
        return { ...sampleView(), approval: sampleApproval({ votes, state: 'APPROVED' }) };
      },
    },
  });
});
beforeEach(() => {
  asked = [];
  views = [];
});
afterAll(() => plane.close());

describe('ApprovalService', () => {
  const { method } = ApprovalService;

  it('lists pending approvals where no state is asked for, and pages through many', async () => {
    const ids = Array.from({ length: 3 }, (_, i) => APPROVAL_ID.replace(/^9/, String(i)));
    views = ids.map((approvalId) => ({ ...sampleView(), approval: sampleApproval({ approvalId }) }));
    const first = await plane.caller.unary(method.listApprovals, { pageSize: 2 });
    expect(first.approvals.map(({ approvalId }) => approvalId)).toEqual(ids.slice(0, 2));
    expect(first.nextPageToken).toBe(ids[1]);
    views = views.slice(2);
    const second = await plane.caller.unary(method.listApprovals, { pageSize: 2, pageToken: first.nextPageToken });
    expect(second.approvals).toHaveLength(1);
    expect(second.nextPageToken).toBe('');
    expect(asked).toEqual([
      [{ states: ['PENDING'], limit: 3, after: null }],
      [{ states: ['PENDING'], limit: 3, after: ids[1] }],
    ]);
  });

  it('passes on each state once, and 50 where no size is asked for', async () => {
    const { TIMED_OUT, APPROVED } = ApprovalState;
    await plane.caller.unary(method.listApprovals, { states: [TIMED_OUT, APPROVED, TIMED_OUT] });
    expect(asked).toEqual([[{ states: ['APPROVED', 'TIMED_OUT'], limit: 51, after: null }]]);
  });

  it.each([
    ['states', { states: [0] }, 'among PENDING, APPROVED, REJECTED, TIMED_OUT, SUPERSEDED; found UNSPECIFIED'],
    ['states', { states: [6] }, 'found 6'],
    ['page_size', { pageSize: 201 }, 'at most 200; found 201'],
    ['page_token', { pageToken: 'x' }, 'a UUID'],
  ])('refuses a wrong %s', async (field, request, text) => {
    const call = plane.caller.unary(method.listApprovals, fromJson(ListApprovalsRequestSchema, request));
    await expect(call).rejects.toMatchObject({ metadata: { field }, message: expect.stringContaining(text) });
    expect(asked).toEqual([]);
  });

  it.each([
    ['approval_id', { approvalId: '', intentDigest: DIGEST }, 'found nothing'],
    ['intent_digest', { approvalId: APPROVAL_ID }, 'must be 32 bytes'],
    ['intent_digest', { approvalId: APPROVAL_ID, intentDigest: new Uint8Array(33) }, 'found 33 bytes'],
    ['comment', { approvalId: APPROVAL_ID, intentDigest: DIGEST, comment: 'x'.repeat(1025) }, 'at most 1024 bytes'],
    ['comment', { approvalId: APPROVAL_ID, intentDigest: DIGEST, comment: '\u0000' }, 'without control characters'],
  ])('refuses a vote with a wrong %s', async (field, request, text) => {
    for (const call of [plane.caller.unary(method.approve, request), plane.caller.unary(method.reject, request)]) {
      await expect(call).rejects.toMatchObject({ metadata: { field }, message: expect.stringContaining(text) });
    }
    expect(asked).toEqual([]);
  });

  it('votes as the operator whose key it is', async () => {
    const request = { approvalId: APPROVAL_ID.toUpperCase(), intentDigest: DIGEST, comment: 'fine\nby me' };
    const { approval } = await plane.caller.unary(method.approve, request);
    expect(approval).toMatchObject({
      state: ApprovalState.APPROVED,
      votes: [{ approver: 'olga', approve: true, comment: 'fine\nby me', time: { seconds: 5n } }],
    });
    expect(asked).toMatchObject([['olga', { approvalId: APPROVAL_ID, approve: true, comment: 'fine\nby me' }]]);
  });

  it('says why a vote did not count, and which approval is not there', async () => {
    const vote = { approvalId: APPROVAL_ID, intentDigest: DIGEST };
    await expect(plane.caller.unary(method.reject, vote)).rejects.toMatchObject({
      status: 'FAILED_PRECONDITION',
      reason: 'VOTE_REFUSED',
    });
    await expect(plane.caller.unary(method.getApproval, { approvalId: APPROVAL_ID })).rejects.toMatchObject({
      status: 'NOT_FOUND',
    });
  });
});
