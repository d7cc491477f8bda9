import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApprovalService } from '../../../proto/gen/countersign/v1/approval_pb.ts';
import { chainOf } from '../../audit/testing/sample-chain.ts';
import type { AuditEntry } from '../../core/audit/audit-record.ts';
import type { ApprovalPipeline } from '../../pipeline/pipeline-contract.ts';
import { controlPlane, type Plane } from '../testing/planes.ts';
import { APPROVAL_ID, sampleView } from '../testing/samples.ts';

const { approve, watchApprovals, withdraw } = ApprovalService.method;
const OTHER = APPROVAL_ID.replace('9', '8');
const DIGEST = new Uint8Array(32).fill(4);
const KEY = '4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T';

let plane: Plane;
let looked: string[];
let cast: unknown[];
let streamed: bigint[];

function entry(kind: AuditEntry['kind'], facts: AuditEntry['facts']): AuditEntry {
  return { kind, time: 1, requestId: null, actor: 'olga', facts };
}

const records = chainOf([
  entry('gateway.started', {}),
  entry('approval.vote', { approval_id: APPROVAL_ID }),
  entry('request.signed', {}),
  entry('request.approval_required', { approval_id: OTHER, supersedes: APPROVAL_ID }),
  entry('request.denied', { approval_id: null }),
  entry('request.signing', { approval_id: OTHER }),
]);

const approvals: Partial<ApprovalPipeline> = {
  listApprovals: async ({ states, after }) => {
    looked.push(`list ${states.join()} ${after}`);
    return [sampleView()];
  },
  lookUpApproval: async (approvalId) => {
    looked.push(approvalId);
    return sampleView({ approvalId });
  },
  vote: async (_, { signature }) => {
    cast.push(signature && { ...signature, signature: new Uint8Array(signature.signature) });
    return sampleView();
  },
  withdraw: async ({ id }, approvalId) => {
    cast.push([id, approvalId]);
    return sampleView();
  },
};

beforeEach(async () => {
  [looked, cast, streamed] = [[], [], []];
  plane = await controlPlane({
    approvals,
    head: 5n,
    async *streamRecords({ after }) {
      streamed.push(after);
      yield* records.slice(Number(after));
    },
  });
});
afterEach(() => plane.close());

async function watched(afterSequence: bigint) {
  const told = [];
  for await (const { approval, sequence } of plane.caller.stream(watchApprovals, { afterSequence })) {
    told.push([approval?.approvalId, sequence]);
  }
  return told;
}

describe('WatchApprovals', () => {
  it('tells what changed after a sequence, what superseded and what was superseded', async () => {
    expect(await watched(1n)).toEqual([
      [APPROVAL_ID, 2n],
      [APPROVAL_ID, 4n],
      [OTHER, 4n],
      [OTHER, 6n],
    ]);
    expect(looked).toEqual([APPROVAL_ID, APPROVAL_ID, OTHER, OTHER]);
  });

  it('begins with what is pending, and goes on from the head as it was before', async () => {
    expect(await watched(0n)).toEqual([
      [APPROVAL_ID, 5n],
      [OTHER, 6n],
    ]);
    expect([looked[0], streamed]).toEqual(['list PENDING null', [5n]]);
  });

  it('refuses a sequence that no chain has', async () => {
    await expect(watched(2n ** 63n)).rejects.toMatchObject({ metadata: { field: 'after_sequence' } });
  });
});

describe('the signature of a vote', () => {
  const signature = { key: KEY, signature: new Uint8Array(64), time: { seconds: 5n, nanos: 7_000_000 } };
  const vote = { approvalId: APPROVAL_ID, intentDigest: DIGEST };

  it('is passed on with its time in milliseconds, and none where there is none', async () => {
    await plane.caller.unary(approve, { ...vote, signature });
    await plane.caller.unary(approve, vote);
    expect(cast).toEqual([{ key: KEY, signature: new Uint8Array(64), time: 5007 }, null]);
  });

  it.each([
    ['signature.key', { ...signature, key: 'x' }],
    ['signature.key', { ...signature, key: `${KEY}1` }],
    ['signature.signature', { ...signature, signature: new Uint8Array(63) }],
    ['signature.time', { key: KEY, signature: new Uint8Array(64) }],
    ['signature.time', { ...signature, time: { seconds: 5n, nanos: 1 } }],
  ])('is refused with a wrong %s', async (field, wrong) => {
    const call = plane.caller.unary(approve, { ...vote, signature: wrong });
    await expect(call).rejects.toMatchObject({ reason: 'INVALID_FIELD', metadata: { field } });
    expect(cast).toEqual([]);
  });
});

it('Withdraw takes back the vote of the operator whose key it is', async () => {
  await plane.caller.unary(withdraw, { approvalId: APPROVAL_ID.toUpperCase() });
  expect(cast).toEqual([['olga', APPROVAL_ID]]);
});
