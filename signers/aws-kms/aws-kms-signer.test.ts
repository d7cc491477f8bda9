import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeRemoteSigner } from '../../test/conformance/remote-signer-conformance.ts';
import { describeSignerConformance } from '../../test/conformance/signer-conformance.ts';
import { type FakeKms, startFakeKms } from '../../test/fakes/aws-kms.ts';
import { base58FromBytes } from '../ed25519-key.ts';
import type { Signer, SignResult } from '../signer.ts';
import { type AwsKmsOptions, createAwsKmsSigner } from './aws-kms-signer.ts';

function optionsFor(kms: FakeKms, changes: Partial<AwsKmsOptions> = {}): AwsKmsOptions {
  const { accessKeyId, secretAccessKey } = kms.identity;
  return {
    name: 'aws',
    address: addressOf(kms),
    keyArn: kms.keyArn,
    endpoint: kms.url,
    accessKey: { accessKeyId, secretAccessKey: async () => secretAccessKey, sessionToken: null },
    credentialsField: 'secret_access_key_file',
    timeoutMs: 5_000,
    ...changes,
  };
}

function addressOf({ publicKey }: FakeKms): string {
  return base58FromBytes(publicKey.subarray(-32));
}

async function open() {
  const kms = await startFakeKms();
  return {
    signer: createAwsKmsSigner(optionsFor(kms)),
    service: { ...kms, secrets: [kms.identity.secretAccessKey] },
    backend: 'aws-kms',
    address: addressOf(kms),
    retryAfterMs: 1_000,
    wantsTransactions: false,
    cannot: {},
  };
}

/** By which the SDK finds credentials. */
const AWS_VARIABLES = [
  ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE'],
  ...['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_SHARED_CREDENTIALS_FILE'],
];

describeSignerConformance('aws-kms', open);
describeRemoteSigner('aws-kms', open);

