import { generateKeyPairSync, randomUUID, sign as signWith } from 'node:crypto';
import { generateKeyPairSigner } from '@solana/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { base58FromBytes, publicKeyBytes } from '../../../signers/ed25519-key.ts';
import { tokenAccount, tokenTransfer } from '../../../tour/transactions.ts';
import { type SignedVote, voteMessage } from '../../core/approval/vote-message.ts';
import type { FreezeScope } from '../../core/controls/freeze.ts';
import type { ApprovalRequirement, Limit } from '../../core/decision/decision.ts';
import { mintAccount, tokenAccount as tokenAccountState } from '../../core/effects/testing/judge.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { ApprovalRecord, VoteSignature } from '../../state/contract/approval-store.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { createOperator, sampleOperator } from '../../state/testing/sample-principals.ts';
import { sampleEntry } from '../../state/testing/sample-request.ts';
import { hex } from '../digest.ts';
import type { TransactionAsk } from '../outcome.ts';
import { createSigningPipeline } from '../pipeline.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';
import { needsApproval, openPipelineScene, type PipelineScene } from '../testing/pipeline-scene.ts';
import { createApprovalPipeline } from './approvals.ts';
import { settleApproval } from './approved.ts';

let scene: PipelineScene;
let deps: PipelineDeps;

beforeEach(async () => {
  scene = await openPipelineScene();
  deps = scene.deps;
  scene.script.verdict = needsApproval();
  return () => scene.close();
});

describe('a vote for what operators froze', () => {
  it.each<[FreezeScope, () => string]>([
    ['all', () => ''],
    ['agent', () => 'trader'],
    ['wallet', () => 'treasury'],
    ['recipient', () => scene.wallet],
    ['program', () => '11111111111111111111111111111111'],
  ])('(%s) is not counted, and the approval says so; a rejection is', async (scope, target) => {
    const approval = await pending();
    await freeze(scope, target());
    await expect(vote(approval, scene.ann)).rejects.toMatchObject({ reason: 'FROZEN' });
    expect(await pipeline().getApproval(approval.approvalId)).toMatchObject({
      approval: { state: 'PENDING', votes: [] },
      frozen: { scope },
    });
    expect(await vote(approval, scene.ann, { approve: false })).toMatchObject({ approval: { state: 'REJECTED' } });
  });

  it('is not counted where nobody can tell whether it is frozen', async () => {
    const approval = await pending();
    await freeze('recipient', 'SysvarRent111111111111111111111111111111111');
    scene.chain.isAway = true;
    await expect(vote(approval, scene.ann)).rejects.toMatchObject({ reason: 'CHAIN_UNAVAILABLE' });
    scene.chain.isAway = false;
    expect(await vote(approval, scene.ann)).toMatchObject({ approval: { state: 'APPROVED' }, frozen: null });
  });

  it('that races the freeze never leads to a signature', async () => {
    for (let round = 0; round < 5; round++) {
      const approval = await pending();
      const [voted] = await Promise.allSettled([vote(approval, scene.ann), freeze('agent', `another-${round}`)]);
      expect(voted.status).toBe('fulfilled');
    }
    const approval = await pending();
    await Promise.allSettled([vote(approval, scene.ann), freeze('wallet', 'treasury')]);
    await settled(approval);
    expect(scene.asked).toHaveLength(0);
    expect((await scene.find(approval.requestId)).state).not.toBe('SIGNED');
  });
});

