import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openGcpKmsTemplate } from '../../gateway/compose/templates/gcp-kms.ts';
import type { OpenedTemplate } from '../../gateway/compose/templates/opened-template.ts';
import type { SecretConfig } from '../../gateway/config/resolve-secret.ts';
import { Secret } from '../../gateway/config/secret.ts';
import type { GcpKmsTemplate } from '../../gateway/config/templates/gcp-kms.ts';
import { describeKeyCreator } from '../../test/conformance/key-creator-conformance.ts';
import { describeRemoteKeyCreator } from '../../test/conformance/remote-key-creator-conformance.ts';
import { type FakeCloudKms, otherPem, serviceAccountFile, startFakeCloudKms } from '../../test/fakes/gcp-kms.ts';
import { keyIdOf } from './kms-new-key.ts';

function secretOf(text: string): SecretConfig {
  return { kind: 'value', secret: new Secret(text) };
}

function templateAt(kms: FakeCloudKms, changes: Partial<GcpKmsTemplate['creator']> = {}): GcpKmsTemplate {
  const { url: endpoint, keyRing } = kms;
  const terms = { name: 'gcp', relayers: ['node'], maxWallets: 10, allowExport: false, allowImport: false };
  return {
    kind: 'gcp-kms',
    terms,
    signer: { endpoint, keyFile: secretOf(kms.keyFile), timeoutMs: null, maxInFlight: 64, maxWaiting: 256 },
    creator: {
      ...{ endpoint, keyFile: secretOf(kms.creatorKeyFile), keyRing, timeoutMs: 5_000 },
      ...{ protectionLevel: 'HSM', destroyScheduledDays: 30, ...changes },
    },
  };
}

async function open() {
  const kms = await startFakeCloudKms('changes');
  return {
    template: openGcpKmsTemplate(templateAt(kms), 5_000),
    backend: 'gcp-kms',
    wantsTransactions: false,
    keepsKeys: true,
    can: ['destroy'] as const,
    service: { ...kms, keysMade: () => kms.keys.all.length, secrets: [JSON.parse(kms.keyFile).private_key] },
    cannot: {},
  };
}

describeKeyCreator('gcp-kms', open);
describeRemoteKeyCreator('gcp-kms', open);

