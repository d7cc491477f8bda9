import { randomBytes } from 'node:crypto';
import { armor, Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addressFromBytes } from '../../core/base58.ts';
import { keyAddress } from '../../core/transaction/testing/wire-builder.ts';
import type { ManagedWallet, WalletActionTerms } from '../../core/wallet/managed-wallet.ts';
import { sampleId, useManagedWalletScene } from '../../state/testing/managed-wallet-scene.ts';
import { sampleOperator } from '../../state/testing/sample-principals.ts';
import { createManagedWallets } from './managed-wallets.ts';
import type { ManagedWallets } from './managed-wallets-contract.ts';
import { type Mood, type ScriptedTemplate, SECRET_TEXT, scriptedTemplate } from './testing/scripted-creator.ts';
import { addressOfSeed, keyPairOfSeed } from './wallets/key-pair.ts';

const scene = useManagedWalletScene();

const ANN = sampleOperator('ann', { roles: ['admin'] });
const BEN = sampleOperator('ben', { roles: ['admin'] });
const TREASURY = keyAddress(7);
const { signal } = new AbortController();
const NOTHING = new Uint8Array(32);

let template: ScriptedTemplate;
let wallets: ManagedWallets;
let identity: string;
let recipient: string;

beforeAll(async () => {
  identity = await generateX25519Identity();
  recipient = await identityToRecipient(identity);
});

beforeEach(() => use(scriptedTemplate({ name: sampleId() })));

function use(used: ScriptedTemplate, newAdminWaitMs = 0): void {
  template = used;
  wallets = createManagedWallets({
    store: scene().state.managedWallets,
    templates: new Map([[template.name, template]]),
    quorum: 2,
    newAdminWaitMs,
    holderOf: (address) => (address === TREASURY ? 'the signer treasury-key' : null),
    answerWithinMs: 20_000,
    now: () => 1_000,
    databaseTime: async () => 7,
    newId: () => crypto.randomUUID(),
  });
}

const made = () => wallets.createWallet(ANN, { walletId: sampleId(), template: template.name }, signal);
const propose = (walletId: string, terms: WalletActionTerms) =>
  wallets.propose(ANN, { walletId, terms, reason: 'why' });

/** By ann, with the vote of ben. */
async function agreed(walletId: string, terms: WalletActionTerms): Promise<string> {
  const { proposalId } = await propose(walletId, terms);
  await wallets.vote(BEN, proposalId, 'aye');
  return proposalId;
}

async function toDestroy(): Promise<{ readonly wallet: ManagedWallet; readonly proposalId: string }> {
  const wallet = await made();
  await scene().freeze(wallet.walletId);
  return { wallet, proposalId: await agreed(wallet.walletId, { action: 'destroy' }) };
}

/** Everything that audit records say behind this one. */
async function factsAfter(sequence: bigint): Promise<string> {
  const records = await scene().state.audit.readAfter(sequence, 100);
  return records.map(({ body }) => Buffer.from(body).toString()).join('\n');
}

it('is neither proposed nor voted for by an admin who is new, though the clock of the gateway is ahead', async () => {
  const { walletId } = await made();
  use(template, 5);
  const proposes = (since: number) =>
    wallets.propose({ ...ANN, since }, { walletId, terms: { action: 'destroy' }, reason: 'why' });
  await expect(proposes(3)).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
  const { proposalId } = await proposes(2);
  const votes = (since: number) => wallets.vote({ ...BEN, since }, proposalId, 'aye');
  await expect(votes(3)).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
  expect((await votes(2)).votes).toHaveLength(2);
});

it('of a wallet that was not made through the gateway names the one that was meant', async () => {
  const { walletId } = await made();
  await expect(propose(`${walletId}x`, { action: 'destroy' })).rejects.toMatchObject({
    reason: 'WALLET_NOT_FOUND',
    message: expect.stringContaining(`(did you mean ${walletId}?)`),
  });
});

