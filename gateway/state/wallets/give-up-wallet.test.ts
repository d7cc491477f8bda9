import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sampleId, sampleKey, useManagedWalletScene } from '../testing/managed-wallet-scene.ts';
import { createOperator, sampleOperator } from '../testing/sample-principals.ts';
import { sampleEntry } from '../testing/sample-request.ts';

const scene = useManagedWalletScene();

const DESTROY = { action: 'destroy' } as const;

const begin = (...ask: Parameters<ReturnType<typeof scene>['begin']>) => scene().begin(...ask);
const activate = (walletId: string, on = scene().state) => scene().activate(walletId, { on });

/** CREATING, and what ann and ben agreed to do with it. */
async function stuck() {
  const walletId = sampleId();
  await begin({ walletId });
  return scene().propose(walletId, DESTROY, 'ben');
}

function destroyAs(operatorId: string, proposalId: string) {
  const ask = { proposalId, operatorId, quorum: 2 };
  return scene().state.managedWallets.destroy(ask, sampleEntry('wallet.destroyed'));
}

describe('a wallet that was never finished', () => {
  it('is given up with the votes that it takes, and without a freeze', async () => {
    const walletId = sampleId();
    await begin({ walletId });
    const { proposalId } = await scene().propose(walletId, DESTROY);
    expect(await scene().destroy(proposalId)).toMatchObject({ reason: expect.stringContaining('1 of the 2 votes') });
    const vote = { proposalId, operatorId: 'ben', reason: 'aye' };
    await scene().state.managedWallets.vote(vote, sampleEntry('wallet.action_voted'));
    const before = await scene().head();
    const done = await scene().destroy(proposalId);
    expect(done).toMatchObject({
      kind: 'done',
      wallet: { walletId, state: 'DESTROYED', key: null, destroyedAt: expect.any(Number), keyDestroyedDetail: null },
    });
    expect(await scene().destroy(proposalId)).toEqual(done);
    expect(await scene().kindsAfter(before)).toEqual(['wallet.destroyed']);
  });

  it('cannot be finished any more, by any gateway, and keeps its id from everybody', async () => {
    const { walletId, proposalId } = await stuck();
    await scene().destroy(proposalId);
    for (const gateway of [scene().state, scene().other]) {
      expect(await activate(walletId, gateway)).toEqual({ kind: 'stale' });
    }
    expect(await scene().state.managedWallets.find(walletId)).toMatchObject({ state: 'DESTROYED', key: null });
    expect(await begin({ walletId })).toMatchObject({ reason: expect.stringContaining('an id is of one wallet') });
    expect((await scene().state.wallets.list()).map(({ id }) => id)).not.toContain(walletId);
  });

  it('is either finished or given up where both are asked for at once', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { walletId, proposalId } = await stuck();
      const [made, gone] = await Promise.all([activate(walletId, scene().other), scene().destroy(proposalId)]);
      const found = await scene().state.managedWallets.find(walletId);
      const whole = found?.state === 'ACTIVE' ? ['activated', 'refused'] : ['stale', 'done'];
      expect([made.kind, gone.kind]).toEqual(whole);
    }
  });

  it('that was finished after the votes takes a freeze as any other', async () => {
    const { walletId, proposalId } = await stuck();
    await activate(walletId);
    expect(await scene().destroy(proposalId)).toMatchObject({ reason: expect.stringContaining('is not frozen') });
  });

  it('gives its place in the template to another', async () => {
    const [template, walletId] = [sampleId(), sampleId()];
    await begin({ walletId, template, maxWallets: 1 });
    expect(await begin({ template, maxWallets: 1 })).toMatchObject({ kind: 'refused' });
    const { proposalId } = await scene().propose(walletId, DESTROY, 'ben');
    await scene().destroy(proposalId);
    expect(await begin({ template, maxWallets: 1 })).toMatchObject({ kind: 'begun' });
  });

  it('whose key was to be imported is given up with that import', async () => {
    const [walletId, key] = [sampleId(), sampleKey()];
    const terms = { action: 'import', template: 'pool', address: key.address } as const;
    const { proposalId } = await scene().propose(walletId, terms, 'ben');
    const asked = { walletId, proposal: { proposalId, quorum: 2 } };
    await begin(asked);
    await scene().destroy((await scene().propose(walletId, DESTROY, 'ben')).proposalId);
    const entry = sampleEntry('wallet.imported');
    expect(await scene().other.managedWallets.activate(walletId, key, proposalId, entry)).toEqual({ kind: 'stale' });
    expect(await begin(asked)).toMatchObject({ reason: expect.stringContaining('is destroyed') });
    const elsewhere = await scene().propose(sampleId(), terms, 'ben');
    const anew = { walletId: elsewhere.walletId, proposal: { proposalId: elsewhere.proposalId, quorum: 2 } };
    expect(await begin(anew)).toMatchObject({ kind: 'begun' });
  });

  it('has no key to be exported', async () => {
    const { walletId } = await stuck();
    const terms = { action: 'export', recipient: 'age1x' } as const;
    const ask = { proposalId: randomUUID(), walletId, terms, reason: 'x', proposedBy: 'ann', lifeMs: 1_000 };
    expect(await scene().state.managedWallets.propose(ask, sampleEntry('wallet.action_proposed'))).toEqual({
      kind: 'refused',
      reason: `the wallet ${walletId} is still being created; create it again to go on`,
    });
  });
});

describe('the key of a destroyed wallet', () => {
  it('may be seen to by any admin until it is gone, and by nobody else', async () => {
    const { walletId, proposalId } = await stuck();
    expect(await destroyAs('cem', proposalId)).toMatchObject({ reason: expect.stringContaining('ann proposed it') });
    const done = await scene().destroy(proposalId);
    const before = await scene().head();
    expect(await destroyAs('cem', proposalId)).toEqual(done);
    const { id } = await createOperator(scene().state, sampleOperator(sampleId(), { roles: ['approver'] }));
    expect(await destroyAs(id, proposalId)).toEqual({
      kind: 'refused',
      reason: `${id} is no operator with the role admin that is enabled`,
    });
    await scene().state.managedWallets.keyDestroyed(walletId, 'gone', sampleEntry('wallet.key_destroyed'));
    expect(await destroyAs('cem', proposalId)).toEqual({
      kind: 'refused',
      reason: `the wallet ${walletId} is destroyed, and so is its key; there is nothing left to do`,
    });
    expect(await scene().destroy(proposalId)).toMatchObject({ kind: 'done', wallet: { keyDestroyedDetail: 'gone' } });
    expect(await scene().kindsAfter(before)).toContain('wallet.key_destroyed');
    expect(await scene().kindsAfter(before)).not.toContain('wallet.destroyed');
  });
});

it('counts the wallets of each template that are not destroyed', async () => {
  const [busy, empty] = [sampleId(), sampleId()];
  const ids = [sampleId(), sampleId(), sampleId()];
  for (const walletId of ids) await begin({ walletId, template: busy });
  await begin({ walletId: empty, template: empty });
  await activate(ids[0] ?? '');
  for (const walletId of [ids[1] ?? '', empty]) {
    await scene().destroy((await scene().propose(walletId, DESTROY, 'ben')).proposalId);
  }
  const counts = await scene().state.managedWallets.countByTemplate();
  expect([counts.get(busy), counts.get(empty)]).toEqual([2, undefined]);
});
