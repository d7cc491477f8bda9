import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { armor, Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeTemplate } from '../../compose/templates/composed-template.ts';
import { openLocalKeypairTemplate } from '../../compose/templates/local-keypair.ts';
import { managedTemplateOf } from '../../compose/templates/managed-template-of.ts';
import { Secret } from '../../config/secret.ts';
import { createManagedWallets } from '../../pipeline/administration/managed-wallets.ts';
import { keyPairOfSeed } from '../../pipeline/administration/wallets/key-pair.ts';
import { controlPlane, type Plane } from '../../rpc/testing/planes.ts';
import {
  type ManagedWalletScene,
  openManagedWalletScene,
  sampleBegin,
} from '../../state/testing/managed-wallet-scene.ts';
import { sampleOperator } from '../../state/testing/sample-principals.ts';
import { sampleEntry } from '../../state/testing/sample-request.ts';
import { fakeTerminal } from '../testing/fake-terminal.ts';

const DEVNET = 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG';
const TERMS = { name: 'sandbox', relayers: ['devnet'], maxWallets: 9, allowExport: true, allowImport: true };

let scene: ManagedWalletScene;
let plane: Plane;
let folder: string;
let keys: ReadonlyMap<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-lifecycle-'));
  scene = await openManagedWalletScene();
  const passphrase = { kind: 'value', secret: new Secret('correct horse battery staple') } as const;
  const config = { kind: 'local-keypair', terms: TERMS, signer: { passphrase, allowMainnet: false } } as const;
  const opened = openLocalKeypairTemplate(config, DEVNET, 2 ** 14);
  const composed = composeTemplate({
    terms: TERMS,
    opened,
    fault: () => null,
    tryAgain: async () => undefined,
    signerTimeoutMs: 5_000,
    breakerMoved: () => undefined,
  });
  plane = await controlPlane({
    freezing: { list: (filter) => scene.state.controls.list(filter) },
    managedWallets: createManagedWallets({
      store: scene.state.managedWallets,
      templates: new Map([['sandbox', managedTemplateOf(composed)]]),
      quorum: 2,
      newAdminWaitMs: 0,
      holderOf: () => null,
      answerWithinMs: 20_000,
      now: Date.now,
      databaseTime: scene.state.time,
      newId: () => crypto.randomUUID(),
    }),
  });
  const operator = (id: string) => plane.principals.add(sampleOperator(id, { roles: ['admin'] }));
  keys = new Map(['ann', 'ben'].map((id) => [id, operator(id)]));
});

afterAll(async () => {
  await plane.close();
  await scene.close();
  rmSync(folder, { recursive: true, force: true });
});

async function as(operator: string, ...args: readonly string[]) {
  const env = { COUNTERSIGN_CONTROL_ADDRESS: plane.address, COUNTERSIGN_API_KEY: keys.get(operator) ?? '' };
  const terminal = fakeTerminal(env);
  const code = await terminal.run('wallets', ...args);
  return { code, out: terminal.out.join('\n'), err: terminal.err.join('\n') };
}

/** Ben votes for what ann's command proposed, by the command that it printed. */
async function voteFor(proposed: { readonly out: string }) {
  const proposalId = /countersign wallets vote (\S+) --reason TEXT/.exec(proposed.out)?.[1] ?? '';
  return as('ben', 'vote', proposalId, '--reason', 'aye');
}

const addressIn = (text: string) => /[1-9A-HJ-NP-Za-km-z]{43,44}/.exec(text)?.[0];

