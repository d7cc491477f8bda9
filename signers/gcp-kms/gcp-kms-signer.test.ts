import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeRemoteSigner } from '../../test/conformance/remote-signer-conformance.ts';
import { describeSignerConformance } from '../../test/conformance/signer-conformance.ts';
import { type FakeCloudKms, otherPem, serviceAccountFile, startFakeCloudKms } from '../../test/fakes/gcp-kms.ts';
import { base58FromBytes } from '../ed25519-key.ts';
import type { Signer, SignResult } from '../signer.ts';
import { createGcpKmsSigner, type GcpKmsOptions } from './gcp-kms-signer.ts';

function optionsFor(kms: FakeCloudKms, changes: Partial<GcpKmsOptions> = {}): GcpKmsOptions {
  return {
    name: 'gcp',
    address: base58FromBytes(kms.publicKey),
    keyVersion: kms.keyVersion,
    endpoint: kms.url,
    keyFile: async () => kms.keyFile,
    timeoutMs: 5_000,
    ...changes,
  };
}

async function open() {
  const kms = await startFakeCloudKms();
  return {
    signer: createGcpKmsSigner(optionsFor(kms)),
    service: { ...kms, secrets: [JSON.parse(kms.keyFile).private_key] },
    backend: 'gcp-kms',
    address: base58FromBytes(kms.publicKey),
    retryAfterMs: 3_000,
    wantsTransactions: false,
    cannot: {},
  };
}

describeSignerConformance('gcp-kms', open);
describeRemoteSigner('gcp-kms', open);

