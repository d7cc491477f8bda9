// Owns calls of AWS KMS in one region: the SDK's client over our own transport, and credentials before each call.
import { KMSClient } from '@aws-sdk/client-kms';
import { cleanText } from '../../net/endpoint.ts';
import { createHttpClient } from '../../net/http-client.ts';
import { type AccessKey, credentialsOf, resolveCredentials } from './kms-credentials.ts';
import { failureOf, type KmsFailure } from './kms-failure.ts';
import { kmsTransport } from './kms-transport.ts';

export interface KmsCallerOptions {
  readonly region: string;
  /** `null`: that of the region. */
  readonly endpoint: string | null;
  /** `null`: what the SDK finds by itself (environment, shared files, web identity, container, instance). */
  readonly accessKey: AccessKey | null;
  /** Key of the configuration that is named where credentials are not good. */
  readonly credentialsField: string;
  /** For one call, connection included. */
  readonly timeoutMs: number;
}

const MAX_RESPONSE_BYTES = 256 * 1024;

export interface KmsCaller {
  /** `AWS KMS in eu-central-1`, for reasons. */
  readonly about: string;
  /** Never rejects. */
  readonly ask: <T>(
    send: (client: KMSClient, options: SendOptions) => Promise<T>,
    abortSignal: AbortSignal,
  ) => Promise<KmsAsked<T>>;
  readonly close: () => void;
}

export type KmsAsked<T> = { readonly output: T } | { readonly failure: KmsFailure; readonly error: unknown };
type SendOptions = { readonly abortSignal: AbortSignal };

/** Credentials come first, so that without any nothing counts as sent. */
export function createKmsCaller(options: KmsCallerOptions): KmsCaller {
  const { region, endpoint, accessKey, credentialsField, timeoutMs } = options;
  const http = createHttpClient({ timeoutMs, maxResponseBytes: MAX_RESPONSE_BYTES, repeatStale: false });
  const client = new KMSClient({
    region,
    requestHandler: kmsTransport(http),
    // The guard round the signer decides what is tried again.
    maxAttempts: 1,
    retryMode: 'standard',
    ...(endpoint === null ? {} : { endpoint }),
    ...(accessKey === null ? {} : { credentials: credentialsOf(accessKey) }),
  });
  const about = `AWS KMS in ${region}`;
  async function ask<T>(
    send: (client: KMSClient, options: SendOptions) => Promise<T>,
    abortSignal: AbortSignal,
  ): Promise<KmsAsked<T>> {
    const found = await resolveCredentials(() => client.config.credentials(), abortSignal);
    if ('missing' in found) {
      const reason = `${about}: no credentials: ${cleanText(found.missing, [])}`;
      const failure = { kind: 'unavailable', reason, ambiguous: false, field: credentialsField } as const;
      return { failure, error: null };
    }
    const secrets = [found.secretAccessKey, found.sessionToken ?? ''];
    try {
      return { output: await send(client, { abortSignal }) };
    } catch (error) {
      return { failure: failureOf(error, { about, secrets, credentialsField }), error };
    }
  }
  const close = (): void => {
    client.destroy();
    http.close();
  };
  return { about, ask, close };
}
