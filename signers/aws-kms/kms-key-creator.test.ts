import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAwsKmsTemplate } from '../../gateway/compose/templates/aws-kms.ts';
import type { OpenedTemplate } from '../../gateway/compose/templates/opened-template.ts';
import { Secret } from '../../gateway/config/secret.ts';
import type { AccessKeyConfig } from '../../gateway/config/signers/aws-kms.ts';
import type { AwsKmsTemplate } from '../../gateway/config/templates/aws-kms.ts';
import { describeKeyCreator } from '../../test/conformance/key-creator-conformance.ts';
import { describeRemoteKeyCreator } from '../../test/conformance/remote-key-creator-conformance.ts';
import { type AwsIdentity, type FakeKms, startFakeKms } from '../../test/fakes/aws-kms.ts';
import { aliasOf, LABEL_TAG } from './kms-new-key.ts';

const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:role/x' }, Action: 'kms:Sign' }],
});

function accessKeyOf({ accessKeyId, secretAccessKey }: AwsIdentity): AccessKeyConfig {
  const secret = { kind: 'value', secret: new Secret(secretAccessKey) } as const;
  return { accessKeyId, secret, sessionToken: null, field: 'secret_access_key_file' };
}

function templateAt(kms: FakeKms, changes: Partial<AwsKmsTemplate['creator']> = {}): AwsKmsTemplate {
  const { url: endpoint } = kms;
  const terms = { name: 'aws', relayers: ['node'], maxWallets: 10, allowExport: false, allowImport: false };
  const calls = { timeoutMs: null, maxInFlight: 64, maxWaiting: 256 };
  return {
    kind: 'aws-kms',
    terms,
    signer: { endpoint, accessKey: accessKeyOf(kms.identity), ...calls },
    creator: {
      ...{ endpoint, accessKey: accessKeyOf(kms.creator), region: 'eu-central-1', timeoutMs: 5_000 },
      ...{ keyPolicy: null, bypassPolicyLockoutSafetyCheck: false, tags: [], pendingWindowDays: 30, ...changes },
    },
  };
}

async function open() {
  const kms = await startFakeKms('changes');
  const orphans = 'a key whose answer is lost has no name yet: the tests below show what becomes of it';
  return {
    template: openAwsKmsTemplate(templateAt(kms), 5_000),
    backend: 'aws-kms',
    wantsTransactions: false,
    keepsKeys: true,
    can: ['destroy'] as const,
    service: {
      ...kms,
      keysMade: () => kms.keys.all.length,
      secrets: [kms.identity.secretAccessKey, kms.creator.secretAccessKey],
    },
    cannot: { signs_and_is_lost: orphans, truncated: orphans },
  };
}

describeKeyCreator('aws-kms', open);
describeRemoteKeyCreator('aws-kms', open);

