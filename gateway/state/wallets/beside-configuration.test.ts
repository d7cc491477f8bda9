import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openState } from '../open-state.ts';
import { migrate, readMigrations } from '../sql/migrate.ts';
import { startCuttingProxy } from '../testing/cutting-proxy.ts';
import { sampleBegin, sampleId, sampleKey, useManagedWalletScene } from '../testing/managed-wallet-scene.ts';
import { createOperator, sampleOperator, sampleWallet } from '../testing/sample-principals.ts';
import { sampleEntry } from '../testing/sample-request.ts';
import { createEmptyDatabase } from '../testing/test-database.ts';

const scene = useManagedWalletScene();

let outsider: pg.Client;

beforeEach(async () => {
  outsider = new pg.Client({ connectionString: scene().database.url });
  await outsider.connect();
});

afterEach(() => outsider.end());

const DESTROY = { action: 'destroy' } as const;

async function destroyed() {
  const { walletId, key } = await scene().wallet();
  await scene().freeze(walletId);
  await scene().destroy((await scene().propose(walletId, DESTROY, 'ben')).proposalId);
  if (key === null) throw new Error('an active wallet has a key');
  return { walletId, key };
}

async function ids(): Promise<readonly string[]> {
  return (await scene().state.wallets.list()).map(({ id }) => id);
}

/** What a gateway of migration 10 does with the wallets of its configuration. */
async function olderSync(id: string, address: string): Promise<void> {
  await outsider.query(
    'INSERT INTO wallets (wallet_id, address) VALUES ($1, $2) ON CONFLICT (wallet_id) DO UPDATE SET retired_at_ms = NULL',
    [id, address],
  );
  await outsider.query(
    'UPDATE wallets SET retired_at_ms = clock_ms() WHERE wallet_id <> ALL ($1) AND retired_at_ms IS NULL',
    [[id]],
  );
}

describe('a configuration beside managed wallets', () => {
  it('retires none of them', async () => {
    const { walletId } = await scene().wallet();
    const [kept, dropped] = [sampleWallet(sampleId()), sampleWallet(sampleId())];
    await scene().state.wallets.sync([kept, dropped]);
    await scene().other.wallets.sync([kept]);
    expect(await ids()).toEqual(expect.arrayContaining([walletId, kept.id]));
    expect(await ids()).not.toContain(dropped.id);
  });

  it('cannot have the id of one, in whatever state', async () => {
    const begun = sampleBegin();
    await scene().state.managedWallets.begin(begun, sampleEntry('wallet.creation_begun'));
    const [active, gone] = [await scene().wallet(), await destroyed()];
    const before = await ids();
    const sync = (id: string) => scene().state.wallets.sync([sampleWallet(sampleId()), sampleWallet(id)]);
    for (const id of [begun.walletId, active.walletId]) {
      await expect(sync(id)).rejects.toThrow(
        `the wallet ${id} was made through the gateway from the template pool; give the wallet of the configuration another id`,
      );
    }
    await expect(sync(gone.walletId)).rejects.toThrow('from the template pool and is destroyed; give the wallet');
    expect(await ids()).toEqual(before);
  });

  it('cannot have the key of one, active or destroyed', async () => {
    const [active, gone] = [await scene().wallet(), await destroyed()];
    for (const { walletId, key } of [active, gone]) {
      if (key === null) throw new Error('it has a key');
      await expect(scene().state.wallets.sync([{ id: 'copy', address: key.address }])).rejects.toThrow(
        `the address ${key.address} of the wallet copy is that of the wallet ${walletId}, which was made through the gateway`,
      );
    }
    expect(await ids()).not.toContain('copy');
  });
});

