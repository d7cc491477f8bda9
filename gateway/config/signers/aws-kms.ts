// Owns the `aws-kms` entry of the signers.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import { resolveSecret, type SecretConfig } from '../resolve-secret.ts';
import { environmentVariable, path, text } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';
import { checkedServiceUrl } from '../service-url.ts';
import { type RemoteSignerConfig, remoteConfigOf, remoteKeys } from './remote-keys.ts';

export const keyArn = z.string().regex(/^arn:aws[a-z-]{0,16}:kms:[a-z0-9-]{4,32}:\d{12}:key\/[A-Za-z0-9-]{1,64}$/, {
  error: 'must be the ARN of a key (no alias): arn:aws:kms:eu-central-1:111122223333:key/…',
});

/** Of how KMS is reached and who asks it, whatever key it is for. */
export const awsAccountKeys = {
  endpoint: text
    .optional()
    .describe("URL of KMS, such as that of a VPC endpoint; `https`, or `http` on loopback. Absent: the region's own."),
  access_key_id: z
    .string()
    .regex(/^\w{16,128}$/, { error: 'must be an access key id, such as AKIAIOSFODNN7EXAMPLE' })
    .optional()
    .describe(
      'Access key. Absent: what the AWS SDK finds by itself (environment, shared files, web identity, container, instance).',
    ),
  secret_access_key_file: path
    .optional()
    .describe('With `access_key_id`: file that holds its secret. This or `secret_access_key_env`.'),
  secret_access_key_env: environmentVariable
    .optional()
    .describe("Name of the environment variable that holds the access key's secret."),
  session_token_file: path
    .optional()
    .describe(
      'With an access key that is temporary: file that holds its session token, renewed together with the secret.',
    ),
};

type AwsAccountEntry = z.output<z.ZodObject<typeof awsAccountKeys>>;

export const awsKmsSchema = z.strictObject({
  ...remoteKeys,
  type: z.literal('aws-kms').describe('A key in AWS Key Management Service.'),
  key_arn: keyArn.describe(
    'ARN of the key, of the key spec ECC_NIST_EDWARDS25519. Its region is the one that is called.',
  ),
  ...awsAccountKeys,
});

export interface AccessKeyConfig {
  readonly accessKeyId: string;
  readonly secret: SecretConfig;
  /** `null`: the key is not temporary. */
  readonly sessionToken: SecretConfig | null;
  /** Key of the configuration that names the secret. */
  readonly field: string;
}

export interface AwsAccountConfig {
  /** `null`: the region's own. */
  readonly endpoint: string | null;
  /** `null`: what the SDK finds by itself. */
  readonly accessKey: AccessKeyConfig | null;
}

export interface AwsKmsConfig extends RemoteSignerConfig, AwsAccountConfig {
  readonly kind: 'aws-kms';
  readonly keyArn: string;
}

export async function resolveAwsKms(
  reader: SectionReader,
  at: KeyPath,
  entry: z.output<typeof awsKmsSchema>,
): Promise<AwsKmsConfig | undefined> {
  const account = await resolveAwsAccount(reader, at, entry);
  return account && { kind: 'aws-kms', ...remoteConfigOf(entry), keyArn: entry.key_arn, ...account };
}

/** `at`: of the mapping that has the keys. */
export async function resolveAwsAccount(
  reader: SectionReader,
  at: KeyPath,
  entry: AwsAccountEntry,
): Promise<AwsAccountConfig | undefined> {
  const { endpoint: url } = entry;
  const example = 'https://kms.eu-central-1.amazonaws.com';
  const endpoint = url === undefined ? null : checkedServiceUrl(reader, [...at, 'endpoint'], url, example);
  const accessKey = await resolveAccessKey(reader, at, entry);
  return endpoint === undefined || accessKey === undefined ? undefined : { endpoint, accessKey };
}

async function resolveAccessKey(
  reader: SectionReader,
  at: KeyPath,
  { access_key_id, secret_access_key_file, secret_access_key_env, session_token_file }: AwsAccountEntry,
): Promise<AccessKeyConfig | null | undefined> {
  if (access_key_id === undefined) {
    const rest = { secret_access_key_file, secret_access_key_env, session_token_file };
    const [given] = Object.entries(rest).find(([, value]) => value !== undefined) ?? [];
    return given === undefined ? null : reader.refuse([...at, given], 'is nothing without access_key_id');
  }
  const keys = { key: 'secret_access_key', file: secret_access_key_file, variable: secret_access_key_env };
  const secret = await resolveSecret(reader, at, keys);
  const sessionToken =
    session_token_file === undefined
      ? null
      : await resolveSecret(reader, at, { key: 'session_token', file: session_token_file, variable: undefined });
  if (secret === undefined || sessionToken === undefined) return undefined;
  const field = secret_access_key_file === undefined ? 'secret_access_key_env' : 'secret_access_key_file';
  return { accessKeyId: access_key_id, secret, sessionToken, field };
}
