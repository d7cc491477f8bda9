// Owns the `turnkey` entry of the signers.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import { resolveSecret, type SecretConfig } from '../resolve-secret.ts';
import { environmentVariable, path, text } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';
import { checkedServiceUrl } from '../service-url.ts';
import { type RemoteSignerConfig, remoteConfigOf, remoteKeys } from './remote-keys.ts';

const TURNKEY_URL = 'https://api.turnkey.com';

const id = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, { error: 'must be an id of Turnkey: a UUID in lower case' });

export const turnkeySchema = z.strictObject({
  ...remoteKeys,
  type: z.literal('turnkey').describe('A key in the enclaves of Turnkey.'),
  url: text.default(TURNKEY_URL).describe('URL of the API; `https`, or `http` on loopback.'),
  organization_id: id.describe('The organization; the parent, where the wallet is in a sub-organization.'),
  sub_organization_id: id
    .optional()
    .describe("The sub-organization that the wallet and the API key's user are in. Absent: the organization itself."),
  wallet_id: id.optional().describe('The wallet, for checks. Absent: the address is looked for among all accounts.'),
  sign_with: id
    .optional()
    .describe('Id of a private key, where the key is no account of a wallet. Absent: the address.'),
  api_private_key_file: path
    .optional()
    .describe('File that holds the private P-256 API key, as hex. This or `api_private_key_env`.'),
  api_private_key_env: environmentVariable
    .optional()
    .describe('Name of the environment variable that holds the private API key.'),
});

export interface TurnkeyConfig extends RemoteSignerConfig {
  readonly kind: 'turnkey';
  readonly url: string;
  readonly organizationId: string;
  readonly subOrganizationId: string | null;
  readonly walletId: string | null;
  readonly signWith: string | null;
  /** `field`: key of the configuration that names it. */
  readonly apiPrivateKey: { readonly secret: SecretConfig; readonly field: string };
}

export async function resolveTurnkey(
  reader: SectionReader,
  at: KeyPath,
  entry: z.output<typeof turnkeySchema>,
): Promise<TurnkeyConfig | undefined> {
  const { api_private_key_file: file, api_private_key_env: variable } = entry;
  const url = checkedServiceUrl(reader, [...at, 'url'], entry.url, TURNKEY_URL);
  const secret = await resolveSecret(reader, at, { key: 'api_private_key', file, variable });
  if (url === undefined || secret === undefined) return undefined;
  return {
    kind: 'turnkey',
    ...remoteConfigOf(entry),
    url,
    organizationId: entry.organization_id,
    subOrganizationId: entry.sub_organization_id ?? null,
    walletId: entry.wallet_id ?? null,
    signWith: entry.sign_with ?? null,
    apiPrivateKey: { secret, field: file === undefined ? 'api_private_key_env' : 'api_private_key_file' },
  };
}
