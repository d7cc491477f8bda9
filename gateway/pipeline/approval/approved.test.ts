import { beforeEach, describe, expect, it } from 'vitest';
import { encodeBase58 } from '../../core/base58.ts';
import { sampleEntry } from '../../state/testing/sample-request.ts';
import { ALLOW, DENY } from '../testing/pipeline-scene.ts';
import { settleApproval } from './approved.ts';
import { openPendingScene, type PendingScene } from './testing/pending-scene.ts';

let scene: PendingScene;

beforeEach(async () => {
  scene = await openPendingScene();
  return () => scene.close();
});

describe('an approved request', () => {
  it('is judged anew and signed, and the record names who approved and that the gateway acted', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann);
    expect(await scene.settle(pending)).toMatchObject({ state: 'SIGNED' });
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
    const pending = await scene.pending({}, 'sign_and_send');
    await scene.vote(pending, scene.ann);
    const { state, signedTransaction } = await scene.settle(pending);
    expect(state).toBe('SUBMITTED');
    expect(scene.relayer.sent).toEqual([signedTransaction]);
  });

  it('is signed once, however many workers carry it on', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann);
    await Promise.allSettled(Array.from({ length: 8 }, () => scene.settleOnce(pending)));
    expect(scene.asked).toHaveLength(1);
    expect(await scene.find(pending.requestId)).toMatchObject({ state: 'SIGNED' });
  });

  it('is signed although the gateway is told to stop while the signer works', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann);
    const stopping = new AbortController();
    scene.script.beforeSigning = async () => stopping.abort();
    await settleApproval(scene.deps, pending, stopping.signal);
    expect(await scene.find(pending.requestId)).toMatchObject({ state: 'SIGNED' });
  });

  it('waits on when the gateway stops before anything was recorded', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann);
    await expect(settleApproval(scene.deps, pending, AbortSignal.abort())).rejects.toMatchObject({
      reason: 'CANCELLED',
    });
    expect(await scene.find(pending.requestId)).toMatchObject({ state: 'AWAITING_APPROVAL' });
    expect(scene.asked).toHaveLength(0);
  });

  it('is signed when the policy asks nobody any more', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann);
    scene.script.verdict = ALLOW;
    expect(await scene.settle(pending)).toMatchObject({ state: 'SIGNED' });
  });

  it('that is like another one becomes a transaction of its own, once there is another blockhash', async () => {
    const { transaction } = scene.ask();
    const [first, second] = [await scene.pending({ transaction }), await scene.pending({ transaction })];
    await scene.vote(first, scene.ann);
    await scene.vote(second, scene.ann);
    expect(await scene.settle(first)).toMatchObject({ state: 'SIGNED' });
    expect(await scene.settle(second)).toMatchObject({ state: 'AWAITING_APPROVAL', approvalId: second.approvalId });
    expect(scene.asked).toHaveLength(1);
    scene.chain.blockhash = encodeBase58(new Uint8Array(32).fill(4));
    expect(await scene.settle(second)).toMatchObject({ state: 'SIGNED' });
  });

  it('waits on while the chain is away', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann);
    scene.chain.isAway = true;
    await expect(scene.settleOnce(pending)).rejects.toMatchObject({ reason: 'CHAIN_UNAVAILABLE' });
    scene.chain.isAway = false;
    expect(await scene.settle(pending)).toMatchObject({ state: 'SIGNED' });
  });

  it('waits on unsigned while the relayer that is to send it is not open', async () => {
    const pending = await scene.pending({}, 'sign_and_send');
    await scene.vote(pending, scene.ann);
    scene.relayer.lack = () => 'no URL';
    await expect(scene.settleOnce(pending)).rejects.toMatchObject({ reason: 'RELAYER_UNAVAILABLE' });
    expect([scene.asked, await scene.find(pending.requestId)]).toEqual([[], pending]);
    scene.relayer.lack = () => null;
    expect(await scene.settle(pending)).toMatchObject({ state: 'SUBMITTED' });
  });
});

describe('a request is denied, and nothing is signed,', () => {
  it('when the policy denies it now', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann);
    scene.script.verdict = DENY;
    await scene.deniedAs(pending, 'NO_LONGER');
  });

  it('when its agent was disabled meanwhile', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann);
    await scene.state.principals.disable('trader', sampleEntry('principal.disabled'));
    await scene.deniedAs(pending, 'WALLET_NOT_PERMITTED');
  });

  it('when its agent is disabled while it is judged again', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann);
    const chain = {
      ...scene.chain,
      getLatestBlockhash: async (signal: AbortSignal) => {
        await scene.state.principals.disable('trader', sampleEntry('principal.disabled'));
        return scene.chain.getLatestBlockhash(signal);
      },
    };
    expect(await scene.settle(pending, { ...scene.deps, chain })).toMatchObject({ state: 'AWAITING_APPROVAL' });
    expect(scene.asked).toEqual([]);
    await scene.deniedAs(pending, 'WALLET_NOT_PERMITTED');
  });

  it('when its agent lost the wallet meanwhile', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann);
    await scene.state.principals.unbindWallet('trader', 'treasury', sampleEntry('wallet.unbound'));
    await scene.deniedAs(pending, 'WALLET_NOT_PERMITTED');
  });

  it('when an approver rejected it, with their words', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann, false);
    const { judgement } = await scene.deniedAs(pending, 'APPROVAL_REJECTED');
    expect(judgement.decision.verdict.reasons[0]?.message).toBe('rejected by ann: looked at it');
  });
});

describe('a blockhash that the agent chose', () => {
  it('and that is dead when the approval comes, ends the request as EXPIRED without a signature', async () => {
    const pending = await scene.pending({ setFreshBlockhash: false });
    await scene.vote(pending, scene.ann);
    scene.chain.blockhashIsValid = false;
    expect(await scene.settle(pending)).toMatchObject({ state: 'EXPIRED', signedTransaction: null });
    expect(scene.asked).toHaveLength(0);
  });

  it('is signed as it is while it lives', async () => {
    const pending = await scene.pending({ setFreshBlockhash: false });
    await scene.vote(pending, scene.ann);
    const { state, judgement } = await scene.settle(pending);
    expect([state, judgement.messageDigest]).toEqual(['SIGNED', pending.judgement.messageDigest]);
  });
});
