import { randomBytes } from 'node:crypto';
import { base58FromBytes } from '../../signers/ed25519-key.ts';
import { newSecretId, openVaultScene } from '../../signers/vault-transit/testing/vault-scene.ts';
import { startFakeKms } from '../fakes/aws-kms.ts';
import { startFakeCloudKms } from '../fakes/gcp-kms.ts';
import { startOpenBao } from '../fakes/openbao-server.ts';
import { describeKeyAtService, type KeyAtService } from './key-at-service.ts';

async function vaultTransit(secretFile: string): Promise<KeyAtService> {
  const server = await startOpenBao();
  const { service, secrets, options, role } = await openVaultScene(server);
  const { url, key, keyVersion: key_version, login, address } = options;
  if (login.kind !== 'approle') throw new Error('the scene logs in by AppRole');
  const close = async () => {
    await service.close();
    await server.close();
  };
  const secret = await login.secretId.read();
  const place = { type: 'vault-transit', url, key, key_version };
  const entry = { ...place, auth: 'approle', role_id: login.roleId, secret_id_file: secretFile };
  const rotate = async () => {
    const next = await newSecretId(server, role);
    await server.api('POST', `auth/approle/role/${role}/secret-id/destroy`, { secret_id: secret });
    await server.api('PUT', 'sys/leases/revoke-prefix/auth/approle/login');
    return next;
  };
  return { service: { ...service, secrets, close }, address, entry, secret, rotate };
}

async function awsKms(secretFile: string): Promise<KeyAtService> {
  const fake = await startFakeKms();
  const { accessKeyId: access_key_id, secretAccessKey: secret } = fake.identity;
  const { url: endpoint, keyArn: key_arn } = fake;
  const entry = { type: 'aws-kms', endpoint, key_arn, access_key_id, secret_access_key_file: secretFile };
  const rotate = () => {
    fake.identity = { ...fake.identity, secretAccessKey: randomBytes(30).toString('base64') };
    return fake.identity.secretAccessKey;
  };
  const address = base58FromBytes(fake.publicKey.subarray(-32));
  return { service: { ...fake, secrets: [secret] }, address, entry, secret, rotate };
}

async function gcpKms(secretFile: string): Promise<KeyAtService> {
  const fake = await startFakeCloudKms();
  const { url: endpoint, keyVersion: key_version, keyFile } = fake;
  const entry = { type: 'gcp-kms', endpoint, key_version, credentials_file: secretFile };
  return {
    service: { ...fake, secrets: [keyFile] },
    address: base58FromBytes(fake.publicKey),
    entry,
    secret: keyFile,
    rotate: () => fake.rotateAccountKey(),
  };
}

describeKeyAtService('vault-transit', vaultTransit);
describeKeyAtService('aws-kms', awsKms);
describeKeyAtService('gcp-kms', gcpKms);
