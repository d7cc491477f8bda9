import { writeFile } from 'node:fs/promises';
import { startFakeFireblocks } from '../fakes/fireblocks/fake-fireblocks.ts';
import { describeKeyAtService, type KeyAtService } from './key-at-service.ts';

async function fireblocks(secretFile: string): Promise<KeyAtService> {
  const fake = await startFakeFireblocks();
  const { url, address, vaultAccountId, assetId } = fake;
  const { apiKey, privateKey } = fake.newApiUser();
  const apiKeyFile = `${secretFile}-user`;
  await writeFile(apiKeyFile, `${apiKey}\n`, { mode: 0o600 });
  const entry = {
    type: 'fireblocks',
    url,
    api_key_file: apiKeyFile,
    api_private_key_file: secretFile,
    vault_account_id: vaultAccountId,
    asset_id: assetId,
  };
  return { service: fake, address, entry, secret: privateKey, rotate: () => fake.replaceKey(apiKey) };
}

describeKeyAtService('fireblocks', fireblocks);
