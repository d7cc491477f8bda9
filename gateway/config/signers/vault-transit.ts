// Owns the `vault-transit` entry of the signers.
import * as z from 'zod';
import { unreadable } from '../file-checks.ts';
import type { KeyPath } from '../problem.ts';
import { resolveSecret, type SecretConfig } from '../resolve-secret.ts';
import { environmentVariable, path, text } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';
import { checkedServerUrl } from '../service-url.ts';
import { type RemoteSignerConfig, remoteConfigOf, remoteKeys } from './remote-keys.ts';
import { resolveServiceTls, type ServiceTls, serviceTlsKeys } from './service-tls.ts';

const pathInVault = z
  .string()
  .regex(/^[\w.-]{1,128}(\/[\w.-]{1,128}){0,7}$/, { error: 'must be a path in Vault, without a slash at either end' });

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Where the engine is. */
const vaultPlaceKeys = {
  url: text.describe('URL of the server, without a path; `https`, or `http` on loopback.'),
  namespace: pathInVault.optional().describe('Namespace that holds the engine and the login. Absent: the root.'),
  mount: pathInVault.default('transit').describe('Where the transit engine is mounted.'),
};

export const vaultLoginKeys = {
  auth: z
    .enum(['token', 'approle', 'kubernetes'])
    .describe(
      'How the gateway logs in: with a token that it is given, or for one, by AppRole or by its service account.',
    ),
  auth_mount: pathInVault
    .optional()
    .describe('Where that login is mounted. Absent: `approle` or `kubernetes`, after `auth`.'),
  token_file: path.optional().describe('With `auth: token`: file that holds it. This or `token_env`.'),
  token_env: environmentVariable.optional().describe('Name of the environment variable that holds the token.'),
  role_id: text.optional().describe('With `auth: approle`: the RoleID. It is no secret.'),
  secret_id_file: path
    .optional()
    .describe('With `auth: approle`: file that holds the SecretID. This or `secret_id_env`.'),
  secret_id_env: environmentVariable.optional().describe('Name of the environment variable that holds the SecretID.'),
  role: text.optional().describe('With `auth: kubernetes`: the role to log in with.'),
  jwt_file: path
    .optional()
    .describe(`With \`auth: kubernetes\`: the token of the service account. Absent: \`${SERVICE_ACCOUNT_TOKEN}\`.`),
};

/** Where keys are, and who signs with them. */
export const vaultAccountKeys = { ...vaultPlaceKeys, ...vaultLoginKeys, ...serviceTlsKeys };

export const vaultTransitSchema = z.strictObject({
  ...remoteKeys,
  type: z.literal('vault-transit').describe('A key in the transit engine of HashiCorp Vault or OpenBao.'),
  ...vaultPlaceKeys,
  key: z
    .string()
    .regex(/^[\w.-]{1,128}$/, { error: 'must be the name of a key: letters, digits, dot, dash and underscore' })
    .describe('Name of the key, of type ed25519.'),
  key_version: z
    .int()
    .min(1)
    .max(999_999_999)
    .describe('The only version that signs. After a rotation the next version is another address.'),
  ...vaultLoginKeys,
  ...serviceTlsKeys,
});

type VaultLoginEntry = z.output<z.ZodObject<typeof vaultLoginKeys>>;
type VaultAccountEntry = z.output<z.ZodObject<typeof vaultAccountKeys>>;

export type VaultLoginConfig =
  /** `field`: key of the configuration that names the secret. */
  | { readonly kind: 'token'; readonly token: SecretConfig; readonly field: string }
  | {
      readonly kind: 'approle';
      readonly mount: string;
      readonly roleId: string;
      readonly secretId: SecretConfig;
      readonly field: string;
    }
  | { readonly kind: 'kubernetes'; readonly mount: string; readonly role: string; readonly jwtFile: string };

export interface VaultAccountConfig {
  readonly url: string;
  /** `null`: the root. */
  readonly namespace: string | null;
  readonly mount: string;
  readonly login: VaultLoginConfig;
  readonly tls: ServiceTls;
}

export interface VaultTransitConfig extends RemoteSignerConfig, VaultAccountConfig {
  readonly kind: 'vault-transit';
  readonly key: string;
  readonly keyVersion: number;
}

export async function resolveVaultAccount(
  reader: SectionReader,
  at: KeyPath,
  entry: VaultAccountEntry,
): Promise<VaultAccountConfig | undefined> {
  const url = checkedServerUrl(reader, [...at, 'url'], entry.url, 'https://vault.example.com:8200');
  const login = await resolveVaultLogin(reader, at, entry);
  const tls = await resolveServiceTls(reader, at, entry);
  if (url === undefined || login === undefined || tls === undefined) return undefined;
  const { mount, namespace = null } = entry;
  return { url, namespace, mount, login, tls };
}

export async function resolveVaultTransit(
  reader: SectionReader,
  at: KeyPath,
  entry: z.output<typeof vaultTransitSchema>,
): Promise<VaultTransitConfig | undefined> {
  const account = await resolveVaultAccount(reader, at, entry);
  if (account === undefined) return undefined;
  const { key, key_version: keyVersion } = entry;
  return { kind: 'vault-transit', ...remoteConfigOf(entry), ...account, key, keyVersion };
}

const KEYS_OF_LOGIN = {
  token: ['token_file', 'token_env'],
  approle: ['auth_mount', 'role_id', 'secret_id_file', 'secret_id_env'],
  kubernetes: ['auth_mount', 'role', 'jwt_file'],
} as const;

export async function resolveVaultLogin(
  reader: SectionReader,
  at: KeyPath,
  entry: VaultLoginEntry,
): Promise<VaultLoginConfig | undefined> {
  const { auth } = entry;
  const own: readonly string[] = KEYS_OF_LOGIN[auth];
  const foreign = new Set(
    Object.values(KEYS_OF_LOGIN)
      .flat()
      .filter((key) => !own.includes(key)),
  );
  for (const key of foreign) {
    if (entry[key] !== undefined) reader.refuse([...at, key], `is not for auth: ${auth}; take it away`);
  }
  switch (auth) {
    case 'token': {
      const { token_file: file, token_env: variable } = entry;
      const token = await resolveSecret(reader, at, { key: 'token', file, variable });
      return token && { kind: 'token', token, field: file === undefined ? 'token_env' : 'token_file' };
    }
    case 'approle': {
      const { role_id: roleId, secret_id_file: file, secret_id_env: variable, auth_mount: mount = 'approle' } = entry;
      const secretId = await resolveSecret(reader, at, { key: 'secret_id', file, variable });
      if (roleId === undefined) return reader.refuse(at, 'needs role_id with auth: approle');
      const field = file === undefined ? 'secret_id_env' : 'secret_id_file';
      return secretId && { kind: 'approle', mount, roleId, secretId, field };
    }
    case 'kubernetes': {
      const { role, jwt_file = SERVICE_ACCOUNT_TOKEN, auth_mount: mount = 'kubernetes' } = entry;
      if (role === undefined) return reader.refuse(at, 'needs role with auth: kubernetes');
      const path = [...at, 'jwt_file'];
      const jwtFile = reader.absolute(path, jwt_file);
      const problem = await unreadable(jwtFile);
      return problem === null ? { kind: 'kubernetes', mount, role, jwtFile } : reader.lacks(path, problem);
    }
  }
}
