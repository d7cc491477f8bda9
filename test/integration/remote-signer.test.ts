import { startFakePrivy } from '../fakes/privy/fake-privy.ts';
import { startFakeTurnkey } from '../fakes/turnkey/fake-turnkey.ts';
import { describeKeyAtService, type KeyAtService } from './key-at-service.ts';

async function turnkey(secretFile: string): Promise<KeyAtService> {
  const fake = await startFakeTurnkey();
  const { url, organizationId, subOrganizationId, address } = fake;
  const secret = fake.newApiKey(subOrganizationId);
  const entry = {
    type: 'turnkey',
    url,
    organization_id: organizationId,
    sub_organization_id: subOrganizationId,
    api_private_key_file: secretFile,
  };
  const rotate = () => {
    fake.revoke(secret);
    return fake.newApiKey(subOrganizationId);
  };
  return { service: fake, address, entry, secret, rotate };
}

async function privy(secretFile: string): Promise<KeyAtService> {
  const fake = await startFakePrivy();
  const { url, appId, walletId, address } = fake;
  const entry = { type: 'privy', url, app_id: appId, wallet_id: walletId, app_secret_file: secretFile };
  const rotate = () => {
    fake.rotateAppSecret();
    return fake.appSecret();
  };
  return { service: fake, address, entry, secret: fake.appSecret(), rotate };
}

describeKeyAtService('turnkey', turnkey);
describeKeyAtService('privy', privy);
