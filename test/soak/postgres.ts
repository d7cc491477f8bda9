// Owns the soak's Postgres: its own, which can crash and come back on the same port, and of which every deadlock is heard.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, type QueryResultRow } from 'pg';
import { startEmbeddedPostgres } from '../../gateway/state/embedded/embedded-postgres.ts';

export interface SoakPostgres {
  readonly url: string;
  /** Ends it at once, as a crash does, and returns when it takes connections again. */
  crash(): Promise<void>;
  /** One statement on a connection of its own. */
  query<R extends QueryResultRow>(text: string): Promise<readonly R[]>;
  /** How many it found since the start: its statistics do not survive a crash, its log does. */
  deadlocks(): Promise<number>;
  stop(): Promise<void>;
}

const RETRY_MS = 20;

export async function startSoakPostgres(directory: string): Promise<SoakPostgres> {
  let logged = 0;
  const server = await startEmbeddedPostgres({
    dataDirectory: join(directory, 'postgres'),
    log: (line) => {
      if (line.includes('deadlock detected')) logged++;
    },
  });
  const { url } = server;
  async function query<R extends QueryResultRow>(text: string): Promise<readonly R[]> {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<R>(text)).rows;
    } finally {
      await client.end();
    }
  }
  const answers = () =>
    query('SELECT 1').then(
      () => true,
      () => false,
    );
  return {
    url,
    crash: async () => {
      const crashed = server.pid;
      process.kill(crashed, 'SIGQUIT');
      while (server.pid === crashed || !(await answers())) await delay(RETRY_MS);
    },
    query,
    deadlocks: async () => {
      const [row] = await query<{ deadlocks: string }>(
        'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
      );
      return Math.max(logged, Number(row?.deadlocks ?? 0));
    },
    stop: () => server.stop(),
  };
}
