// Owns how calls of Cloud KMS prove who makes them: by the key of a service account, or by what Google's library finds by itself.
import { GoogleAuth, JWT } from 'google-auth-library';
import * as z from 'zod';
import type { SecretSource } from '../../net/secret-source.ts';
import { whyNoCredentials } from '../no-credentials.ts';
import { untilAborted } from '../until-aborted.ts';

export type AuthHeaders =
  | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'none'; readonly reason: string };

export interface GoogleCredentials {
  /** Of the next call. Never rejects. */
  readonly headers: (signal: AbortSignal) => Promise<AuthHeaders>;
  /** What was found is not good any more: it is looked for anew. */
  readonly forget: () => void;
}

/** The audience of a token that a service account makes itself: good for Cloud KMS, wherever it is reached, and for nothing else. */
const AUDIENCE = 'https://cloudkms.googleapis.com/';
const SCOPE = 'https://www.googleapis.com/auth/cloudkms';

const serviceAccountKey = z.object({
  type: z.literal('service_account'),
  client_email: z.string().min(1),
  private_key: z.string().min(1),
  private_key_id: z.string().optional(),
});

type HeaderSource = { getRequestHeaders(url?: string): Promise<Headers> };

/** `keyFile`: the JSON of a service account's key; `null`: Application Default Credentials. */
export function createGoogleCredentials(keyFile: SecretSource | null): GoogleCredentials {
  let last: { readonly text: string; readonly source: HeaderSource } | null = null;
  async function source(): Promise<HeaderSource> {
    const text = keyFile === null ? '' : await keyFile();
    if (last?.text !== text) last = { text, source: keyFile === null ? defaultSource() : serviceAccount(text) };
    return last.source;
  }
  async function found(): Promise<AuthHeaders> {
    const headers = await (await source()).getRequestHeaders(AUDIENCE);
    return { kind: 'headers', headers: Object.fromEntries(headers.entries()) };
  }
  return {
    headers: async (signal) => {
      try {
        const gaveUp = { kind: 'none', reason: 'the caller gave up while credentials were looked for' } as const;
        return (await untilAborted(found(), signal)) ?? gaveUp;
      } catch (error) {
        return { kind: 'none', reason: whyNoCredentials(error) };
      }
    },
    forget: () => {
      last = null;
    },
  };
}

/**
 * Calls name their project in the key, and no header has this one. Where none is given, the library looks for one before it answers, also by
 * running `gcloud`, which may take longer than a call has.
 */
const PROJECT_IN_THE_KEY = 'countersign';

function defaultSource(): HeaderSource {
  return new GoogleAuth({ scopes: SCOPE, projectId: PROJECT_IN_THE_KEY });
}

function serviceAccount(text: string): HeaderSource {
  const parsed = serviceAccountKey.safeParse(jsonOf(text));
  if (!parsed.success) throw new Error('the file is not the JSON of a service account key (type service_account)');
  const { client_email: email, private_key: key, private_key_id: keyId } = parsed.data;
  return new JWT({ email, key, ...(keyId === undefined ? {} : { keyId }) });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
