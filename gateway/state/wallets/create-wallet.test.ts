import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sampleBegin, sampleId, sampleKey, useManagedWalletScene } from '../testing/managed-wallet-scene.ts';
import { sampleWallet } from '../testing/sample-principals.ts';
import { sampleEntry } from '../testing/sample-request.ts';

const scene = useManagedWalletScene();

const begin = (...ask: Parameters<ReturnType<typeof scene>['begin']>) => scene().begin(...ask);
const activate = (walletId: string, key = sampleKey(), proposalId: string | null = null) =>
  scene().activate(walletId, { key, proposalId });

async function count(walletId: string): Promise<number> {
  return (await scene().state.wallets.list()).filter(({ id }) => id === walletId).length;
}

describe('a wallet that is begun', () => {
  it('is CREATING, is known to nobody else, and leaves one record', async () => {
    const before = await scene().head();
    const ask = sampleBegin();
    const begun = await begin(ask);
    expect(begun).toMatchObject({
      kind: 'begun',
      isNew: true,
      wallet: { walletId: ask.walletId, template: 'pool', state: 'CREATING', label: ask.label, createdBy: 'ann' },
    });
    expect(await scene().kindsAfter(before)).toEqual(['wallet.creation_begun']);
    expect(scene().state.managedWallets.active().has(ask.walletId)).toBe(false);
    expect(await count(ask.walletId)).toBe(0);
  });

  it('is found as it is by the same ask, with its first label, and leaves no other record', async () => {
    const ask = sampleBegin();
    const first = await begin(ask);
    const before = await scene().head();
    const again = await begin({ ...ask, label: `${ask.walletId}-another`, createdBy: 'ben' }, scene().other);
    expect(again).toEqual({ ...first, isNew: false });
    await activate(ask.walletId);
    expect(await begin(ask)).toMatchObject({ kind: 'begun', isNew: false, wallet: { state: 'ACTIVE' } });
    expect(await scene().kindsAfter(before)).toEqual(['wallet.created']);
  });

  it('by many at once on two gateways is begun once, and is of one template', async () => {
    const walletId = sampleId();
    const templates = ['pool', 'vault', 'pool', 'vault', 'pool', 'vault', 'pool', 'vault'];
    const results = await Promise.all(
      templates.map((template, n) => begin(sampleBegin({ walletId, template }), n < 4 ? scene().state : scene().other)),
    );
    const begun = results.filter((result) => result.kind === 'begun');
    expect(begun.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(begun).toHaveLength(4);
    expect(new Set(begun.map(({ wallet }) => wallet.label)).size).toBe(1);
    const reasons = results.flatMap((result) => (result.kind === 'refused' ? [result.reason] : []));
    expect(reasons).toHaveLength(4);
    expect(reasons[0]).toBe(
      `the wallet ${walletId} is of the template ${begun[0]?.wallet.template}; name that one, or choose another id`,
    );
  });

  it('is one of no more than the template has room for, however many are begun at once', async () => {
    const template = sampleId();
    const ask = () => sampleBegin({ template, maxWallets: 3 });
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, n) => begin(ask(), n % 2 === 0 ? scene().state : scene().other)),
    );
    expect(results.filter(({ kind }) => kind === 'begun')).toHaveLength(3);
    expect(await begin(ask())).toEqual({
      kind: 'refused',
      reason: `the template ${template} has 3 wallets, and its max_wallets is 3; destroy one, or have max_wallets raised`,
    });
    expect(await begin(sampleBegin({ template, maxWallets: 4 }))).toMatchObject({ kind: 'begun' });
  });

  it('has no id that the configuration names, or named once', async () => {
    const [kept, dropped] = [sampleWallet(sampleId()), sampleWallet(sampleId())];
    await scene().state.wallets.sync([kept, dropped]);
    await scene().state.wallets.sync([kept]);
    for (const { id } of [kept, dropped]) {
      expect(await begin(sampleBegin({ walletId: id }))).toEqual({
        kind: 'refused',
        reason: `the wallet ${id} is, or was, one of the configuration, and an id is of one wallet for ever; choose another`,
      });
    }
  });
});

describe('a wallet whose key is there', () => {
  it('is ACTIVE, can be bound to an agent, and keeps its key as it was given', async () => {
    const { walletId } = sampleBegin();
    await begin(sampleBegin({ walletId }));
    const [key, before] = [sampleKey(), await scene().head()];
    const made = await activate(walletId, key);
    expect(made).toMatchObject({ kind: 'activated', wallet: { walletId, state: 'ACTIVE', key } });
    expect(await scene().kindsAfter(before)).toEqual(['wallet.created']);
    expect(scene().state.managedWallets.active().get(walletId)?.key).toEqual(key);
    expect(await scene().state.wallets.list()).toContainEqual({ id: walletId, address: key.address });
    const agent = { kind: 'agent', id: sampleId(), wallets: [walletId] } as const;
    expect(await scene().state.principals.create(agent, sampleEntry('principal.created'))).toMatchObject({
      principal: agent,
    });
  });

  it('is activated once: the same key again changes nothing, another is stale', async () => {
    const { walletId, key } = await scene().wallet();
    const before = await scene().head();
    const { version } = await scene().state.controls.refresh();
    if (key === null) throw new Error('an active wallet has a key');
    expect(await activate(walletId, key)).toMatchObject({ kind: 'activated', wallet: { key } });
    expect(await activate(walletId)).toEqual({ kind: 'stale' });
    expect(await activate('never-begun')).toEqual({ kind: 'stale' });
    expect(await activate(walletId, key, randomUUID())).toEqual({ kind: 'stale' });
    expect(await scene().head()).toBe(before);
    expect(await scene().state.controls.refresh()).toMatchObject({ version });
  });

  it('has a key that no other wallet has or had', async () => {
    const [made, dropped] = [await scene().wallet(), sampleWallet(sampleId())];
    await scene().state.wallets.sync([dropped]);
    await scene().state.wallets.sync([]);
    for (const address of [made.key?.address, dropped.address]) {
      if (address === undefined) throw new Error('an active wallet has a key');
      const { walletId } = sampleBegin();
      await begin(sampleBegin({ walletId }));
      expect(await activate(walletId, { ...sampleKey(), address })).toEqual({ kind: 'key_taken' });
      expect(await scene().state.managedWallets.find(walletId)).toMatchObject({ state: 'CREATING', key: null });
    }
  });

  it('given twice at once is of one wallet', async () => {
    const [key, ids] = [sampleKey(), [sampleId(), sampleId()]];
    for (const walletId of ids) await begin(sampleBegin({ walletId }));
    const results = await Promise.all(ids.map((walletId) => activate(walletId, key)));
    expect(results.map(({ kind }) => kind).sort()).toEqual(['activated', 'key_taken']);
  });
});

it('lists managed wallets by id, a page at a time', async () => {
  const ids = ['zz-1', 'zz-2', 'zz-3'];
  for (const walletId of ids) await scene().wallet(walletId);
  const page = async (after: string | null, limit: number) =>
    (await scene().state.managedWallets.list({ after, limit })).map(({ walletId }) => walletId);
  expect(await page('zz-', 2)).toEqual(['zz-1', 'zz-2']);
  expect(await page('zz-2', 2)).toEqual(['zz-3']);
  expect(await page(null, 1)).not.toContain('zz-1');
  expect(await scene().state.managedWallets.find('never-begun')).toBeNull();
});
