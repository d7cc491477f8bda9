import { expect, it } from 'vitest';
import { useManagedWalletScene } from '../testing/managed-wallet-scene.ts';
import { sampleEntry } from '../testing/sample-request.ts';

const scene = useManagedWalletScene();

async function destroyed(): Promise<string> {
  const { walletId } = await scene().wallet();
  await scene().freeze(walletId);
  await scene().destroy((await scene().propose(walletId, { action: 'destroy' }, 'ben')).proposalId);
  return walletId;
}

function note(walletId: string, operatorId = 'ann', reason = 'deleted in the console', on = scene().state) {
  const ask = { walletId, operatorId, reason };
  return on.managedWallets.noteKeyDestroyed(ask, sampleEntry('wallet.key_destroyed_by_hand'));
}

it('a note is kept once, whoever says so at the same time', async () => {
  const walletId = await destroyed();
  const before = await scene().head();
  const results = await Promise.all([note(walletId, 'ann'), note(walletId, 'ben', 'x', scene().other)]);
  expect(results.map(({ kind }) => kind).sort()).toEqual(['noted', 'refused']);
  expect(await scene().kindsAfter(before)).toEqual(['wallet.key_destroyed_by_hand']);
});

it('a note that is repeated by who made it, as after a lost answer, is found as it is', async () => {
  const walletId = await destroyed();
  const first = await note(walletId);
  expect(first).toMatchObject({ wallet: { keyNote: { operatorId: 'ann', reason: 'deleted in the console' } } });
  const before = await scene().head();
  expect(await note(walletId)).toEqual(first);
  expect(await note(walletId, 'ann', 'something else')).toMatchObject({
    reason: expect.stringMatching(/^ann noted it at .* \(deleted in the console\), and that stands$/),
  });
  expect(await scene().head()).toBe(before);
  expect(await scene().state.managedWallets.find(walletId)).toMatchObject({ state: 'DESTROYED' });
});

it('keys are left of destroyed wallets until their backend or an admin has said otherwise', async () => {
  const { keysLeft, keyDestroyed } = scene().state.managedWallets;
  const before = await keysLeft();
  await scene().wallet();
  const [noted, gone, left] = [await destroyed(), await destroyed(), await destroyed()];
  expect(await keysLeft()).toMatchObject({ count: before.count + 3, wallets: [...before.wallets, noted, gone, left] });
  await note(noted);
  await keyDestroyed(gone, 'gone', sampleEntry('wallet.key_destroyed'));
  expect(await keysLeft()).toEqual({ count: before.count + 1, wallets: [...before.wallets, left] });
});

it('which of some wallets are destroyed is told, of those that were made through the gateway', async () => {
  const { destroyedAmong } = scene().state.managedWallets;
  const { walletId: active } = await scene().wallet();
  const gone = await destroyed();
  expect(await destroyedAmong([active, gone, 'treasury'])).toEqual(new Set([gone]));
  expect(await destroyedAmong([])).toEqual(new Set());
});

it('nothing is noted of a key that is needed, that its backend has destroyed, or that nobody knows', async () => {
  const { walletId: active } = await scene().wallet();
  expect(await note(active)).toEqual({
    kind: 'refused',
    reason: `the wallet ${active} is not destroyed, so its key is needed; destroy the wallet first`,
  });
  const gone = await destroyed();
  await scene().state.managedWallets.keyDestroyed(gone, 'gone in 7 days', sampleEntry('wallet.key_destroyed'));
  expect(await note(gone)).toMatchObject({ reason: expect.stringContaining('(gone in 7 days); there is nothing') });
  expect(await note('never-made')).toEqual({ kind: 'not_found' });
});
