// Owns the commit of one batch: one round trip; a bad operation fails alone; a lost answer is looked up, never guessed.
import { randomUUID } from 'node:crypto';
import { GatewayError } from '../../core/errors.ts';
import type { Database } from '../sql/database.ts';
import { type Row, text, textList } from '../sql/row.ts';
import { classifyFailure } from '../sql/store-error.ts';
import { COMMIT_BATCH, encodeBatch } from './encode-batch.ts';
import { type Operation, type OperationResult, operationRequestId } from './operation.ts';

export type Committed = OperationResult | GatewayError;

/** One answer an operation, in order; a fault is an answer too. Never throws. */
export async function commitBatch(database: Database, operations: readonly Operation[]): Promise<readonly Committed[]> {
  const outcome = await attempt(database, operations);
  switch (outcome.kind) {
    case 'committed':
      return operations.map((operation) => resultOf(operation, outcome.skipped));
    case 'failed':
      return operations.map(() => outcome.error);
    case 'refused':
      return operations.length === 1 ? [outcome.error] : commitHalves(database, operations);
  }
}

// Halves until the operation that Postgres refuses stands alone.
async function commitHalves(database: Database, operations: readonly Operation[]): Promise<readonly Committed[]> {
  const middle = operations.length >> 1;
  const first = await commitBatch(database, operations.slice(0, middle));
  return [...first, ...(await commitBatch(database, operations.slice(middle)))];
}

function resultOf(operation: Operation, skipped: ReadonlySet<string>): OperationResult {
  const requestId = operationRequestId(operation);
  return requestId !== null && skipped.has(requestId) ? 'skipped' : 'written';
}

type Attempt =
  | { readonly kind: 'committed'; readonly skipped: ReadonlySet<string> }
  /** Nothing was written; at least one operation cannot be. */
  | { readonly kind: 'refused'; readonly error: GatewayError }
  | { readonly kind: 'failed'; readonly error: GatewayError };

async function attempt(database: Database, operations: readonly Operation[]): Promise<Attempt> {
  const batchId = randomUUID();
  let values: readonly unknown[];
  try {
    values = encodeBatch(batchId, operations);
  } catch (error) {
    return { kind: 'refused', error: notStorable(error) };
  }
  try {
    const [row] = await database.queryRaw(COMMIT_BATCH, values);
    return committed(row);
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

function committed(row: Row | undefined): Attempt {
  return { kind: 'committed', skipped: new Set(row === undefined ? [] : textList(row, 'skipped')) };
}

// While the batch is just being committed, its transaction holds the head.
const LOCK_HEAD = { name: 'lock_audit_head', text: 'SELECT 1 FROM audit_head FOR UPDATE' };
const FIND_WRITTEN = {
  name: 'find_written',
  text: 'SELECT request_id FROM requests WHERE request_id = ANY ($1) AND batch_id = $2',
};

// A batch commits as a whole: what one of its requests tells is true of all. Where none tells, the caller has to look later.
async function resolveLostAnswer(
  database: Database,
  batchId: string,
  operations: readonly Operation[],
  error: GatewayError,
): Promise<Attempt> {
  const requestIds = operations.map(operationRequestId).filter((id) => id !== null);
  try {
    const rows = await database.transaction(async (session) => {
      await session.query(LOCK_HEAD, []);
      return session.query(FIND_WRITTEN, [requestIds, batchId]);
    });
    if (rows.length === 0) return { kind: 'failed', error };
    const written = new Set(rows.map((row) => text(row, 'request_id')));
    return { kind: 'committed', skipped: new Set(requestIds.filter((id) => !written.has(id))) };
  } catch {
    return { kind: 'failed', error };
  }
}