describe('a signed vote', () => {
  const ann = generateKeyPairSync('ed25519').privateKey;
  const ANN_KEY = base58FromBytes(publicKeyBytes(ann));
  const entry = sampleEntry('approver_key.registered');

  beforeEach(async () => {
    await scene.state.approverKeys.register({ publicKey: ANN_KEY, operatorId: 'ann' }, entry);
  });

  function signed(approval: ApprovalRecord, change: Partial<SignedVote> = {}, key = ann): VoteSignature {
    const { approvalId, intentDigest } = approval;
    const time = Date.now();
    const plain = { approvalId, approver: 'ann', approve: true, comment: '', intentSha256: hex(intentDigest), time };
    const said = { ...plain, ...change };
    const signature = new Uint8Array(signWith(null, voteMessage(said), key));
    return { key: base58FromBytes(publicKeyBytes(key)), signature, time: said.time };
  }

  it('stands with the vote, and whole in the audit record', async () => {
    const approval = await pending();
    const signature = signed(approval);
    const { votes } = (await vote(approval, scene.ann, { signature })).approval;
    expect(votes).toMatchObject([{ approverId: 'ann', counts: true, signature }]);
    const record = (await scene.auditOf(approval.requestId)).find(({ kind }) => kind === 'approval.vote');
    const base64 = Buffer.from(signature.signature).toString('base64');
    expect(record?.facts.signature).toEqual({ key: ANN_KEY, signature: base64, time: signature.time });
    expect(await settled(approval)).toMatchObject({ state: 'SIGNED' });
  });

  it.each<[string, (approval: ApprovalRecord) => Partial<SignedVote>]>([
    ['another approval', () => ({ approvalId: randomUUID() })],
    ['another digest', () => ({ intentSha256: '00'.repeat(32) })],
    ['the opposite', () => ({ approve: false })],
    ['another comment', () => ({ comment: 'fine' })],
    ['somebody else’s vote', () => ({ approver: 'ben' })],
  ])('that is a signature for %s is not counted', async (_, change) => {
    const approval = await pending();
    const signature = signed(approval, change(approval));
    await refused(approval, scene.ann, signature, 'not one of this vote');
  });

  it('from long ago, or from times to come, is not counted', async () => {
    const approval = await pending();
    await refused(approval, scene.ann, signed(approval, { time: Date.now() - 301_000 }), 'too long ago');
    await refused(approval, scene.ann, signed(approval, { time: Date.now() + 60_000 }), 'yet to come');
  });

  it('by a key that is revoked, of another operator, or of nobody is not counted', async () => {
    const approval = await pending();
    const stranger = generateKeyPairSync('ed25519').privateKey;
    await refused(approval, scene.ann, signed(approval, {}, stranger), 'no registered key of ann');
    await refused(approval, scene.ben, signed(approval, { approver: 'ben' }), 'no registered key of ben');
    await scene.state.approverKeys.revoke(ANN_KEY, sampleEntry('approver_key.revoked'));
    await refused(approval, scene.ann, signed(approval), 'is revoked');
  });

  it('that was withdrawn is not cast again by its old signature', async () => {
    scene.script.verdict = needsApproval(2);
    const approval = await pending();
    const signature = signed(approval);
    await vote(approval, scene.ann, { signature });
    await pipeline().withdraw(scene.ann, approval.approvalId);
    await refused(approval, scene.ann, signature, 'older than the withdrawal');
  });

  it('is demanded where the configuration says so, and others do not count when the permit is minted', async () => {
    const unsigned = await pending();
    await vote(unsigned, scene.ben);
    deps = { ...scene.deps, requireSignedVotes: true };
    expect(await settled(unsigned)).toMatchObject({ state: 'AWAITING_APPROVAL' });
    expect(scene.asked).toHaveLength(0);
    const approval = await pending();
    await expect(vote(approval, scene.ben)).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
    await vote(approval, scene.ann, { signature: signed(approval) });
    expect(await settled(approval)).toMatchObject({ state: 'SIGNED' });
  });

  it('does not count any more once its key is revoked', async () => {
    const approval = await pending();
    await vote(approval, scene.ann, { signature: signed(approval) });
    await scene.state.approverKeys.revoke(ANN_KEY, sampleEntry('approver_key.revoked'));
    expect(await settled(approval)).toMatchObject({ state: 'AWAITING_APPROVAL' });
    expect([...(await pipeline().getApproval(approval.approvalId)).notCounted.keys()]).toEqual(['ann']);
    expect(scene.asked).toHaveLength(0);
  });

  async function refused(approval: ApprovalRecord, by: Operator, signature: VoteSignature, why: string) {
    await expect(vote(approval, by, { signature })).rejects.toMatchObject({
      reason: 'VOTE_REFUSED',
      message: expect.stringContaining(why),
    });
    expect((await scene.state.approvals.find(approval.approvalId))?.votes).toEqual([]);
  }
});

describe('an approval that escalates', () => {
  const requirement: ApprovalRequirement = {
    quorum: 1,
    groups: ['treasury'],
    escalation: { afterSeconds: 100, groups: ['board'] },
    timeoutSeconds: 300,
  };
  let chair: Operator;

  beforeEach(async () => {
    chair = await createOperator(scene.state, sampleOperator('kim', { groups: ['board'] }));
    scene.script.verdict = { kind: 'require_approval', reasons: [], approval: requirement };
  });

  it('does so when its time has come, with a record, and not while it is frozen', async () => {
    const approval = await pending();
    await settled(approval);
    await expect(vote(approval, chair)).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
    await itsTimeComes(approval);
    const freezeId = await freeze('agent', 'trader');
    await settled(approval);
    expect((await scene.state.approvals.find(approval.approvalId))?.escalatedAt).toBeNull();
    await lift(freezeId);
    await settled(approval);
    await settled(approval);
    const kinds = (await scene.auditOf(approval.requestId)).map(({ kind, facts }) => [kind, facts.groups]);
    expect(kinds.filter(([kind]) => kind === 'approval.escalated')).toEqual([['approval.escalated', ['board']]]);
    await vote(approval, chair);
    expect(await settled(approval)).toMatchObject({ state: 'SIGNED' });
  });

  it('is looked at when it escalates, and then when its time is over', async () => {
    const approval = await pending();
    expect(await due(approval)).toBe(false);
    await itsTimeComes(approval);
    expect(await due(approval)).toBe(true);
    await settled(approval);
    expect(await due(approval)).toBe(false);
    expect((await scene.state.approvals.find(approval.approvalId))?.escalatedAt).not.toBeNull();
  });

  function itsTimeComes({ approvalId, requestId }: ApprovalRecord): Promise<void> {
    return scene.sql(`UPDATE approvals SET expires_at_ms = expires_at_ms - 100000 WHERE approval_id = '${approvalId}';
      UPDATE requests SET due_at_ms = due_at_ms - 100000 WHERE request_id = '${requestId}'`);
  }

  async function due({ requestId }: ApprovalRecord): Promise<boolean> {
    const claimed = await scene.state.requests.claimDue(100, 0);
    return claimed.some((request) => request.requestId === requestId);
  }
});

