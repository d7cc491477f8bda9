import { beforeEach, describe, expect, it, vi } from 'vitest';
import { sampleId, useManagedWalletScene } from '../../state/testing/managed-wallet-scene.ts';
import { sampleOperator } from '../../state/testing/sample-principals.ts';
import { createManagedWallets } from './managed-wallets.ts';
import type { ManagedWallets } from './managed-wallets-contract.ts';
import { type ScriptedTemplate, scriptedTemplate } from './testing/scripted-creator.ts';

const scene = useManagedWalletScene();

const ANN = sampleOperator('ann', { roles: ['admin'] });
const BEN = sampleOperator('ben', { roles: ['admin'] });
const { signal } = new AbortController();

let template: ScriptedTemplate;
let wallets: ManagedWallets;

beforeEach(() => {
  template = scriptedTemplate({ name: sampleId() });
  wallets = gatewayOf(template);
});

/** Each is a gateway of its own. */
function gatewayOf(...templates: readonly ScriptedTemplate[]): ManagedWallets {
  return createManagedWallets({
    store: scene().state.managedWallets,
    templates: new Map(templates.map((each) => [each.name, each])),
    quorum: 2,
    newAdminWaitMs: 0,
    holderOf: () => null,
    answerWithinMs: 20_000,
    now: () => 7,
    databaseTime: scene().state.time,
    newId: () => crypto.randomUUID(),
  });
}

const create = (walletId: string, by = wallets) => by.createWallet(ANN, { walletId, template: template.name }, signal);

/** By ann, with the vote of ben. */
async function agreedToDestroy(walletId: string): Promise<string> {
  const asked = { walletId, terms: { action: 'destroy' }, reason: 'it never comes' } as const;
  const { proposalId } = await wallets.propose(ANN, asked);
  await wallets.vote(BEN, proposalId, 'aye');
  return proposalId;
}

/** Its backend refuses it for good. */
async function stuck(): Promise<string> {
  const walletId = sampleId();
  template.script.mood = 'refuses';
  await expect(create(walletId)).rejects.toMatchObject({
    reason: 'KEY_REFUSED',
    message: expect.stringContaining('destroy it to give it up'),
  });
  return walletId;
}

describe('a wallet that its backend refuses', () => {
  it('is given up, and says under what name a key may be left and where that is told', async () => {
    const walletId = await stuck();
    const proposalId = await agreedToDestroy(walletId);
    const head = await scene().head();
    const { wallet, keyProblem } = await wallets.destroyWallet(ANN, proposalId, signal);
    expect(wallet).toMatchObject({ walletId, state: 'DESTROYED', key: null, keyDestroyedDetail: null });
    expect(keyProblem).toBe(
      `${walletId} was never finished, so the gateway does not know its key: one labelled ${wallet.label} may exist at scripted; ` +
        `look there for the drawer ${wallet.label}, and destroy by hand what you find (docs/signers/scripted.md)`,
    );
    expect(template.script.calls).toEqual([`create ${wallet.label}`]);
    expect(await scene().kindsAfter(head)).toEqual(['wallet.destroyed']);
    expect(await wallets.destroyWallet(BEN, proposalId, signal)).toEqual({ wallet, keyProblem });
    expect(await wallets.listTemplates({ check: false })).toMatchObject([{ wallets: 0 }]);
    template.script.mood = 'answers';
    await expect(create(walletId)).rejects.toMatchObject({ message: expect.stringContaining('is destroyed') });
  });

  it('leaves nothing where keys are in the record only', async () => {
    const walletId = await stuck();
    const proposalId = await agreedToDestroy(walletId);
    const inRecord = { ...template, creator: { ...template.creator, destroy: null, findBy: null } };
    const head = await scene().head();
    const { wallet, keyProblem } = await gatewayOf(inRecord).destroyWallet(ANN, proposalId, signal);
    expect([wallet.keyDestroyedDetail, keyProblem]).toEqual([
      'the record never had one, and nothing else keeps any',
      null,
    ]);
    expect(await scene().kindsAfter(head)).toEqual(['wallet.destroyed', 'wallet.key_destroyed']);
  });

  it('is given up without its template too', async () => {
    const walletId = await stuck();
    const proposalId = await agreedToDestroy(walletId);
    const { wallet, keyProblem } = await gatewayOf().destroyWallet(ANN, proposalId, signal);
    expect(keyProblem).toContain(
      `one labelled ${wallet.label} may exist at scripted; the configuration has no template ${template.name} any more; look there for a key called`,
    );
  });

  it('is not told to have left no key where its template is of a type since then that keeps none', async () => {
    const walletId = await stuck();
    const proposalId = await agreedToDestroy(walletId);
    const creator = { ...template.creator, backend: 'sealed', destroy: null, findBy: null };
    const sealed = { ...template, backend: 'sealed', creator };
    const { wallet, keyProblem } = await gatewayOf(sealed).destroyWallet(ANN, proposalId, signal);
    expect(wallet.keyDestroyedDetail).toBeNull();
    expect(keyProblem).toContain(
      `may exist at scripted; the template ${template.name} is of the type sealed now; look there for a key called ${wallet.label}`,
    );
  });

  it('is not finished by a template that is of another type since then', async () => {
    const walletId = await stuck();
    const sealed = { ...template, backend: 'sealed', creator: { ...template.creator, backend: 'sealed' } };
    await expect(create(walletId, gatewayOf(sealed))).rejects.toMatchObject({
      message: `the wallet ${walletId} was begun with scripted, which may have made its key, and the template ${template.name} is of the type sealed now; destroy it to give it up, and choose another id`,
    });
  });

  it('may have left a key anywhere where an older gateway began it, which noted no backend', async () => {
    const walletId = await stuck();
    await scene().database.run(`UPDATE managed_wallets SET backend = NULL WHERE wallet_id = '${walletId}'`);
    const proposalId = await agreedToDestroy(walletId);
    const inRecord = { ...template, creator: { ...template.creator, destroy: null, findBy: null } };
    const { keyProblem } = await gatewayOf(inRecord).destroyWallet(ANN, proposalId, signal);
    expect(keyProblem).toMatch(
      /may exist at its backend, and the record does not say which .* is of the type scripted now/,
    );
  });
});

