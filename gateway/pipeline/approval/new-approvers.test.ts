import { beforeEach, expect, it } from 'vitest';
import type { Operator } from '../../core/principal/principal.ts';
import type { ApprovalRecord } from '../../state/contract/approval-store.ts';
import { createSigningPipeline } from '../pipeline.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';
import { needsApproval, openPipelineScene, type PipelineScene } from '../testing/pipeline-scene.ts';
import { createApprovalPipeline } from './approvals.ts';

const WAIT = 24 * 3_600_000;

let scene: PipelineScene;
let deps: PipelineDeps;

beforeEach(async () => {
  scene = await openPipelineScene();
  const databaseTime = scene.script.time;
  deps = { ...scene.deps, newAdminWaitMs: WAIT, state: { ...scene.state, time: async () => databaseTime } };
  scene.script.verdict = needsApproval(2);
  return () => scene.close();
});

it('the vote of one who is new, or calls with a new key, is not counted where it takes two; a rejection is', async () => {
  const approval = await pending();
  const until = new Date(scene.script.time + 1).toISOString();
  await expect(vote(approval, annSince(WAIT - 1))).rejects.toMatchObject({
    reason: 'VOTE_REFUSED',
    message: expect.stringContaining(`for ann with this key from ${until}`),
  });
  const { votes } = (await createApprovalPipeline(deps).getApproval(approval.approvalId)).approval;
  expect(votes).toEqual([]);
  expect(await vote(approval, annSince(0), false)).toMatchObject({ approval: { state: 'REJECTED' } });
});

it('each counts once both were there long enough', async () => {
  const approval = await pending();
  expect(await vote(approval, annSince(WAIT))).toMatchObject({ approval: { state: 'PENDING' } });
  await expect(vote(approval, scene.ben)).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
  expect(await vote(approval, { ...scene.ben, since: 0 })).toMatchObject({ approval: { state: 'APPROVED' } });
});

it('does not count because the clock of a gateway is ahead of the record’s', async () => {
  const approval = await pending();
  const newcomer = annSince(1);
  scene.script.time += 2 * WAIT;
  await expect(vote(approval, newcomer)).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
});

it('counts at once where one is enough', async () => {
  scene.script.verdict = needsApproval();
  expect(await vote(await pending(), annSince(0))).toMatchObject({ approval: { state: 'APPROVED' } });
});

function annSince(ageMs: number): Operator {
  return { ...scene.ann, since: scene.script.time - ageMs };
}

function vote({ approvalId, intentDigest }: ApprovalRecord, operator: Operator, approve = true) {
  const cast = { approvalId, intentDigest, approve, comment: '', signature: null };
  return createApprovalPipeline(deps).vote(operator, cast);
}

async function pending(): Promise<ApprovalRecord> {
  const { signal } = new AbortController();
  const outcome = await createSigningPipeline(deps).signTransaction(scene.agent, scene.ask(), signal);
  if (outcome.kind !== 'pending_approval') throw new Error(outcome.kind);
  return outcome.approval;
}
