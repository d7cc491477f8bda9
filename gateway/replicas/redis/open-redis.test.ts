import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { describeFanOutConformance } from '../../../test/conformance/fan-out-conformance.ts';
import { describeRateLimiterConformance } from '../../../test/conformance/rate-limiter-conformance.ts';
import { startValkey, type ValkeyServer } from '../../../test/fakes/valkey-server.ts';
import { type CertificateFiles, makeAuthority, makeCertificate } from '../../policy/sources/testing/certificates.ts';
import type { Hint } from '../fan-out.ts';
import { createLocalRateLimiter } from '../in-process/local-rate-limiter.ts';
import { createSharedRateLimiter } from '../shared-rate-limiter.ts';
import { openRedis } from './open-redis.ts';
import { parseRedisUrl } from './redis-target.ts';

const RATE = { perMinute: 1, burst: 2 };

let valkey: ValkeyServer;
beforeAll(async () => {
  valkey = await startValkey();
});
afterAll(() => valkey.close());
afterEach(async () => {
  valkey.resume();
});

interface Opened extends ReturnType<typeof openRedis> {
  /** Every change that was told: `up`, or why it is away. */
  readonly changes: string[];
  up(): Promise<void>;
  away(): Promise<void>;
}

/** What a loaded machine may take, where it is not the time that is tested. */
const PATIENT_MS = 10_000;

/** Of a deployment of its own, unless a prefix says otherwise. `answerWithinMs`: `null` for that of a gateway. */
function open(
  url = valkey.url,
  keyPrefix = `test-${randomUUID()}:`,
  answerWithinMs: number | null = PATIENT_MS,
  ca: string | null = null,
): Opened {
  const target = parseRedisUrl(url, ca);
  if (target === null) throw new Error(`${url} is not a URL of Redis`);
  const changes: string[] = [];
  const parts = openRedis({
    target,
    keyPrefix,
    onChange: (isUp, why) => changes.push(isUp ? 'up' : why),
    ...(answerWithinMs === null ? {} : { answerWithinMs }),
  });
  const state = (wanted: boolean) => () => expect((changes.at(-1) ?? 'away') === 'up').toBe(wanted);
  return {
    ...parts,
    changes,
    up: () => vi.waitFor(state(true), { timeout: 10_000, interval: 5 }),
    away: () => vi.waitFor(state(false), { timeout: 10_000, interval: 5 }),
  };
}

async function opened(url?: string, keyPrefix?: string, answerWithinMs?: null): Promise<Opened> {
  const redis = open(url, keyPrefix, answerWithinMs);
  onTestFinished(() => redis.close());
  await redis.up();
  return redis;
}

const conforming: Opened[] = [];
afterAll(() => {
  for (const redis of conforming) redis.close();
});

describeRateLimiterConformance('Redis', async () => {
  const redis = open();
  conforming.push(redis);
  await redis.up();
  return { limiter: redis.calls, key: 'agent:trader' };
});

describeRateLimiterConformance('a gateway with Redis', async () => {
  const redis = open();
  conforming.push(redis);
  await redis.up();
  const own = createLocalRateLimiter({ now: () => performance.now() });
  return { limiter: createSharedRateLimiter(own, redis.calls), key: 'agent:trader' };
});

describeFanOutConformance('Redis', async () => {
  const keyPrefix = `test-${randomUUID()}:`;
  const members = [open(valkey.url, keyPrefix), open(valkey.url, keyPrefix), open(valkey.url, keyPrefix)] as const;
  await Promise.all(members.map((member) => member.up()));
  return {
    members: [members[0].fanOut, members[1].fanOut, members[2].fanOut],
    close: async () => {
      for (const member of members) member.close();
    },
  };
});