it('a wallet that is given up while another gateway makes its key is not in use, and that key is named', async () => {
  const walletId = sampleId();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const { creator } = template;
  const slow: ScriptedTemplate = {
    ...template,
    creator: {
      ...creator,
      create: async (...ask) => {
        const made = await creator.create(...ask);
        await gate;
        return made;
      },
    },
  };
  const creating = create(walletId, gatewayOf(slow)).catch((error: unknown) => error);
  await vi.waitFor(() => expect(template.script.calls).toHaveLength(1));
  const { wallet } = await wallets.destroyWallet(ANN, await agreedToDestroy(walletId), signal);
  open();
  const error = await creating;
  expect(error).toMatchObject({ reason: 'WALLET_CHANGE_REFUSED' });
  expect(String(error)).toContain(`${walletId} was destroyed meanwhile, and is not in use`);
  expect(String(error)).toMatch(
    new RegExp(`its key ${wallet.label} \\([1-9A-HJ-NP-Za-km-z]+\\) was made all the same`),
  );
  expect(String(error)).toContain(`look for the drawer ${wallet.label}`);
  expect(await scene().state.managedWallets.find(walletId)).toMatchObject({ state: 'DESTROYED', key: null });
  expect(template.script.calls).toHaveLength(1);
});

describe('an admin who has destroyed a key by hand', () => {
  const note = (walletId: string, by = ANN) => wallets.noteKeyDestroyed(by, { walletId, reason: 'we both saw it' });

  it('notes it for a wallet that was given up, and then nothing is left to do', async () => {
    const walletId = await stuck();
    const proposalId = await agreedToDestroy(walletId);
    await expect(note(walletId)).rejects.toMatchObject({ message: expect.stringContaining('is not destroyed') });
    const { wallet } = await wallets.destroyWallet(ANN, proposalId, signal);
    const head = await scene().head();
    const noted = await note(walletId, BEN);
    const keyNote = { operatorId: 'ben', reason: 'we both saw it', at: expect.any(Number) };
    expect(noted).toEqual({ ...wallet, keyNote });
    expect(await scene().kindsAfter(head)).toEqual(['wallet.key_destroyed_by_hand']);
    expect(await wallets.destroyWallet(ANN, proposalId, signal)).toEqual({ wallet: noted, keyProblem: null });
    await expect(create(walletId)).rejects.toMatchObject({ message: expect.stringContaining('is destroyed') });
  });

  it('does not stop the gateway from destroying it where it can', async () => {
    const { walletId } = await create(sampleId());
    await scene().freeze(walletId);
    const proposalId = await agreedToDestroy(walletId);
    template.script.mood = 'loses';
    await wallets.destroyWallet(ANN, proposalId, signal);
    await note(walletId);
    expect(await wallets.destroyWallet(ANN, proposalId, signal)).toMatchObject({
      keyProblem: expect.stringContaining('is still there'),
    });
    template.script.mood = 'answers';
    const { wallet } = await wallets.destroyWallet(BEN, proposalId, signal);
    expect(wallet).toMatchObject({ keyDestroyedDetail: 'gone, and kept by nobody', keyNote: { operatorId: 'ann' } });
  });

  it('names a wallet that was made here', async () => {
    await expect(note('never-made')).rejects.toMatchObject({ reason: 'WALLET_NOT_FOUND' });
  });
});

it('the key of a destroyed wallet is tried again by any admin', async () => {
  const { walletId, key } = await create(sampleId());
  await scene().freeze(walletId);
  const proposalId = await agreedToDestroy(walletId);
  template.script.mood = 'loses';
  expect(await wallets.destroyWallet(ANN, proposalId, signal)).toMatchObject({
    keyProblem: expect.stringContaining('is still there'),
  });
  template.script.mood = 'answers';
  const done = await wallets.destroyWallet(BEN, proposalId, signal);
  expect(done).toMatchObject({ keyProblem: null, wallet: { keyDestroyedDetail: 'gone, and kept by nobody' } });
  expect(template.script.calls.slice(1)).toEqual([`destroy ${key?.address}`, `destroy ${key?.address}`]);
  await expect(wallets.destroyWallet(BEN, proposalId, signal)).rejects.toMatchObject({
    message: expect.stringContaining('so is its key'),
  });
});
