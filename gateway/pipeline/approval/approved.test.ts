import { generateKeyPairSigner } from '@solana/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { tokenAccount, tokenTransfer } from '../../../tour/transactions.ts';
import { encodeBase58 } from '../../core/base58.ts';
import { mintAccount, tokenAccount as tokenAccountState } from '../../core/effects/testing/judge.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { ApprovalRecord } from '../../state/contract/approval-store.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { changeRights } from '../../state/testing/sample-principals.ts';
import { sampleEntry, unsigned } from '../../state/testing/sample-request.ts';
import type { TransactionAsk } from '../outcome.ts';
import { createSigningPipeline } from '../pipeline.ts';
import { ALLOW, DENY, needsApproval, openPipelineScene, type PipelineScene } from '../testing/pipeline-scene.ts';
import { settleApproval } from './approved.ts';

let scene: PipelineScene;

beforeEach(async () => {
  scene = await openPipelineScene();
  scene.script.verdict = needsApproval();
  return () => scene.close();
});

describe('an approved request', () => {
  it('is judged anew and signed, and the record names who approved and that the gateway acted', async () => {
    const pending = await ask();
    await vote(pending, scene.ann);
    expect(await settle(pending)).toMatchObject({ state: 'SIGNED' });
    expect((await scene.auditOf(pending.requestId)).map(({ kind, actor }) => [kind, actor])).toEqual([
      ['request.approval_required', 'trader'],
      ['approval.vote', 'ann'],
      ['request.signing', 'gateway'],
      ['request.signed', 'gateway'],
    ]);
    const [, , signing] = await scene.auditOf(pending.requestId);
    expect(signing?.facts.approvers).toEqual(['ann']);
  });

  it('is sent too, where that was asked', async () => {
    const pending = await ask({}, 'sign_and_send');
    await vote(pending, scene.ann);
    const { state, signedTransaction } = await settle(pending);
    expect(state).toBe('SUBMITTED');
    expect(scene.relayer.sent).toEqual([signedTransaction]);
  });

  it('is signed once, however many workers carry it on', async () => {
    const pending = await ask();
    await vote(pending, scene.ann);
    await Promise.allSettled(Array.from({ length: 8 }, () => settleOnce(pending)));
    expect(scene.asked).toHaveLength(1);
    expect(await scene.find(pending.requestId)).toMatchObject({ state: 'SIGNED' });
  });

  it('is signed although the gateway is told to stop while the signer works', async () => {
    const pending = await ask();
    await vote(pending, scene.ann);
    const stopping = new AbortController();
    scene.script.beforeSigning = async () => stopping.abort();
    await settleApproval(scene.deps, pending, stopping.signal);
    expect(await scene.find(pending.requestId)).toMatchObject({ state: 'SIGNED' });
  });

  it('waits on when the gateway stops before anything was recorded', async () => {
    const pending = await ask();
    await vote(pending, scene.ann);
    await expect(settleApproval(scene.deps, pending, AbortSignal.abort())).rejects.toMatchObject({
      reason: 'CANCELLED',
    });
    expect(await scene.find(pending.requestId)).toMatchObject({ state: 'AWAITING_APPROVAL' });
    expect(scene.asked).toHaveLength(0);
  });

  it('is signed when the policy asks nobody any more', async () => {
    const pending = await ask();
    await vote(pending, scene.ann);
    scene.script.verdict = ALLOW;
    expect(await settle(pending)).toMatchObject({ state: 'SIGNED' });
  });

  it('that is like another one becomes a transaction of its own, once there is another blockhash', async () => {
    const { transaction } = scene.ask();
    const [first, second] = [await ask({ transaction }), await ask({ transaction })];
    await vote(first, scene.ann);
    await vote(second, scene.ann);
    expect(await settle(first)).toMatchObject({ state: 'SIGNED' });
    expect(await settle(second)).toMatchObject({ state: 'AWAITING_APPROVAL', approvalId: second.approvalId });
    expect(scene.asked).toHaveLength(1);
    scene.chain.blockhash = encodeBase58(new Uint8Array(32).fill(4));
    expect(await settle(second)).toMatchObject({ state: 'SIGNED' });
  });

  it('waits on while the chain is away', async () => {
    const pending = await ask();
    await vote(pending, scene.ann);
    scene.chain.isAway = true;
    await expect(settleOnce(pending)).rejects.toMatchObject({ reason: 'CHAIN_UNAVAILABLE' });
    scene.chain.isAway = false;
    expect(await settle(pending)).toMatchObject({ state: 'SIGNED' });
  });

  it('waits on unsigned while the relayer that is to send it is not open', async () => {
    const pending = await ask({}, 'sign_and_send');
    await vote(pending, scene.ann);
    scene.relayer.lack = () => 'no URL';
    await expect(settleOnce(pending)).rejects.toMatchObject({ reason: 'RELAYER_UNAVAILABLE' });
    expect([scene.asked, await scene.find(pending.requestId)]).toEqual([[], pending]);
    scene.relayer.lack = () => null;
    expect(await settle(pending)).toMatchObject({ state: 'SUBMITTED' });
  });
});

