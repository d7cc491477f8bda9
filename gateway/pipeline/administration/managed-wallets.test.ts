import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Operator } from '../../core/principal/principal.ts';
import { keyAddress } from '../../core/transaction/testing/wire-builder.ts';
import { sampleId, useManagedWalletScene } from '../../state/testing/managed-wallet-scene.ts';
import { sampleOperator } from '../../state/testing/sample-principals.ts';
import { createManagedWallets } from './managed-wallets.ts';
import type { ManagedWallets } from './managed-wallets-contract.ts';
import { type Mood, type ScriptedTemplate, SECRET_TEXT, scriptedTemplate } from './testing/scripted-creator.ts';

const scene = useManagedWalletScene();

const ANN: Operator = sampleOperator('ann', { roles: ['admin'] });
const TREASURY = keyAddress(7);

let template: ScriptedTemplate;
let wallets: ManagedWallets;

beforeEach(() => {
  template = scriptedTemplate({ name: sampleId() });
  wallets = administration(20_000);
});

function administration(answerWithinMs: number): ManagedWallets {
  return createManagedWallets({
    store: scene().state.managedWallets,
    templates: new Map([[template.name, template]]),
    quorum: 2,
    newAdminWaitMs: 0,
    holderOf: (address) => (address === TREASURY ? 'the signer treasury-key' : null),
    answerWithinMs,
    now: () => 7,
    databaseTime: scene().state.time,
    newId: () => crypto.randomUUID(),
  });
}

const create = (walletId: string, by = wallets, signal = new AbortController().signal) =>
  by.createWallet(ANN, { walletId, template: template.name }, signal);
const stateOf = async (walletId: string) => (await scene().state.managedWallets.find(walletId))?.state;
/** Labels that the creator was asked for. */
const labels = () => template.script.calls.map((call) => call.split(' ')[1]);

describe('a wallet is made', () => {
  it('of a key whose signer sees it, with each step in the chain, and is found by every gateway', async () => {
    const [id, head] = [sampleId(), await scene().head()];
    const wallet = await create(id);
    expect(wallet).toMatchObject({ walletId: id, template: template.name, state: 'ACTIVE', createdBy: 'ann' });
    expect(wallet.label).toMatch(new RegExp(`^${id}-[0-9a-f]{8}$`));
    expect(wallet.key?.reference).toEqual({ label: wallet.label });
    expect(await scene().kindsAfter(head)).toEqual(['wallet.creation_begun', 'wallet.created']);
    await vi.waitFor(() => expect(scene().other.managedWallets.active().get(id)).toEqual(wallet));
    expect(template.script.openSigners).toBe(0);
  });

  it('under a label that no backend takes amiss, whatever the id begins with', async () => {
    const id = sampleId();
    expect((await create(`--${id}`)).label).toMatch(new RegExp(`^${id}-[0-9a-f]{8}$`));
    expect((await create('-')).label).toMatch(/^wallet-[0-9a-f]{8}$/);
  });

  it('once, however often it is asked for', async () => {
    const id = sampleId();
    const [first, second] = await Promise.all([create(id), create(id)]);
    expect([second, await create(id)]).toEqual([first, first]);
    expect(template.script.calls).toHaveLength(1);
  });

  it('after an answer that was lost, of the key that was made then', async () => {
    const id = sampleId();
    template.script.mood = 'loses';
    await expect(create(id)).rejects.toMatchObject({
      reason: 'KEY_UNAVAILABLE',
      message: expect.stringContaining('the connection was lost'),
    });
    expect(await stateOf(id)).toBe('CREATING');
    template.script.mood = 'answers';
    const wallet = await create(id);
    expect(labels()).toEqual([wallet.label, wallet.label]);
    expect(template.script.keys.size).toBe(1);
  });
});