describe('destroying', () => {
  it('takes the votes, a freeze, and then the key from the backend', async () => {
    const wallet = await made();
    const { proposalId } = await propose(wallet.walletId, { action: 'destroy' });
    const refused = (text: string) => ({ reason: 'WALLET_CHANGE_REFUSED', message: expect.stringContaining(text) });
    await expect(wallets.destroyWallet(ANN, proposalId, signal)).rejects.toMatchObject(refused('1 of the 2 votes'));
    await wallets.vote(BEN, proposalId, 'aye');
    await expect(wallets.vote(BEN, proposalId, 'aye')).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
    await expect(wallets.destroyWallet(ANN, proposalId, signal)).rejects.toMatchObject(refused('not frozen'));
    await scene().freeze(wallet.walletId);
    await expect(wallets.destroyWallet(BEN, proposalId, signal)).rejects.toMatchObject(refused('ann proposed it'));
    const head = await scene().head();
    const destroyed = await wallets.destroyWallet(ANN, proposalId, signal);
    expect(destroyed).toMatchObject({ keyProblem: null, wallet: { state: 'DESTROYED' } });
    expect(destroyed.wallet.keyDestroyedDetail).toBe('gone, and kept by nobody');
    expect(await scene().kindsAfter(head)).toEqual(['wallet.destroyed', 'wallet.key_destroyed']);
    expect(template.script.calls.at(-1)).toBe(`destroy ${wallet.key?.address}`);
  });

  it.each<[Mood, string]>([
    ['loses', 'the same call tries it again'],
    ['refuses', 'the quota of keys is used up; destroy it there by hand'],
    ['throws', 'it failed without an answer; the same call tries it again'],
  ])('where the backend %s leaves a wallet that signs nothing, and is tried again', async (mood, text) => {
    const { wallet, proposalId } = await toDestroy();
    template.script.mood = mood;
    const half = await wallets.destroyWallet(ANN, proposalId, signal);
    expect(half.wallet).toMatchObject({ state: 'DESTROYED', keyDestroyedDetail: null });
    expect(half.keyProblem).toContain(`its key ${wallet.label} (${wallet.key?.address}) is still there`);
    expect(half.keyProblem).toContain(text);
    expect(half.keyProblem).not.toContain(SECRET_TEXT);
    template.script.mood = 'answers';
    expect(await wallets.destroyWallet(ANN, proposalId, signal)).toMatchObject({ keyProblem: null });
    expect(await wallets.destroyWallet(ANN, proposalId, signal)).toMatchObject({ keyProblem: null });
    expect(template.script.calls.filter((call) => call.startsWith('destroy'))).toHaveLength(2);
  });

  it('says what is left to do by hand where the backend destroys nothing, or the template is gone', async () => {
    const { proposalId } = await toDestroy();
    const { name, creator } = template;
    use({ ...template, creator: { ...creator, destroy: null } });
    const byHand = await wallets.destroyWallet(ANN, proposalId, signal);
    expect(byHand.keyProblem).toContain(
      'destroys no keys of this template; docs/signers/scripted.md says what to do by hand',
    );
    use(scriptedTemplate({ name: sampleId() }));
    const gone = await wallets.destroyWallet(ANN, proposalId, signal);
    expect(gone.keyProblem).toContain(`has no template ${name} any more`);
  });
});

describe('exporting', () => {
  it('gives the key to the recipient of the votes only, and leaves no trace of it', async () => {
    const { walletId, label, key } = await made();
    const seed = Uint8Array.from(template.script.keys.get(label) ?? []);
    const head = await scene().head();
    const proposalId = await agreed(walletId, { action: 'export', recipient });
    const { encryptedKey } = await wallets.exportWallet(ANN, proposalId, signal);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const file: unknown = JSON.parse(await decrypter.decrypt(armor.decode(encryptedKey), 'text'));
    expect(file).toEqual([...keyPairOfSeed(seed)]);
    expect(addressOfSeed(seed)).toBe(key?.address);
    expect(template.script.handedOut).toEqual([NOTHING]);
    await expect(wallets.exportWallet(BEN, proposalId, signal)).rejects.toMatchObject({
      reason: 'WALLET_CHANGE_REFUSED',
      message: expect.stringContaining('ann proposed it'),
    });
    const facts = await factsAfter(head);
    expect(facts).toContain(`"recipient":"${recipient}"`);
    for (const text of [Buffer.from(seed).toString('hex'), Buffer.from(seed).toString('base64'), seed.join(',')]) {
      expect(facts).not.toContain(text);
    }
  });

  it('has its record before the key is asked for, each time, and is tried again where there was no answer', async () => {
    const { walletId } = await made();
    const proposalId = await agreed(walletId, { action: 'export', recipient });
    template.script.mood = 'loses';
    const head = await scene().head();
    await expect(wallets.exportWallet(ANN, proposalId, signal)).rejects.toMatchObject({
      reason: 'KEY_NOT_EXPORTED',
      message: expect.stringContaining('the same call tries it again, until the time of the proposal is over'),
    });
    expect(await scene().kindsAfter(head)).toEqual(['wallet.export_begun']);
    template.script.mood = 'answers';
    expect(await wallets.exportWallet(ANN, proposalId, signal)).toMatchObject({ wallet: { walletId } });
    expect(await scene().kindsAfter(head)).toEqual(['wallet.export_begun', 'wallet.export_begun']);
  });

  it('of another key than the wallet has gives nothing out', async () => {
    const { walletId, label } = await made();
    template.script.keys.set(label, new Uint8Array(randomBytes(32)));
    const proposalId = await agreed(walletId, { action: 'export', recipient });
    await expect(wallets.exportWallet(ANN, proposalId, signal)).rejects.toMatchObject({
      message: expect.stringContaining('gave another key'),
    });
    expect(template.script.handedOut).toEqual([NOTHING]);
  });

  it.each([
    ['of a post-quantum key', () => `age1pq1${'q'.repeat(100)}`],
    ['with a letter that is wrong', () => `${recipient.slice(0, -1)}${recipient.endsWith('q') ? 'p' : 'q'}`],
    ['that is an identity', () => identity],
    ['that is none', () => ''],
  ])('to a recipient %s is not proposed', async (_, wrong) => {
    const { walletId } = await made();
    const error: unknown = await propose(walletId, { action: 'export', recipient: wrong() }).catch((thrown) => thrown);
    expect(error).toMatchObject({
      reason: 'INVALID_FIELD',
      message: expect.stringContaining('recipient must be an age recipient'),
    });
    expect(JSON.stringify([error, String(error)])).not.toContain(identity.slice(0, 24));
  });

  it('needs the configuration and the backend, also when it was agreed before', async () => {
    const { walletId } = await made();
    const proposalId = await agreed(walletId, { action: 'export', recipient });
    const refused = (text: string) => ({ reason: 'WALLET_CHANGE_REFUSED', message: expect.stringContaining(text) });
    use({ ...template, allowExport: false });
    await expect(wallets.exportWallet(ANN, proposalId, signal)).rejects.toMatchObject(
      refused('`allow_export` is false'),
    );
    use({ ...template, allowExport: true, creator: { ...template.creator, export: null } });
    await expect(propose(walletId, { action: 'export', recipient })).rejects.toMatchObject(refused('gives no key'));
    expect(await wallets.listTemplates({ check: false })).toMatchObject([{ canExport: false }]);
  });
});