describe('a wallet, from command to command', () => {
  it('is made and exported, and its key does not come back as that of another', async () => {
    const made = await as('ann', 'create', 'hot-1', '--template', 'sandbox');
    expect([made.err, made.code]).toEqual(['', 0]);
    expect((await as('ann', 'templates')).out).toMatch(/sandbox +local-keypair +1 of 9 +export, import +ready/);

    const identity = await generateX25519Identity();
    const sealed = join(folder, 'hot-1.age');
    const recipient = await identityToRecipient(identity);
    const exporting = ['export', 'hot-1', '--recipient', recipient, '--out', sealed, '--reason', 'cold'];
    const vote = await voteFor(await as('ann', ...exporting));
    expect(vote.out).toContain(`ann can carry it out until`);
    const exported = await as('ann', ...exporting);
    expect([exported.err, exported.code]).toEqual(['', 0]);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const keyFile = join(folder, 'hot-1.json');
    writeFileSync(keyFile, await decrypter.decrypt(armor.decode(readFileSync(sealed, 'utf8'))));

    const importing = ['import', 'hot-2', '--template', 'sandbox', '--from', keyFile, '--reason', 'back'];
    const twice = await as('ann', ...importing);
    expect([twice.code, twice.err]).toEqual([1, expect.stringContaining(addressIn(made.out) ?? 'no address')]);
  });

  it('is imported from a key file', async () => {
    const keyFile = join(folder, 'new.json');
    const pair = crypto.getRandomValues(new Uint8Array(32));
    writeFileSync(keyFile, JSON.stringify([...keyPairOfSeed(pair)]));
    const importing = ['import', 'cold-1', '--template', 'sandbox', '--from', keyFile, '--reason', 'old signer'];
    await voteFor(await as('ann', ...importing));
    const imported = await as('ann', ...importing);
    expect([imported.err, imported.code]).toEqual(['', 0]);
    expect((await as('ben', 'managed')).out).toMatch(new RegExp(`cold-1 +${addressIn(imported.out)} +sandbox`));
  });

  it('is destroyed when it is frozen and agreed, and says what is left of its key', async () => {
    await as('ann', 'create', 'hot-3', '--template', 'sandbox');
    const destroying = ['destroy', 'hot-3', '--reason', 'we move'];
    await voteFor(await as('ann', ...destroying));
    const early = await as('ann', ...destroying);
    expect([early.code, early.err]).toEqual([1, expect.stringContaining('the wallet hot-3 is not frozen')]);
    await scene.freeze('hot-3');
    const destroyed = await as('ann', ...destroying);
    expect([destroyed.code, destroyed.out]).toEqual([1, expect.stringContaining('destroyed: hot-3')]);
    expect(destroyed.err).toContain('docs/signers/local-keypair.md says what to do by hand');
    expect((await as('ben', 'proposals', '--all')).out).toMatch(/destroy hot-3 +ann +ann, ben +carried out/);
    const byBen = await as('ben', ...destroying);
    expect([byBen.code, byBen.out, byBen.err]).toEqual([1, destroyed.out, destroyed.err]);
    expect(destroyed.err).toContain('once you have destroyed it by hand: countersign wallets key-destroyed hot-3');
    expect((await as('ben', 'managed')).out).toMatch(/hot-3 .*; ITS KEY IS STILL AT local-keypair/);
    const noting = ['key-destroyed', 'hot-3', '--reason', 'backups are shredded'];
    const noted = await as('ben', ...noting);
    expect([noted.code, noted.err]).toEqual([0, '']);
    expect(noted.out).toMatch(/^noted: hot-3 \(\w+\); its key: destroyed by hand, says ben since \S+ \(backups are/);
    expect((await as('ann', 'managed')).out).toMatch(/hot-3 .* by hand, says ben since \S+ \(backups are shredded\)/);
    expect((await as('ann', ...destroying)).out).toContain('its key: destroyed by hand, says ben');
    expect((await as('ann', ...noting)).err).toContain('ben noted it at');
    const again = await as('ann', 'create', 'hot-3', '--template', 'sandbox');
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('an id is of one wallet for ever')]);
  });

  it('that was never finished is destroyed without a freeze', async () => {
    const begun = sampleBegin({ walletId: 'hot-4', template: 'sandbox', backend: 'local-keypair' });
    await scene.state.managedWallets.begin(begun, sampleEntry('wallet.creation_begun'));
    expect((await as('ann', 'managed')).out).toMatch(/hot-4 .* NOT FINISHED since .* wallets destroy gives it up/);
    const destroying = ['destroy', 'hot-4', '--reason', 'it never comes'];
    await voteFor(await as('ann', ...destroying));
    const destroyed = await as('ann', ...destroying);
    expect([destroyed.code, destroyed.err]).toEqual([0, '']);
    expect(destroyed.out).toMatch(/^destroyed: hot-4 \(never finished\); .*its key: the record never had one/s);
    expect((await as('ben', 'managed')).out).toMatch(/hot-4 .* never finished; its key: the record never had one/);
    const byBen = await as('ben', ...destroying);
    expect([byBen.code, byBen.err]).toEqual([1, expect.stringContaining('and so is its key; there is nothing left')]);
  });
});
