// Owns the `privy` entry of the signers.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import { environmentVariable, path, text } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';
import { checkedServiceUrl } from '../service-url.ts';
import { type NamedSecretConfig, resolveNamedSecret } from './named-secret.ts';
import { type RemoteSignerConfig, remoteConfigOf, remoteKeys } from './remote-keys.ts';

const PRIVY_URL = 'https://api.privy.io';

const id = z
  .string()
  .regex(/^[A-Za-z0-9_-]{8,64}$/, { error: 'must be an id of Privy: letters, digits, dash, underscore' });

export const privySchema = z.strictObject({
  ...remoteKeys,
  type: z.literal('privy').describe("A wallet in Privy's enclaves."),
  url: text.default(PRIVY_URL).describe('URL of the API; `https`, or `http` on loopback.'),
  app_id: id.describe('The app.'),
  app_secret_file: path.optional().describe("File that holds the app's secret. This or `app_secret_env`."),
  app_secret_env: environmentVariable
    .optional()
    .describe("Name of the environment variable that holds the app's secret."),
  wallet_id: id.describe('The wallet.'),
  authorization_key_file: path
    .optional()
    .describe(
      'File that holds the private P-256 key that authorizes requests, as Privy gives it out. This or `authorization_key_env`.',
    ),
  authorization_key_env: environmentVariable
    .optional()
    .describe('Name of the environment variable that holds the authorization key. Neither: the wallet has no owner.'),
});

export interface PrivyConfig extends RemoteSignerConfig {
  readonly kind: 'privy';
  readonly url: string;
  readonly appId: string;
  readonly appSecret: NamedSecretConfig;
  readonly walletId: string;
  /** `null`: requests are not signed. */
  readonly authorizationKey: NamedSecretConfig | null;
}

type PrivyEntry = z.output<typeof privySchema>;

export async function resolvePrivy(
  reader: SectionReader,
  at: KeyPath,
  entry: PrivyEntry,
): Promise<PrivyConfig | undefined> {
  const url = checkedServiceUrl(reader, [...at, 'url'], entry.url, PRIVY_URL);
  const appSecret = await resolveNamedSecret(reader, at, 'app_secret', entry);
  const isAuthorized = entry.authorization_key_file !== undefined || entry.authorization_key_env !== undefined;
  const authorizationKey = isAuthorized ? await resolveNamedSecret(reader, at, 'authorization_key', entry) : null;
  if (url === undefined || appSecret === undefined || authorizationKey === undefined) return undefined;
  const { app_id: appId, wallet_id: walletId } = entry;
  return { kind: 'privy', ...remoteConfigOf(entry), url, appId, appSecret, walletId, authorizationKey };
}
