// Owns how many calls somebody may make: a principal by its rate, and a place whose callers nobody knows by that of failed attempts.
import { hash } from 'node:crypto';
import type { Metadata } from '@grpc/grpc-js';
import { ERROR_SPECS, GatewayError } from '../core/errors.ts';
import type { Principal } from '../core/principal/principal.ts';
import { createLocalRateLimiter } from '../replicas/in-process/local-rate-limiter.ts';
import type { Rate, RateLimiter } from '../replicas/rate-limiter.ts';
import { peerNetwork } from './peer-network.ts';

export interface CallRates {
  /** Of each agent, with all its keys. */
  readonly agent: Rate;
  /** Of those agents instead, by id. */
  readonly agents: ReadonlyMap<string, Rate>;
  readonly operator: Rate;
  /** Attempts from one place that do not get in. */
  readonly failedAttempts: Rate;
}

export const LIMIT_KINDS = ['agent', 'operator', 'failed_attempts'] as const;
export type LimitKind = (typeof LIMIT_KINDS)[number];

export interface CallLimitsOptions {
  readonly limiter: RateLimiter;
  readonly rates: CallRates;
  readonly observer: { rateLimited(limit: LimitKind): void };
}

export interface IncomingCall {
  readonly metadata: Metadata;
  getPeer(): string;
}

export interface CallLimits {
  /** Whom `admit` lets in, if the caller may make one more call; throws RATE_LIMITED, or what `admit` throws. */
  admit<P extends Principal | null>(call: IncomingCall, admit: Admit<P>): Promise<P>;
}

type Admit<P> = (metadata: Metadata) => P | Promise<P>;

/** For what everybody may ask. */
export const UNLIMITED: CallLimits = { admit: async (call, admit) => admit(call.metadata) };

export function createCallLimits({ limiter, rates, observer }: CallLimitsOptions): CallLimits {
  const attempts = createLocalRateLimiter({ now: () => performance.now() });
  const proven = createProven();
  const tried = new Map<string, number>();
  function limited(limit: LimitKind, whose: string, rate: Rate, retryAfterMs: number): GatewayError {
    observer.rateLimited(limit);
    const message = `${whose}: at most ${rate.perMinute} calls a minute, and ${rate.burst} at once; try again in ${retryAfterMs} ms`;
    return new GatewayError('RATE_LIMITED', message, { retryAfterMs, metadata: { limit } });
  }
  /** Counted beforehand, so that many at once are no way round; to be given back to who gets in. */
  function countAttempt(digest: string, place: string): void {
    // The same credentials at the same time are one attempt: they are looked up once.
    if (proven.has(digest) || tried.has(digest)) return;
    const turn = attempts.takeNow(place, rates.failedAttempts);
    if (turn.kind === 'admitted') return;
    throw limited('failed_attempts', 'failed attempts from this address', rates.failedAttempts, turn.retryAfterMs);
  }
  async function known<P extends Principal | null>(call: IncomingCall, admit: Admit<P>): Promise<P> {
    const digest = hash('sha256', String(call.metadata.get('authorization')[0] ?? ''));
    const place = peerNetwork(call.getPeer());
    countAttempt(digest, place);
    const others = tried.get(digest) ?? 0;
    const isCounted = others === 0 && !proven.has(digest);
    tried.set(digest, others + 1);
    try {
      const principal = await admit(call.metadata);
      if (isCounted) attempts.giveBack(place, rates.failedAttempts);
      if (principal !== null) proven.add(digest);
      return principal;
    } catch (error) {
      if (isRefusal(error)) proven.delete(digest);
      else if (isCounted) attempts.giveBack(place, rates.failedAttempts);
      throw error;
    } finally {
      const left = (tried.get(digest) ?? 1) - 1;
      if (left === 0) tried.delete(digest);
      else tried.set(digest, left);
    }
  }
  return {
    async admit(call, admit) {
      const principal = await known(call, admit);
      if (principal === null) return principal;
      const { kind, id } = principal;
      const rate = (kind === 'agent' ? rates.agents.get(id) : undefined) ?? rates[kind];
      const turn = await limiter.take(`${kind}:${id}`, rate);
      if (turn.kind === 'limited') throw limited(kind, `${kind} ${id}`, rate, turn.retryAfterMs);
      return principal;
    },
  };
}

/** Of who calls, and not of a record that is away. */
export function isRefusal(error: unknown): error is GatewayError {
  if (!(error instanceof GatewayError)) return false;
  const { status } = ERROR_SPECS[error.reason];
  return status === 'UNAUTHENTICATED' || status === 'PERMISSION_DENIED';
}

/** Credentials that were good lately, by their digest. They are checked all the same. */
function createProven(): { has(digest: string): boolean; add(digest: string): void; delete(digest: string): void } {
  const digests = new Set<string>();
  return {
    has: (digest) => digests.has(digest),
    add(digest) {
      digests.delete(digest);
      digests.add(digest);
      if (digests.size <= MAX_PROVEN) return;
      const [oldest] = digests;
      if (oldest !== undefined) digests.delete(oldest);
    },
    delete: (digest) => void digests.delete(digest),
  };
}

/** Whoever got in lately gets in again, however many others fail at the same place. */
const MAX_PROVEN = 10_000;
