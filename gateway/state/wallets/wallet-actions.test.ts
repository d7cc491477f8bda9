import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import type { RequestState } from '../../core/request/request-state.ts';
import type { State } from '../contract/state.ts';
import { sampleId, useManagedWalletScene } from '../testing/managed-wallet-scene.ts';
import { changeRights, createOperator, sampleOperator } from '../testing/sample-principals.ts';
import { sampleApproval, sampleEntry, sampleRequest } from '../testing/sample-request.ts';

const scene = useManagedWalletScene();

const DESTROY = { action: 'destroy' } as const;
const EXPORT = {
  action: 'export',
  recipient: 'age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq',
} as const;

function vote(proposalId: string, operatorId: string, on: State = scene().state) {
  return on.managedWallets.vote({ proposalId, operatorId, reason: 'aye' }, sampleEntry('wallet.action_voted'));
}

function exportKey(proposalId: string, operatorId = 'ann', quorum = 2) {
  return scene().state.managedWallets.beginExport(
    { proposalId, operatorId, quorum },
    sampleEntry('wallet.export_begun'),
  );
}

/** A frozen wallet, and what ann and ben agreed to do with it. */
async function doomed() {
  const { walletId } = await scene().wallet();
  const freezeId = await scene().freeze(walletId);
  return { freezeId, ...(await scene().propose(walletId, DESTROY, 'ben')) };
}

async function admin(): Promise<string> {
  return (await createOperator(scene().state, sampleOperator(sampleId(), { roles: ['admin'] }))).id;
}

/** Opened as SIGNING, and then put into the state. */
async function request(walletId: string, state: RequestState, dueAt: number | null) {
  const { version } = await scene().state.controls.refresh();
  const terms = { charges: [], excess: [], controls: version };
  const asked = sampleRequest({ dueAt, terms }, { walletId });
  const { requestId } = asked;
  const opened = await scene().state.requests.open(asked, sampleEntry('request.signing', requestId));
  expect(opened).toEqual({ kind: 'opened' });
  await scene().database.run(`UPDATE requests SET state = '${state}' WHERE request_id = '${requestId}'`);
  return requestId;
}

describe('a proposal', () => {
  it('has the vote of who proposed it, and takes one of each other admin', async () => {
    const { walletId } = await scene().wallet();
    const before = await scene().head();
    const { proposalId, votes, ...proposal } = await scene().propose(walletId, EXPORT, 'ben');
    expect(proposal).toMatchObject({ walletId, terms: EXPORT, proposedBy: 'ann', carriedOutAt: null });
    expect(votes.map(({ operatorId, counts }) => [operatorId, counts])).toEqual([
      ['ann', true],
      ['ben', true],
    ]);
    expect(await scene().kindsAfter(before)).toEqual(['wallet.action_proposed', 'wallet.action_voted']);
    expect(await vote(proposalId, 'ben')).toEqual({
      kind: 'refused',
      reason: 'ben has already voted for it; each admin counts once',
    });
    const votedAtOnce = await Promise.all([vote(proposalId, 'cem'), vote(proposalId, 'cem', scene().other)]);
    expect(votedAtOnce.map(({ kind }) => kind).sort()).toEqual(['recorded', 'refused']);
    expect(await vote(randomUUID(), 'ben')).toEqual({ kind: 'not_found' });
  });

  it('is for admins that are enabled', async () => {
    const { walletId } = await scene().wallet();
    const { proposalId } = await scene().propose(walletId, DESTROY);
    const { id } = await createOperator(scene().state, sampleOperator(sampleId(), { roles: ['approver'] }));
    const reason = `${id} is no operator with the role admin that is enabled`;
    expect(await vote(proposalId, id)).toEqual({ kind: 'refused', reason });
    const ask = { proposalId: randomUUID(), walletId, terms: DESTROY, reason: 'x', proposedBy: id, lifeMs: 1_000 };
    const proposed = scene().state.managedWallets.propose(ask, sampleEntry('wallet.action_proposed'));
    expect(await proposed).toEqual({ kind: 'refused', reason });
  });

  it('is of a wallet that is active', async () => {
    const ask = { reason: 'x', proposedBy: 'ann', lifeMs: 1_000, terms: DESTROY };
    const propose = (walletId: string) =>
      scene().state.managedWallets.propose(
        { ...ask, proposalId: randomUUID(), walletId },
        sampleEntry('wallet.action_proposed'),
      );
    expect(await propose('never-made')).toEqual({ kind: 'not_found' });
    const { walletId, proposalId } = await doomed();
    await scene().destroy(proposalId);
    expect(await propose(walletId)).toEqual({ kind: 'refused', reason: `the wallet ${walletId} is destroyed already` });
  });

  it('is over when its time is, by the clock of the database', async () => {
    const { walletId } = await scene().wallet();
    const { proposalId } = await scene().propose(walletId, EXPORT, 'ben');
    const listed = async () =>
      (await scene().state.managedWallets.listProposals({ open: true })).some((each) => each.proposalId === proposalId);
    expect(await listed()).toBe(true);
    await scene().database.run(
      `UPDATE wallet_proposals SET proposed_at_ms = 1, expires_at_ms = clock_ms() WHERE proposal_id = '${proposalId}'`,
    );
    expect(await listed()).toBe(false);
    const over = { kind: 'refused', reason: expect.stringContaining('its time was over at') };
    expect(await vote(proposalId, 'cem')).toEqual(over);
    expect(await exportKey(proposalId)).toEqual(over);
    const [newest] = await scene().state.managedWallets.listProposals({ open: false });
    expect(newest).toMatchObject({ proposalId });
  });
});

