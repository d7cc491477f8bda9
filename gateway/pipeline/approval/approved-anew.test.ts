import { generateKeyPairSigner } from '@solana/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { tokenAccount, tokenTransfer } from '../../../tour/transactions.ts';
import { mintAccount, tokenAccount as tokenAccountState } from '../../core/effects/testing/judge.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { changeRights } from '../../state/testing/sample-principals.ts';
import { sampleEntry } from '../../state/testing/sample-request.ts';
import { needsApproval } from '../testing/pipeline-scene.ts';
import { openPendingScene, type PendingScene } from './testing/pending-scene.ts';

let scene: PendingScene;

beforeEach(async () => {
  scene = await openPendingScene();
  return () => scene.close();
});

describe('the approvers are asked again, and nothing is signed,', () => {
  it('when something else would happen than what they saw', async () => {
    const { mint, destination, recipient, transaction } = await tokenPayment();
    const pending = await scene.pending({ transaction });
    await scene.vote(pending, scene.ann);
    const { address: thief } = await generateKeyPairSigner();
    scene.chain.held.set(destination, tokenAccountState({ mint, owner: thief }));
    const askedAgain = await scene.settle(pending);
    await isAskedAgain(pending, askedAgain);
    const inputs = [pending, askedAgain].map(({ judgement }) => Buffer.from(judgement.policyInput).toString());
    expect(inputs.map((input) => [input.includes(recipient), input.includes(thief)])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  it('when the policy wants more of them now', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann);
    scene.script.verdict = needsApproval(2);
    await isAskedAgain(pending, await scene.settle(pending));
  });

  it('when one who voted was disabled since', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann);
    await scene.state.principals.disable('ann', sampleEntry('principal.disabled'));
    const askedAgain = await scene.settle(pending);
    await isAskedAgain(pending, askedAgain);
    await scene.vote(askedAgain, scene.ben);
    expect(await scene.settle(askedAgain)).toMatchObject({ state: 'SIGNED' });
  });

  it('when one who voted loses the role in the moment before it is signed', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann);
    const { requests } = scene.state;
    const advance: typeof requests.advance = async (change, entry) => {
      if (change.to === 'SIGNING') await changeRights(scene.state, 'ann', { roles: ['auditor'] });
      return requests.advance(change, entry);
    };
    const deps = { ...scene.deps, state: { ...scene.state, requests: { ...requests, advance } } };
    await scene.settleOnce(pending, deps);
    expect(scene.asked).toHaveLength(0);
    await isAskedAgain(pending, await scene.settle(pending));
  });

  it('and a worker that still holds the old approval leaves the new one alone', async () => {
    const pending = await scene.pending();
    await scene.vote(pending, scene.ann);
    scene.script.verdict = needsApproval(2);
    const askedAgain = await scene.settle(pending);
    await scene.settleOnce(pending);
    expect(await scene.find(pending.requestId)).toEqual(askedAgain);
  });
});

async function isAskedAgain(pending: RequestRecord, now: RequestRecord): Promise<void> {
  expect(scene.asked).toHaveLength(0);
  expect(now.state).toBe('AWAITING_APPROVAL');
  const [before, after] = [await scene.approvalOf(pending), await scene.approvalOf(now)];
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
