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
  admit<P extends Principal | null>(call: IncomingCall, admit: (metadata: Metadata) => P | Promise<P>): Promise<P>;
}

/** For what everybody may ask. */
export const UNLIMITED: CallLimits = { admit: async (call, admit) => admit(call.metadata) };

/** Whoever got in lately gets in again, however many others fail at the same place. */
const MAX_PROVEN = 10_000;

export function createCallLimits({ limiter, rates, observer }: CallLimitsOptions): CallLimits {
  const attempts = createLocalRateLimiter({ now: () => performance.now() });
  const proven = createProven();
  function limited(limit: LimitKind, whose: string, rate: Rate, retryAfterMs: number): GatewayError {
    observer.rateLimited(limit);
    const message = `${whose}: at most ${rate.perMinute} calls a minute, and ${rate.burst} at once; try again in ${retryAfterMs} ms`;
    return new GatewayError('RATE_LIMITED', message, { retryAfterMs, metadata: { limit } });
  }
  async function known<P extends Principal | null>(
    call: IncomingCall,
    admit: (metadata: Metadata) => P | Promise<P>,
  ): Promise<P> {
    const place = peerNetwork(call.getPeer());
    // Counted beforehand, so that many at once are no way round, and given back to who gets in.
    const turn = attempts.takeNow(place, rates.failedAttempts);
    if (turn.kind === 'limited' && !proven.has(call.metadata)) {
      throw limited('failed_attempts', 'failed attempts from this address', rates.failedAttempts, turn.retryAfterMs);
    }
    let isFailed = false;
    try {
      const principal = await admit(call.metadata);
      if (principal !== null) proven.add(call.metadata);
      return principal;
    } catch (error) {
      isFailed = isRefusal(error);
      if (isFailed) proven.delete(call.metadata);
      throw error;
    } finally {
      if (turn.kind === 'admitted' && !isFailed) attempts.giveBack(place, rates.failedAttempts);
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

function isRefusal(error: unknown): boolean {
  if (!(error instanceof GatewayError)) return false;
  const { status } = ERROR_SPECS[error.reason];
  return status === 'UNAUTHENTICATED' || status === 'PERMISSION_DENIED';
}

/** Credentials that were good lately, by their digest. They are checked all the same. */
function createProven(): {
  has(metadata: Metadata): boolean;
  add(metadata: Metadata): void;
  delete(metadata: Metadata): void;
} {
  const digests = new Set<string>();
  const digestOf = (metadata: Metadata): string => hash('sha256', String(metadata.get('authorization')[0] ?? ''));
  return {
    has: (metadata) => digests.has(digestOf(metadata)),
    delete: (metadata) => void digests.delete(digestOf(metadata)),
    add(metadata) {
      const digest = digestOf(metadata);
      digests.delete(digest);
      digests.add(digest);
      if (digests.size <= MAX_PROVEN) return;
      const [oldest] = digests;
      if (oldest !== undefined) digests.delete(oldest);
    },
  };
}