describe('a gateway of an older version beside it', () => {
  it('retires no wallet that is active, and brings none back that is destroyed', async () => {
    const [{ walletId }, gone] = [await scene().wallet(), await destroyed()];
    await olderSync('older', sampleWallet('older').address);
    expect(await ids()).toEqual(expect.arrayContaining(['older', walletId]));
    await outsider.query('UPDATE wallets SET retired_at_ms = NULL');
    expect(await ids()).not.toContain(gone.walletId);
  });

  it('cannot take the id or the key of one', async () => {
    const begun = sampleBegin();
    await scene().state.managedWallets.begin(begun, sampleEntry('wallet.creation_begun'));
    const { walletId, key } = await scene().wallet();
    if (key === null) throw new Error('an active wallet has a key');
    const refused = 'made through the gateway';
    await expect(olderSync(begun.walletId, sampleWallet('x').address)).rejects.toThrow(refused);
    await expect(olderSync(walletId, key.address)).rejects.toThrow(refused);
    await expect(olderSync('copy', key.address)).rejects.toThrow(refused);
  });

  it('has its wallets, freezes and version of the controls kept by the migration', async () => {
    const database = await createEmptyDatabase();
    await migrate(database.url, (await readMigrations()).slice(0, 10));
    await database.run(`INSERT INTO wallets (wallet_id, address) VALUES ('treasury', '${sampleKey().address}');
      INSERT INTO principals (principal_id, kind, roles, groups) VALUES ('ann', 'operator', '{admin}', '{}');
      INSERT INTO freezes (freeze_id, scope, target, reason, frozen_by) VALUES ('f', 'wallet', 'treasury', 'x', 'ann');
      UPDATE controls SET version = 7`);
    const state = await openState({ databaseUrl: database.url, instanceId: 'newer' });
    expect(state.controls.current()).toMatchObject({ version: 7n, freezes: [{ target: 'treasury' }] });
    expect((await state.wallets.list()).map(({ id }) => id)).toEqual(['treasury']);
    expect(state.managedWallets.active().size).toBe(0);
    const lift = { freezeId: 'f', operatorId: 'ann', reason: 'over', quorum: 1 };
    const lifted = state.controls.voteToLift(lift, sampleEntry('freeze.lift_voted'), sampleEntry('freeze.lifted'));
    expect(await lifted).toMatchObject({ kind: 'recorded' });
    await state.close();
    await database.drop();
  });
});

describe('a gateway that looks at managed wallets', () => {
  it('sees at its start what others made before, and from then on what they make', async () => {
    const [first, gone] = [await scene().wallet(), await destroyed()];
    const late = await openState({ databaseUrl: scene().database.url, instanceId: 'late' });
    const { managedWallets } = late;
    expect(managedWallets.active().get(first.walletId)).toEqual(first);
    expect(managedWallets.active().has(gone.walletId)).toBe(false);
    const changed = vi.fn();
    const stop = managedWallets.onChange(() => {
      changed();
      throw new Error('the listener is broken');
    });
    const second = await scene().wallet();
    await vi.waitFor(() => expect(managedWallets.active().get(second.walletId)).toEqual(second));
    expect(changed).toHaveBeenCalledTimes(1);
    stop();
    const third = await scene().wallet();
    await managedWallets.refresh();
    expect(managedWallets.active().get(third.walletId)).toEqual(third);
    expect(changed).toHaveBeenCalledTimes(1);
    await late.close();
  });

  it('looks again after a look that failed, and goes on where the answer to a commit was lost', async () => {
    const url = new URL(scene().database.url);
    const proxy = await startCuttingProxy(Number(url.port));
    url.port = String(proxy.port);
    const state = await openState({ databaseUrl: url.href, instanceId: 'cut' });
    const lost = proxy.cut('before', 'changed_managed_wallets');
    const { walletId } = await scene().wallet();
    await lost;
    await vi.waitFor(() => expect(state.managedWallets.active().has(walletId)).toBe(true), 10_000);
    const [ask, key] = [sampleBegin({ createdBy: await admin() }), sampleKey()];
    await state.managedWallets.begin(ask, sampleEntry('wallet.creation_begun'));
    const activate = () => state.managedWallets.activate(ask.walletId, key, null, sampleEntry('wallet.created'));
    const cut = proxy.cut('after', 'COMMIT');
    await activate().catch(() => null);
    await cut;
    await vi.waitFor(
      async () => expect(await activate()).toMatchObject({ kind: 'activated', wallet: { key } }),
      10_000,
    );
    await vi.waitFor(() => expect(scene().other.managedWallets.active().has(ask.walletId)).toBe(true), 10_000);
    await state.close();
    await proxy.close();
  });

  it('of a database that was put back to an earlier time trusts nothing that it knew', async () => {
    const { walletId } = await scene().wallet();
    await vi.waitFor(() => expect(scene().other.managedWallets.active().has(walletId)).toBe(true));
    await scene().database.run(`BEGIN; UPDATE wallets SET retired_at_ms = 1 WHERE wallet_id = '${walletId}';
      DELETE FROM managed_wallets WHERE wallet_id = '${walletId}'; UPDATE controls SET version = version - 1; COMMIT`);
    await vi.waitFor(() => expect(scene().other.managedWallets.active().has(walletId)).toBe(false));
  });
});

async function admin(): Promise<string> {
  return (await createOperator(scene().state, sampleOperator(randomUUID(), { roles: ['admin'] }))).id;
}
