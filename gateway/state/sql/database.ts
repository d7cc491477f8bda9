// Owns what is asked of Postgres: statements and transactions on connections that recover by themselves, with a limit on the time of everything.
import pg from 'pg';
import { GatewayError } from '../../core/errors.ts';
import type { DatabaseLimits } from './connect.ts';
import { requireTarget } from './database-url.ts';
import { createListingTurns } from './listing-turns.ts';
import { createPrimaryPool, type PrimaryPool } from './primary-pool.ts';
import type { Row } from './row.ts';
import { toGatewayError } from './store-error.ts';

export interface Statement {
  /** Prepared under this name once a connection. */
  readonly name: string;
  readonly text: string;
  /** Reads for people or agents what may be long, and nothing waits for it but them: outside of a transaction it waits for its turn. */
  readonly isListing?: true;
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

/** Connects lazily. Throws at once when the URL cannot be used, without repeating it. */
export function openDatabase(options: {
  readonly url: string;
  readonly applicationName: string;
  readonly limits: DatabaseLimits;
  readonly log: (line: string) => void;
}): Database {
  const { applicationName, limits, log } = options;
  const pool = createPrimaryPool({ target: requireTarget(options.url), applicationName, limits, log });
  const inTurn = createListingTurns(limits);
  const queryRaw = (statement: Statement, values: readonly unknown[]) =>
    withClient(pool, (client) => run(client, statement, values));
  return {
    queryRaw,
    query(statement, values) {
      const read = () => queryRaw(statement, values);
      return (statement.isListing ? inTurn(statement.name, read) : read()).catch(rethrow);
    },
    transaction: (work) => withClient(pool, (client) => inTransaction(client, work)).catch(rethrow),
    end: () => pool.end(),
  };
}

function rethrow(thrown: unknown): never {
  throw toGatewayError(thrown);
}

async function run(client: pg.PoolClient, statement: Statement, values: readonly unknown[]): Promise<readonly Row[]> {
  const result = await client.query<Row>({ name: statement.name, text: statement.text, values: [...values] });
  return result.rows;
}

// After a failure that was not an answer of Postgres the connection's state is unknown: it is thrown away. So is one to a server that
// has become read-only.
async function withClient<T>(pool: PrimaryPool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // A connection may end between two statements; the next one reports it.
  const ignore = () => {};
  client.on('error', ignore);
  let broken = false;
  try {
    return await work(client);
  } catch (error) {
    broken = !(error instanceof GatewayError || (error instanceof pg.DatabaseError && leavesUsable(error)));
    throw error;
  } finally {
    client.off('error', ignore);
    if (broken) pool.distrust(client);
    client.release(broken);
  }
}

const READ_ONLY = '25006';

function leavesUsable({ severity, code }: pg.DatabaseError): boolean {
  return severity === 'ERROR' && code !== READ_ONLY;
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
