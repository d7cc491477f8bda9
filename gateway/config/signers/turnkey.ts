// Owns the `turnkey` entry of the signers.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import { environmentVariable, path, text } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';
import { checkedServiceUrl } from '../service-url.ts';
import { type NamedSecretConfig, resolveNamedSecret } from './named-secret.ts';
import { type RemoteSignerConfig, remoteConfigOf, remoteKeys } from './remote-keys.ts';

const TURNKEY_URL = 'https://api.turnkey.com';

const id = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, { error: 'must be an id of Turnkey: a UUID in lower case' });

export const turnkeyApiKeyKeys = {
  api_private_key_file: path
    .optional()
    .describe('File that holds the private P-256 API key, as hex. This or `api_private_key_env`.'),
  api_private_key_env: environmentVariable
    .optional()
    .describe('Name of the environment variable that holds the private API key.'),
};

/** Where keys are, and who signs with them. */
export const turnkeyAccountKeys = {
  url: text.default(TURNKEY_URL).describe('URL of the API; `https`, or `http` on loopback.'),
  organization_id: id.describe('The organization; the parent, where the wallet is in a sub-organization.'),
  sub_organization_id: id
    .optional()
    .describe("The sub-organization that the wallet and the API key's user are in. Absent: the organization itself."),
  ...turnkeyApiKeyKeys,
};

export const turnkeySchema = z.strictObject({
  ...remoteKeys,
  type: z.literal('turnkey').describe('A key in the enclaves of Turnkey.'),
  ...turnkeyAccountKeys,
  wallet_id: id.optional().describe('The wallet, for checks. Absent: the address is looked for among all accounts.'),
  sign_with: id
    .optional()
    .describe('Id of a private key, where the key is no account of a wallet. Absent: the address.'),
});

export interface TurnkeyAccountConfig {
  readonly url: string;
  readonly organizationId: string;
  readonly subOrganizationId: string | null;
  readonly apiPrivateKey: NamedSecretConfig;
}

export interface TurnkeyConfig extends RemoteSignerConfig, TurnkeyAccountConfig {
  readonly kind: 'turnkey';
  readonly walletId: string | null;
  readonly signWith: string | null;
}

interface AccountEntry {
  readonly url: string;
  readonly organization_id: string;
  readonly sub_organization_id?: string | undefined;
  readonly api_private_key_file?: string | undefined;
  readonly api_private_key_env?: string | undefined;
}

export async function resolveTurnkeyAccount(
  reader: SectionReader,
  at: KeyPath,
  entry: AccountEntry,
): Promise<TurnkeyAccountConfig | undefined> {
  const url = checkedServiceUrl(reader, [...at, 'url'], entry.url, TURNKEY_URL);
  const apiPrivateKey = await resolveNamedSecret(reader, at, 'api_private_key', entry);
  if (url === undefined || apiPrivateKey === undefined) return undefined;
  const { organization_id: organizationId, sub_organization_id: subOrganizationId = null } = entry;
  return { url, organizationId, subOrganizationId, apiPrivateKey };
}

export async function resolveTurnkey(
  reader: SectionReader,
  at: KeyPath,
  entry: z.output<typeof turnkeySchema>,
): Promise<TurnkeyConfig | undefined> {
  const account = await resolveTurnkeyAccount(reader, at, entry);
  if (account === undefined) return undefined;
  const { wallet_id: walletId = null, sign_with: signWith = null } = entry;
  return { kind: 'turnkey', ...remoteConfigOf(entry), ...account, walletId, signWith };
}
