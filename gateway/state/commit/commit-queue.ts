// Owns group commit: operations queue while commits are under way, and the next batch leaves as soon as one returns.
import { GatewayError } from '../../core/errors.ts';
import type { Committed } from './commit-batch.ts';
import { type Operation, type OperationResult, operationRequestId } from './operation.ts';

export interface CommitQueue {
  /** Operations on one request commit in the order in which they came; others in any. Resolves after the commit; throws GatewayError. */
  submit(operation: Operation): Promise<OperationResult>;
  /** Takes nothing more; returns when what is queued was committed or failed. */
  drain(): Promise<void>;
}

interface Waiting {
  readonly operation: Operation;
  readonly settle: (committed: Committed) => void;
}

const MAX_BATCH = 256;
/** While one batch waits for the disk, Postgres works on the other. */
const MAX_FLIGHTS = 2;
/**
 * Fewer than this are not worth two batches: those take turns at the head of the audit chain, and what they cost besides their rows costs
 * more than they win.
 */
const MIN_SHARE = 64;
/** Far above what the edge admits at once: a bound for memory while Postgres hangs. */
const MAX_WAITING = 20_000;

export function createCommitQueue(options: {
  readonly commit: (operations: readonly Operation[]) => Promise<readonly Committed[]>;
  readonly observe: (batchSize: number, seconds: number) => void;
  readonly onCommitted: (operations: readonly Operation[]) => void;
}): CommitQueue {
  let waiting: Waiting[] = [];
  const flights = new Set<Promise<void>>();
  const inFlight = new Set<string>();
  let scheduled = false;
  let closed = false;

  function flushMore(): void {
    scheduled = false;
    while (isDue()) {
      const { batch, rest } = takeBatch(waiting, inFlight, fairShare());
      if (batch.length === 0) return;
      waiting = rest;
      const flight = flush(batch).finally(() => {
        flights.delete(flight);
        for (const { operation } of batch) inFlight.delete(operationRequestId(operation) ?? '');
        flushMore();
      });
      flights.add(flight);
    }
  }

  function isDue(): boolean {
    if (flights.size === 0) return waiting.length > 0;
    return flights.size < MAX_FLIGHTS && waiting.length >= MIN_SHARE;
  }

  // What waits is shared among the flights that are free.
  function fairShare(): number {
    const worthwhile = Math.max(1, Math.floor(waiting.length / MIN_SHARE));
    return Math.min(MAX_BATCH, Math.ceil(waiting.length / Math.min(worthwhile, MAX_FLIGHTS - flights.size)));
  }

  async function flush(batch: readonly Waiting[]): Promise<void> {
    const started = performance.now();
    const operations = batch.map((each) => each.operation);
    const results = await options.commit(operations);
    options.observe(batch.length, (performance.now() - started) / 1000);
    const written: Operation[] = [];
    for (const [index, { operation, settle }] of batch.entries()) {
      const result =
        results[index] ?? new GatewayError('INTERNAL', 'a commit gave no answer for one of its operations');
      if (!(result instanceof GatewayError) && result.kind === 'written') written.push(operation);
      settle(result);
    }
    options.onCommitted(written);
  }

  return {
    submit(operation) {
      if (closed) return Promise.reject(new GatewayError('SHUTTING_DOWN', 'the gateway is shutting down'));
      if (waiting.length >= MAX_WAITING) {
        return Promise.reject(new GatewayError('OVERLOADED', 'too many writes wait for the database; try again'));
      }
      return new Promise((resolve, reject) => {
        const settle = (result: Committed) => (result instanceof GatewayError ? reject(result) : resolve(result));
        // Operations of the same turn share a batch.
        waiting.push({ operation, settle });
        if (!scheduled) queueMicrotask(flushMore);
        scheduled = true;
      });
    },
    async drain() {
      closed = true;
      flushMore();
      while (flights.size > 0) await Promise.race(flights);
    },
  };
}

/**
 * From the front, in order. Of operations on the same request only the first goes; the others wait until it has returned, so that no
 * two of them are under way at once.
 */
function takeBatch(
  waiting: readonly Waiting[],
  inFlight: Set<string>,
  limit: number,
): { readonly batch: readonly Waiting[]; readonly rest: Waiting[] } {
  const batch: Waiting[] = [];
  const rest: Waiting[] = [];
  for (const each of waiting) {
    const requestId = operationRequestId(each.operation);
    if (batch.length >= limit || (requestId !== null && inFlight.has(requestId))) {
      rest.push(each);
    } else {
      batch.push(each);
      if (requestId !== null) inFlight.add(requestId);
    }
  }
  return { batch, rest };
}