describe('a signer of the type aws-kms', () => {
  let kms: FakeKms;
  const signers: Signer[] = [];
  const signerWith = (changes: Partial<AwsKmsOptions> = {}): Signer => {
    const signer = createAwsKmsSigner(optionsFor(kms, changes));
    signers.push(signer);
    return signer;
  };
  beforeEach(async () => {
    kms = await startFakeKms();
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const signer of signers.splice(0)) await signer.close();
    await kms.close();
  });

  const sign = (signer: Signer, length = 80): Promise<SignResult> => {
    const signal = AbortSignal.timeout(5_000);
    const bounds = { deadline: Date.now() + 5_000, idempotencyKey: 'k', signal };
    return signer.sign(randomBytes(length), { kind: 'message', ...bounds });
  };
  const check = (signer: Signer) => signer.check(AbortSignal.timeout(5_000));

  it('refuses a message that KMS would take only hashed, and does not ask', async () => {
    const result = await sign(signerWith(), 4_097);
    expect(result).toMatchObject({ kind: 'refused', reason: expect.stringContaining('at most 4096 bytes') });
    expect(kms.signCalls()).toBe(0);
  });

  it.each([
    ['DisabledException', 400, 'refused'],
    ['KMSInvalidStateException', 400, 'refused'],
    ['NotFoundException', 400, 'refused'],
    ['InvalidKeyUsageException', 400, 'refused'],
    ['ValidationException', 400, 'refused'],
  ])('takes %s for a refusal, and for a matter of the key', async (name, status, kind) => {
    kms.fault = { status, name };
    expect(await sign(signerWith())).toMatchObject({ kind });
    expect(await check(signerWith())).toMatchObject({ kind: 'failed', field: 'key_arn' });
  });

  it.each([
    ['ThrottlingException', 400, false],
    ['LimitExceededException', 400, false],
    ['KeyUnavailableException', 500, false],
    ['DependencyTimeoutException', 503, true],
    ['KMSInternalException', 500, true],
    ['SomethingNew', 500, true],
    ['SomethingNew', 400, false],
  ])('takes %s with status %i for an outage, ambiguous: %s', async (name, status, ambiguous) => {
    kms.fault = { status, name };
    expect(await sign(signerWith())).toMatchObject({ kind: 'unavailable', ambiguous });
    expect(await check(signerWith())).toMatchObject({ kind: 'failed', field: null });
  });

  it.each(['ExpiredTokenException', 'InvalidSignatureException', 'UnrecognizedClientException'])(
    'takes %s for a matter of the credentials',
    async (name) => {
      kms.fault = { status: 400, name };
      expect(await sign(signerWith())).toMatchObject({ kind: 'unavailable', ambiguous: false });
      expect(await check(signerWith())).toMatchObject({ kind: 'failed', field: 'secret_access_key_file' });
    },
  );

  it.each([
    ['another key spec', { KeySpec: 'ECC_NIST_P256' }, 'key_arn'],
    ['another usage', { KeyUsage: 'KEY_AGREEMENT' }, 'key_arn'],
    [
      'another public key',
      { PublicKey: Buffer.from(`302a300506032b6570032100${'11'.repeat(32)}`, 'hex').toString('base64') },
      'address',
    ],
    ['a public key of another kind', { PublicKey: Buffer.alloc(44).toString('base64') }, 'address'],
    ['no public key', { PublicKey: undefined }, 'address'],
  ])('does not pass the check with %s', async (_name, described, field) => {
    kms.describe = described;
    expect(await check(signerWith())).toMatchObject({ kind: 'failed', field });
  });

  it.each([
    ['by another key', { KeyId: 'arn:aws:kms:eu-central-1:111122223333:key/other' }],
    ['by another algorithm', { SigningAlgorithm: 'ED25519_PH_SHA_512' }],
    ['of another length', { Signature: Buffer.alloc(63).toString('base64') }],
  ])('takes no signature %s, though one was made', async (_name, described) => {
    kms.describe = described;
    expect(await sign(signerWith())).toMatchObject({ kind: 'unavailable', ambiguous: true });
  });

  it('takes the secret key as it is by then', async () => {
    let secret = kms.identity.secretAccessKey;
    const { accessKeyId } = kms.identity;
    const signer = signerWith({ accessKey: { accessKeyId, secretAccessKey: async () => secret, sessionToken: null } });
    expect((await sign(signer)).kind).toBe('signed');
    kms.identity = { accessKeyId, secretAccessKey: randomBytes(30).toString('base64') };
    expect(await sign(signer)).toMatchObject({ kind: 'unavailable', ambiguous: false });
    secret = `${kms.identity.secretAccessKey}\n`;
    expect((await sign(signer)).kind).toBe('signed');
  });

  it('signs requests with a session token, which it repeats nowhere', async () => {
    const sessionToken = `session-${randomBytes(40).toString('base64')}`;
    kms.identity = { ...kms.identity, sessionToken };
    const { accessKeyId, secretAccessKey } = kms.identity;
    const withSecret = (secret: string) =>
      signerWith({
        accessKey: { accessKeyId, secretAccessKey: async () => secret, sessionToken: async () => sessionToken },
      });
    expect((await sign(withSecret(secretAccessKey))).kind).toBe('signed');
    const result = await sign(withSecret('wrong'));
    expect(result).toMatchObject({ kind: 'unavailable', ambiguous: false });
    expect(JSON.stringify(result)).not.toContain(sessionToken);
  });

  it('sends nothing where a secret cannot be read, and says which', async () => {
    const secretAccessKey = () => Promise.reject(new Error('/run/aws-secret: it cannot be read'));
    const signer = signerWith({ accessKey: { accessKeyId: 'AKIA', secretAccessKey, sessionToken: null } });
    expect(await sign(signer)).toMatchObject({ kind: 'unavailable', ambiguous: false });
    const result = await check(signer);
    expect(result).toMatchObject({ kind: 'failed', field: 'secret_access_key_file' });
    expect(result.kind === 'failed' ? result.reason : '').toContain('/run/aws-secret: it cannot be read');
    expect(kms.signCalls()).toBe(0);
  });

  it('finds credentials as every tool of AWS does', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', kms.identity.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', kms.identity.secretAccessKey);
    const signer = signerWith({ accessKey: null });
    expect((await sign(signer)).kind).toBe('signed');
    expect((await check(signer)).kind).toBe('ready');
  });

  it('sends nothing where there are none, and says so', async () => {
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('HOME', '/nowhere');
    for (const name of AWS_VARIABLES) vi.stubEnv(name, undefined);
    const signer = signerWith({ accessKey: null, credentialsField: 'access_key_id' });
    expect(await sign(signer)).toMatchObject({ kind: 'unavailable', ambiguous: false });
    expect(await check(signer)).toMatchObject({ kind: 'failed', field: 'access_key_id' });
    expect(kms.signCalls()).toBe(0);
  });

  it('repeats nothing of credentials that are not JSON', async () => {
    const text = kms.identity.secretAccessKey;
    const server = createServer((_request, response) => response.end(text)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    const port = typeof bound === 'object' ? bound?.port : 0;
    for (const name of AWS_VARIABLES) vi.stubEnv(name, undefined);
    vi.stubEnv('HOME', '/nowhere');
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `http://127.0.0.1:${port}/`);
    const result = await check(signerWith({ accessKey: null }));
    server.closeAllConnections();
    server.close();
    expect(result).toMatchObject({ reason: expect.stringContaining('what should hold them is not JSON') });
    expect(JSON.stringify(result)).not.toContain(text.slice(0, 6));
  });

  it('ends when the caller gives up while credentials are looked for', async () => {
    const { promise: never } = Promise.withResolvers<string>();
    const signer = signerWith({ accessKey: { accessKeyId: 'AKIA', secretAccessKey: () => never, sessionToken: null } });
    const controller = new AbortController();
    const bounds = { deadline: Date.now() + 5_000, idempotencyKey: 'k', signal: controller.signal };
    const result = signer.sign(randomBytes(8), { kind: 'message', ...bounds });
    controller.abort();
    expect(await result).toMatchObject({ kind: 'unavailable', ambiguous: false });
  });

  it('goes by the clock of AWS once that has refused its own', async () => {
    kms.clockSkewMs = 20 * 60_000;
    const signer = signerWith();
    expect(await sign(signer)).toMatchObject({ kind: 'unavailable', ambiguous: false });
    expect((await sign(signer)).kind).toBe('signed');
  });
});
