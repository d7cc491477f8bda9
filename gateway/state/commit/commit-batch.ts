// Owns the commit of one batch: one round trip; a bad operation fails alone; a lost answer is looked up, never guessed.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { GatewayError } from '../../core/errors.ts';
import type { Database } from '../sql/database.ts';
import { bigint, integerList, type Row, text, textList } from '../sql/row.ts';
import { classifyFailure } from '../sql/store-error.ts';
import { COMMIT_OPERATIONS, encodeBatch } from './encode-batch.ts';
import { type ChargedBatch, chargedBatch, limitsOfWindow } from './encode-charges.ts';
import type { KnownLimits } from './known-limits.ts';
import { type Operation, type OperationResult, operationControls, operationRequestId, WRITTEN } from './operation.ts';

export type Committed = OperationResult | GatewayError;

/** One answer an operation, in order; a fault is an answer too. Never throws. */
export async function commitBatch(
  database: Database,
  operations: readonly Operation[],
  known: KnownLimits,
): Promise<readonly Committed[]> {
  const outcome = await attempt(database, operations, known);
  switch (outcome.kind) {
    case 'committed':
      return operations.map((operation) => resultOf(operation, outcome));
    case 'failed':
      return operations.map(() => outcome.error);
    case 'refused':
      return operations.length === 1 ? [outcome.error] : commitHalves(database, operations, known);
  }
}

// Halves until the operation that Postgres refuses stands alone.
async function commitHalves(
  database: Database,
  operations: readonly Operation[],
  known: KnownLimits,
): Promise<readonly Committed[]> {
  const middle = operations.length >> 1;
  const first = await commitBatch(database, operations.slice(0, middle), known);
  return [...first, ...(await commitBatch(database, operations.slice(middle), known))];
}

function resultOf(operation: Operation, { skipped, exceeded, controls }: Landed): OperationResult {
  const requestId = operationRequestId(operation);
  if (requestId === null || !skipped.has(requestId)) return WRITTEN;
  const checked = operationControls(operation);
  if (checked !== null && controls !== null && checked !== controls) return { kind: 'controls_changed' };
  const limitIds = exceeded.get(requestId);
  return limitIds === undefined ? { kind: 'skipped' } : { kind: 'exceeded', limitIds };
}

interface Landed {
  readonly kind: 'committed';
  readonly skipped: ReadonlySet<string>;
  /** Request to the ids of its limits that had no room. */
  readonly exceeded: ReadonlyMap<string, readonly string[]>;
  /** The version in force; `null`: not known, because the answer was lost. */
  readonly controls: bigint | null;
}

type Attempt =
  | Landed
  /** Nothing was written; at least one operation cannot be. */
  | { readonly kind: 'refused'; readonly error: GatewayError }
  | { readonly kind: 'failed'; readonly error: GatewayError };

async function attempt(database: Database, operations: readonly Operation[], known: KnownLimits): Promise<Attempt> {
  const batchId = randomUUID();
  const charged = chargedBatch(operations, known);
  let values: readonly unknown[];
  try {
    values = encodeBatch(batchId, operations, charged);
  } catch (error) {
    return { kind: 'refused', error: notStorable(error) };
  }
  try {
    const [row] = await database.queryRaw(COMMIT_OPERATIONS, values);
    const landed = committed(row, charged);
    // What had no room leaves nothing of its limits.
    if (landed.exceeded.size === 0) for (const { name } of charged.definitions) known.add(name);
    return landed;
  } catch (thrown) {
    const failure = classifyFailure(thrown);
    if (failure.kind === 'refused') return failure;
    if (failure.certain) return { kind: 'failed', error: failure.error };
    return resolveLostAnswer(database, batchId, operations, failure.error);
  }
}

function notStorable(error: unknown): GatewayError {
  const what = error instanceof RangeError ? error.message : 'a value has no form in the database';
  return new GatewayError('INTERNAL', `a record of the gateway cannot be stored: ${what}`);
}

function committed(row: Row | undefined, charged: ChargedBatch): Landed {
  if (row === undefined) throw new GatewayError('INTERNAL', 'a commit answered nothing');
  const requests = textList(row, 'exceeded_request');
  const windows = integerList(row, 'exceeded_window');
  const exceeded = new Map<string, string[]>();
  for (const [index, requestId] of requests.entries()) {
    const ids = limitsOfWindow(charged, requestId, windows[index] ?? 0);
    exceeded.set(requestId, [...(exceeded.get(requestId) ?? []), ...ids]);
  }
  return {
    kind: 'committed',
    skipped: new Set(textList(row, 'skipped')),
    exceeded,
    controls: bigint(row, 'current_controls'),
  };
}

// While the batch is just being committed, its transaction holds the head.
const LOCK_HEAD = { name: 'lock_audit_head', text: 'SELECT 1 FROM audit_head FOR UPDATE' };
const FIND_WRITTEN = {
  name: 'find_written',
  text: 'SELECT request_id FROM requests WHERE request_id = ANY ($1) AND batch_id = $2',
};

/** How long it is tried: a standby that takes over at once is still found. */
const RESOLVE_WITHIN_MS = 3_000;
const RESOLVE_PAUSE_MS = 100;

// A batch commits as a whole: what one of its requests tells is true of all. Where none tells, the caller has to look later.
async function resolveLostAnswer(
  database: Database,
  batchId: string,
  operations: readonly Operation[],
  error: GatewayError,
): Promise<Attempt> {
  const requestIds = operations.map(operationRequestId).filter((id) => id !== null);
  const rows = requestIds.length === 0 ? [] : await findWritten(database, batchId, requestIds);
  if (rows === null || rows.length === 0) return { kind: 'failed', error };
  const written = new Set(rows.map((row) => text(row, 'request_id')));
  const skipped = new Set(requestIds.filter((id) => !written.has(id)));
  return { kind: 'committed', skipped, exceeded: new Map(), controls: null };
}

/** `null`: no database said. */
async function findWritten(
  database: Database,
  batchId: string,
  requestIds: readonly string[],
): Promise<readonly Row[] | null> {
  const deadline = performance.now() + RESOLVE_WITHIN_MS;
  for (;;) {
    try {
      return await database.transaction(async (session) => {
        await session.query(LOCK_HEAD, []);
        return session.query(FIND_WRITTEN, [requestIds, batchId]);
      });
    } catch {
      if (performance.now() > deadline) return null;
      await delay(RESOLVE_PAUSE_MS);
    }
  }
}
