// Owns group commit: operations queue while a commit is under way, and the next batch leaves as soon as it returns.
import { GatewayError } from '../../core/errors.ts';
import type { Committed } from './commit-batch.ts';
import { type Operation, type OperationResult, operationRequestId } from './operation.ts';

export interface CommitQueue {
  /** Resolves after the commit; throws GatewayError. */
  submit(operation: Operation): Promise<OperationResult>;
  /** Takes nothing more; returns when what is queued was committed or failed. */
  drain(): Promise<void>;
}

interface Waiting {
  readonly operation: Operation;
  readonly settle: (committed: Committed) => void;
}

const MAX_BATCH = 256;
/** Far above what the edge admits at once: a bound for memory while Postgres hangs. */
const MAX_WAITING = 20_000;

export function createCommitQueue(options: {
  readonly commit: (operations: readonly Operation[]) => Promise<readonly Committed[]>;
  readonly observe: (batchSize: number, seconds: number) => void;
  readonly onCommitted: (operations: readonly Operation[]) => void;
}): CommitQueue {
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | null = null;
  let closed = false;

  async function flushAll(): Promise<void> {
    // Operations of the same turn share the first batch.
    await Promise.resolve();
    while (waiting.length > 0) {
      const { batch, rest } = takeBatch(waiting);
      waiting = rest;
      await flush(batch);
    }
    flushing = null;
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
      if (result === 'written') written.push(operation);
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
        waiting.push({
          operation,
          settle: (committed) => (committed instanceof GatewayError ? reject(committed) : resolve(committed)),
        });
        flushing ??= flushAll();
      });
    },
    async drain() {
      closed = true;
      await flushing;
    },
  };
}

/** From the front, in order; a second operation on the same request stays for a later batch, and what follows on it as well. */
function takeBatch(waiting: readonly Waiting[]): { readonly batch: readonly Waiting[]; readonly rest: Waiting[] } {
  const batch: Waiting[] = [];
  const rest: Waiting[] = [];
  const named = new Set<string>();
  for (const each of waiting) {
    const requestId = operationRequestId(each.operation);
    if (batch.length >= MAX_BATCH || (requestId !== null && named.has(requestId))) {
      rest.push(each);
    } else {
      batch.push(each);
      if (requestId !== null) named.add(requestId);
    }
  }
  return { batch, rest };
}
