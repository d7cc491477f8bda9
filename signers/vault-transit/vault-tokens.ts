// Owns the token that calls of Vault carry: got when it is needed, renewed before it ends, got anew when it cannot be renewed.
import { type NamedSecret, readSecret } from '../../net/named-secret.ts';
import { untilAborted } from '../until-aborted.ts';
import type { VaultHttp } from './vault-http.ts';
import { isToken, type Lease, logIn, lookUpToken, type NoToken, renewToken, type VaultLogin } from './vault-login.ts';

type TokenAnswer = { readonly kind: 'token'; readonly token: string } | NoToken;

/** What came of a token with which a call was forbidden. */
export type TokenAfterRefusal =
  | TokenAnswer
  /** The token is good: it is the call that its policies forbid. */
  | { readonly kind: 'forbidden' };

export interface VaultTokens {
  readonly current: (signal: AbortSignal) => Promise<TokenAnswer>;
  /** Another token in place of one with which Vault answered 403, if that was because of the token. */
  readonly afterRefusal: (token: string, signal: AbortSignal) => Promise<TokenAfterRefusal>;
  readonly close: () => void;
}

interface Held extends Lease {
  /** Of `performance.now()`; infinite: never. */
  readonly endsAt: number;
}

/** Of what is left of a token, when it is renewed: early enough for several attempts. */
const RENEW_AFTER = 0.6;
/** So that gateways which started together do not all come at once. */
const JITTER = 0.1;
const [MIN_WAIT_MS, RETRY_MS, MAX_TIMER_MS] = [250, 10_000, 2 ** 31 - 1];

export function createVaultTokens(http: VaultHttp, login: VaultLogin): VaultTokens {
  const closing = new AbortController();
  let held: Held | null = null;
  let pending: Promise<TokenAnswer> | null = null;
  let timer: NodeJS.Timeout | undefined;

  function hold(lease: Lease): TokenAnswer {
    const { token, leftMs } = lease;
    held = { ...lease, endsAt: performance.now() + leftMs };
    clearTimeout(timer);
    if (Number.isFinite(leftMs)) wakeAfter(leftMs * (RENEW_AFTER + JITTER * Math.random()));
    return { kind: 'token', token };
  }

  function wakeAfter(delayMs: number): void {
    if (closing.signal.aborted) return;
    timer = setTimeout(() => void prolong(), Math.min(Math.max(delayMs, MIN_WAIT_MS), MAX_TIMER_MS)).unref();
  }

  async function prolong(): Promise<void> {
    const before = held;
    if (before === null) return;
    const renewed = before.isRenewable ? await renewToken(http, before, closing.signal) : 'not renewable';
    if (held !== before) return;
    // Near the greatest age that Vault allows it, a renewed token lasts ever shorter.
    const isGood = typeof renewed !== 'string' && (login.kind === 'token' || renewed.leftMs >= renewed.fullMs / 2);
    if (isGood) return void hold(renewed);
    if (renewed !== 'no answer' && login.kind !== 'token') await obtain();
    const leftMs = before.endsAt - performance.now();
    if (held === before && leftMs > 0) wakeAfter(Math.min(RETRY_MS, leftMs / 2));
  }

  /** One login at a time, whoever waits for it; its end does not depend on the patience of any of them. */
  function obtain(): Promise<TokenAnswer> {
    pending ??= (login.kind === 'token' ? adopt(login.token) : logInAnew(login)).finally(() => {
      pending = null;
    });
    return pending;
  }

  async function logInAnew(by: Parameters<typeof logIn>[1]): Promise<TokenAnswer> {
    const lease = await logIn(http, by, closing.signal);
    return 'kind' in lease ? lease : hold(lease);
  }

  /** The token that is configured now. How long it lasts is asked once, and need not be known. */
  async function adopt(given: NamedSecret): Promise<TokenAnswer> {
    const token = await readSecret(given);
    if (typeof token !== 'string') return { ...token, kind: 'no token' };
    if (!isToken(token)) {
      return { kind: 'no token', field: given.field, reason: 'the token holds characters that no token has' };
    }
    if (held?.token === token) return { kind: 'token', token };
    const lease = await lookUpToken(http, token, closing.signal);
    const unknown: Lease = { token, leftMs: Number.POSITIVE_INFINITY, fullMs: 0, isRenewable: false };
    return hold(lease ?? unknown);
  }

  const heldToken = (): TokenAnswer | null =>
    held !== null && performance.now() < held.endsAt ? { kind: 'token', token: held.token } : null;
  return {
    current: async (signal) => {
      // A token that is given may be another by now; to look costs nothing.
      const token = login.kind === 'token' ? null : heldToken();
      return token ?? unlessAborted(obtain(), signal);
    },
    afterRefusal: async (token, signal) => {
      if ((await lookUpToken(http, token, signal)) !== null) return { kind: 'forbidden' };
      if (held?.token === token) held = null;
      const next = heldToken() ?? (await unlessAborted(obtain(), signal));
      if (next.kind === 'no token' || next.token !== token) return next;
      const field = login.kind === 'token' ? login.token.field : 'auth';
      return {
        kind: 'no token',
        field,
        reason: `Vault ${http.host}: HTTP status 403: the token is a wrong one, or has ended`,
      };
    },
    close: () => {
      clearTimeout(timer);
      closing.abort();
      held = null;
    },
  };
}

/** What was begun goes on when the caller gives up. */
async function unlessAborted(work: Promise<TokenAnswer>, signal: AbortSignal): Promise<TokenAnswer> {
  const reason = 'the caller gave up while a token was got from Vault';
  return (await untilAborted(work, signal)) ?? { kind: 'no token', field: null, reason };
}
