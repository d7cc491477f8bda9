// Owns a pipeline for tests whose policy asks people: requests that wait for them, their votes, and what becomes of both.
import { expect } from 'vitest';
import type { Operator } from '../../../core/principal/principal.ts';
import type { ApprovalRecord } from '../../../state/contract/approval-store.ts';
import type { RequestRecord } from '../../../state/contract/request-store.ts';
import { sampleEntry, unsigned } from '../../../state/testing/sample-request.ts';
import type { TransactionAsk } from '../../outcome.ts';
import { createSigningPipeline } from '../../pipeline.ts';
import type { PipelineDeps } from '../../pipeline-deps.ts';
import { needsApproval, openPipelineScene, type PipelineScene } from '../../testing/pipeline-scene.ts';
import { settleApproval } from '../approved.ts';

export interface PendingScene extends PipelineScene {
  /** A new request that waits for one approver. */
  pending(change?: Partial<TransactionAsk>, method?: 'sign' | 'sign_and_send'): Promise<RequestRecord>;
  vote(request: RequestRecord, approver: Operator, approve?: boolean): Promise<void>;
  approvalOf(request: RequestRecord): Promise<ApprovalRecord>;
  /** By the clock of the database, its time is over from now on. */
  endTime(request: RequestRecord): Promise<void>;
  settleOnce(request: RequestRecord, deps?: PipelineDeps): Promise<void>;
  /** As the record has it then. */
  settle(request: RequestRecord, deps?: PipelineDeps): Promise<RequestRecord>;
  deniedAs(pending: RequestRecord, code: string, deps?: PipelineDeps): Promise<RequestRecord>;
}

export async function openPendingScene(): Promise<PendingScene> {
  const scene = await openPipelineScene();
  scene.script.verdict = needsApproval();
  const settleOnce: PendingScene['settleOnce'] = (request, deps = scene.deps) =>
    settleApproval(deps, request, new AbortController().signal);
  const settle: PendingScene['settle'] = async (request, deps) => {
    await settleOnce(request, deps);
    return scene.find(request.requestId);
  };
  const approvalOf: PendingScene['approvalOf'] = async ({ approvalId }) => {
    const approval = approvalId === null ? null : await scene.state.approvals.find(approvalId);
    if (approval === null) throw new Error('there is no approval');
    return approval;
  };
  return {
    ...scene,
    approvalOf,
    settleOnce,
    settle,
    pending: async (change = {}, method = 'sign') => {
      const pipeline = createSigningPipeline(scene.deps);
      const { signal } = new AbortController();
      const { kind, request } =
        method === 'sign'
          ? await pipeline.signTransaction(scene.agent, scene.ask(change), signal)
          : await pipeline.signAndSendTransaction(scene.agent, scene.ask(change), 'SUBMITTED', signal);
      expect(kind).toBe('pending_approval');
      return scene.find(request.requestId);
    },
    vote: async (request, approver, approve = true) => {
      const { approvalId, intentDigest } = await approvalOf(request);
      const result = await scene.state.approvals.vote(
        { approvalId, approver, approve, intentDigest, comment: 'looked at it', ...unsigned(scene.state) },
        { ...sampleEntry('approval.vote', request.requestId), actor: approver.id },
      );
      expect(result.kind).toBe('recorded');
    },
    endTime: ({ approvalId }) =>
      scene.sql(`UPDATE approvals SET expires_at_ms = clock_ms() WHERE approval_id = '${approvalId}'`),
    deniedAs: async (pending, code, deps) => {
      const request = await settle(pending, deps);
      const { verdict } = request.judgement.decision;
      expect([request.state, verdict.kind, verdict.reasons[0]?.code]).toEqual(['DENIED', 'deny', code]);
      expect(scene.asked).toHaveLength(0);
      const last = (await scene.auditOf(pending.requestId)).at(-1);
      expect(last).toMatchObject({ kind: 'request.denied', actor: 'gateway' });
      return request;
    },
  };
}
