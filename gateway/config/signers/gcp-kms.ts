// Owns the `gcp-kms` entry of the signers.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import { resolveSecret, type SecretConfig } from '../resolve-secret.ts';
import { path, text } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';
import { checkedServerUrl } from '../service-url.ts';
import { type RemoteSignerConfig, remoteConfigOf, remoteKeys } from './remote-keys.ts';

const PART = '[A-Za-z0-9_-]{1,63}';
const KEY_RING = `projects/[a-z0-9.:-]{1,100}/locations/${PART}/keyRings/${PART}`;

export const keyRing = z.string().regex(new RegExp(`^${KEY_RING}$`), {
  error: 'must be projects/…/locations/…/keyRings/…',
});

export const keyVersion = z
  .string()
  .regex(new RegExp(`^${KEY_RING}/cryptoKeys/${PART}/cryptoKeyVersions/[1-9]\\d{0,8}$`), {
    error: 'must be projects/…/locations/…/keyRings/…/cryptoKeys/…/cryptoKeyVersions/ and a number',
  });

/** Of how Cloud KMS is reached and who asks it, whatever key it is for. */
export const gcpAccountKeys = {
  endpoint: text
    .default('https://cloudkms.googleapis.com')
    .describe('URL of the API, without a path; `https`, or `http` on loopback.'),
  credentials_file: path
    .optional()
    .describe('JSON file of a service account key. Absent: Application Default Credentials.'),
};

export const gcpKmsSchema = z.strictObject({
  ...remoteKeys,
  type: z.literal('gcp-kms').describe('A key in Google Cloud KMS.'),
  key_version: keyVersion.describe('Resource name of the only version that signs, of the algorithm EC_SIGN_ED25519.'),
  ...gcpAccountKeys,
});

export interface GcpAccountConfig {
  readonly endpoint: string;
  /** `null`: Application Default Credentials. */
  readonly keyFile: SecretConfig | null;
}

export interface GcpKmsConfig extends RemoteSignerConfig, GcpAccountConfig {
  readonly kind: 'gcp-kms';
  readonly keyVersion: string;
}

export async function resolveGcpKms(
  reader: SectionReader,
  at: KeyPath,
  entry: z.output<typeof gcpKmsSchema>,
): Promise<GcpKmsConfig | undefined> {
  const account = await resolveGcpAccount(reader, at, entry);
  return account && { kind: 'gcp-kms', ...remoteConfigOf(entry), keyVersion: entry.key_version, ...account };
}

/** `at`: of the mapping that has the keys. */
export async function resolveGcpAccount(
  reader: SectionReader,
  at: KeyPath,
  { endpoint: url, credentials_file: file }: z.output<z.ZodObject<typeof gcpAccountKeys>>,
): Promise<GcpAccountConfig | undefined> {
  const endpoint = checkedServerUrl(reader, [...at, 'endpoint'], url, 'https://cloudkms.googleapis.com');
  const keyFile =
    file === undefined ? null : await resolveSecret(reader, at, { key: 'credentials', file, variable: undefined });
  return endpoint === undefined || keyFile === undefined ? undefined : { endpoint, keyFile };
}