describe('a creator of keys in AWS KMS', () => {
  let kms: FakeKms;
  const opened: OpenedTemplate[] = [];
  const templateWith = (changes: Partial<AwsKmsTemplate['creator']> = {}): OpenedTemplate => {
    const template = openAwsKmsTemplate(templateAt(kms, changes), 5_000);
    opened.push(template);
    return template;
  };
  const create = (label = 'hot-1a2b3c4d', changes: Partial<AwsKmsTemplate['creator']> = {}) =>
    templateWith(changes).creator.create(label, AbortSignal.timeout(5_000));
  const destroy = (keyArn: string | number, changes: Partial<AwsKmsTemplate['creator']> = {}) =>
    templateWith(changes).creator.destroy?.(
      { address: 'x', reference: { key_arn: keyArn } },
      AbortSignal.timeout(5_000),
    );
  const newKeys = () => kms.keys.all.slice(1);
  beforeEach(async () => {
    kms = await startFakeKms('changes');
  });
  afterEach(async () => {
    for (const { creator } of opened.splice(0)) await creator.close();
    await kms.close();
  });

  it('makes a key with its label, tags and policy, and names it', async () => {
    const tags = [{ key: 'team', value: 'payments' }];
    await create('hot-1a2b3c4d', { tags, keyPolicy: POLICY, bypassPolicyLockoutSafetyCheck: true });
    const [made] = newKeys();
    expect(made).toMatchObject({ policy: POLICY, description: 'Countersign: hot-1a2b3c4d' });
    expect(made?.tags).toEqual([
      { TagKey: LABEL_TAG, TagValue: 'hot-1a2b3c4d' },
      { TagKey: 'team', TagValue: 'payments' },
    ]);
    expect(kms.keys.aliases.get(aliasOf('hot-1a2b3c4d'))).toBe(made?.arn);
  });

  it('does not make a key that its policy locks the creator out of, unless it may', async () => {
    expect(await create('hot-1a2b3c4d', { keyPolicy: POLICY })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('MalformedPolicyDocumentException'),
    });
    expect(newKeys()).toEqual([]);
  });

  it('makes keys with the policy that the documents print, which the creator cannot change', async () => {
    const page = await readFile(new URL('../../docs/signers/aws-kms.md', import.meta.url), 'utf8');
    const printed = [...page.matchAll(/```json\n(.+?)```/gs)].map(([, json = '']) => json);
    const keyPolicy = printed.find((json) => json.includes('TheCreatorNamesAndDeletesIt')) ?? '';
    expect((await create('locked-1a2b3c4d', { keyPolicy })).kind).toBe('refused');
    expect((await create('hot-1a2b3c4d', { keyPolicy, bypassPolicyLockoutSafetyCheck: true })).kind).toBe('created');
  });

  it('waits for KMS to know of the key that it made', async () => {
    kms.hides = 2;
    expect((await create()).kind).toBe('created');
    expect(newKeys()).toHaveLength(1);
  });

  it('finds the key whose alias was made, though the answer was lost', async () => {
    kms.fault = { status: 500, name: 'KMSInternalException', operation: 'CreateAlias', isDone: true };
    expect((await create()).kind).toBe('unavailable');
    kms.fault = null;
    const [made] = newKeys();
    expect(await create()).toMatchObject({ kind: 'created', key: { reference: { key_arn: made?.arn } } });
    expect(newKeys()).toHaveLength(1);
  });

  it('says how a key is found whose making was lost', async () => {
    kms.fault = { status: 500, name: 'KMSInternalException', operation: 'CreateKey', isDone: true };
    const reason = expect.stringContaining('it has the tag countersign:label hot-1a2b3c4d');
    expect(await create()).toMatchObject({ kind: 'unavailable', reason });
    kms.fault = null;
    expect((await create()).kind).toBe('created');
    expect(newKeys().map(({ state }) => state)).toEqual(['Enabled', 'Enabled']);
  });

  it('has a key deleted that gets no alias', async () => {
    kms.fault = { status: 400, name: 'AccessDeniedException', operation: 'CreateAlias' };
    expect(await create()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('is to be deleted') });
    expect(newKeys()).toMatchObject([{ state: 'PendingDeletion', pendingWindowDays: 7 }]);
  });

  it('takes the key of another call that was first, and has its own deleted', async () => {
    const results = await Promise.all([create(), create(), create()]);
    const arns = results.map((result) => (result.kind === 'created' ? result.key.reference.key_arn : result.reason));
    expect(new Set(arns)).toEqual(new Set([kms.keys.aliases.get(aliasOf('hot-1a2b3c4d'))]));
    const left = newKeys().filter(({ state }) => state === 'Enabled');
    expect(left.map(({ arn }) => arn)).toEqual([arns[0]]);
  });

  it.each([
    ['that was imported', { origin: 'EXTERNAL' } as const, 'of the origin EXTERNAL'],
    ['that is disabled', { state: 'Disabled' } as const, 'in the state Disabled'],
    ['that is to be deleted', { state: 'PendingDeletion' } as const, 'in the state PendingDeletion'],
  ])('does not take a key under its alias %s', async (_name, changes, what) => {
    await create();
    for (const key of newKeys()) Object.assign(key, changes);
    expect(await create()).toMatchObject({ kind: 'refused', reason: expect.stringContaining(what) });
    expect(newKeys()).toHaveLength(1);
  });

  it('does not take a key of another label under its alias', async () => {
    const other = kms.keys.make({ Description: 'Countersign: another-1a2b3c4d' });
    kms.keys.aliases.set(aliasOf('hot-1a2b3c4d'), other.arn);
    expect(await create()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('delete the alias') });
  });

  it('says until when a key can be brought back, also when it is told again', async () => {
    await create();
    const [made] = newKeys();
    const first = await destroy(made?.arn ?? '', { pendingWindowDays: 9 });
    const date = new Date((made?.deletionDate ?? 0) * 1_000).toISOString();
    expect(first).toMatchObject({ kind: 'destroyed', detail: expect.stringContaining(date) });
    expect(made?.pendingWindowDays).toBe(9);
    expect(await destroy(made?.arn ?? '')).toEqual(first);
  });

  it('takes a key that is gone for destroyed, and none of another region', async () => {
    const gone = kms.keyArn.replace(/[^/]+$/, 'ffffffff');
    expect(await destroy(gone)).toMatchObject({ kind: 'destroyed' });
    expect(await destroy(gone.replace('eu-central-1', 'eu-west-1'))).toMatchObject({ kind: 'refused' });
    expect(await destroy('alias/x')).toMatchObject({ kind: 'refused' });
    expect(await destroy(7)).toMatchObject({ kind: 'refused' });
  });

  it('does not sign with the credentials that make keys, and makes none with those that sign', async () => {
    const { creator, openSigner } = openAwsKmsTemplate(
      { ...templateAt(kms), signer: { ...templateAt(kms).signer, accessKey: accessKeyOf(kms.creator) } },
      5_000,
    );
    const made = await creator.create('hot-1a2b3c4d', AbortSignal.timeout(5_000));
    if (made.kind !== 'created') throw new Error(made.reason);
    const signer = await openSigner(made.key);
    expect(await signer.check(AbortSignal.timeout(5_000))).toMatchObject({ kind: 'failed', field: 'key_arn' });
    await signer.close();
    await creator.close();
    expect(await create('other-1a2b3c4d', { accessKey: accessKeyOf(kms.identity) })).toMatchObject({ kind: 'refused' });
  });
});
