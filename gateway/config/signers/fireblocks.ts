// Owns the `fireblocks` entry of the signers.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import { environmentVariable, path, text } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';
import { checkedServiceUrl } from '../service-url.ts';
import { type NamedSecretConfig, resolveNamedSecret } from './named-secret.ts';
import { type RemoteSignerConfig, remoteConfigOf, remoteKeys } from './remote-keys.ts';

const FIREBLOCKS_URL = 'https://api.fireblocks.io/v1';

const vaultAccountId = z
  .string()
  .regex(/^\d{1,20}$/, { error: 'must be the id of a vault account: a number, in quotes' });
const assetId = z.enum(['SOL', 'SOL_TEST']);

export const fireblocksUserKeys = {
  api_key_file: path.optional().describe("File that holds the API key: the API user's id. This or `api_key_env`."),
  api_key_env: environmentVariable.optional().describe('Name of the environment variable that holds the API key.'),
  api_private_key_file: path
    .optional()
    .describe("File that holds the API user's private RSA key, as PEM. This or `api_private_key_env`."),
  api_private_key_env: environmentVariable
    .optional()
    .describe("Name of the environment variable that holds the API user's private key."),
};

/** Where wallets are, and who has them sign. */
export const fireblocksAccountKeys = {
  url: text
    .default(FIREBLOCKS_URL)
    .describe(
      "URL of the API with its version; `https`, or `http` on loopback. Workspaces in the EU, and Fireblocks' sandbox, have others.",
    ),
  ...fireblocksUserKeys,
  asset_id: assetId.default('SOL').describe('The asset of the wallet: `SOL`, or `SOL_TEST` in workspaces for tests.'),
};

export const fireblocksSchema = z.strictObject({
  ...remoteKeys,
  type: z.literal('fireblocks').describe("The key of a vault account's wallet at Fireblocks."),
  ...fireblocksAccountKeys,
  vault_account_id: vaultAccountId.describe('The vault account that the wallet is in.'),
});

export interface FireblocksUserConfig {
  readonly apiKey: NamedSecretConfig;
  readonly apiPrivateKey: NamedSecretConfig;
}

export interface FireblocksAccountConfig extends FireblocksUserConfig {
  readonly url: string;
  readonly assetId: string;
}

export interface FireblocksConfig extends RemoteSignerConfig, FireblocksAccountConfig {
  readonly kind: 'fireblocks';
  readonly vaultAccountId: string;
}

type SecretName = 'api_key' | 'api_private_key';
type UserEntry = { readonly [key in `${SecretName}_file` | `${SecretName}_env`]?: string | undefined };

export async function resolveFireblocksUser(
  reader: SectionReader,
  at: KeyPath,
  entry: UserEntry,
): Promise<FireblocksUserConfig | undefined> {
  const apiKey = await resolveNamedSecret(reader, at, 'api_key', entry);
  const apiPrivateKey = await resolveNamedSecret(reader, at, 'api_private_key', entry);
  return apiKey && apiPrivateKey && { apiKey, apiPrivateKey };
}

export async function resolveFireblocksAccount(
  reader: SectionReader,
  at: KeyPath,
  entry: UserEntry & { readonly url: string; readonly asset_id: string },
): Promise<FireblocksAccountConfig | undefined> {
  const url = checkedUrl(reader, [...at, 'url'], entry.url);
  const user = await resolveFireblocksUser(reader, at, entry);
  return url === undefined || user === undefined ? undefined : { url, ...user, assetId: entry.asset_id };
}

export async function resolveFireblocks(
  reader: SectionReader,
  at: KeyPath,
  entry: z.output<typeof fireblocksSchema>,
): Promise<FireblocksConfig | undefined> {
  const account = await resolveFireblocksAccount(reader, at, entry);
  return (
    account && { kind: 'fireblocks', ...remoteConfigOf(entry), ...account, vaultAccountId: entry.vault_account_id }
  );
}

function checkedUrl(reader: SectionReader, at: KeyPath, given: string): string | undefined {
  const url = checkedServiceUrl(reader, at, given, FIREBLOCKS_URL);
  if (url === undefined || /\/v\d+\/?$/.test(url)) return url;
  return reader.refuse(at, `must end with the version of the API, such as ${FIREBLOCKS_URL}`);
}