describe('an export', () => {
  it('is noted for who proposed it, with the votes that it takes, and each time until its time is over', async () => {
    const { walletId } = await scene().wallet();
    const { proposalId } = await scene().propose(walletId, EXPORT);
    const refusal = async (...ask: Parameters<typeof exportKey>) => {
      const result = await exportKey(...ask);
      return result.kind === 'refused' ? result.reason : result.kind;
    };
    expect(await refusal(proposalId)).toContain('it has 1 of the 2 votes that it takes');
    await vote(proposalId, 'ben');
    expect(await refusal(proposalId, 'ben')).toBe('ann proposed it, and nobody else can carry it out');
    expect(await refusal((await scene().propose(walletId, DESTROY, 'ben')).proposalId)).toContain(
      'not to export the key',
    );
    const before = await scene().head();
    const [first, second] = await Promise.all([exportKey(proposalId), exportKey(proposalId)]);
    expect(first).toMatchObject({ kind: 'done', proposal: { carriedOutAt: expect.any(Number) } });
    expect(second).toEqual(first);
    expect(await scene().kindsAfter(before)).toEqual(['wallet.export_begun', 'wallet.export_begun']);
    expect(await refusal(proposalId, 'ben')).toBe('ann proposed it, and nobody else can carry it out');
    expect(await vote(proposalId, 'cem')).toMatchObject({ reason: expect.stringContaining('it was carried out at') });
    await scene().database.run(
      `UPDATE wallet_proposals SET proposed_at_ms = 1, expires_at_ms = clock_ms() WHERE proposal_id = '${proposalId}'`,
    );
    expect(await refusal(proposalId)).toContain('its time was over at');
    expect(await refusal(randomUUID())).toBe('not_found');
  });

  it('does not count the vote of an admin who was shut out meanwhile', async () => {
    const { walletId } = await scene().wallet();
    const leaver = await admin();
    const { proposalId } = await scene().propose(walletId, EXPORT, leaver);
    await scene().state.principals.disable(leaver, sampleEntry('principal.disabled'));
    expect(await exportKey(proposalId)).toMatchObject({ reason: expect.stringContaining('1 of the 2 votes') });
    const proposal = await scene().state.managedWallets.findProposal(proposalId);
    expect(proposal?.votes.map(({ counts }) => counts)).toEqual([true, false]);
    await vote(proposalId, 'cem');
    expect(await exportKey(proposalId)).toMatchObject({ kind: 'done', proposal: { carriedOutAt: expect.any(Number) } });
  });
});

it('a vote by the role admin that was lost does not count, and not again when it is given back, but may be cast anew', async () => {
  const { walletId } = await scene().wallet();
  const leaver = await admin();
  const { proposalId } = await scene().propose(walletId, EXPORT, leaver);
  await changeRights(scene().state, leaver, { roles: ['auditor'] });
  expect(await vote(proposalId, leaver)).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('no operator'),
  });
  await changeRights(scene().state, leaver, { roles: ['admin'] });
  expect(await exportKey(proposalId)).toMatchObject({ reason: expect.stringContaining('1 of the 2 votes') });
  expect(await vote(proposalId, leaver)).toMatchObject({ kind: 'recorded' });
  expect(await exportKey(proposalId)).toMatchObject({ kind: 'done' });
});