describe('calls that several gateways count in Redis', () => {
  it('are counted together', async () => {
    const keyPrefix = `test-${randomUUID()}:`;
    const replicas = await Promise.all([1, 2, 3].map(() => opened(valkey.url, keyPrefix)));
    const turns = await Promise.all(
      replicas.flatMap(({ calls }) => Array.from({ length: 20 }, () => calls.take('agent:trader', RATE))),
    );
    expect(turns.filter(({ kind }) => kind === 'admitted')).toHaveLength(RATE.burst);
  });

  it('are apart from those of another deployment', async () => {
    const [one, other] = [await opened(), await opened()];
    for (const { calls } of [one, other]) expect(await calls.take('agent:trader', RATE)).toEqual({ kind: 'admitted' });
  });

  it('are forgotten by Redis when they count no more', async () => {
    const keyPrefix = `test-${randomUUID()}:`;
    const { calls } = await opened(valkey.url, keyPrefix);
    await calls.take('agent:trader', { perMinute: 60, burst: 5 });
    const left = await valkey.client.pttl(`${keyPrefix}rate:agent:trader`);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(1_000);
  });

  it.each([
    ['a list', (key: string) => valkey.client.rpush(key, 'x')],
    ['a hash', (key: string) => valkey.client.hset(key, 'x', '1')],
    ['text', (key: string) => valkey.client.set(key, 'os.execute("x")')],
    ['twenty megabytes', (key: string) => valkey.client.setrange(key, 20_000_000, 'x')],
    ['nothing', (key: string) => valkey.client.set(key, '')],
    ['a number below zero', (key: string) => valkey.client.set(key, '-99999999999999999999')],
    ['infinity', (key: string) => valkey.client.set(key, 'inf')],
  ])('count anew where %s stands under the key', async (_what, spoil) => {
    const keyPrefix = `test-${randomUUID()}:`;
    const { calls } = await opened(valkey.url, keyPrefix);
    await spoil(`${keyPrefix}rate:agent:trader`);
    const kinds = [];
    for (let call = 0; call < 3; call++) kinds.push((await calls.take('agent:trader', RATE)).kind);
    expect(kinds).toEqual(['admitted', 'admitted', 'limited']);
  });

  it('lock nobody out for longer than a burst, whatever somebody writes there', async () => {
    const keyPrefix = `test-${randomUUID()}:`;
    const { calls } = await opened(valkey.url, keyPrefix);
    await valkey.client.set(`${keyPrefix}rate:agent:trader`, '9'.repeat(31));
    const turn = await calls.take('agent:trader', { perMinute: 600, burst: 3 });
    expect(turn).toEqual({ kind: 'limited', retryAfterMs: 100 });
  });

  it('stay limited by this gateway when Redis forgets everything', async () => {
    const { calls } = await opened();
    const limiter = createSharedRateLimiter(createLocalRateLimiter({ now: () => performance.now() }), calls);
    const kinds = [];
    for (let call = 0; call < 4; call++) {
      kinds.push((await limiter.take('agent:trader', RATE)).kind);
      await valkey.client.flushall();
      await valkey.client.script('FLUSH');
    }
    expect(kinds).toEqual(['admitted', 'admitted', 'limited', 'limited']);
  });
});

