// Owns what a failure of Postgres means to the gateway, said without anything that a statement or a connection string held.
import { DatabaseError } from 'pg';
import { GatewayError } from '../../core/errors.ts';
import { type DatabaseLimits, UnfitServer } from './connect.ts';

export type Failure =
  /** A value of the statement cannot be stored: the same statement fails again. */
  | { readonly kind: 'refused'; readonly error: GatewayError }
  /** Postgres is away, overloaded or restarting; whether the statement took effect is unknown where `certain` is false; else it did not. */
  | { readonly kind: 'unavailable'; readonly certain: boolean; readonly error: GatewayError };

/** There was no connection: the statement was never sent. */
export class NotConnected extends Error {
  constructor(cause: unknown) {
    super('no connection to the database', { cause });
  }
}

/** All connections were in use for as long as somebody waits for one. */
export class PoolExhausted extends Error {
  readonly code = 'POOL_EXHAUSTED';

  constructor({ poolSize, connectTimeoutMs }: Pick<DatabaseLimits, 'poolSize' | 'connectTimeoutMs'>) {
    super(
      `all ${poolSize} connections to the database are busy, and none came free within ${connectTimeoutMs} ms; try again. Where this lasts, raise database.pool_size (and max_connections of Postgres), or ask less at once`,
    );
  }
}

/** Milliseconds: longer than most of what keeps connections busy. */
const BUSY_RETRY_MS = 1_000;

const LOST_STATEMENTS =
  'is behind a pooler that loses prepared statements (PgBouncer: from 1.21 on, with max_prepared_statements above 0)';

/** What a pooler answers, by SQLSTATE. PgBouncer answers 08P01 for whatever is its own. */
const POOLER: ReadonlyMap<string, string> = new Map([
  [
    '08P01',
    'is not served by its pooler (PgBouncer: Postgres is away behind it, or ignore_startup_parameters lacks a setting)',
  ],
  ['26000', LOST_STATEMENTS],
  ['42P05', LOST_STATEMENTS],
]);

/** Total: whatever was thrown, the answer holds neither SQL, parameters nor addresses. */
export function classifyFailure(thrown: unknown): Failure {
  if (thrown instanceof GatewayError) return { kind: 'refused', error: thrown };
  if (thrown instanceof DatabaseError) return classifyAnswer(thrown.code ?? '', thrown.severity);
  if (thrown instanceof TypeError || thrown instanceof RangeError) {
    return { kind: 'refused', error: new GatewayError('INTERNAL', 'the gateway made a statement that cannot be sent') };
  }
  const code = systemCode(thrown);
  const cause = thrown instanceof NotConnected ? thrown.cause : null;
  // The server is there: what a failure to reach it would say is wrong.
  if (cause instanceof PoolExhausted) return { kind: 'unavailable', certain: true, error: exhausted(cause) };
  const unfit = cause instanceof UnfitServer ? cause.message : null;
  return {
    kind: 'unavailable',
    certain: thrown instanceof NotConnected,
    error: unavailable(unfit ?? POOLER.get(code) ?? `cannot be reached (${code})`, code),
  };
}

export function toGatewayError(thrown: unknown): GatewayError {
  return classifyFailure(thrown).error;
}

function classifyAnswer(sqlState: string, severity: string | undefined): Failure {
  const metadata = { sqlstate: sqlState };
  const pooler = POOLER.get(sqlState);
  if (pooler !== undefined)
    return { kind: 'unavailable', certain: severity === 'ERROR', error: unavailable(pooler, sqlState) };
  switch (sqlState.slice(0, 2)) {
    // Data exception, program limit exceeded.
    case '22':
    case '54': {
      const message = `a value cannot be stored in the database (SQLSTATE ${sqlState}); text must not hold NUL, numbers must be in range`;
      return { kind: 'refused', error: new GatewayError('INVALID_FIELD', message, { metadata }) };
    }
    // Integrity constraint, syntax or access rule, raised by a function, cardinality.
    case '21':
    case '23':
    case '42':
    case 'P0': {
      const message = `the database refused a record of the gateway (SQLSTATE ${sqlState})`;
      return { kind: 'refused', error: new GatewayError('INTERNAL', message, { metadata }) };
    }
    default:
      // An error rolls back. The end of a server (FATAL, PANIC) may arrive instead of the answer to a commit.
      return {
        kind: 'unavailable',
        certain: severity === 'ERROR' && !sqlState.startsWith('57P') && !sqlState.startsWith('08'),
        error: unavailable(`cannot serve now (SQLSTATE ${sqlState})`, sqlState),
      };
  }
}

function unavailable(what: string, code: string): GatewayError {
  return new GatewayError('STORE_UNAVAILABLE', `the database ${what}; nothing is signed until it is back`, {
    metadata: { cause: code },
  });
}

function exhausted({ message, code }: PoolExhausted): GatewayError {
  return new GatewayError('STORE_UNAVAILABLE', message, { metadata: { cause: code }, retryAfterMs: BUSY_RETRY_MS });
}

function systemCode(thrown: unknown): string {
  if (thrown instanceof NotConnected) return systemCode(thrown.cause);
  if (thrown instanceof AggregateError) return systemCode(thrown.errors[0]);
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return 'connection lost';
}
