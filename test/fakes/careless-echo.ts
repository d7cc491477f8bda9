// Owns what careless services do with what goes wrong: they say with which credentials they were asked.
import type { HttpCall, HttpReply } from './spoiled-http.ts';

/** Of what a gateway may say of a remote text (net/endpoint.ts). */
const CUT_CHARACTERS = 300;
/** Of a long credential, so much comes before the cut. */
const MOST_BEFORE_CUT = 60;
/** Signature Version 4 shows a proof of one call, and no credential. */
const SIGNED = /^AWS4-/;
/** Keys of prose in the errors of the services: `message`, `error`, and the first of `errors`. */
const PROSE: ReadonlySet<string> = new Set(['message', 'error', '0']);
const CREDENTIALS = ['authorization', 'x-vault-token', 'x-stamp', 'x-api-key', 'x-amz-security-token'] as const;

export interface CarelessReply {
  readonly reply: HttpReply;
  /** Credentials that it holds. */
  readonly echoed: readonly string[];
}

/** An error's prose goes on until the credential lies across the place where it will be cut. */
export function carelessReply(reply: HttpReply, { headers }: HttpCall): CarelessReply {
  const sent = CREDENTIALS.map((name) => (headers[name] ?? '').replace(/^\S+ (?=\S+$)/, '')).filter(
    (each) => each !== '' && !SIGNED.test(each),
  );
  const [credential] = sent;
  if (reply.status < 400 || credential === undefined) return { reply, echoed: [] };
  const body = JSON.parse(reply.body, (key: string, value: unknown) =>
    typeof value === 'string' && PROSE.has(key) ? across(value, credential) : value,
  );
  return { reply: { ...reply, body: JSON.stringify(body) }, echoed: [credential] };
}

function across(prose: string, credential: string): string {
  const before = Math.min(Math.floor(credential.length / 2), MOST_BEFORE_CUT);
  return `${prose} `.padEnd(CUT_CHARACTERS - before, '.') + credential;
}