describe('importing', () => {
  const newKey = () => {
    const pair = keyPairOfSeed(new Uint8Array(randomBytes(32)));
    return { pair, address: addressFromBytes(pair.subarray(32)) };
  };

  it('makes a wallet of the key that was voted for, also after an answer that was lost, and wipes it', async () => {
    const [walletId, { pair, address }] = [sampleId(), newKey()];
    const proposalId = await agreed(walletId, { action: 'import', template: template.name, address });
    const head = await scene().head();
    const bring = () => wallets.importWallet(ANN, proposalId, Uint8Array.from(pair), signal);
    template.script.mood = 'loses';
    await expect(bring()).rejects.toMatchObject({ reason: 'KEY_UNAVAILABLE' });
    template.script.mood = 'answers';
    const wallet = await bring();
    expect(wallet).toMatchObject({ walletId, state: 'ACTIVE', key: { address } });
    expect(await bring()).toEqual(wallet);
    expect(await scene().kindsAfter(head)).toEqual(['wallet.creation_begun', 'wallet.imported']);
    expect(template.script.handedOut).toEqual([NOTHING, NOTHING]);
    const given = Uint8Array.from(pair);
    await wallets.importWallet(ANN, proposalId, given, signal);
    expect(given).toEqual(new Uint8Array(64));
  });

  it.each<[string, (pair: Uint8Array) => Uint8Array, string]>([
    ['too short', (pair) => pair.slice(0, 32), 'must be 64 bytes, seed and public key; found 32 bytes'],
    ['that does not fit itself', (pair) => pair.fill(1, 32), 'found a public key of another seed'],
    ['that nobody voted for', () => newKey().pair, 'as it was agreed; found the key of'],
  ])('a key %s is refused, and wiped', async (_, change, text) => {
    const [walletId, { pair, address }] = [sampleId(), newKey()];
    const proposalId = await agreed(walletId, { action: 'import', template: template.name, address });
    const given = change(pair);
    await expect(wallets.importWallet(ANN, proposalId, given, signal)).rejects.toMatchObject({
      reason: 'INVALID_FIELD',
      message: expect.stringContaining(text),
    });
    expect(given).toEqual(new Uint8Array(given.length));
    expect([template.script.calls, await scene().state.managedWallets.find(walletId)]).toEqual([[], null]);
  });

  it('is not proposed for an address of the configuration, or by another action than is carried out', async () => {
    const [walletId, terms] = [sampleId(), { action: 'import', template: template.name, address: TREASURY } as const];
    await expect(propose(walletId, terms)).rejects.toMatchObject({
      message: expect.stringContaining('that of the signer treasury-key already'),
    });
    const { proposalId } = await toDestroy();
    await expect(wallets.exportWallet(ANN, proposalId, signal)).rejects.toMatchObject({
      reason: 'INVALID_FIELD',
      message: expect.stringContaining('proposal_id must be of a proposal to export; this one is to destroy'),
    });
    const unknown = { reason: 'WALLET_PROPOSAL_NOT_FOUND' };
    await expect(wallets.destroyWallet(ANN, crypto.randomUUID(), signal)).rejects.toMatchObject(unknown);
    await expect(wallets.vote(BEN, crypto.randomUUID(), 'aye')).rejects.toMatchObject(unknown);
    const terms2 = { action: 'export', recipient } as const;
    await expect(propose(sampleId(), terms2)).rejects.toMatchObject({ reason: 'WALLET_NOT_FOUND' });
  });
});
