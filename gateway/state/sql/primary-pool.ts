// Owns the connections to whichever server is the primary: a pool for each server of the URL, of which one is in use.
import pg from 'pg';
import {
  connectionConfig,
  type DatabaseLimits,
  type Lineage,
  limitsConfig,
  requireFit,
  UnfitServer,
} from './connect.ts';
import type { DatabaseServer, DatabaseTarget } from './database-url.ts';
import { NotConnected, PoolExhausted, toGatewayError } from './store-error.ts';

export interface PrimaryPool {
  /** To the server that was the primary last, else to the first that is one. Throws NotConnected. */
  connect(): Promise<pg.PoolClient>;
  /** A connection broke: the others to its server may lead to where nobody answers, or to what is no primary any more. */
  distrust(client: pg.PoolClient): void;
  end(): Promise<void>;
}

export interface PoolOptions {
  readonly target: DatabaseTarget;
  readonly applicationName: string;
  readonly limits: DatabaseLimits;
  readonly log: (line: string) => void;
}

interface ServerPool {
  readonly pool: pg.Pool;
  /** Connections that somebody has; those that are only being made are not among them. */
  inUse: number;
  /** Connections that were made under an earlier one are not used again. */
  generation: number;
  readonly generationOf: WeakMap<pg.ClientBase, number>;
}

/** Connects lazily. Every new connection is checked before it is used. */
export function createPrimaryPool(options: PoolOptions): PrimaryPool {
  const lineage: Lineage = { timeline: 0 };
  const servers = options.target.servers.map((server) => openServerPool(options, server, lineage));
  let current = 0;

  return {
    async connect() {
      const failures: unknown[] = [];
      const first = current;
      for (let tried = 0; tried < servers.length; tried++) {
        const index = (first + tried) % servers.length;
        const server = servers[index];
        if (server === undefined) break;
        try {
          const client = await trusted(server, options.limits);
          current = index;
          return client;
        } catch (error) {
          failures.push(error);
        }
      }
      throw new NotConnected(failures.find(isAlarming) ?? failures[0]);
    },
    distrust(client) {
      for (const server of servers) if (server.generationOf.has(client)) server.generation++;
    },
    async end() {
      await Promise.all(servers.map(({ pool }) => pool.end()));
    },
  };
}

function openServerPool(options: PoolOptions, server: DatabaseServer, lineage: Lineage): ServerPool {
  const { target, applicationName, limits, log } = options;
  const pool = new pg.Pool({
    ...connectionConfig(target, server, applicationName),
    ...limitsConfig(limits),
    max: limits.poolSize,
    idleTimeoutMillis: 60_000,
    // Not in `verify`: whom nobody waits for any more when that ends is lost to the pool, and nobody hears its errors.
    onConnect(client) {
      opened.generationOf.set(client, opened.generation);
      return requireFit(client, lineage);
    },
  });
  pool.on('error', (error) => log(`an idle connection ended: ${toGatewayError(error).message}`));
  const opened: ServerPool = { pool, inUse: 0, generation: 0, generationOf: new WeakMap() };
  pool.on('acquire', () => {
    opened.inUse += 1;
  });
  pool.on('release', () => {
    opened.inUse -= 1;
  });
  return opened;
}

async function trusted(server: ServerPool, limits: DatabaseLimits): Promise<pg.PoolClient> {
  for (;;) {
    const client = await server.pool.connect().catch((error: unknown) => {
      throw server.inUse < limits.poolSize ? error : new PoolExhausted(limits);
    });
    if (server.generationOf.get(client) === server.generation) return client;
    client.release(true);
  }
}

/** That a standby is one is no news where there are several servers. */
function isAlarming(error: unknown): boolean {
  return error instanceof UnfitServer && error.code !== 'NOT_PRIMARY';
}