describe('a signer of the type gcp-kms', () => {
  let kms: FakeCloudKms;
  const signers: Signer[] = [];
  const signerWith = (changes: Partial<GcpKmsOptions> = {}): Signer => {
    const signer = createGcpKmsSigner(optionsFor(kms, changes));
    signers.push(signer);
    return signer;
  };
  beforeEach(async () => {
    kms = await startFakeCloudKms();
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const signer of signers.splice(0)) await signer.close();
    await kms.close();
  });

  const sign = (signer: Signer): Promise<SignResult> => {
    const bounds = { deadline: Date.now() + 5_000, idempotencyKey: 'k', signal: AbortSignal.timeout(5_000) };
    return signer.sign(randomBytes(80), { kind: 'message', ...bounds });
  };
  const check = (signer: Signer) => signer.check(AbortSignal.timeout(5_000));

  it.each([
    ['a signature that changed on the way', { signatureCrc32c: '1' }],
    ['no checksum of the signature', { signatureCrc32c: undefined }],
    ['no word that the data arrived whole', { verifiedDataCrc32c: undefined }],
    ['word that the data did not arrive whole', { verifiedDataCrc32c: false }],
    ['a signature of another version', { name: 'projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/2' }],
    ['no name', { name: undefined }],
    ['an empty signature', { signature: '', signatureCrc32c: '0' }],
  ])('takes no signature from an answer with %s, though one was made', async (_name, described) => {
    kms.describe = described;
    expect(await sign(signerWith())).toMatchObject({ kind: 'unavailable', ambiguous: true });
  });

  it.each([
    ['another algorithm', { algorithm: 'EC_SIGN_P256_SHA256' }, 'key_version'],
    ['another version', { name: 'projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/2' }, 'key_version'],
    ['another key', otherPem('ed25519'), 'address'],
    ['a key of another kind', otherPem('ec'), 'address'],
    ['a key that changed on the way', { pemCrc32c: '7' }, null],
    ['no key', { pem: undefined }, null],
  ])('does not pass the check with %s', async (_name, described, field) => {
    kms.describe = described;
    expect(await check(signerWith())).toMatchObject({ kind: 'failed', field });
  });

  it('does not pass the check without the right to sign', async () => {
    kms.permissions = [];
    expect(await check(signerWith())).toMatchObject({ kind: 'failed', field: 'key_version' });
  });

  it.each([
    [400, 'FAILED_PRECONDITION'],
    [400, 'INVALID_ARGUMENT'],
    [403, 'PERMISSION_DENIED'],
    [404, 'NOT_FOUND'],
  ])('takes status %i %s for a refusal, and for a matter of the key', async (httpStatus, status) => {
    kms.fault = { httpStatus, status };
    expect(await sign(signerWith())).toMatchObject({ kind: 'refused' });
    expect(await check(signerWith())).toMatchObject({ kind: 'failed', field: 'key_version' });
  });

  it.each([
    [429, 'RESOURCE_EXHAUSTED', false],
    [500, 'INTERNAL', true],
    [503, 'UNAVAILABLE', true],
    [504, 'DEADLINE_EXCEEDED', true],
    [302, '', false],
    [403, 'the words of a proxy', false],
  ])('takes status %i %s for an outage, ambiguous: %s', async (httpStatus, status, ambiguous) => {
    kms.fault = { httpStatus, status };
    expect(await sign(signerWith())).toMatchObject({ kind: 'unavailable', ambiguous });
    expect(await check(signerWith())).toMatchObject({ kind: 'failed', field: null });
  });

  it('waits a second where Cloud KMS is busy and names no time', async () => {
    kms.fault = { httpStatus: 429, status: 'RESOURCE_EXHAUSTED' };
    expect(await sign(signerWith())).toMatchObject({ retryAfterMs: 1_000 });
  });

  it('takes the key of the service account as it is in the file by then', async () => {
    const stranger = serviceAccountFile(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
    let text = stranger;
    const signer = signerWith({ keyFile: async () => text });
    expect(await sign(signer)).toMatchObject({ kind: 'unavailable', ambiguous: false });
    expect(await check(signer)).toMatchObject({ kind: 'failed', field: 'credentials_file' });
    text = kms.keyFile;
    expect((await sign(signer)).kind).toBe('signed');
  });

  it.each([
    ['is not JSON', 'a key'],
    ['is of another kind', '{"type":"authorized_user","refresh_token":"a refresh token"}'],
    ['holds no key that can be read', '{"type":"service_account","client_email":"a@b","private_key":"no PEM at all"}'],
  ])('sends nothing where the file %s, and repeats nothing of it', async (_name, text) => {
    const result = await check(signerWith({ keyFile: async () => text }));
    expect(result).toMatchObject({ kind: 'failed', field: 'credentials_file' });
    expect(JSON.stringify(result)).not.toMatch(/refresh token|no PEM at all/);
    expect((await sign(signerWith({ keyFile: async () => text }))).kind).toBe('unavailable');
    expect(kms.signCalls()).toBe(0);
  });

  it('finds the credentials of the machine, and looks again when they are not good any more', async () => {
    vi.stubEnv('GCE_METADATA_HOST', kms.url.replace('http://', ''));
    vi.stubEnv('METADATA_SERVER_DETECTION', 'assume-present');
    for (const name of ['GOOGLE_APPLICATION_CREDENTIALS', 'HOME', 'CLOUDSDK_CONFIG']) vi.stubEnv(name, undefined);
    const signer = signerWith({ keyFile: null });
    expect((await sign(signer)).kind).toBe('signed');
    expect((await check(signer)).kind).toBe('ready');
    kms.metadataToken = randomBytes(24).toString('hex');
    const refused = await sign(signer);
    expect(refused).toMatchObject({ kind: 'unavailable', ambiguous: false });
    expect((await sign(signer)).kind).toBe('signed');
  });

  it('ends when the caller gives up while credentials are looked for', async () => {
    const { promise: never } = Promise.withResolvers<string>();
    const controller = new AbortController();
    const bounds = { deadline: Date.now() + 5_000, idempotencyKey: 'k', signal: controller.signal };
    const result = signerWith({ keyFile: () => never }).sign(randomBytes(8), { kind: 'message', ...bounds });
    controller.abort();
    expect(await result).toMatchObject({ kind: 'unavailable', ambiguous: false });
  });
});