describe('Redis that goes away', () => {
  it('costs each call at most the time of one answer while it hangs, and nothing once that is known', async () => {
    const { calls, away, up, changes } = await opened(undefined, undefined, null);
    const limiter = createSharedRateLimiter(createLocalRateLimiter({ now: () => performance.now() }), calls);
    const take = async () => (await limiter.take('agent:trader', { perMinute: 1, burst: 1_000 })).kind;
    valkey.hang();
    const began = performance.now();
    expect(await take()).toBe('admitted');
    await away();
    expect(changes.at(-1)).toBe('it does not answer in time');
    for (let call = 0; call < 500; call++) expect(await take()).toBe('admitted');
    // Each would have waited for 50 ms.
    expect(performance.now() - began).toBeLessThan(5_000);
    valkey.resume();
    await up();
    expect(await calls.take('agent:other', RATE)).toEqual({ kind: 'admitted' });
  });

  it('is connected anew when a connection is open and dead', async () => {
    const proxy = await startStallingProxy(valkey.port);
    const { calls, away, up, changes } = await opened(`redis://127.0.0.1:${proxy.port}`, undefined, null);
    proxy.stallThoseThatAreOpen();
    await away();
    await up();
    expect(changes).toEqual(['up', 'it does not answer in time', 'up']);
    expect(await calls.take('agent:trader', RATE)).toEqual({ kind: 'admitted' });
  });

  it('is used again after it was killed and came back', async () => {
    const keyPrefix = `test-${randomUUID()}:`;
    const one = await opened(valkey.url, keyPrefix);
    const other = await opened(valkey.url, keyPrefix);
    await valkey.kill();
    await Promise.all([one.away(), other.away()]);
    await expect(one.calls.take('agent:trader', RATE)).rejects.toThrow('Redis is away');
    one.fanOut.publish({ topics: ['audit'], requests: ['lost'] });
    await valkey.start();
    await Promise.all([one.up(), other.up()]);
    expect(await one.calls.take('agent:trader', RATE)).toEqual({ kind: 'admitted' });
    const heard = Promise.withResolvers<Hint>();
    other.fanOut.onHint(heard.resolve);
    one.fanOut.publish({ topics: ['controls'], requests: ['found'] });
    expect(await heard.promise).toEqual({ topics: ['controls'], requests: ['found'] });
  });

  it('is away while it takes no writes', async () => {
    const { away, up, changes } = await opened();
    await valkey.client.replicaof('127.0.0.1', 1);
    await away();
    expect(changes.at(-1)).toBe('READONLY');
    await valkey.client.replicaof('NO', 'ONE');
    await up();
  });
});

