// Owns a `turnkey` signer beside the fake that it calls, as the suites of signers want one.
import type { OpenRemoteSigner } from '../../../test/conformance/remote-signer.ts';
import { type FakeTurnkey, RETRY_AFTER_MS, startFakeTurnkey } from '../../../test/fakes/turnkey/fake-turnkey.ts';
import type { TurnkeyOptions } from '../turnkey-options.ts';
import { createTurnkeySigner } from '../turnkey-signer.ts';

export function turnkeyOptions(fake: FakeTurnkey, changes: Partial<TurnkeyOptions> = {}): TurnkeyOptions {
  const apiPrivateKey = fake.newApiKey(changes.subOrganizationId ?? fake.organizationId);
  return {
    name: 'treasury-key',
    address: fake.address,
    url: fake.url,
    organizationId: fake.organizationId,
    subOrganizationId: null,
    signWith: null,
    walletId: null,
    apiPrivateKey: { read: async () => apiPrivateKey, field: 'api_private_key_file' },
    timeoutMs: 5_000,
    ...changes,
  };
}

export const openTurnkey: OpenRemoteSigner = async () => {
  const fake = await startFakeTurnkey();
  return {
    signer: createTurnkeySigner(turnkeyOptions(fake)),
    service: fake,
    backend: 'turnkey',
    address: fake.address,
    retryAfterMs: RETRY_AFTER_MS,
    wantsTransactions: true,
    cannot: {},
  };
};
