// Owns the live view of the audit chain: every record after a sequence, once, in order, at the reader's pace.
import type { AuditRecord } from '../core/audit/audit-record.ts';
import { GatewayError } from '../core/errors.ts';
import type { AuditStore } from '../state/contract/audit-store.ts';

export interface StreamOptions {
  /** 0 starts at the first record. */
  readonly after: bigint;
  /** End after the record that was the newest at the start, instead of following. */
  readonly stopAtHead: boolean;
  /** Ends the stream quietly. */
  readonly signal: AbortSignal;
}

/** Records in memory at most; more are read when the reader asks for more. */
const PAGE = 256;

/**
 * Throws INVALID_FIELD for an `after` below 0, STORE_UNAVAILABLE when Postgres goes away (resume with the last sequence that was seen),
 * AUDIT_RECORDS_PRUNED where the chain begins later,
 * INTERNAL when the store leaves a gap. An `after` beyond the head waits for the chain to get there.
 */
export async function* streamRecords(store: AuditStore, options: StreamOptions): AsyncGenerator<AuditRecord> {
  const { after, stopAtHead, signal } = options;
  if (after < 0n) throw new GatewayError('INVALID_FIELD', 'after_sequence is 0 or the sequence of a record');
  const end = stopAtHead ? ((await store.head())?.sequence ?? 0n) : null;
  const appended = createWaiter(signal);
  const stopListening = store.onAppend(appended.wake);
  let last = after;
  try {
    while (!signal.aborted && (end === null || last < end)) {
      appended.forget();
      const page = await store.readAfter(last, PAGE);
      for (const record of page) {
        if (signal.aborted || (end !== null && last >= end)) return;
        if (record.sequence !== last + 1n) throw await missing(store, last, record.sequence);
        last = record.sequence;
        yield record;
      }
      if (page.length === 0) await appended.wait();
    }
  } finally {
    stopListening();
    appended.end();
  }
}

async function missing(store: AuditStore, last: bigint, next: bigint): Promise<GatewayError> {
  const anchor = await store.anchor();
  if (anchor === null || anchor.sequence <= last) {
    return new GatewayError('INTERNAL', `audit record ${last + 1n} is missing: after ${last} comes ${next}`);
  }
  const message = `audit records up to ${anchor.sequence} were pruned; the chain begins behind it`;
  return new GatewayError('AUDIT_RECORDS_PRUNED', message, { metadata: { through_sequence: `${anchor.sequence}` } });
}

interface Waiter {
  wake(): void;
  /** What woke before this no longer counts. */
  forget(): void;
  /** Returns at once when something woke since `forget`, or when the signal is aborted. */
  wait(): Promise<void>;
  end(): void;
}

function createWaiter(signal: AbortSignal): Waiter {
  let woken = false;
  let resume: (() => void) | null = null;
  function wake(): void {
    woken = true;
    resume?.();
  }
  signal.addEventListener('abort', wake);
  return {
    wake,
    forget() {
      woken = false;
    },
    async wait() {
      if (woken || signal.aborted) return;
      await new Promise<void>((resolve) => {
        resume = resolve;
      });
      resume = null;
    },
    end: () => signal.removeEventListener('abort', wake),
  };
}