describe('what Redis is told and what it may say', () => {
  it('leaves hints alone that are none, and those of nobody', async () => {
    const keyPrefix = `test-${randomUUID()}:`;
    const { fanOut } = await opened(valkey.url, keyPrefix);
    const heard: Hint[] = [];
    fanOut.onHint((hint) => heard.push(hint));
    const tell = (text: string | Buffer) => valkey.client.publish(`${keyPrefix}hints`, text);
    for (const text of ['', 'FLUSHALL', '{"topics":["audit"]}', '1 x audit r']) await tell(text);
    await tell(Buffer.from([0xff, 0xfe, 0x00]));
    await tell(`1 0123456789abcdef audit ${'r'.repeat(5_000_000)}`);
    await tell('1 0123456789abcdef audit r-1');
    await vi.waitFor(() => expect(heard).not.toEqual([]), { timeout: 5_000 });
    expect(heard).toEqual([{ topics: ['audit'], requests: ['r-1'] }]);
  });

  it.each([
    ['WRONGPASS', 'wrong-word'],
    ['NOAUTH', null],
  ])('says %s and stays away when the password is %s', async (code, given) => {
    const guarded = await startValkey('the-right-word');
    onTestFinished(() => guarded.close());
    const redis = open(`redis://${given === null ? '' : `:${given}@`}127.0.0.1:${guarded.port}`);
    onTestFinished(() => redis.close());
    await vi.waitFor(() => expect(redis.changes).toEqual([code]), { timeout: 5_000 });
    await expect(redis.calls.take('agent:trader', RATE)).rejects.toThrow('Redis is away');
  });

  it('says once that nobody is there', async () => {
    const gone = await startValkey();
    await gone.close();
    const redis = open(gone.url);
    onTestFinished(() => redis.close());
    await vi.waitFor(() => expect(redis.changes).toEqual(['ECONNREFUSED']), { timeout: 5_000 });
    await gone.start();
    onTestFinished(() => gone.close());
    await redis.up();
    expect(redis.changes).toEqual(['ECONNREFUSED', 'up']);
  });

  it('comes with the right password', async () => {
    const guarded = await startValkey('the-right-word');
    onTestFinished(() => guarded.close());
    const redis = await opened(guarded.url);
    expect(await redis.calls.take('agent:trader', RATE)).toEqual({ kind: 'admitted' });
  });

  it('needs no more rights than docs/operating.md names', async () => {
    const operating = await readFile(new URL('../../../docs/operating.md', import.meta.url), 'utf8');
    const [, rights = ''] = /`(~countersign:\* [^`]+)`/.exec(operating) ?? [];
    const guarded = await startValkey('the-right-word');
    onTestFinished(() => guarded.close());
    await guarded.client.acl('SETUSER', 'gateway', 'on', '>its-word', ...rights.split(/\s+/), '+select');
    const url = `redis://gateway:its-word@127.0.0.1:${guarded.port}/3`;
    const [one, other] = [await opened(url, 'countersign:'), await opened(url, 'countersign:')];
    expect(await one.calls.take('agent:trader', RATE)).toEqual({ kind: 'admitted' });
    const heard = Promise.withResolvers<Hint>();
    other.fanOut.onHint(heard.resolve);
    one.fanOut.publish({ topics: ['policy'], requests: [] });
    expect(await heard.promise).toEqual({ topics: ['policy'], requests: [] });
  });

  it('comes by TLS from who shows a certificate of the right authority, and from nobody else', async () => {
    const guarded = await startValkey('the-right-word');
    onTestFinished(() => guarded.close());
    const folder = await mkdtemp(join(tmpdir(), 'countersign-redis-tls-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const [authority, stranger] = [makeAuthority(folder, 'authority'), makeAuthority(folder, 'stranger')];
    const port = await tlsProxy(makeCertificate(folder, 'server', authority), guarded.port);
    const url = `rediss://:the-right-word@127.0.0.1:${port}`;
    const trusting = open(url, 'test:', PATIENT_MS, await readFile(authority.certFile, 'utf8'));
    onTestFinished(() => trusting.close());
    await trusting.up();
    expect(await trusting.calls.take('agent:trader', RATE)).toEqual({ kind: 'admitted' });
    const others = [open(url), open(url, 'test:', PATIENT_MS, await readFile(stranger.certFile, 'utf8'))];
    for (const other of others) {
      onTestFinished(() => other.close());
      await vi.waitFor(() => expect(other.changes).toEqual(['UNABLE_TO_VERIFY_LEAF_SIGNATURE']), { timeout: 10_000 });
    }
  });

  it('is not spoken to in the clear when TLS is asked for and refused', async () => {
    const received: Buffer[] = [];
    const port = await plaintextServer((chunk) => received.push(chunk));
    const redis = open(`rediss://:the-secret-word@127.0.0.1:${port}`);
    onTestFinished(() => redis.close());
    await vi.waitFor(() => expect(received.length).toBeGreaterThan(1), { timeout: 10_000 });
    await expect(redis.calls.take('agent:trader', RATE)).rejects.toThrow('Redis is away');
    for (const chunk of received) {
      expect(chunk[0]).toBe(0x16);
      expect(chunk.includes('the-secret-word')).toBe(false);
    }
  });
});

/** Passes everything on until it stalls: then the connections of before stay open, and nothing comes through them any more. */
async function startStallingProxy(target: number): Promise<{ readonly port: number; stallThoseThatAreOpen(): void }> {
  const open = new Set<Socket>();
  const stalled = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        if (!stalled.has(socket)) (socket === client ? upstream : client).write(chunk);
      });
    }
  });
  return {
    port: await listening(server, open),
    stallThoseThatAreOpen: () => {
      for (const socket of open) stalled.add(socket);
    },
  };
}

/** Answers everything as Redis would that knows no TLS. */
async function plaintextServer(onData: (chunk: Buffer) => void): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      onData(chunk);
      socket.end('-ERR unknown command\r\n');
    });
  });
  return listening(server, open);
}

async function tlsProxy({ certFile, keyFile }: CertificateFiles, target: number): Promise<number> {
  const open = new Set<Socket>();
  const server = createTlsServer({ cert: await readFile(certFile), key: await readFile(keyFile) }, (client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => undefined);
    }
    client.pipe(upstream).pipe(client);
  });
  return listening(server, open);
}

async function listening(server: Server, open: ReadonlySet<Socket>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
