import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { findProcess } from './running-process.ts';

const run = promisify(execFile);

let keep: string;
/** A data directory that Postgres was started in and stopped: to make a cluster takes most of what a start takes. */
let used: string;
let parent: string;
let dataDirectory: string;
let running: EmbeddedPostgres[] = [];

beforeAll(async () => {
  keep = await mkdtemp(join(tmpdir(), 'countersign-embedded-'));
  used = join(keep, 'data');
  await (await startEmbeddedPostgres({ dataDirectory: used })).stop();
});

afterAll(() => rm(keep, { recursive: true, force: true }));

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'countersign-embedded-'));
  dataDirectory = join(parent, 'data');
});

afterEach(async () => {
  await Promise.all(running.map((each) => each.stop()));
  running = [];
  await rm(parent, { recursive: true, force: true });
});

/** With the owners of its files. */
async function copyUsed(directory = dataDirectory): Promise<void> {
  await run('cp', ['-a', used, directory]);
}

async function start(port?: number): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDirectory, ...(port === undefined ? {} : { port }) });
  running.push(postgres);
  return postgres;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function isGone(pid: number): Promise<void> {
  await vi.waitFor(async () => expect(await findProcess(pid)).toBeNull());
}

/** A gateway in a process of its own, that started Postgres in the directory. */
async function gatewayElsewhere(): Promise<{ readonly kill: () => Promise<void>; readonly postgresPid: number }> {
  const module = JSON.stringify(join(import.meta.dirname, 'embedded-postgres.ts'));
  const script = `const { startEmbeddedPostgres } = await import(${module});
    const { pid } = await startEmbeddedPostgres({ dataDirectory: ${JSON.stringify(dataDirectory)} });
    console.log(pid); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return {
    postgresPid: Number(line),
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('startEmbeddedPostgres', () => {
  it('keeps a random password in a file that only its owner can read, and lets nobody in without it', async () => {
    const { url } = await start();
    const password = (await readFile(join(dataDirectory, 'password'), 'utf8')).trim();
    expect(password).toMatch(/^[\w-]{32}$/);
    expect(url).toContain(password);
    expect(url).not.toContain((await readFile(join(used, 'password'), 'utf8')).trim());
    expect((await stat(join(dataDirectory, 'password'))).mode & 0o777).toBe(0o600);
    await expect(query(url.replace(password, 'guess'), 'SELECT 1')).rejects.toThrow('password authentication failed');
  });

  it.each([0o700, 0o755])('runs under a parent folder of mode %o, also as root', async (mode) => {
    await chmod(parent, mode);
    expect(await query((await start()).url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('makes the cluster anew when making it was interrupted', async () => {
    await copyUsed();
    await rm(join(dataDirectory, 'cluster'), { recursive: true });
    await writeFile(join(dataDirectory, 'cluster.unfinished'), 'not even a folder');
    expect(await query((await start()).url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('says what is missing when the password file is gone', async () => {
    await copyUsed();
    await rm(join(dataDirectory, 'password'));
    await expect(start()).rejects.toThrow('password is missing or empty');
  });
});

describe('a server', () => {
  beforeEach(() => copyUsed());

  it('is durable, listens on loopback only and leaves nothing running after stop', async () => {
    const postgres = await start();
    const settings = await query(
      postgres.url,
      `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
         current_setting('listen_addresses') AS listen, current_setting('unix_socket_directories') AS sockets`,
    );
    expect(settings).toEqual([{ fsync: 'on', commit: 'on', listen: '127.0.0.1', sockets: '' }]);
    await postgres.stop();
    await postgres.stop();
    expect(await findProcess(postgres.pid)).toBeNull();
  });

  it('finds its data again on the next start', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await start();
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('takes the port that it is given', async () => {
    const first = await start();
    const port = Number(new URL(first.url).port);
    await first.stop();
    expect(new URL((await start(port)).url).port).toBe(String(port));
  });

  it('says so when the given port is taken', async () => {
    const first = await start();
    const taken = Number(new URL(first.url).port);
    const other = join(parent, 'other');
    await copyUsed(other);
    const elsewhere = startEmbeddedPostgres({ dataDirectory: other, port: taken });
    await expect(elsewhere).rejects.toThrow('Address already in use');
  });

  it('starts the server again when it ends by itself, with the same address and what was committed', async () => {
    const postgres = await start();
    await query(postgres.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const { pid } = postgres;
    process.kill(pid, 'SIGKILL');
    const answered = async () => expect(await query(postgres.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await vi.waitFor(answered, { timeout: 20_000, interval: 50 });
    expect(postgres.pid).not.toBe(pid);
    await postgres.stop();
    await isGone(postgres.pid);
  });
});

describe('a data directory that somebody else used', () => {
  beforeEach(() => copyUsed());

  it('is refused while that one lives, in this process and in another', async () => {
    await start();
    await expect(start()).rejects.toThrow('in use by this very process');
    await running[0]?.stop();
    const gateway = await gatewayElsewhere();
    await expect(start()).rejects.toThrow(/in use by the process \d+/);
    await gateway.kill();
    await isGone(gateway.postgresPid);
  });

  it('leaves no Postgres behind when its gateway is killed', async () => {
    const gateway = await gatewayElsewhere();
    await gateway.kill();
    await isGone(gateway.postgresPid);
  });

  it('is taken over from a gateway that was killed just now', async () => {
    const gateway = await gatewayElsewhere();
    await gateway.kill();
    const postgres = await start();
    expect(await query(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await isGone(gateway.postgresPid);
  });

  it('is taken over after Postgres itself was killed, with what was committed', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    process.kill(first.pid, 'SIGKILL');
    await isGone(first.pid);
    await first.stop();
    const second = await start();
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('is taken over when the id in postmaster.pid was given to a stranger, who is left alone', async () => {
    const { uid, gid } = await stat(join(dataDirectory, 'cluster'));
    const stranger = spawn('sleep', ['60'], { uid, gid });
    try {
      await writeFile(join(dataDirectory, 'cluster', 'postmaster.pid'), `${stranger.pid}\n${dataDirectory}\n`);
      await expect(start()).resolves.toBeDefined();
      expect(await findProcess(stranger.pid ?? 0)).not.toBeNull();
    } finally {
      stranger.kill();
    }
  });
});