describe('to destroy a wallet', () => {
  it('ends it for all gateways: none lists it, binds it or has it among the active', async () => {
    const { walletId, proposalId } = await doomed();
    await vi.waitFor(() => expect(scene().other.managedWallets.active().has(walletId)).toBe(true));
    const changed = new Promise<void>((resolve) => {
      const stop = scene().other.managedWallets.onChange(() => {
        stop();
        resolve();
      });
    });
    const before = await scene().head();
    expect(await scene().destroy(proposalId)).toMatchObject({
      kind: 'done',
      wallet: { walletId, state: 'DESTROYED', destroyedAt: expect.any(Number), keyDestroyedDetail: null },
    });
    expect(await scene().kindsAfter(before)).toEqual(['wallet.destroyed']);
    expect(scene().state.managedWallets.active().has(walletId)).toBe(false);
    await changed;
    expect(scene().other.managedWallets.active().has(walletId)).toBe(false);
    expect((await scene().state.wallets.list()).map(({ id }) => id)).not.toContain(walletId);
    const agent = { kind: 'agent', id: sampleId(), wallets: [walletId] } as const;
    expect(await scene().state.principals.create(agent, sampleEntry('principal.created'))).toBe('unknown_wallet');
  });

  it('is done once by two at once, and repeated says what was done', async () => {
    const { proposalId } = await doomed();
    const before = await scene().head();
    const both = await Promise.all([scene().destroy(proposalId), scene().destroy(proposalId, scene().other)]);
    expect(both[0]).toMatchObject({ kind: 'done', wallet: { state: 'DESTROYED' } });
    expect(both[1]).toEqual(both[0]);
    expect(await scene().destroy(proposalId)).toEqual(both[0]);
    expect(await scene().kindsAfter(before)).toEqual(['wallet.destroyed']);
  });

  it('takes a freeze of that wallet, not of everything, and the freeze then stays', async () => {
    const { walletId } = await scene().wallet();
    const { proposalId } = await scene().propose(walletId, DESTROY, 'ben');
    const reason = `the wallet ${walletId} is not frozen; freeze it (that wallet, not everything) first`;
    expect(await scene().destroy(proposalId)).toEqual({ kind: 'refused', reason });
    const freezeId = await scene().freeze(walletId);
    expect(await scene().destroy(proposalId)).toMatchObject({ kind: 'done' });
    const lift = { freezeId, operatorId: 'ann', reason: 'over', quorum: 1 };
    expect(
      await scene().state.controls.voteToLift(lift, sampleEntry('freeze.lift_voted'), sampleEntry('freeze.lifted')),
    ).toEqual({ kind: 'refused', reason: `the wallet ${walletId} is destroyed, and its freeze stays` });
    // As an older gateway would.
    const sql = `UPDATE freezes SET lifted_by = 'ann', lifted_at_ms = 1 WHERE freeze_id = '${freezeId}'`;
    await expect(scene().database.run(sql)).rejects.toThrow('its freeze stays');
  });

  it('waits for every request that the gateway goes on with, and for no other', async () => {
    const { walletId, proposalId } = await doomed();
    const finish = (id: string) =>
      scene().database.run(`UPDATE requests SET state = 'FINALIZED', due_at_ms = NULL WHERE request_id = '${id}'`);
    await request(walletId, 'SIGNED', null);
    await request(walletId, 'DENIED', null);
    for (const state of ['SIGNING', 'SUBMITTED', 'INDETERMINATE'] as const) {
      const id = await request(walletId, state, Date.now() + 60_000);
      const reason = `the request ${id} of the wallet ${walletId} is ${state}; wait until it is known what became of it`;
      expect(await scene().destroy(proposalId)).toEqual({ kind: 'refused', reason });
      await finish(id);
    }
    const approval = sampleApproval();
    const waiting = sampleRequest({ state: 'AWAITING_APPROVAL', approval, dueAt: approval.expiresAt }, { walletId });
    await scene().state.requests.open(waiting, sampleEntry('request.approval_required', waiting.requestId));
    expect(await scene().destroy(proposalId)).toMatchObject({ reason: expect.stringContaining('awaits an approval') });
    await finish(waiting.requestId);
    expect(await scene().destroy(proposalId)).toMatchObject({ reason: expect.stringContaining('awaits an approval') });
    await scene().database.run(`UPDATE approvals SET state = 'TIMED_OUT' WHERE approval_id = '${approval.approvalId}'`);
    expect(await scene().destroy(proposalId)).toMatchObject({ kind: 'done' });
  });

  it('leaves a note of what its backend says of the key, once', async () => {
    const { walletId, proposalId } = await doomed();
    const note = (detail: string) =>
      scene().state.managedWallets.keyDestroyed(walletId, detail, sampleEntry('wallet.key_destroyed'));
    await note('too early');
    await scene().destroy(proposalId);
    const before = await scene().head();
    await note('gone for good');
    await note('another');
    expect(await scene().state.managedWallets.find(walletId)).toMatchObject({ keyDestroyedDetail: 'gone for good' });
    expect(await scene().kindsAfter(before)).toEqual(['wallet.key_destroyed']);
  });
});
