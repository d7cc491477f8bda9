// Owns the embedded Postgres: a real one that the gateway starts in its data directory, durable, and only on loopback.
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openCluster, SUPERUSER } from './cluster.ts';
import { claimDirectory } from './directory-claim.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { freePort, type Postmaster, startPostmaster, stopOrphan, stopPostmaster } from './postmaster.ts';
import { chooseRunAs, type RunAs } from './run-as.ts';

export interface EmbeddedPostgresOptions {
  /** Made if it is missing; holds the cluster, its password (mode 0600) and who runs it. Nothing else belongs there. */
  readonly dataDirectory: string;
  /** A free one is chosen when absent. */
  readonly port?: number;
  /** Lines of the Postgres log. */
  readonly log?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** With the password: a secret. Stays the same while it runs. */
  readonly url: string;
  /** Of the server process; another one after a crash. */
  readonly pid: number;
  /** Returns when no process is left. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts Postgres, making the cluster on the first start. Takes over a directory whose gateway died, after it has stopped what that one
 * left running; refuses one whose gateway lives. A server that ends by itself is started again on the same port. Should this process
 * die without a stop, Postgres shuts down too.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => {});
  const dataDirectory = resolve(options.dataDirectory);
  const binaries = findPostgresBinaries();
  await mkdir(dataDirectory, { recursive: true });
  const release = await claimDirectory(dataDirectory);
  try {
    const runAs = await chooseRunAs([dataDirectory, binaries.directory]);
    const cluster = await openCluster(dataDirectory, binaries, runAs);
    await stopOrphan(cluster.directory, log);
    const start = (port: number | undefined) => startUntilReady(runAs, binaries.postgres, cluster.directory, port, log);
    const server = await superviseServer(start, options.port, log);
    return {
      url: `postgres://${SUPERUSER}:${cluster.password}@127.0.0.1:${server.port}/postgres`,
      get pid() {
        return server.pid();
      },
      stop: () => server.stop().then(release),
    };
  } catch (error) {
    await release();
    throw error;
  }
}

interface SupervisedServer {
  readonly port: number;
  pid(): number;
  stop(): Promise<void>;
}

const RESTART_PAUSE_MS = 1_000;

async function superviseServer(
  start: (port: number | undefined) => Promise<Postmaster>,
  wantedPort: number | undefined,
  log: (line: string) => void,
): Promise<SupervisedServer> {
  let current = await start(wantedPort);
  const { port } = current;
  const stopping = new AbortController();

  async function restart(): Promise<void> {
    log(`Postgres (process ${current.pid}) ended by itself; starting it again`);
    try {
      current = await start(port);
    } catch (error) {
      log(error instanceof Error ? error.message : 'Postgres did not start');
      await delay(RESTART_PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  async function supervise(): Promise<void> {
    for (;;) {
      await current.exited;
      if (stopping.signal.aborted) return;
      await restart();
      if (stopping.signal.aborted) return stopPostmaster(current);
    }
  }

  const supervised = supervise();
  return {
    port,
    pid: () => current.pid,
    async stop() {
      stopping.abort();
      await stopPostmaster(current);
      await supervised;
    },
  };
}

const START_PATIENCE_MS = 15_000;

async function startUntilReady(
  runAs: RunAs,
  program: string,
  cluster: string,
  port: number | undefined,
  log: (line: string) => void,
): Promise<Postmaster> {
  const deadline = Date.now() + START_PATIENCE_MS;
  for (;;) {
    const result = await startPostmaster(runAs, program, cluster, port ?? (await freePort()), log);
    if (result.kind === 'ready') return result.postmaster;
    if (Date.now() > deadline || !mayPass(result.lines, port)) {
      throw new Error(`Postgres did not start in ${cluster}: ${result.lines.join('\n')}`);
    }
    await delay(50);
  }
}

// Children of a killed server hold its memory for a moment; a free port may be taken before Postgres gets it.
function mayPass(lines: readonly string[], port: number | undefined): boolean {
  const text = lines.join('\n');
  if (text.includes('is still in use') || text.includes('could not remove old lock file')) return true;
  return port === undefined && text.includes('could not create any TCP/IP sockets');
}
