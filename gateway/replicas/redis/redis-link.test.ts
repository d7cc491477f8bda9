import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startValkey, type ValkeyServer } from '../../../test/fakes/valkey-server.ts';
import { makeAuthority, makeCertificate } from '../../policy/sources/testing/certificates.ts';
import type { Hint } from '../fan-out.ts';
import { createLocalRateLimiter } from '../in-process/local-rate-limiter.ts';
import { createSharedRateLimiter } from '../shared-rate-limiter.ts';
import { open, opened } from './testing/open-scene.ts';
import { plaintextServer, startStallingProxy, tlsProxy } from './testing/servers.ts';

const RATE = { perMinute: 1, burst: 2 };

let valkey: ValkeyServer;
beforeAll(async () => {
  valkey = await startValkey();
});
afterAll(() => valkey.close());
afterEach(() => {
  valkey.resume();
});

describe('Redis that goes away', () => {
  it('costs each call at most the time of one answer while it hangs, and nothing once that is known', async () => {
    const { calls, up, changes } = await opened(valkey.url, { answerWithinMs: null });
    const limiter = createSharedRateLimiter(createLocalRateLimiter({ now: () => performance.now() }), calls);
    const take = async () => (await limiter.take('agent:trader', { perMinute: 1, burst: 1_000 })).kind;
    valkey.hang();
    const began = performance.now();
    expect(await take()).toBe('admitted');
    expect(changes.at(-1)).toBe('it does not answer in time');
    for (let call = 0; call < 500; call++) expect(await take()).toBe('admitted');
    // Each would have waited for 50 ms.
    expect(performance.now() - began).toBeLessThan(5_000);
    valkey.resume();
    await up();
    expect(await calls.take('agent:other', RATE)).toEqual({ kind: 'admitted' });
  });

  it('is not away because this process was too busy to read its answer', async () => {
    const { calls, changes } = await opened(valkey.url, { answerWithinMs: null });
    // Timers come next then, and only after them what has arrived.
    await new Promise(setImmediate);
    const answer = calls.take('agent:trader', RATE);
    const until = performance.now() + 500;
    while (performance.now() < until);
    expect(await answer).toEqual({ kind: 'admitted' });
    expect(changes).toEqual(['up']);
  });

  it('is connected anew when a connection is open and dead', async () => {
    const proxy = await startStallingProxy(valkey.port);
    const { calls, away, up, changes } = await opened(`redis://127.0.0.1:${proxy.port}`, { answerWithinMs: null });
    proxy.stallThoseThatAreOpen();
    await away();
    await up();
    expect(changes).toEqual(['up', 'it does not answer in time', 'up']);
    expect(await calls.take('agent:trader', RATE)).toEqual({ kind: 'admitted' });
  });

  it('is used again after it was killed and came back', async () => {
    const keyPrefix = `test-${randomUUID()}:`;
    const one = await opened(valkey.url, { keyPrefix });
    const other = await opened(valkey.url, { keyPrefix });
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
    const { away, up, changes } = await opened(valkey.url);
    await valkey.client.replicaof('127.0.0.1', 1);
    await away();
    expect(changes.at(-1)).toBe('READONLY');
    await valkey.client.replicaof('NO', 'ONE');
    await up();
  });
});

describe('a connection to Redis', () => {
  it.each([
    ['WRONGPASS', 'wrong-word'],
    ['NOAUTH', null],
  ])('says %s and stays away when the password is %s', async (code, given) => {
    const guarded = await startValkey('the-right-word');
    onTestFinished(() => guarded.close());
    const redis = open(`redis://${given === null ? '' : `:${given}@`}127.0.0.1:${guarded.port}`);
    onTestFinished(() => redis.close());
    await vi.waitFor(() => expect(redis.changes).toEqual([code]));
    await expect(redis.calls.take('agent:trader', RATE)).rejects.toThrow('Redis is away');
  });

  it('says once that nobody is there', async () => {
    const gone = await startValkey();
    await gone.close();
    const redis = open(gone.url);
    onTestFinished(() => redis.close());
    await vi.waitFor(() => expect(redis.changes).toEqual(['ECONNREFUSED']));
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
    const [one, other] = [
      await opened(url, { keyPrefix: 'countersign:' }),
      await opened(url, { keyPrefix: 'countersign:' }),
    ];
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
    const trusting = open(url, { ca: await readFile(authority.certFile, 'utf8') });
    onTestFinished(() => trusting.close());
    await trusting.up();
    expect(await trusting.calls.take('agent:trader', RATE)).toEqual({ kind: 'admitted' });
    const others = [open(url), open(url, { ca: await readFile(stranger.certFile, 'utf8') })];
    for (const other of others) {
      onTestFinished(() => other.close());
      await vi.waitFor(() => expect(other.changes).toEqual(['UNABLE_TO_VERIFY_LEAF_SIGNATURE']));
    }
  });

  it('is not spoken to in the clear when TLS is asked for and refused', async () => {
    const received: Buffer[] = [];
    const port = await plaintextServer((chunk) => received.push(chunk));
    const redis = open(`rediss://:the-secret-word@127.0.0.1:${port}`);
    onTestFinished(() => redis.close());
    await vi.waitFor(() => expect(received.length).toBeGreaterThan(1));
    await expect(redis.calls.take('agent:trader', RATE)).rejects.toThrow('Redis is away');
    for (const chunk of received) {
      expect(chunk[0]).toBe(0x16);
      expect(chunk.includes('the-secret-word')).toBe(false);
    }
  });
});
