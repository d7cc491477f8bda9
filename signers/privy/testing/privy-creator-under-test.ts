// Owns a `privy` template beside the fake that it calls, as the suites of key creators want one: people own the wallets, and the gateway's
// key is a signer under a policy.
import type { OpenedTemplate } from '../../../gateway/compose/templates/opened-template.ts';
import { openPrivyTemplate } from '../../../gateway/compose/templates/privy.ts';
import { Secret } from '../../../gateway/config/secret.ts';
import type { NamedSecretConfig } from '../../../gateway/config/signers/named-secret.ts';
import type { PrivyTemplate } from '../../../gateway/config/templates/privy.ts';
import type { RemoteCreatorUnderTest } from '../../../test/conformance/key-creator.ts';
import { type FakePrivy, startFakePrivy } from '../../../test/fakes/privy/fake-privy.ts';

export function secretOf(text: string, field: string): NamedSecretConfig {
  return { secret: { kind: 'value', secret: new Secret(text) }, field };
}

export function privyTemplateConfig(fake: FakePrivy, changes: Partial<PrivyTemplate['creator']> = {}): PrivyTemplate {
  const [owner, own] = [fake.newAuthorizationKey(), fake.newAuthorizationKey()];
  return {
    kind: 'privy',
    terms: { name: 'agents', relayers: ['node'], maxWallets: 100, allowExport: false, allowImport: false },
    signer: {
      url: fake.url,
      appId: fake.appId,
      appSecret: secretOf(fake.newAppSecret('full'), 'app_secret_env'),
      authorizationKey: secretOf(own.privateKey, 'authorization_key_env'),
      timeoutMs: null,
      maxInFlight: 8,
      maxWaiting: 8,
    },
    creator: {
      appSecret: secretOf(fake.appSecret(), 'app_secret_env'),
      ownerId: fake.newQuorum({ publicKeys: [owner.publicKey] }),
      policyId: null,
      signerId: fake.newQuorum({ publicKeys: [own.publicKey] }),
      signerPolicyId: fake.newPolicy(),
      ...changes,
    },
  };
}

export function privyTemplate(fake: FakePrivy, changes: Partial<PrivyTemplate['creator']> = {}): OpenedTemplate {
  return openPrivyTemplate(privyTemplateConfig(fake, changes), 5_000);
}

export async function openPrivyCreator(): Promise<RemoteCreatorUnderTest> {
  const fake = await startFakePrivy();
  return {
    template: privyTemplate(fake),
    backend: 'privy',
    wantsTransactions: true,
    keepsKeys: true,
    can: [],
    service: { ...fake, keysMade: fake.wallets.created },
    cannot: {},
  };
}
