import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedTemplate } from '../../gateway/compose/templates/opened-template.ts';
import { openVaultTransitTemplate } from '../../gateway/compose/templates/vault-transit.ts';
import type { VaultTransitTemplate } from '../../gateway/config/templates/vault-transit.ts';
import { createdKey, newLabel, soon } from '../../test/conformance/key-creator/scene.ts';
import { type OpenBaoServer, startOpenBao, textAt } from '../../test/fakes/openbao-server.ts';
import {
  creatingPolicy,
  loginWith,
  openVaultCreatorScene,
  signingPolicy,
  type VaultCreatorScene,
} from './testing/vault-creator-scene.ts';
import { addressOf } from './testing/vault-scene.ts';

const BARE = { allowExport: false, allowImport: false };

let server: OpenBaoServer;
let scene: VaultCreatorScene;
const opened: OpenedTemplate[] = [];
beforeAll(async () => {
  server = await startOpenBao();
  scene = await openVaultCreatorScene(server);
});
afterEach(async () => {
  for (const { creator } of opened.splice(0)) await creator.close();
});
afterAll(async () => {
  await scene.service.close();
  await server.close();
});

interface Changes {
  readonly terms?: Partial<VaultTransitTemplate['terms']>;
  readonly signer?: Partial<VaultTransitTemplate['signer']>;
  readonly creator?: Partial<VaultTransitTemplate['creator']>;
}

function open({ terms, signer, creator }: Changes = {}): OpenedTemplate {
  const { template } = scene;
  const changed = {
    ...template,
    terms: { ...template.terms, ...terms },
    signer: { ...template.signer, ...signer },
    creator: { ...template.creator, ...creator },
  };
  const each = openVaultTransitTemplate(changed, 5_000);
  opened.push(each);
  return each;
}

/** As root, below the mount. */
const api = (method: string, path: string, body?: object) => server.api(method, `${scene.mount}/${path}`, body);

const reasonOf = (result: { readonly kind: string; readonly reason?: string }) =>
  `${result.kind}: ${result.reason ?? ''}`;

async function tokenOf(policy: string): Promise<string> {
  const name = `policy-${randomBytes(6).toString('hex')}`;
  await server.api('PUT', `sys/policies/acl/${name}`, { policy });
  return textAt(await server.api('POST', 'auth/token/create', { policies: [name] }), 'auth', 'client_token');
}

