// Owns the ways to get a token of Vault and to keep it: logins by AppRole and Kubernetes, renewal, and the look at a token that was given.
import * as z from 'zod';
import { type NamedSecret, readSecret } from '../../net/named-secret.ts';
import { type VaultAnswer, type VaultHttp, vaultPath } from './vault-http.ts';

export type VaultLogin =
  | { readonly kind: 'token'; readonly token: NamedSecret }
  | { readonly kind: 'approle'; readonly mount: string; readonly roleId: string; readonly secretId: NamedSecret }
  | { readonly kind: 'kubernetes'; readonly mount: string; readonly role: string; readonly jwt: NamedSecret };

export interface Lease {
  readonly token: string;
  /** Infinite: it never ends. */
  readonly leftMs: number;
  /** How long it lasted when it was new. */
  readonly fullMs: number;
  readonly isRenewable: boolean;
}

export interface NoToken {
  readonly kind: 'no token';
  readonly reason: string;
  /** Key of the configuration to look at; `null`: Vault is at fault. */
  readonly field: string | null;
  readonly retryAfterMs?: number;
  readonly cause?: 'throttled';
}

const authAnswer = z.object({
  auth: z.object({
    client_token: z.string().min(1),
    lease_duration: z.int().min(0),
    renewable: z.boolean(),
  }),
});

const lookupAnswer = z.object({
  data: z.object({ ttl: z.int().min(0), creation_ttl: z.int().min(0), renewable: z.boolean() }),
});

/** Of the answer to a login or a renewal; `null`: there is none in it. */
function leaseOf(body: unknown): Lease | null {
  const parsed = authAnswer.safeParse(body);
  if (!parsed.success) return null;
  const { client_token: token, lease_duration, renewable: isRenewable } = parsed.data.auth;
  const leftMs = lease_duration === 0 ? Number.POSITIVE_INFINITY : lease_duration * 1_000;
  return isToken(token) ? { token, leftMs, fullMs: leftMs, isRenewable } : null;
}

/** Whether it can stand in a header. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]{1,8192}$/.test(text);
}

/** `null`: the token is not good, or may not look itself up, or there was no answer. */
export async function lookUpToken(http: VaultHttp, token: string, signal: AbortSignal): Promise<Lease | null> {
  const answer = await http.call({ method: 'GET', path: 'auth/token/lookup-self', token }, signal);
  const parsed = answer.kind === 'answered' ? lookupAnswer.safeParse(answer.body) : null;
  if (parsed?.success !== true) return null;
  const { ttl, creation_ttl, renewable: isRenewable } = parsed.data.data;
  const leftMs = ttl === 0 ? Number.POSITIVE_INFINITY : ttl * 1_000;
  return { token, leftMs, fullMs: creation_ttl * 1_000, isRenewable };
}

export async function renewToken(
  http: VaultHttp,
  { token, fullMs }: Lease,
  signal: AbortSignal,
): Promise<Lease | 'not renewable' | 'no answer'> {
  const answer = await http.call({ method: 'POST', path: 'auth/token/renew-self', body: {}, token }, signal);
  if (answer.kind === 'lost' || (answer.kind === 'error' && answer.status >= 429)) return 'no answer';
  const lease = answer.kind === 'answered' ? leaseOf(answer.body) : null;
  // Only a token that ends is renewed: one of which nothing is left has reached its greatest age.
  return lease !== null && Number.isFinite(lease.leftMs) ? { ...lease, fullMs } : 'not renewable';
}

type LoginByRole = Exclude<VaultLogin, { readonly kind: 'token' }>;

export async function logIn(http: VaultHttp, login: LoginByRole, signal: AbortSignal): Promise<Lease | NoToken> {
  const named = login.kind === 'approle' ? login.secretId : login.jwt;
  const secret = await readSecret(named);
  if (typeof secret !== 'string') return { ...secret, kind: 'no token' };
  const body =
    login.kind === 'approle' ? { role_id: login.roleId, secret_id: secret } : { role: login.role, jwt: secret };
  const path = vaultPath('auth', login.mount, 'login');
  const answer = await http.call({ method: 'POST', path, body, token: null, secrets: [secret] }, signal);
  if (answer.kind !== 'answered') return loginFailed(login.kind, named.field, answer);
  const lease = leaseOf(answer.body);
  if (lease !== null) return lease;
  const reason = `Vault ${http.host}: the login gave no token; one that asks for a second factor cannot be used here`;
  return { kind: 'no token', field: 'auth', reason };
}

function loginFailed(
  kind: LoginByRole['kind'],
  field: string,
  answer: Exclude<VaultAnswer, { readonly kind: 'answered' }>,
): NoToken {
  if (answer.kind === 'lost') return { kind: 'no token', field: 'url', reason: `login by ${kind}: ${answer.reason}` };
  const { status, reason, retryAfterMs } = answer;
  const failed = { kind: 'no token', reason: `login by ${kind}: ${reason}` } as const;
  if (status === 429) {
    return { ...failed, field: null, cause: 'throttled', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  if (status >= 500) return { ...failed, field: null };
  return { ...failed, field: suspectOf(kind, status, field) };
}

/** AppRole answers 400 to a wrong secret, Kubernetes 403, and 400 to a role that is not there; where no login is mounted Vault answers 403. */
function suspectOf(kind: LoginByRole['kind'], status: number, secretField: string): string {
  if (status === 404) return 'auth_mount';
  if (kind === 'approle') return status === 403 ? 'auth_mount' : secretField;
  return status === 400 ? 'role' : secretField;
}
