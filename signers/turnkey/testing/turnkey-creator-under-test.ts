// Owns a `turnkey` template beside the fake that it calls, as the suites of key creators want one: one user creates, another one signs.

import type { OpenedTemplate } from '../../../gateway/compose/templates/opened-template.ts';
import { openTurnkeyTemplate } from '../../../gateway/compose/templates/turnkey.ts';
import { Secret } from '../../../gateway/config/secret.ts';
import type { RemoteCreatorUnderTest } from '../../../test/conformance/key-creator.ts';
import { type FakeTurnkey, startFakeTurnkey } from '../../../test/fakes/turnkey/fake-turnkey.ts';

const CREATING = ['ACTIVITY_TYPE_CREATE_WALLET', 'ACTIVITY_TYPE_DELETE_WALLETS'];
const SIGNING = ['ACTIVITY_TYPE_SIGN_TRANSACTION_V2'];

export interface TemplateKeys {
  readonly signing: string;
  readonly creating: string;
}

/** The least that each of the two users needs. */
export function leastKeys(fake: FakeTurnkey): TemplateKeys {
  const { newApiKey, subOrganizationId } = fake;
  return { signing: newApiKey(subOrganizationId, SIGNING), creating: newApiKey(subOrganizationId, CREATING) };
}

export function turnkeyTemplate(
  fake: FakeTurnkey,
  { signing, creating } = leastKeys(fake),
  subOrganizationId: string | null = fake.subOrganizationId,
): OpenedTemplate {
  const apiPrivateKey = (text: string) =>
    ({ secret: { kind: 'value', secret: new Secret(text) }, field: 'api_private_key_env' }) as const;
  const { url, organizationId } = fake;
  return openTurnkeyTemplate(
    {
      kind: 'turnkey',
      terms: { name: 'agents', relayers: ['node'], maxWallets: 100, allowExport: false, allowImport: false },
      signer: {
        url,
        organizationId,
        subOrganizationId,
        apiPrivateKey: apiPrivateKey(signing),
        timeoutMs: null,
        maxInFlight: 8,
        maxWaiting: 8,
      },
      creator: { apiPrivateKey: apiPrivateKey(creating) },
    },
    5_000,
  );
}

export async function openTurnkeyCreator(): Promise<RemoteCreatorUnderTest> {
  const fake = await startFakeTurnkey();
  return {
    template: turnkeyTemplate(fake),
    backend: 'turnkey',
    wantsTransactions: true,
    keepsKeys: true,
    can: ['destroy'],
    service: { ...fake, keysMade: fake.wallets.created },
    cannot: {},
  };
}
