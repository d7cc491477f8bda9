// Owns the credentials of AWS that a signer is given: an access key whose secret may rotate, or what the SDK finds by itself.
import type { SecretSource } from '../../net/secret-source.ts';
import { whyNoCredentials } from '../no-credentials.ts';
import { untilAborted } from '../until-aborted.ts';

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: SecretSource;
  /** `null`: a key that does not end by itself. */
  readonly sessionToken: SecretSource | null;
}

/** What the SDK signs requests with. */
export interface KmsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The SDK keeps credentials until shortly before they end: of these it asks anew with each call. Rejects where a secret cannot be read. */
export function credentialsOf({ accessKeyId, secretAccessKey, sessionToken }: AccessKey) {
  return async (): Promise<KmsCredentials & { readonly expiration: Date }> => {
    const key = { accessKeyId, secretAccessKey: (await secretAccessKey()).trim(), expiration: new Date() };
    return sessionToken === null ? key : { ...key, sessionToken: (await sessionToken()).trim() };
  };
}

/** Resolves with a reason where there are none, and at once when the caller gives up. */
export async function resolveCredentials(
  provider: () => Promise<KmsCredentials>,
  signal: AbortSignal,
): Promise<KmsCredentials | { readonly missing: string }> {
  try {
    const missing = 'the caller gave up while credentials of AWS were looked for';
    return (await untilAborted(provider(), signal)) ?? { missing };
  } catch (error) {
    return { missing: whyNoCredentials(error) };
  }
}