/** HTTP status. */
async function asked(token: string, [method, path, body]: readonly [string, string, object?]): Promise<number> {
  const sent = {
    method,
    headers: { 'x-vault-token': token },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  return (await fetch(`${server.url}/v1/${scene.mount}/${path}`, sent)).status;
}

describe('the policies of the documentation', () => {
  it('let who signs do nothing but sign with version 1', async () => {
    const key = newLabel();
    await api('POST', `keys/${key}`, { type: 'ed25519', exportable: true });
    const token = await tokenOf(signingPolicy(scene.mount));
    const input = 'aGVsbG8=';
    expect(await asked(token, ['POST', `sign/${key}`, { input, key_version: '1' }])).toBe(200);
    const forbidden = [
      ['POST', `sign/${key}`, { input, key_version: '2' }],
      ['POST', `sign/${key}`, { input }],
      ['POST', `keys/${newLabel()}`, { type: 'ed25519' }],
      ['POST', `keys/${key}`, { type: 'ed25519' }],
      ['POST', `keys/${key}/config`, { deletion_allowed: true }],
      ['POST', `keys/${key}/rotate`, {}],
      ['DELETE', `keys/${key}`],
      ['GET', `export/signing-key/${key}/1`],
      ['GET', `backup/${key}`],
      ['GET', 'keys?list=true'],
    ] as const;
    for (const call of forbidden) expect([call, await asked(token, call)]).toEqual([call, 403]);
  });

  it.each([false, true])('let who creates sign nothing, whatever else is allowed: %s', async (all) => {
    const token = await tokenOf(creatingPolicy(scene.mount, { all }));
    const key = newLabel();
    expect(await asked(token, ['POST', `keys/${key}`, { type: 'ed25519', exportable: all }])).toBe(200);
    const forbidden = [
      ['POST', `sign/${key}`, { input: 'aGVsbG8=', key_version: '1' }],
      ['POST', `sign/${key}/sha2-256`, { input: 'aGVsbG8=' }],
      ['POST', `keys/${newLabel()}`, { type: 'ed25519', exportable: !all }],
      ['POST', `keys/${newLabel()}`, { type: 'rsa-2048' }],
      ['POST', `keys/${newLabel()}`, { type: 'ed25519', derived: true }],
      ['POST', `keys/${key}/config`, { exportable: true }],
      ['POST', `keys/${key}/config`, { allow_plaintext_backup: true }],
      ['POST', `keys/${key}/rotate`, {}],
      ['GET', `backup/${key}`],
      ['GET', 'keys?list=true'],
    ] as const;
    for (const call of forbidden) expect([call, await asked(token, call)]).toEqual([call, 403]);
  });

  it('let who creates no more than that where nothing else is allowed', async () => {
    const { login } = await loginWith(server, creatingPolicy(scene.mount, { all: false }));
    const { creator } = open({ terms: BARE, creator: { login, deletionAllowed: false } });
    expect([creator.destroy, creator.export, creator.import]).toEqual([null, null, null]);
    expect(await creator.check(soon())).toMatchObject({ kind: 'ready' });
    const label = newLabel();
    createdKey(await creator.create(label, soon()));
    const token = await tokenOf(creatingPolicy(scene.mount, { all: false }));
    const forbidden = [
      ['POST', `keys/${label}/config`, { deletion_allowed: true }],
      ['DELETE', `keys/${label}`],
      ['GET', 'wrapping_key'],
      ['GET', `export/signing-key/${label}/1`],
    ] as const;
    for (const call of forbidden) expect([call, await asked(token, call)]).toEqual([call, 403]);
  });
});

describe('a key that is there under the label already', () => {
  it.each([
    ['is of another type', { type: 'ecdsa-p256' }, 'is of type ecdsa-p256, not ed25519'],
    ['is another for each context', { type: 'ed25519', derived: true }, 'is derived'],
    ['may be exported', { type: 'ed25519', exportable: true }, 'may be taken out of Vault'],
    ['may be backed up in the clear', { type: 'ed25519', allow_plaintext_backup: true }, 'may be taken out of Vault'],
  ])('is not taken where it %s', async (_name, options, reason) => {
    const label = newLabel();
    await api('POST', `keys/${label}`, options);
    const { login } = await loginWith(server, creatingPolicy(scene.mount, { all: false }));
    const result = await open({ terms: BARE, creator: { login } }).creator.create(label, soon());
    expect(result).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) });
  });

  it('is not taken where it was rotated', async () => {
    const label = newLabel();
    const { creator } = open();
    createdKey(await creator.create(label, soon()));
    await api('POST', `keys/${label}/rotate`, {});
    expect(reasonOf(await creator.create(label, soon()))).toMatch(/^refused: .*was rotated: it has version 2/);
  });

  it('is not taken for one made in Vault where somebody brought it', async () => {
    const label = newLabel();
    const { creator } = open();
    createdKey((await creator.import?.(label, randomBytes(32), soon())) ?? { kind: 'refused', reason: 'no import' });
    expect(reasonOf(await creator.create(label, soon()))).toMatch(/^refused: .*was imported/);
  });

  it('is the one that was brought where two bring the same at once, of which Vault makes two versions', async () => {
    const { creator } = open();
    const [label, seed] = [newLabel(), randomBytes(32)];
    const both = await Promise.all([1, 2].map(async () => creator.import?.(label, seed, soon())));
    expect(both.map((result) => reasonOf(result ?? { kind: '' }))).toEqual(['created: ', 'created: ']);
    const key = createdKey((await creator.import?.(label, seed, soon())) ?? { kind: 'refused', reason: 'no import' });
    expect((await creator.destroy?.(key, soon()))?.kind).toBe('destroyed');
  });
});