describe('what an approver is shown', () => {
  it('are limits, what is left of them, and by how much they would be exceeded', async () => {
    const limit: Limit = {
      id: 'rate_limit/rolling:3600/agent_wallet',
      scope: 'agent_wallet',
      measure: { kind: 'count' },
      window: { kind: 'rolling', seconds: 3600 },
      max: 0n,
      onExceed: { kind: 'require_approval', approval: { quorum: 1, groups: [], timeoutSeconds: 300 } },
    };
    scene.script.verdict = { kind: 'allow', reasons: [], limits: [limit] };
    const approval = await pending();
    const view = await pipeline().getApproval(approval.approvalId);
    expect(view.limits).toMatchObject([{ limit: { id: limit.id, max: 0n }, amount: 1n, used: 0n, reserved: 0n }]);
    expect(view.approval.excess).toEqual([limit.id]);
    expect(view.changes).toEqual([]);
  });

  it('is what changed since people were asked', async () => {
    const [{ address: mint }, { address: recipient }, { address: thief }] = await Promise.all([
      generateKeyPairSigner(),
      generateKeyPairSigner(),
      generateKeyPairSigner(),
    ]);
    const destination = await tokenAccount(recipient, mint);
    const { held } = scene.chain;
    held.set(mint, mintAccount(6));
    held.set(await tokenAccount(scene.wallet, mint), tokenAccountState({ mint, owner: scene.wallet }));
    held.set(destination, tokenAccountState({ mint, owner: recipient }));
    const transaction = await tokenTransfer(scene.wallet, recipient, { address: mint, decimals: 6 }, 5n);
    const approval = await pending({ transaction });
    expect((await pipeline().getApproval(approval.approvalId)).changes).toEqual([]);
    held.set(destination, tokenAccountState({ mint, owner: thief }));
    const { changes } = await pipeline().getApproval(approval.approvalId);
    const change = { before: `"${recipient}"`, after: `"${thief}"` };
    expect(changes).toContainEqual({ path: 'effects.transfers[0].recipient', ...change });
  });
});

function pipeline() {
  return createApprovalPipeline(deps);
}

interface Cast {
  readonly approve: boolean;
  readonly signature: VoteSignature | null;
}

function vote({ approvalId, intentDigest }: ApprovalRecord, operator: Operator, cast: Partial<Cast> = {}) {
  const plain = { approvalId, intentDigest, approve: true, comment: '', signature: null };
  return pipeline().vote(operator, { ...plain, ...cast });
}

async function pending(change: Partial<TransactionAsk> = {}): Promise<ApprovalRecord> {
  const { signal } = new AbortController();
  const outcome = await createSigningPipeline(deps).signTransaction(scene.agent, scene.ask(change), signal);
  if (outcome.kind !== 'pending_approval') throw new Error(outcome.kind);
  return outcome.approval;
}

async function settled({ requestId }: ApprovalRecord): Promise<RequestRecord> {
  await settleApproval(deps, await scene.find(requestId), new AbortController().signal);
  return scene.find(requestId);
}

async function freeze(scope: FreezeScope, target: string): Promise<string> {
  const freezeId = randomUUID();
  await scene.state.controls.freeze(
    { freezeId, scope, target, reason: 'odd', frozenBy: 'ann' },
    sampleEntry('freeze.set'),
  );
  return freezeId;
}

async function lift(freezeId: string): Promise<void> {
  const root = await createOperator(scene.state, sampleOperator('root', { roles: ['admin'] }));
  const ask = { freezeId, operatorId: root.id, reason: 'fine', quorum: 1 };
  const [voted, lifted] = [sampleEntry('freeze.lift_voted'), sampleEntry('freeze.lifted')];
  expect(await scene.state.controls.voteToLift(ask, voted, lifted)).toMatchObject({ kind: 'recorded' });
}
