import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApprovalRequirement, Limit, Verdict } from '../../core/decision/decision.ts';
import type { ApprovalRecord } from '../../state/contract/approval-store.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { sampleEntry, unsigned } from '../../state/testing/sample-request.ts';
import { createSigningPipeline } from '../pipeline.ts';
import { openPipelineScene, type PipelineScene } from '../testing/pipeline-scene.ts';
import { settleApproval } from './approved.ts';

const SYSTEM_PROGRAM = '11111111111111111111111111111111';
const ONE_OF_ANY: ApprovalRequirement = { quorum: 1, groups: [], timeoutSeconds: 300 };
const ASKING = { onExceed: { kind: 'require_approval', approval: ONE_OF_ANY } } as const;
const HARD = { onExceed: { kind: 'deny' } } as const;

/** Full from the first. */
const DAILY: Limit = {
  id: 'daily',
  scope: 'agent_wallet',
  measure: { kind: 'count' },
  window: { kind: 'rolling', seconds: 86_400 },
  max: 0n,
  ...ASKING,
};

let scene: PipelineScene;

beforeAll(async () => {
  scene = await openPipelineScene();
});

afterAll(() => scene.close());

const asks = (...limits: readonly Limit[]): Verdict => ({
  kind: 'require_approval',
  reasons: [],
  approval: ONE_OF_ANY,
  limits,
});
const allows = (...limits: readonly Limit[]): Verdict => ({ kind: 'allow', reasons: [], limits });

/** Somebody lets a request exceed `DAILY`. */
async function approvedExcess(policy: Verdict): Promise<ApprovalRecord> {
  scene.script.verdict = policy;
  const pipeline = createSigningPipeline(scene.deps);
  const outcome = await pipeline.signTransaction(scene.agent, scene.ask(), new AbortController().signal);
  if (outcome.kind !== 'pending_approval') throw new Error(`not asked for approval, but ${outcome.kind}`);
  expect(outcome.approval.excess).toEqual(['daily']);
  await approve(outcome.approval);
  return outcome.approval;
}

async function approve({ approvalId, intentDigest }: ApprovalRecord): Promise<void> {
  const cast = { approvalId, approver: scene.ann, approve: true, intentDigest, comment: '', ...unsigned(scene.state) };
  expect(await scene.state.approvals.vote(cast, sampleEntry('approval.vote'))).toMatchObject({ kind: 'recorded' });
}

async function settled({ requestId }: Pick<ApprovalRecord, 'requestId'>): Promise<RequestRecord> {
  await settleApproval(scene.deps, await scene.find(requestId), new AbortController().signal);
  return scene.find(requestId);
}

/** How often the signer was to be asked. */
async function signatures({ requestId }: ApprovalRecord): Promise<number> {
  return (await scene.auditOf(requestId)).filter(({ kind }) => kind === 'request.signing').length;
}

describe.each([
  ['that asks for itself too', asks],
  ['that asks for the excess alone', allows],
])('an approved excess, of a policy %s', (_policy, policy) => {
  it('is signed while the limit is what approvers were shown', async () => {
    const approval = await approvedExcess(policy(DAILY));
    scene.script.verdict = policy({ ...DAILY }, { ...DAILY, id: 'another', max: 5n });
    expect(await settled(approval)).toMatchObject({ state: 'SIGNED' });
  });

  it('is denied once nobody may let the limit be exceeded', async () => {
    const approval = await approvedExcess(policy(DAILY));
    scene.script.verdict = policy({ ...DAILY, ...HARD });
    expect(await settled(approval)).toMatchObject({ state: 'DENIED' });
    expect(await signatures(approval)).toBe(0);
  });

  it.each<readonly [string, Partial<Limit>]>([
    ['of other spenders', { scope: 'global' }],
    ['of a group', { scope: 'agent_group', group: 'makers' }],
    ['over another window', { window: { kind: 'lifetime' } }],
    [
      'to be approved on other terms',
      { onExceed: { kind: 'require_approval', approval: { ...ONE_OF_ANY, timeoutSeconds: 200 } } },
    ],
    ['of other use', { measure: { kind: 'fee' } }],
  ])('is none of a limit %s that has the same id now: approvers are asked anew', async (_what, change) => {
    const approval = await approvedExcess(policy(DAILY));
    scene.script.verdict = policy({ ...DAILY, ...change });
    const after = await settled(approval);
    expect(after.state).toBe('AWAITING_APPROVAL');
    expect(after.approvalId).not.toBe(approval.approvalId);
    expect(await signatures(approval)).toBe(0);
    const again = await scene.state.approvals.find(after.approvalId ?? '');
    expect(again).toMatchObject({ state: 'PENDING', excess: ['daily'], reasons: [{ code: 'BUDGET_EXCEEDED' }] });
    if (again === null) throw new Error('nobody was asked');
    await approve(again);
    expect(await settled(again)).toMatchObject({ state: 'SIGNED' });
  });

  it('is none of a limit that has the same id and no room, which nobody may let be exceeded', async () => {
    const approval = await approvedExcess(policy(DAILY));
    scene.script.verdict = policy({ ...DAILY, ...HARD, scope: 'global', window: { kind: 'lifetime' } });
    expect(await settled(approval)).toMatchObject({ state: 'DENIED' });
    expect(await signatures(approval)).toBe(0);
  });
});

it('of an approved excess that must be asked for again, approvers are not asked for what is denied by now', async () => {
  const approval = await approvedExcess(asks(DAILY));
  scene.script.verdict = {
    kind: 'require_approval',
    reasons: [],
    approval: { ...ONE_OF_ANY, quorum: 2 },
    limits: [{ ...DAILY, ...HARD }],
  };
  expect(await settled(approval)).toMatchObject({ state: 'DENIED' });
});

it('an approved excess is within another maximum like whatever nobody approved: counted where there is room, asked for where there is none', async () => {
  const apart: Limit = { ...DAILY, measure: { kind: 'count', program: SYSTEM_PROGRAM } };
  const [first, second] = [await approvedExcess(allows(apart)), await approvedExcess(allows(apart))];
  scene.script.verdict = allows({ ...apart, max: 1n });
  expect(await settled(first)).toMatchObject({ state: 'SIGNED' });
  const [signing] = (await scene.auditOf(first.requestId)).filter(({ kind }) => kind === 'request.signing');
  expect(signing?.facts).not.toHaveProperty('excess_approved');
  expect(await settled(second)).toMatchObject({ state: 'AWAITING_APPROVAL' });
});
