// Owns the `gcp-kms` entry of the signers.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import { resolveSecret, type SecretConfig } from '../resolve-secret.ts';
import { path, text } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';
import { checkedServerUrl } from '../service-url.ts';
import { type RemoteSignerConfig, remoteConfigOf, remoteKeys } from './remote-keys.ts';

const PART = '[A-Za-z0-9_-]{1,63}';
const KEY_VERSION = new RegExp(
  `^projects/[a-z0-9.:-]{1,100}/locations/${PART}/keyRings/${PART}/cryptoKeys/${PART}/cryptoKeyVersions/[1-9]\\d{0,8}$`,
);

export const gcpKmsSchema = z.strictObject({
  ...remoteKeys,
  type: z.literal('gcp-kms').describe('A key in Google Cloud KMS.'),
  key_version: z
    .string()
    .regex(KEY_VERSION, {
      error: 'must be projects/…/locations/…/keyRings/…/cryptoKeys/…/cryptoKeyVersions/ and a number',
    })
    .describe('Resource name of the only version that signs, of the algorithm EC_SIGN_ED25519.'),
  endpoint: text
    .default('https://cloudkms.googleapis.com')
    .describe('URL of the API, without a path; `https`, or `http` on loopback.'),
  credentials_file: path
    .optional()
    .describe('JSON file of a service account key. Absent: Application Default Credentials.'),
});

export interface GcpKmsConfig extends RemoteSignerConfig {
  readonly kind: 'gcp-kms';
  readonly keyVersion: string;
  readonly endpoint: string;
  /** `null`: Application Default Credentials. */
  readonly keyFile: SecretConfig | null;
}

export async function resolveGcpKms(
  reader: SectionReader,
  at: KeyPath,
  entry: z.output<typeof gcpKmsSchema>,
): Promise<GcpKmsConfig | undefined> {
  const { key_version: keyVersion, credentials_file: file } = entry;
  const example = 'https://cloudkms.googleapis.com';
  const endpoint = checkedServerUrl(reader, [...at, 'endpoint'], entry.endpoint, example);
  const keyFile =
    file === undefined ? null : await resolveSecret(reader, at, { key: 'credentials', file, variable: undefined });
  if (endpoint === undefined || keyFile === undefined) return undefined;
  return { kind: 'gcp-kms', ...remoteConfigOf(entry), keyVersion, endpoint, keyFile };
}
