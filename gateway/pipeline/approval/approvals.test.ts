import { AccountRole, generateKeyPairSigner } from '@solana/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { wireTransaction } from '../../../tour/transactions.ts';
import { hex, intentDigest } from '../digest.ts';
import type { TransactionAsk } from '../outcome.ts';
import { createSigningPipeline } from '../pipeline.ts';
import { needsApproval, openPipelineScene, type PipelineScene } from '../testing/pipeline-scene.ts';
import { createApprovalPipeline } from './approvals.ts';

const PENDING = { states: ['PENDING'], limit: 10, after: null } as const;

const NEWER_BLOCKHASH = 'SysvarRent111111111111111111111111111111111';

let scene: PipelineScene;

beforeEach(async () => {
  scene = await openPipelineScene();
  scene.script.verdict = needsApproval();
  return () => scene.close();
});

describe('an approval whose transaction cannot be read now', () => {
  it('is listed without it, and hides none of the others', async () => {
    const unreadable = await pending();
    const readable = await pending();
    const broken = (await scene.find(unreadable.request.requestId)).judgement;
    const pipeline = createApprovalPipeline({
      ...scene.deps,
      state: {
        ...scene.state,
        requests: {
          ...scene.state.requests,
          find: async (requestId) => {
            const request = await scene.find(requestId);
            if (requestId !== unreadable.request.requestId) return request;
            return { ...request, judgement: { ...broken, transaction: broken.transaction.slice(1) } };
          },
        },
      },
    });
    const views = await pipeline.listApprovals(PENDING);
    expect(views.map(({ approval, transaction }) => [approval.approvalId, transaction === null])).toEqual([
      [readable.approval.approvalId, false],
      [unreadable.approval.approvalId, true],
    ]);
    const { approvalId } = unreadable.approval;
    await expect(pipeline.getApproval(approvalId)).rejects.toMatchObject({ reason: 'MALFORMED_TRANSACTION' });
  });

  it('is listed without an address when its wallet is not configured any more', async () => {
    await pending();
    const views = await createApprovalPipeline({ ...scene.deps, routes: new Map() }).listApprovals(PENDING);
    expect(views).toMatchObject([{ walletAddress: '', transaction: null, effects: null }]);
  });

  it('takes a vote, and the voter hears that it was counted', async () => {
    const { approval } = await pending();
    scene.chain.isAway = true;
    const pipeline = createApprovalPipeline(scene.deps);
    const { approvalId, intentDigest } = approval;
    await expect(pipeline.getApproval(approvalId)).rejects.toMatchObject({ reason: 'CHAIN_UNAVAILABLE' });
    const vote = { approvalId, intentDigest, approve: true, comment: '', signature: null };
    expect(await pipeline.vote(scene.ann, vote)).toMatchObject({ approval: { state: 'APPROVED' }, transaction: null });
  });
});

describe('what an approver sees', () => {
  it('are the bytes that were judged, where their blockhash is the one that the agent chose', async () => {
    const { approval, request } = await pending({ setFreshBlockhash: false });
    scene.chain.blockhash = NEWER_BLOCKHASH;
    const { transaction } = await createApprovalPipeline(scene.deps).getApproval(approval.approvalId);
    const judged = (await scene.find(request.requestId)).judgement.transaction;
    expect(transaction?.compiled.messageBytes).toEqual(judged.subarray(65));
  });

  it('has the newest blockhash where the gateway sets it: with an old one every simulation fails', async () => {
    const { approval } = await pending();
    scene.chain.blockhash = NEWER_BLOCKHASH;
    const view = await createApprovalPipeline(scene.deps).getApproval(approval.approvalId);
    expect(view.transaction?.lifetime).toMatchObject({ kind: 'blockhash', blockhash: NEWER_BLOCKHASH });
    expect(lifetimeIn(view.policyInput)).toMatchObject({ blockhash: NEWER_BLOCKHASH });
    const { compiled } = view.transaction ?? {};
    expect(compiled && hex(intentDigest(compiled, true))).toBe(hex(approval.intentDigest));
  });

  it('is what was judged, once nobody waits for a vote any more', async () => {
    const { approval, request } = await pending();
    const pipeline = createApprovalPipeline(scene.deps);
    const { approvalId } = approval;
    await pipeline.vote(scene.ann, {
      approvalId,
      intentDigest: approval.intentDigest,
      approve: false,
      comment: '',
      signature: null,
    });
    scene.chain.blockhash = NEWER_BLOCKHASH;
    const view = await pipeline.getApproval(approvalId);
    const { judgement } = await scene.find(request.requestId);
    expect(view.policyInput).toEqual(judgement.policyInput);
    expect(view.transaction?.compiled.messageBytes).toEqual(judgement.transaction.subarray(65));
  });

  it('names a program that nobody here can read', async () => {
    const { address: programAddress } = await generateKeyPairSigner();
    const accounts = [{ address: scene.wallet, role: AccountRole.WRITABLE_SIGNER }];
    const transaction = wireTransaction(scene.wallet, [{ programAddress, accounts, data: new Uint8Array([7]) }]);
    const { approval } = await pending({ transaction });
    const view = await createApprovalPipeline(scene.deps).getApproval(approval.approvalId);
    expect(view.transaction?.instructions).toMatchObject([{ kind: 'unknown', program: programAddress }]);
  });
});

async function pending(change: Partial<TransactionAsk> = {}) {
  const { signal } = new AbortController();
  const outcome = await createSigningPipeline(scene.deps).signTransaction(scene.agent, scene.ask(change), signal);
  if (outcome.kind !== 'pending_approval') throw new Error(outcome.kind);
  return outcome;
}

function lifetimeIn(policyInput: Uint8Array | null): unknown {
  return JSON.parse(new TextDecoder().decode(policyInput ?? new Uint8Array())).transaction.lifetime;
}
