import { expect, it } from 'vitest';
import type { ManagedKey } from '../../core/wallet/managed-wallet.ts';
import type { BeginAsk } from '../contract/managed-wallet-store.ts';
import { sampleId, sampleKey, useManagedWalletScene } from '../testing/managed-wallet-scene.ts';
import { sampleEntry } from '../testing/sample-request.ts';

const scene = useManagedWalletScene();

async function agreed(walletId: string, { address }: ManagedKey, ...voters: readonly string[]) {
  const terms = { action: 'import', template: 'pool', address } as const;
  const { proposalId } = await scene().propose(walletId, terms, ...voters);
  return { proposalId, quorum: 2 };
}

const begin = (...ask: Parameters<ReturnType<typeof scene>['begin']>) => scene().begin(...ask);
const activate = (walletId: string, key: ManagedKey, proposalId: string | null) =>
  scene().activate(walletId, { key, proposalId });

it('an import that is agreed begins a wallet, which is active with the key that was voted for and no other', async () => {
  const [walletId, key] = [sampleId(), sampleKey()];
  const proposal = await agreed(walletId, key, 'ben');
  expect(await begin({ walletId, proposal })).toMatchObject({ kind: 'begun', isNew: true });
  expect(await begin({ walletId, proposal })).toMatchObject({ kind: 'begun', isNew: false });
  await expect(activate(walletId, sampleKey(), proposal.proposalId)).rejects.toThrow('not the one that was voted for');
  expect(await activate(walletId, key, null)).toEqual({ kind: 'stale' });
  expect(await activate(walletId, key, proposal.proposalId)).toMatchObject({ kind: 'activated', wallet: { key } });
  expect(await scene().state.managedWallets.findProposal(proposal.proposalId)).toMatchObject({
    carriedOutAt: expect.any(Number),
  });
  expect(await begin({ walletId, proposal })).toMatchObject({ kind: 'begun', isNew: false, wallet: { key } });
  expect(await begin({ walletId })).toMatchObject({ kind: 'refused' });
});

it('an import that is not agreed, or of something else, begins nothing', async () => {
  const [walletId, key] = [sampleId(), sampleKey()];
  const refusal = async (change: Partial<BeginAsk>) => {
    const result = await begin({ walletId, ...change });
    return result.kind === 'refused' ? result.reason : result.kind;
  };
  const alone = await agreed(walletId, key);
  expect(await refusal({ proposal: alone })).toContain('it has 1 of the 2 votes');
  const proposal = await agreed(walletId, key, 'ben');
  expect(await refusal({ proposal, createdBy: 'ben' })).toBe('ann proposed it, and nobody else can carry it out');
  expect(await refusal({ proposal, template: 'vault' })).toContain('for the template pool, not for vault');
  expect(await refusal({ proposal, walletId: sampleId() })).toContain(`is for the wallet ${walletId}, not for`);
  const { address } = (await scene().wallet()).key ?? sampleKey();
  expect(await scene().state.managedWallets.find(walletId)).toBeNull();
  const ask = { proposalId: sampleId(), walletId, reason: 'x', proposedBy: 'ann', lifeMs: 1_000 };
  const terms = { action: 'import', template: 'pool', address } as const;
  expect(
    await scene().state.managedWallets.propose({ ...ask, terms }, sampleEntry('wallet.action_proposed')),
  ).toMatchObject({ kind: 'refused', reason: expect.stringContaining(`the key ${address} is, or was, that of`) });
});

it('an import that ran out of time before its key was there goes on once it is agreed anew, with the same key only', async () => {
  const [walletId, key] = [sampleId(), sampleKey()];
  const first = await agreed(walletId, key, 'ben');
  await begin({ walletId, proposal: first });
  await scene().database.run(
    `UPDATE wallet_proposals SET proposed_at_ms = 1, expires_at_ms = 2 WHERE wallet_id = '${walletId}'`,
  );
  expect(await begin({ walletId, proposal: first })).toMatchObject({
    reason: expect.stringContaining('its time was over'),
  });
  await expect(agreed(walletId, sampleKey())).rejects.toThrow('nothing was proposed');
  expect(await begin({ walletId })).toMatchObject({ reason: expect.stringContaining('is under way for the wallet') });
  const anew = await agreed(walletId, key, 'cem');
  expect(await begin({ walletId, proposal: anew })).toMatchObject({ kind: 'begun', isNew: false });
  expect(await activate(walletId, key, first.proposalId)).toEqual({ kind: 'stale' });
  expect(await activate(walletId, key, anew.proposalId)).toMatchObject({ kind: 'activated' });
});

it('a wallet whose key its backend makes takes none that is brought', async () => {
  const [walletId, key] = [sampleId(), sampleKey()];
  const proposal = await agreed(walletId, key, 'ben');
  await begin({ walletId });
  expect(await begin({ walletId, proposal })).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('is being made by its backend'),
  });
});
