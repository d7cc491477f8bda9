import { randomBytes } from 'node:crypto';
import {
  CreateKeyCommand,
  DisableKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openAwsKmsTemplate } from '../../gateway/compose/templates/aws-kms.ts';
import { Secret } from '../../gateway/config/secret.ts';
import { describeKeyCreator } from '../../test/conformance/key-creator-conformance.ts';
import { describeSignerConformance } from '../../test/conformance/signer-conformance.ts';
import { type MinistackServer, startMinistack } from '../../test/fakes/ministack-server.ts';
import { base58FromBytes, publicKeyFromSpki } from '../ed25519-key.ts';
import type { Signer } from '../signer.ts';
import { createAwsKmsSigner } from './aws-kms-signer.ts';

const [ACCESS_KEY_ID, SECRET] = ['AKIATESTTESTTESTTEST', 'a secret that any emulator believes'];

let server: MinistackServer;
let admin: KMSClient;
const opened: Signer[] = [];
beforeAll(async () => {
  server = await startMinistack();
  const credentials = { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET };
  admin = new KMSClient({ region: 'eu-central-1', endpoint: server.url, credentials });
});
afterEach(async () => {
  for (const signer of opened.splice(0)) await signer.close();
});
afterAll(async () => {
  admin.destroy();
  await server.close();
});

async function newKey(spec: 'ECC_NIST_EDWARDS25519' | 'ECC_NIST_P256' = 'ECC_NIST_EDWARDS25519') {
  const { KeyMetadata } = await admin.send(new CreateKeyCommand({ KeySpec: spec, KeyUsage: 'SIGN_VERIFY' }));
  const keyArn = KeyMetadata?.Arn ?? '';
  const { PublicKey = new Uint8Array() } = await admin.send(new GetPublicKeyCommand({ KeyId: keyArn }));
  return { keyArn, address: base58FromBytes(publicKeyFromSpki(PublicKey) ?? randomBytes(32)) };
}

function signerOf(key: { readonly keyArn: string; readonly address: string }): Signer {
  const accessKey = { accessKeyId: ACCESS_KEY_ID, secretAccessKey: async () => SECRET, sessionToken: null };
  const place = { endpoint: server.url, accessKey, credentialsField: 'secret_access_key_file', timeoutMs: 5_000 };
  return createAwsKmsSigner({ name: 'aws', ...key, ...place });
}

function opening(key: { readonly keyArn: string; readonly address: string }): Signer {
  const signer = signerOf(key);
  opened.push(signer);
  return signer;
}

describeSignerConformance('aws-kms at ministack', async () => {
  const key = await newKey();
  return { signer: signerOf(key), backend: 'aws-kms', address: key.address };
});

describeKeyCreator('aws-kms at ministack', async () => {
  const secret = { kind: 'value', secret: new Secret(SECRET) } as const;
  const accessKey = { accessKeyId: ACCESS_KEY_ID, secret, sessionToken: null, field: 'secret_access_key_file' };
  const account = { endpoint: server.url, accessKey };
  const terms = { name: 'aws', relayers: ['node'], maxWallets: 10, allowExport: false, allowImport: false };
  const making = { region: 'eu-central-1', timeoutMs: 5_000, tags: [{ key: 'team', value: 'payments' }] };
  const policies = { keyPolicy: null, bypassPolicyLockoutSafetyCheck: false, pendingWindowDays: 7 };
  const template = openAwsKmsTemplate(
    {
      kind: 'aws-kms',
      terms,
      signer: { ...account, timeoutMs: null, maxInFlight: 64, maxWaiting: 256 },
      creator: { ...account, ...making, ...policies },
    },
    5_000,
  );
  return { template, backend: 'aws-kms', wantsTransactions: false, keepsKeys: true, can: ['destroy'] };
});

describe('a key at ministack', () => {
  const check = (signer: Signer) => signer.check(AbortSignal.timeout(5_000));
  const sign = (signer: Signer) => {
    const bounds = { deadline: Date.now() + 5_000, idempotencyKey: 'k', signal: AbortSignal.timeout(5_000) };
    return signer.sign(randomBytes(64), { kind: 'message', ...bounds });
  };

  it('passes the check', async () => {
    expect((await check(opening(await newKey()))).kind).toBe('ready');
  });

  it('does not pass it with the address of another, or with another key spec', async () => {
    const [one, other] = [await newKey(), await newKey()];
    expect(await check(opening({ ...one, address: other.address }))).toMatchObject({
      kind: 'failed',
      field: 'address',
    });
    expect(await check(opening(await newKey('ECC_NIST_P256')))).toMatchObject({ kind: 'failed', field: 'key_arn' });
  });

  it('does not sign once it is disabled, is to be deleted, or where there is none', async () => {
    const [disabled, doomed] = [await newKey(), await newKey()];
    await admin.send(new DisableKeyCommand({ KeyId: disabled.keyArn }));
    await admin.send(new ScheduleKeyDeletionCommand({ KeyId: doomed.keyArn, PendingWindowInDays: 7 }));
    const absent = { ...disabled, keyArn: disabled.keyArn.replace(/[^/]+$/, '00000000-0000-0000-0000-000000000000') };
    for (const key of [disabled, doomed, absent]) expect((await sign(opening(key))).kind).toBe('refused');
  });
});