describe('a key that is to be deleted', () => {
  it('is gone where two delete it at once', async () => {
    const { creator } = open();
    const key = createdKey(await creator.create(newLabel(), soon()));
    const both = await Promise.all([1, 2].map(async () => creator.destroy?.(key, soon())));
    expect(both.map((result) => result?.kind)).toEqual(['destroyed', 'destroyed']);
  });

  it('stays where it is another, or has versions of other addresses', async () => {
    const { creator } = open();
    const [label, otherLabel] = [newLabel(), newLabel()];
    const key = createdKey(await creator.create(label, soon()));
    const other = createdKey(await creator.create(otherLabel, soon()));
    const mixed = { address: key.address, reference: other.reference };
    expect(reasonOf((await creator.destroy?.(mixed, soon())) ?? { kind: '' })).toMatch(/^refused: .*another address/);
    await api('POST', `keys/${label}/rotate`, {});
    expect(reasonOf((await creator.destroy?.(key, soon())) ?? { kind: '' })).toMatch(/^refused: .*was rotated/);
    expect(await addressOf(server, otherLabel, 1, scene.mount)).toBe(other.address);
    expect(await addressOf(server, label, 1, scene.mount)).toBe(key.address);
  });
});

describe('a key of an engine that the template does not name any more', () => {
  it('is not taken for one that is gone, nor looked for elsewhere', async () => {
    const key = createdKey(await open().creator.create(newLabel(), soon()));
    const mount = `${scene.mount}-moved`;
    await server.api('POST', `sys/mounts/${mount}`, { type: 'transit' });
    for (const place of [{ mount }, { namespace: 'team' }]) {
      const { creator, openSigner } = open({ signer: place });
      const elsewhere = 'was made in another transit engine than that at';
      expect(reasonOf((await creator.destroy?.(key, soon())) ?? { kind: '' })).toContain(elsewhere);
      expect(reasonOf((await creator.export?.(key, soon())) ?? { kind: '' })).toContain(elsewhere);
      await expect(openSigner(key)).rejects.toThrow(elsewhere);
    }
    expect(await addressOf(server, String(key.reference.key), 1, scene.mount)).toBe(key.address);
  });
});

describe('a key that is to be exported', () => {
  it('stays in Vault where it was not made for that', async () => {
    const label = newLabel();
    await api('POST', `keys/${label}`, { type: 'ed25519' });
    const address = await addressOf(server, label, 1, scene.mount);
    const key = { address, reference: { key: label, key_version: 1, mount: scene.mount } };
    const result = await open().creator.export?.(key, soon());
    expect(reasonOf(result ?? { kind: '' })).toMatch(/^refused: .*not exportable/);
  });

  it('is none where another key stands under its name', async () => {
    const { creator } = open();
    const [key, other] = [
      createdKey(await creator.create(newLabel(), soon())),
      createdKey(await creator.create(newLabel(), soon())),
    ];
    const mixed = { address: key.address, reference: other.reference };
    expect(reasonOf((await creator.export?.(mixed, soon())) ?? { kind: '' })).toMatch(/^unavailable: .*not the key of/);
  });
});

describe('the logins of a template', () => {
  it('are one for all signers that are open, and another when they were all closed', async () => {
    const template = open();
    const made = await Promise.all([1, 2, 3].map(() => template.creator.create(newLabel(), soon())));
    const keys = made.map(createdKey);
    const before = scene.logins();
    const useAll = async () => {
      const signers = await Promise.all(keys.map((key) => template.openSigner(key)));
      const kinds: string[] = [];
      for (const signer of signers) {
        kinds.push((await signer.check(soon())).kind);
        await signer.close();
      }
      return kinds;
    };
    expect([await useAll(), scene.logins() - before]).toEqual([['ready', 'ready', 'ready'], 1]);
    expect([await useAll(), scene.logins() - before]).toEqual([['ready', 'ready', 'ready'], 2]);
  });

  it('are checked: what the policy lacks is said, and where the engine is not', async () => {
    const { login } = await loginWith(server, creatingPolicy(scene.mount, { all: false }));
    const check = await open({ creator: { login } }).creator.check(soon());
    expect(check).toMatchObject({ kind: 'failed', field: 'creator.auth' });
    const reason = check.kind === 'failed' ? check.reason : '';
    for (const right of ['update on wallets/keys/+/config', 'delete on wallets/keys/+', 'read on wallets/wrapping_key'])
      expect(reason).toContain(right);
    const elsewhere = open({ signer: { mount: 'nowhere' } }).creator;
    expect((await elsewhere.check(soon())).kind).toBe('failed');
    expect((await elsewhere.create(newLabel(), soon())).kind).not.toBe('created');
  });
});
