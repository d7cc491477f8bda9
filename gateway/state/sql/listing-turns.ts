// Owns how many listings read at once, so that connections are left for what commits, freezes, votes and authenticates; the others take turns.
import { GatewayError } from '../../core/errors.ts';
import type { DatabaseLimits } from './connect.ts';

/** Of the connections, at least one. */
const SHARE = 1 / 4;

/** Of one kind; the next ones are answered at once. */
const MOST_WAITING = 256;

const RETRY_MS = 1_000;

/**
 * Does the work in its turn: those of one kind in their order, kinds by turns, so that many of one kind do not keep out the others.
 * Rejects with OVERLOADED, and without having begun, when too many wait, or none ended for as long as one can last.
 */
export type ListingTurns = <T>(kind: string, work: () => Promise<T>) => Promise<T>;

type Begin = () => void;

export function createListingTurns(limits: DatabaseLimits): ListingTurns {
  const most = Math.max(1, Math.floor(limits.poolSize * SHARE));
  const waitMs = limits.connectTimeoutMs + limits.statementTimeoutMs;
  // The kind whose turn is next comes first.
  const waiting = new Map<string, Set<Begin>>();
  let underWay = 0;

  function leave(kind: string, begin: Begin): void {
    const queue = waiting.get(kind);
    queue?.delete(begin);
    if (queue?.size === 0) waiting.delete(kind);
  }

  function passOn(): void {
    underWay -= 1;
    for (const [kind, queue] of waiting) {
      for (const begin of queue) {
        leave(kind, begin);
        if (waiting.delete(kind)) waiting.set(kind, queue);
        begin();
        return;
      }
    }
  }

  function turn(kind: string): Promise<void> {
    const queue = waiting.get(kind) ?? new Set();
    if (queue.size >= MOST_WAITING)
      return Promise.reject(overloaded(most, `${MOST_WAITING} of this kind wait already`));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        leave(kind, begin);
        reject(overloaded(most, `the turn of this one did not come within ${waitMs} ms`));
      }, waitMs);
      function begin(): void {
        clearTimeout(timer);
        underWay += 1;
        resolve();
      }
      waiting.set(kind, queue.add(begin));
    });
  }

  return async (kind, work) => {
    if (underWay < most) underWay += 1;
    else await turn(kind);
    try {
      return await work();
    } finally {
      passOn();
    }
  };
}

function overloaded(most: number, why: string): GatewayError {
  return new GatewayError(
    'OVERLOADED',
    `at most ${most} listings read from the database at once, and ${why}; list less at once and in smaller pages, and try again. Where this lasts, raise database.pool_size, a quarter of which is for listings`,
    { metadata: { cause: 'TOO_MANY_LISTINGS' }, retryAfterMs: RETRY_MS },
  );
}