describe('a creator of keys in Cloud KMS', () => {
  let kms: FakeCloudKms;
  const opened: OpenedTemplate[] = [];
  const templateWith = (changes: Partial<GcpKmsTemplate['creator']> = {}): OpenedTemplate => {
    const template = openGcpKmsTemplate(templateAt(kms, changes), 5_000);
    opened.push(template);
    return template;
  };
  const LABEL = 'hot-1a2b3c4d';
  const create = (changes: Partial<GcpKmsTemplate['creator']> = {}, signal = AbortSignal.timeout(5_000)) =>
    templateWith(changes).creator.create(LABEL, signal);
  const destroy = (keyVersion: string | number) =>
    templateWith().creator.destroy?.(
      { address: 'x', reference: { key_version: keyVersion } },
      AbortSignal.timeout(5_000),
    );
  const check = (changes: Partial<GcpKmsTemplate['creator']> = {}) =>
    templateWith(changes).creator.check(AbortSignal.timeout(5_000));
  const newVersions = () => kms.keys.all.slice(1);
  beforeEach(async () => {
    kms = await startFakeCloudKms('changes');
  });
  afterEach(async () => {
    for (const { creator } of opened.splice(0)) await creator.close();
    await kms.close();
  });

  it('makes a key whose id is the label, as it is configured', async () => {
    await create({ protectionLevel: 'SOFTWARE', destroyScheduledDays: 2 });
    const name = `${kms.keyRing}/cryptoKeys/${LABEL}/cryptoKeyVersions/1`;
    const algorithm = 'EC_SIGN_ED25519';
    expect(newVersions()).toMatchObject([
      { name, algorithm, protectionLevel: 'SOFTWARE', destroyScheduledMs: 2 * 86_400_000 },
    ]);
  });

  it('gives a label that is too long for Cloud KMS an id of its own, which no other label has', () => {
    const long = 'w'.repeat(81);
    const [one, other] = [keyIdOf(`${long}-00000001`), keyIdOf(`${long}-00000002`)];
    expect(one).toMatch(/^w{30}_[0-9a-f]{32}$/);
    expect(one).not.toBe(other);
    expect(keyIdOf('x'.repeat(63))).toBe('x'.repeat(63));
  });

  it('waits while the key is generated', async () => {
    kms.pendingReads = 2;
    expect((await create()).kind).toBe('created');
    expect(kms.pendingReads).toBe(0);
  });

  it('ends when the caller leaves while the key is generated, and finds it later', async () => {
    kms.pendingReads = 1_000;
    const reason = expect.stringContaining('is still being generated');
    expect(await create({}, AbortSignal.timeout(300))).toMatchObject({ kind: 'unavailable', reason });
    kms.pendingReads = 0;
    expect((await create()).kind).toBe('created');
    expect(newVersions()).toHaveLength(1);
  });

  it.each([
    ['that was imported', { importJob: 'projects/x' }, 'was imported'],
    ['that could not be generated', { state: 'GENERATION_FAILED', generationFailureReason: 'no HSM' }, 'no HSM'],
    ['that is to be destroyed', { state: 'DESTROY_SCHEDULED' }, 'is DESTROY_SCHEDULED'],
    ['of another protection level', { protectionLevel: 'SOFTWARE' }, 'not for EC_SIGN_ED25519 at HSM'],
    ['of another algorithm', { algorithm: 'EC_SIGN_P256_SHA256' }, 'is for EC_SIGN_P256_SHA256'],
  ])('does not take a key of its label %s', async (_name, changes, what) => {
    Object.assign(kms.keys.make(LABEL), changes);
    expect(await create()).toMatchObject({ kind: 'refused', reason: expect.stringContaining(what) });
  });

  it.each([
    ['that changed on the way', { pemCrc32c: '7' }],
    ['of another kind', otherPem('ec')],
    ['of another version', { name: 'projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1' }],
  ])('takes no public key %s', async (_name, described) => {
    kms.describe = described;
    expect((await create()).kind).toBe('unavailable');
    kms.describe = {};
    expect((await create()).kind).toBe('created');
    expect(newVersions()).toHaveLength(1);
  });

  it('says until when a key can be restored, also when it is told again', async () => {
    await create({ destroyScheduledDays: 2 });
    const [made] = newVersions();
    const first = await destroy(made?.name ?? '');
    expect(first).toMatchObject({ kind: 'destroyed', detail: expect.stringContaining(made?.destroyTime ?? 'none') });
    expect(await destroy(made?.name ?? '')).toEqual(first);
    Object.assign(made ?? {}, { state: 'DESTROYED' });
    expect(await destroy(made?.name ?? '')).toMatchObject({ detail: expect.stringContaining('has destroyed') });
  });

  it('takes a key that is gone for destroyed, and refuses what is none', async () => {
    expect(await destroy(kms.keyVersion.replace(/key-\w+/, 'gone'))).toMatchObject({ kind: 'destroyed' });
    expect(await destroy('projects/../secrets/x')).toMatchObject({ kind: 'refused' });
    expect(await destroy(7)).toMatchObject({ kind: 'refused' });
  });

  it('is checked for the rights that it needs, and told what it lacks', async () => {
    expect(await check()).toMatchObject({ kind: 'ready', detail: 'may make and destroy keys' });
    kms.creatorPermissions = kms.creatorPermissions.filter((right) => !right.endsWith('destroy'));
    expect(await check()).toMatchObject({ kind: 'ready', detail: 'may make keys, but not destroy them' });
    kms.creatorPermissions = [];
    const reason = expect.stringContaining('lacks cloudkms.cryptoKeys.create');
    expect(await check()).toMatchObject({ kind: 'failed', field: 'creator.key_ring', reason });
    const elsewhere = { keyRing: 'projects/other/locations/global/keyRings/countersign' };
    expect(await check(elsewhere)).toMatchObject({ kind: 'failed', field: 'creator.key_ring' });
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const stranger = { keyFile: secretOf(serviceAccountFile(privateKey)) };
    expect(await check(stranger)).toMatchObject({ kind: 'failed', field: 'creator.credentials_file' });
  });

  it('makes no key with the credentials that sign, and does not sign with those that make keys', async () => {
    expect(await create({ keyFile: secretOf(kms.keyFile) })).toMatchObject({ kind: 'refused' });
    expect(newVersions()).toEqual([]);
    const made = await create();
    if (made.kind !== 'created') throw new Error(made.reason);
    const { signer, ...rest } = templateAt(kms);
    const keyFile = secretOf(kms.creatorKeyFile);
    const template = openGcpKmsTemplate({ ...rest, signer: { ...signer, keyFile } }, 5_000);
    opened.push(template);
    const wrong = await template.openSigner(made.key);
    expect(await wrong.check(AbortSignal.timeout(5_000))).toMatchObject({ kind: 'failed', field: 'key_version' });
    await wrong.close();
  });
});
