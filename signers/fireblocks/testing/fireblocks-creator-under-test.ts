// Owns a `fireblocks` template beside the fake that it calls, as the suites of key creators want one.

import { openFireblocksTemplate } from '../../../gateway/compose/templates/fireblocks.ts';
import { Secret } from '../../../gateway/config/secret.ts';
import type { FireblocksUserConfig } from '../../../gateway/config/signers/fireblocks.ts';
import type { FireblocksTemplate } from '../../../gateway/config/templates/fireblocks.ts';
import type { RemoteCreatorUnderTest } from '../../../test/conformance/key-creator.ts';
import { type FakeFireblocks, startFakeFireblocks } from '../../../test/fakes/fireblocks/fake-fireblocks.ts';

/** With an API user of its own for each of the two. */
export function fireblocksTemplate(
  fake: FakeFireblocks,
  changes: Partial<FireblocksTemplate['signer'] & FireblocksTemplate['creator']> = {},
): FireblocksTemplate {
  const calls = { timeoutMs: 5_000, maxInFlight: 64, maxWaiting: 256 };
  const { hiddenOnUi = false, ...ofSigner } = changes;
  return {
    kind: 'fireblocks',
    terms: { name: 'agents', relayers: ['node'], maxWallets: 100, allowExport: false, allowImport: false },
    signer: { url: fake.url, assetId: fake.assetId, ...userConfig(fake), ...calls, ...ofSigner },
    creator: { ...userConfig(fake), hiddenOnUi },
  };
}

function userConfig(fake: FakeFireblocks): FireblocksUserConfig {
  const { apiKey, privateKey } = fake.newApiUser();
  const value = (text: string) => ({ kind: 'value', secret: new Secret(text) }) as const;
  return {
    apiKey: { secret: value(apiKey), field: 'api_key_file' },
    apiPrivateKey: { secret: value(privateKey), field: 'api_private_key_file' },
  };
}

export async function openFireblocksUnderTest(): Promise<RemoteCreatorUnderTest & { readonly fake: FakeFireblocks }> {
  const fake = await startFakeFireblocks();
  return {
    fake,
    template: openFireblocksTemplate(fireblocksTemplate(fake), 5_000),
    backend: 'fireblocks',
    wantsTransactions: false,
    keepsKeys: true,
    can: [],
    // The number of a vault account says which key is its wallet's.
    service: { ...fake, changeCalls: fake.signCalls, keysMade: () => fake.vault.made().length },
    cannot: {},
  };
}
