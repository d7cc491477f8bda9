// Owns a real PgBouncer for tests (brought by `make test`): on loopback, before one server of Postgres, ended by its pid.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort, guardAgainstOurDeath } from '../../gateway/state/embedded/postmaster.ts';
import { chooseRunAs, giveTo, type RunAs, spawnAs } from '../../gateway/state/embedded/run-as.ts';

const FOLDER = fileURLToPath(new URL('../../.tools/pgbouncer', import.meta.url));

export interface PgBouncer {
  readonly port: number;
  /** The database of the URL that it was started with, through it. */
  readonly url: string;
  /** As a crash ends it: every connection through it is cut. */
  kill(): Promise<void>;
  /** After `kill`: on the same port. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** `settings`: lines of the section `[pgbouncer]` beside where it listens and whom it lets in. */
export async function startPgBouncer(databaseUrl: string, settings: readonly string[]): Promise<PgBouncer> {
  const program = join(FOLDER, 'pgbouncer');
  if (!existsSync(program)) throw new Error('there is no PgBouncer in .tools/pgbouncer: `make pgbouncer` brings it');
  const server = new URL(databaseUrl);
  const directory = await mkdtemp(join(tmpdir(), 'countersign-pgbouncer-'));
  const runAs = await chooseRunAs([FOLDER]);
  const port = await freePort();
  const files = { users: join(directory, 'users.txt'), settings: join(directory, 'pgbouncer.ini') };
  await writeFile(files.users, `"${server.username}" "${server.password}"\n`, { mode: 0o600 });
  const lines = [
    '[databases]',
    `* = host=${server.hostname} port=${server.port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${files.users}`,
    ...settings,
  ];
  await writeFile(files.settings, `${lines.join('\n')}\n`);
  for (const path of [directory, files.users, files.settings]) await giveTo(runAs, path);
  let kill = await run(runAs, program, files.settings);
  const through = new URL(server);
  through.hostname = '127.0.0.1';
  through.port = String(port);
  return {
    port,
    url: through.href,
    kill: () => kill(),
    async start() {
      kill = await run(runAs, program, files.settings);
    },
    async close() {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Returns when it serves, with what ends it. */
async function run(runAs: RunAs, program: string, settings: string): Promise<() => Promise<void>> {
  const child = spawnAs(runAs, program, [settings]);
  const { pid, stderr } = child;
  if (pid === undefined || stderr === null) throw new Error('PgBouncer cannot be started');
  const guard = guardAgainstOurDeath(pid);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const said: string[] = [];
  const serves = new Promise<void>((resolve, reject) => {
    createInterface({ input: stderr }).on('line', (line) => {
      said.push(line);
      if (line.includes('process up')) resolve();
    });
    void ended.then(() => reject(new Error(`PgBouncer ended before it served: ${said.join('; ')}`)));
  });
  void ended.then(() => guard.kill('SIGKILL'));
  await serves;
  return async () => {
    child.kill('SIGKILL');
    await ended;
  };
}
