import { beforeEach, describe, expect, it } from 'vitest';
import type { Operator } from '../../core/principal/principal.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { sampleEntry, unsigned } from '../../state/testing/sample-request.ts';
import { askToSign, bytesOf, TEXT } from '../testing/message-ask.ts';
import { DENY, needsApproval, openPipelineScene, type PipelineScene } from '../testing/pipeline-scene.ts';
import { createApprovalPipeline } from './approvals.ts';
import { settleApproval } from './approved.ts';

let scene: PipelineScene;

beforeEach(async () => {
  scene = await openPipelineScene();
  return () => scene.close();
});

describe('a message that needs approval', () => {
  beforeEach(() => {
    scene.script.verdict = needsApproval();
  });

  it('is shown to approvers with its facts, and no transaction', async () => {
    const { approvalId } = await pending();
    const view = await createApprovalPipeline(scene.deps).getApproval(approvalId ?? '');
    expect(view).toMatchObject({ transaction: null, effects: null, message: { envelope: 'none', text: TEXT } });
    expect(JSON.parse(new TextDecoder().decode(view.policyInput ?? new Uint8Array())).message.text).toBe(TEXT);
    expect(scene.chain.asked).toEqual([]);
  });

  it('is judged anew after the quorum and signed, and then nothing is due any more', async () => {
    const request = await pending();
    await vote(request, scene.ann);
    scene.script.time += 60_000;
    expect(await settled(request)).toMatchObject({ state: 'SIGNED', signedTransaction: null });
    expect(scene.asked).toEqual([bytesOf(TEXT)]);
    expect(await scene.state.requests.claimDue(10, 1)).toEqual([]);
    const records = await scene.auditOf(request.requestId);
    expect(records.map(({ kind }) => kind)).toEqual([
      'request.approval_required',
      'approval.vote',
      'request.signing',
      'request.signed',
    ]);
    expect(records[2]?.facts.policy_input_sha256).not.toBe(records[0]?.facts.policy_input_sha256);
  });

  it('is denied when the policy denies it now, and when it is rejected', async () => {
    const first = await pending();
    await vote(first, scene.ann);
    scene.script.verdict = DENY;
    expect(await settled(first)).toMatchObject({ state: 'DENIED' });
    scene.script.verdict = needsApproval();
    const second = await pending();
    await vote(second, scene.ann, false);
    expect(await settled(second)).toMatchObject({ state: 'DENIED' });
    expect(scene.asked).toEqual([]);
  });

  it('is asked for again where the policy now asks for more', async () => {
    const request = await pending();
    await vote(request, scene.ann);
    scene.script.verdict = needsApproval(2);
    const now = await settled(request);
    expect([now.state, now.approvalId === request.approvalId]).toEqual(['AWAITING_APPROVAL', false]);
    expect(scene.asked).toEqual([]);
  });

  it('is not signed for an agent that may no longer use the wallet', async () => {
    const request = await pending();
    await vote(request, scene.ann);
    await scene.state.principals.unbindWallet('trader', 'treasury', sampleEntry('wallet.unbound'));
    expect(await settled(request)).toMatchObject({ state: 'DENIED' });
  });
});

async function pending(): Promise<RequestRecord> {
  const { kind, request } = await askToSign(scene);
  expect(kind).toBe('pending_approval');
  return scene.find(request.requestId);
}

async function vote({ approvalId, requestId, judgement }: RequestRecord, approver: Operator, approve = true) {
  const { intentDigest } = judgement;
  const given = {
    approvalId: approvalId ?? '',
    approver,
    approve,
    intentDigest,
    comment: '',
    ...unsigned(scene.state),
  };
  const audit = { ...sampleEntry('approval.vote', requestId), actor: approver.id };
  expect((await scene.state.approvals.vote(given, audit)).kind).toBe('recorded');
}

async function settled(request: RequestRecord): Promise<RequestRecord> {
  await settleApproval(scene.deps, request, new AbortController().signal);
  return scene.find(request.requestId);
}