describe('a backend that does not do as it should', () => {
  it.each<[Mood, string, string]>([
    ['refuses', 'KEY_REFUSED', 'the quota of keys is used up'],
    ['throws', 'KEY_UNAVAILABLE', 'it failed without an answer'],
  ])('%s: the wallet is not in use, and the reason is told without secrets', async (mood, reason, text) => {
    const id = sampleId();
    template.script.mood = mood;
    const error: unknown = await create(id).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason, message: expect.stringContaining(text) });
    expect(String(error)).not.toContain(SECRET_TEXT);
    expect(await stateOf(id)).toBe('CREATING');
  });

  it('hangs: the caller is told in time, and others are not held up', async () => {
    const id = sampleId();
    const hasty = administration(100);
    template.script.mood = 'hangs';
    const told = { reason: 'KEY_UNAVAILABLE', message: expect.stringContaining('the same call again goes on') };
    await expect(create(id, hasty)).rejects.toMatchObject(told);
    await vi.waitFor(() => expect(template.script.calls).toHaveLength(1));
    template.script.mood = 'answers';
    // One creation of a wallet at a time: it waits for the one that hangs, and no longer than it may.
    await expect(create(id, hasty)).rejects.toMatchObject(told);
    expect(template.script.calls).toHaveLength(1);
    expect(await create(sampleId())).toMatchObject({ state: 'ACTIVE' });
    // As after a restart, or by another gateway.
    expect(await create(id, administration(20_000))).toMatchObject({ state: 'ACTIVE' });
  });

  it('answers a caller that has left: the wallet is in use all the same', async () => {
    const id = sampleId();
    const left = new AbortController();
    const creating = create(id, wallets, left.signal);
    await vi.waitFor(() => expect(template.script.calls).toHaveLength(1));
    left.abort();
    await creating.catch(() => undefined);
    await vi.waitFor(async () => expect(await stateOf(id)).toBe('ACTIVE'));
  });
});

describe('a key is not used', () => {
  it.each([
    ['that is no address', 'l0l', 'KEY_REFUSED', 'none of Ed25519'],
    ['of a signer of the configuration', TREASURY, 'WALLET_CHANGE_REFUSED', 'which is that of the signer treasury-key'],
  ])('%s', async (_, claims, reason, text) => {
    const id = sampleId();
    template.script.claims = claims;
    await expect(create(id)).rejects.toMatchObject({ reason, message: expect.stringContaining(text) });
    expect(await stateOf(id)).toBe('CREATING');
  });

  it('that another wallet has', async () => {
    const { key } = await create(sampleId());
    template.script.claims = key?.address ?? '';
    await expect(create(sampleId())).rejects.toMatchObject({
      reason: 'WALLET_CHANGE_REFUSED',
      message: expect.stringContaining('another managed wallet'),
    });
  });

  it('before those who sign can reach it; then the same call goes on with it', async () => {
    const id = sampleId();
    template.script.signing = { kind: 'failed', field: 'signer.token_file', reason: '403 permission denied' };
    await expect(create(id)).rejects.toMatchObject({
      reason: 'KEY_NOT_USABLE',
      message: expect.stringMatching(
        /`signer` of the template .* 403 permission denied \(look at `signer.token_file`\)/,
      ),
    });
    expect([await stateOf(id), template.script.openSigners]).toEqual(['CREATING', 0]);
    template.script.signing = 'throws';
    const error = await create(id).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason: 'KEY_NOT_USABLE' });
    expect(String(error)).not.toContain(SECRET_TEXT);
    template.script.signing = { kind: 'ready', detail: 'there' };
    expect(await create(id)).toMatchObject({ state: 'ACTIVE' });
    expect(new Set(labels()).size).toBe(1);
  });
});

describe('templates', () => {
  it('that are not there are named, with what was meant', async () => {
    const ask = { walletId: sampleId(), template: `${template.name}x` };
    const { signal } = new AbortController();
    await expect(wallets.createWallet(ANN, ask, signal)).rejects.toMatchObject({
      reason: 'WALLET_TEMPLATE_NOT_FOUND',
      message: expect.stringContaining(`did you mean ${template.name}?`),
    });
    expect(await scene().state.managedWallets.find(ask.walletId)).toBeNull();
  });

  it('have room for so many, and tell how many they have and what they may', async () => {
    for (let n = 0; n < 5; n += 1) await create(sampleId());
    await expect(create(sampleId())).rejects.toMatchObject({
      reason: 'WALLET_CHANGE_REFUSED',
      message: expect.stringContaining('max_wallets is 5'),
    });
    const state = { name: template.name, backend: 'scripted', wallets: 5, maxWallets: 5 };
    const may = { canExport: true, canImport: true, canDestroyKey: true, isOpen: true };
    expect(await wallets.listTemplates({ check: false })).toEqual([{ ...state, ...may, lastCheck: null }]);
    const lastCheck = { result: { kind: 'ready', detail: 'it may make keys' }, at: 7 };
    expect(await wallets.listTemplates({ check: true })).toEqual([{ ...state, ...may, lastCheck }]);
    expect(await wallets.listTemplates({ check: false })).toEqual([{ ...state, ...may, lastCheck }]);
  });

  it('that are not open are not said to destroy keys, which their backend may never do', async () => {
    template = scriptedTemplate({ name: sampleId(), isOpen: () => false });
    expect(await administration(20_000).listTemplates({ check: false })).toMatchObject([
      { canDestroyKey: false, isOpen: false },
    ]);
  });
});
