// Owns the `privy` entry of the signers.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import { environmentVariable, path, text } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';
import { checkedServiceUrl } from '../service-url.ts';
import { type NamedSecretConfig, resolveNamedSecret } from './named-secret.ts';
import { type RemoteSignerConfig, remoteConfigOf, remoteKeys } from './remote-keys.ts';

const PRIVY_URL = 'https://api.privy.io';

export const privyId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{8,64}$/, { error: 'must be an id of Privy: letters, digits, dash, underscore' });

export const privyAppSecretKeys = {
  app_secret_file: path.optional().describe("File that holds the app's secret. This or `app_secret_env`."),
  app_secret_env: environmentVariable
    .optional()
    .describe("Name of the environment variable that holds the app's secret."),
};

/** Where wallets are, and who signs with them. */
export const privyAccountKeys = {
  url: text.default(PRIVY_URL).describe('URL of the API; `https`, or `http` on loopback.'),
  app_id: privyId.describe('The app.'),
  ...privyAppSecretKeys,
  authorization_key_file: path
    .optional()
    .describe(
      'File that holds the private P-256 key that authorizes requests, as Privy gives it out. This or `authorization_key_env`.',
    ),
  authorization_key_env: environmentVariable
    .optional()
    .describe('Name of the environment variable that holds the authorization key. Neither: the wallet has no owner.'),
};

export const privySchema = z.strictObject({
  ...remoteKeys,
  type: z.literal('privy').describe("A wallet in Privy's enclaves."),
  ...privyAccountKeys,
  wallet_id: privyId.describe('The wallet.'),
});

export interface PrivyAccountConfig {
  readonly url: string;
  readonly appId: string;
  readonly appSecret: NamedSecretConfig;
  /** `null`: requests are not signed. */
  readonly authorizationKey: NamedSecretConfig | null;
}

export interface PrivyConfig extends RemoteSignerConfig, PrivyAccountConfig {
  readonly kind: 'privy';
  readonly walletId: string;
}

interface AccountEntry {
  readonly url: string;
  readonly app_id: string;
  readonly app_secret_file?: string | undefined;
  readonly app_secret_env?: string | undefined;
  readonly authorization_key_file?: string | undefined;
  readonly authorization_key_env?: string | undefined;
}

export async function resolvePrivyAccount(
  reader: SectionReader,
  at: KeyPath,
  entry: AccountEntry,
): Promise<PrivyAccountConfig | undefined> {
  const url = checkedServiceUrl(reader, [...at, 'url'], entry.url, PRIVY_URL);
  const appSecret = await resolveNamedSecret(reader, at, 'app_secret', entry);
  const isAuthorized = entry.authorization_key_file !== undefined || entry.authorization_key_env !== undefined;
  const authorizationKey = isAuthorized ? await resolveNamedSecret(reader, at, 'authorization_key', entry) : null;
  if (url === undefined || appSecret === undefined || authorizationKey === undefined) return undefined;
  return { url, appId: entry.app_id, appSecret, authorizationKey };
}

export async function resolvePrivy(
  reader: SectionReader,
  at: KeyPath,
  entry: z.output<typeof privySchema>,
): Promise<PrivyConfig | undefined> {
  const account = await resolvePrivyAccount(reader, at, entry);
  return account && { kind: 'privy', ...remoteConfigOf(entry), ...account, walletId: entry.wallet_id };
}
