// Owns a `fireblocks` signer beside the fake that it calls, as the suites of signers want one.
import type { OpenRemoteSigner } from '../../../test/conformance/remote-signer.ts';
import { type FakeFireblocks, startFakeFireblocks } from '../../../test/fakes/fireblocks/fake-fireblocks.ts';
import type { FireblocksOptions } from '../fireblocks-options.ts';
import { createFireblocksSigner } from '../fireblocks-signer.ts';

export function fireblocksOptions(fake: FakeFireblocks, changes: Partial<FireblocksOptions> = {}): FireblocksOptions {
  const { apiKey, privateKey } = fake.newApiUser();
  return {
    name: 'treasury-key',
    address: fake.address,
    url: fake.url,
    apiKey: { read: async () => apiKey, field: 'api_key_file' },
    apiPrivateKey: { read: async () => privateKey, field: 'api_private_key_file' },
    vaultAccountId: fake.vaultAccountId,
    assetId: fake.assetId,
    timeoutMs: 5_000,
    ...changes,
  };
}

export const openFireblocks: OpenRemoteSigner = async () => {
  const fake = await startFakeFireblocks();
  return {
    signer: createFireblocksSigner(fireblocksOptions(fake)),
    service: fake,
    backend: 'fireblocks',
    address: fake.address,
    wantsTransactions: false,
    cannot: {},
  };
};