describe('an approved request is denied, and nothing is signed,', () => {
  it('when the policy denies it now', async () => {
    const pending = await ask();
    await vote(pending, scene.ann);
    scene.script.verdict = DENY;
    await deniedAs(pending, 'NO_LONGER');
  });

  it('when its agent was disabled meanwhile', async () => {
    const pending = await ask();
    await vote(pending, scene.ann);
    await scene.state.principals.disable('trader', sampleEntry('principal.disabled'));
    await deniedAs(pending, 'WALLET_NOT_PERMITTED');
  });

  it('when its agent lost the wallet meanwhile', async () => {
    const pending = await ask();
    await vote(pending, scene.ann);
    await scene.state.principals.unbindWallet('trader', 'treasury', sampleEntry('wallet.unbound'));
    await deniedAs(pending, 'WALLET_NOT_PERMITTED');
  });

  it('when it could not be carried out before its time ran out', async () => {
    const pending = await ask();
    await vote(pending, scene.ann);
    scene.script.time += 300_000;
    await deniedAs(pending, 'APPROVAL_TIMED_OUT');
  });

  it('when its time ran out while it was judged again', async () => {
    const pending = await ask();
    await vote(pending, scene.ann);
    const { verdict } = scene.script;
    Object.defineProperty(scene.script, 'verdict', {
      get: () => {
        scene.script.time += 300_000;
        return verdict;
      },
    });
    await deniedAs(pending, 'APPROVAL_TIMED_OUT');
  });
});

