// Owns the connections to Postgres: a pool that recovers by itself, with a limit on the time of everything.
import pg from 'pg';
import { GatewayError } from '../../core/errors.ts';
import type { Row } from './row.ts';
import { NotConnected, toGatewayError } from './store-error.ts';

export interface Statement {
  /** Prepared under this name once a connection. */
  readonly name: string;
  readonly text: string;
}

export interface Session {
  query(statement: Statement, values: readonly unknown[]): Promise<readonly Row[]>;
}

export interface Database extends Session {
  /** All or nothing. A throw of `work` rolls back and is passed on. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** As `query`, but throws what the driver threw: for the one caller that must know whether an answer was lost. */
  queryRaw(statement: Statement, values: readonly unknown[]): Promise<readonly Row[]>;
  end(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 3_000;
const STATEMENT_TIMEOUT_MS = 5_000;
/** Longer than the server's own limit: it ends only what the network swallowed. */
const ANSWER_TIMEOUT_MS = 7_000;

/** Connects lazily. Throws at once when the URL cannot be read, without repeating it. */
export function openDatabase(options: {
  readonly url: string;
  readonly applicationName: string;
  readonly poolSize: number;
  readonly log: (line: string) => void;
}): Database {
  const pool = new pg.Pool({
    connectionString: requireUrl(options.url),
    application_name: options.applicationName,
    max: options.poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: 60_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    // Promise 4: a commit that was answered is on disk, whatever the server's default.
    options: '-c synchronous_commit=on -c default_transaction_isolation=read\\ committed -c jit=off',
  });
  pool.on('error', (error) => options.log(`an idle connection ended: ${toGatewayError(error).message}`));
  const queryRaw = (statement: Statement, values: readonly unknown[]) =>
    withClient(pool, (client) => run(client, statement, values));
  return {
    queryRaw,
    query: (statement, values) => queryRaw(statement, values).catch(rethrow),
    transaction: (work) => withClient(pool, (client) => inTransaction(client, work)).catch(rethrow),
    end: () => pool.end(),
  };
}

function requireUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed !== null && (parsed.protocol === 'postgres:' || parsed.protocol === 'postgresql:')) return url;
  throw new Error('the database URL cannot be read; it should look like postgres://user:password@host:5432/name');
}

function rethrow(thrown: unknown): never {
  throw toGatewayError(thrown);
}

async function run(client: pg.PoolClient, statement: Statement, values: readonly unknown[]): Promise<readonly Row[]> {
  const result = await client.query<Row>({ name: statement.name, text: statement.text, values: [...values] });
  return result.rows;
}

// After a failure that was not an answer of Postgres the connection's state is unknown: it is thrown away.
async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw new NotConnected(error);
  });
  // A connection may end between two statements; the next one reports it.
  const ignore = () => {};
  client.on('error', ignore);
  let broken = false;
  try {
    return await work(client);
  } catch (error) {
    broken = !(error instanceof GatewayError || (error instanceof pg.DatabaseError && error.severity !== 'FATAL'));
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}

async function inTransaction<T>(client: pg.PoolClient, work: (session: Session) => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const value = await work({ query: (statement, values) => run(client, statement, values) });
    await client.query('COMMIT');
    return value;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}
