// Owns a `privy` signer beside the fake that it calls, as the suites of signers want one: its key is a signer of a wallet that others own.
import type { OpenRemoteSigner } from '../../../test/conformance/remote-signer.ts';
import { type FakePrivy, RETRY_AFTER_MS, startFakePrivy } from '../../../test/fakes/privy/fake-privy.ts';
import type { PrivyOptions } from '../privy-options.ts';
import { createPrivySigner } from '../privy-signer.ts';

export const POLICY_ID = 'tb54eps4z44ed0jepousxi4n';

export function privyOptions(fake: FakePrivy, changes: Partial<PrivyOptions> = {}): PrivyOptions {
  return {
    name: 'treasury-key',
    address: fake.address,
    url: fake.url,
    appId: fake.appId,
    appSecret: { read: async () => fake.appSecret(), field: 'app_secret_file' },
    walletId: fake.walletId,
    authorizationKey: null,
    timeoutMs: 5_000,
    ...changes,
  };
}

/** The wallet gets an owner, and this key as a signer. */
export function withOwnKey(fake: FakePrivy): PrivyOptions {
  const [owner, own] = [fake.newAuthorizationKey(), fake.newAuthorizationKey()];
  fake.changeWallet({
    owner_id: fake.newQuorum({ publicKeys: [owner.publicKey] }),
    additional_signers: [
      { signer_id: fake.newQuorum({ publicKeys: [own.publicKey] }), override_policy_ids: [POLICY_ID] },
    ],
  });
  const authorizationKey = { read: async () => own.privateKey, field: 'authorization_key_file' };
  return privyOptions(fake, { authorizationKey });
}

export const openPrivy: OpenRemoteSigner = async () => {
  const fake = await startFakePrivy();
  return {
    signer: createPrivySigner(withOwnKey(fake)),
    service: fake,
    backend: 'privy',
    address: fake.address,
    retryAfterMs: RETRY_AFTER_MS,
    wantsTransactions: true,
    cannot: {},
  };
};