describe('the approvers are asked again, and nothing is signed,', () => {
  it('when something else would happen than what they saw', async () => {
    const { mint, destination, recipient, transaction } = await tokenPayment();
    const pending = await ask({ transaction });
    await vote(pending, scene.ann);
    const { address: thief } = await generateKeyPairSigner();
    scene.chain.held.set(destination, tokenAccountState({ mint, owner: thief }));
    const askedAgain = await settle(pending);
    await isAskedAgain(pending, askedAgain);
    const inputs = [pending, askedAgain].map(({ judgement }) => Buffer.from(judgement.policyInput).toString());
    expect(inputs.map((input) => [input.includes(recipient), input.includes(thief)])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  it('when the policy wants more of them now', async () => {
    const pending = await ask();
    await vote(pending, scene.ann);
    scene.script.verdict = needsApproval(2);
    await isAskedAgain(pending, await settle(pending));
  });

  it('when one who voted was disabled since', async () => {
    const pending = await ask();
    await vote(pending, scene.ann);
    await scene.state.principals.disable('ann', sampleEntry('principal.disabled'));
    const askedAgain = await settle(pending);
    await isAskedAgain(pending, askedAgain);
    await vote(askedAgain, scene.ben);
    expect(await settle(askedAgain)).toMatchObject({ state: 'SIGNED' });
  });

  it('when one who voted loses the role in the moment before it is signed', async () => {
    const pending = await ask();
    await vote(pending, scene.ann);
    const { requests } = scene.state;
    const advance: typeof requests.advance = async (change, entry) => {
      if (change.to === 'SIGNING') await changeRights(scene.state, 'ann', { roles: ['auditor'] });
      return requests.advance(change, entry);
    };
    const deps = { ...scene.deps, state: { ...scene.state, requests: { ...requests, advance } } };
    await settleApproval(deps, pending, new AbortController().signal);
    expect(scene.asked).toHaveLength(0);
    await isAskedAgain(pending, await settle(pending));
  });

  it('and a worker that still holds the old approval leaves the new one alone', async () => {
    const pending = await ask();
    await vote(pending, scene.ann);
    scene.script.verdict = needsApproval(2);
    const askedAgain = await settle(pending);
    await settleOnce(pending);
    expect(await scene.find(pending.requestId)).toEqual(askedAgain);
  });
});

describe('a request that nobody approves', () => {
  it('waits while there is time', async () => {
    const pending = await ask();
    expect(await settle(pending)).toEqual(pending);
  });

  it('is denied when its time has run out, under a decision of its own', async () => {
    const pending = await ask();
    scene.script.time += 300_000;
    const { judgement } = await deniedAs(pending, 'APPROVAL_TIMED_OUT');
    expect(judgement.decision.decisionId).not.toBe(pending.judgement.decision.decisionId);
  });

  it('is denied with the words of the one who rejected it', async () => {
    const pending = await ask();
    await vote(pending, scene.ann, false);
    const { judgement } = await deniedAs(pending, 'APPROVAL_REJECTED');
    expect(judgement.decision.verdict.reasons[0]?.message).toBe('rejected by ann: looked at it');
  });
});

describe('a blockhash that the agent chose', () => {
  it('and that is dead when the approval comes, ends the request as EXPIRED without a signature', async () => {
    const pending = await ask({ setFreshBlockhash: false });
    await vote(pending, scene.ann);
    scene.chain.blockhashIsValid = false;
    expect(await settle(pending)).toMatchObject({ state: 'EXPIRED', signedTransaction: null });
    expect(scene.asked).toHaveLength(0);
  });

  it('is signed as it is while it lives', async () => {
    const pending = await ask({ setFreshBlockhash: false });
    await vote(pending, scene.ann);
    const { state, judgement } = await settle(pending);
    expect([state, judgement.messageDigest]).toEqual(['SIGNED', pending.judgement.messageDigest]);
  });
});

async function ask(
  change: Partial<TransactionAsk> = {},
  method: 'sign' | 'sign_and_send' = 'sign',
): Promise<RequestRecord> {
  const pipeline = createSigningPipeline(scene.deps);
  const { signal } = new AbortController();
  const { kind, request } =
    method === 'sign'
      ? await pipeline.signTransaction(scene.agent, scene.ask(change), signal)
      : await pipeline.signAndSendTransaction(scene.agent, scene.ask(change), 'SUBMITTED', signal);
  expect(kind).toBe('pending_approval');
  return scene.find(request.requestId);
}

async function vote(request: RequestRecord, approver: Operator, approve = true): Promise<void> {
  const { approvalId, intentDigest } = await approvalOf(request);
  const result = await scene.state.approvals.vote(
    { approvalId, approver, approve, intentDigest, comment: 'looked at it', ...unsigned(scene.state) },
    { ...sampleEntry('approval.vote', request.requestId), actor: approver.id },
  );
  expect(result.kind).toBe('recorded');
}

async function approvalOf({ approvalId }: RequestRecord): Promise<ApprovalRecord> {
  const approval = approvalId === null ? null : await scene.state.approvals.find(approvalId);
  if (approval === null) throw new Error('there is no approval');
  return approval;
}

function settleOnce(request: RequestRecord): Promise<void> {
  return settleApproval(scene.deps, request, new AbortController().signal);
}

async function settle(request: RequestRecord): Promise<RequestRecord> {
  await settleOnce(request);
  return scene.find(request.requestId);
}

async function deniedAs(pending: RequestRecord, code: string): Promise<RequestRecord> {
  const request = await settle(pending);
  const { verdict } = request.judgement.decision;
  expect([request.state, verdict.kind, verdict.reasons[0]?.code]).toEqual(['DENIED', 'deny', code]);
  expect(scene.asked).toHaveLength(0);
  expect((await scene.auditOf(pending.requestId)).at(-1)).toMatchObject({ kind: 'request.denied', actor: 'gateway' });
  return request;
}

async function isAskedAgain(pending: RequestRecord, now: RequestRecord): Promise<void> {
  expect(scene.asked).toHaveLength(0);
  expect(now.state).toBe('AWAITING_APPROVAL');
  const [before, after] = [await approvalOf(pending), await approvalOf(now)];
  expect([before.state, after.state, after.votes]).toEqual(['SUPERSEDED', 'PENDING', []]);
}

/** A transfer of tokens into an account that is there, owned by the recipient. */
async function tokenPayment() {
  const [{ address: mint }, { address: recipient }] = await Promise.all([
    generateKeyPairSigner(),
    generateKeyPairSigner(),
  ]);
  const destination = await tokenAccount(recipient, mint);
  const { held } = scene.chain;
  held.set(mint, mintAccount(6));
  held.set(await tokenAccount(scene.wallet, mint), tokenAccountState({ mint, owner: scene.wallet }));
  held.set(destination, tokenAccountState({ mint, owner: recipient }));
  const transaction = await tokenTransfer(scene.wallet, recipient, { address: mint, decimals: 6 }, 5n);
  return { mint, destination, recipient, transaction };
}
