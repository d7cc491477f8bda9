// Proves which nodes of a pool are asked, and which are left alone.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  answerResult,
  answerText,
  type Behaviour,
  type NastyServer,
  startNastyServer,
} from '../testing/nasty-server.ts';
import { createRpcPool, type PoolObserver, type RpcPool, type RpcPoolOptions } from './rpc-pool.ts';

const { signal } = new AbortController();
/** A round comes every two seconds, and the first may be lost on a busy machine. */
const WITHIN = { timeout: 8_000 };
const GENESIS = '4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi';

let servers: readonly NastyServer[];
let pool: RpcPool;
let told: string[];

const observer: PoolObserver = {
  call: (_host, result) => told.push(result),
  lag: () => undefined,
  hedge: () => undefined,
};

beforeEach(async () => {
  told = [];
  servers = await Promise.all([startNastyServer(), startNastyServer(), startNastyServer()]);
});
afterEach(async () => {
  pool.close();
  await Promise.all(servers.map((server) => server.close()));
});

function open(change: Partial<RpcPoolOptions> = {}, count = 3): RpcPool {
  const endpoints = servers.slice(0, count).map(({ url }, n) => ({ url, weight: 3 - n }));
  pool = createRpcPool({ endpoints, timeoutMs: 300, maxResponseBytes: 10_000, observer, ...change });
  return pool;
}

/** Which servers they are, in order. */
const numbers = (nodes: RpcPool['nodes']): readonly number[] => nodes.map((node) => pool.nodes.indexOf(node));

/** As a node at this slot, of this cluster. */
const at =
  (slot: number, genesis = GENESIS): Behaviour =>
  (call, response) =>
    answerResult(call.method === 'getGenesisHash' ? genesis : slot)(call, response);

describe('health', () => {
  it('a node that is behind comes last, and comes back when it has caught up', async () => {
    servers.forEach((server, n) => {
      server.behave(at(n === 0 ? 1_000 : 1_031));
    });
    open();
    await vi.waitFor(() => expect(pool.nodes.map(pool.lagOf)).toEqual([31n, 0n, 0n]), WITHIN);
    expect(numbers(pool.forSending())).toEqual([1, 2, 0]);
    expect(numbers(pool.forReading()).at(-1)).toBe(0);
    servers[0]?.behave(at(1_001));
    await vi.waitFor(() => expect(numbers(pool.forSending())).toEqual([0, 1, 2]), WITHIN);
  });

  it('a node that alone is far ahead is not believed', async () => {
    servers.forEach((server, n) => {
      server.behave(at(n === 0 ? 900_000 : 1_000));
    });
    open();
    await vi.waitFor(() => expect(pool.nodes.map(pool.lagOf)).toEqual([-899_000n, 0n, 0n]), WITHIN);
    expect(numbers(pool.forSending())).toEqual([1, 2, 0]);
  });

  it('of two nodes that do not agree nobody knows which is wrong: neither comes last, until they agree', async () => {
    const lags: number[] = [];
    servers.forEach((server, n) => {
      server.behave(at(n === 0 ? 1_000 : 999_999_999));
    });
    open({ observer: { ...observer, lag: (_host, slots) => lags.push(slots) } }, 2);
    await vi.waitFor(() => expect(lags).toContain(999_998_999), WITHIN);
    expect(pool.nodes.map(pool.lagOf)).toEqual([null, null]);
    expect(numbers(pool.forSending())).toEqual([0, 1]);
    expect(numbers(pool.forReading())).toHaveLength(2);
    expect(pool.oldestGoodSlot()).toBeNull();
    servers[1]?.behave(at(1_003));
    await vi.waitFor(() => expect(pool.nodes.map(pool.lagOf)).toEqual([3n, 0n]), WITHIN);
  });

  it('a node that fails comes last; one that was merely overtaken by its caller does not', async () => {
    servers.forEach((server) => {
      server.behave(at(1_000));
    });
    open();
    const [first] = pool.nodes;
    if (first === undefined) throw new Error('no node');
    for (let n = 0; n < 10; n++) await first.call('getHealth', [], AbortSignal.abort());
    expect(numbers(pool.forSending())).toEqual([0, 1, 2]);
    servers[0]?.behave((_call, response) => response.destroy());
    for (let n = 0; n < 4; n++) await first.call('getHealth', [], signal);
    expect(numbers(pool.forSending())).toEqual([1, 2, 0]);
    expect(first.failureShare()).toBeGreaterThan(0.5);
  });

  it('a node of another cluster, or one that does not tell of which, is not asked', async () => {
    servers.forEach((server, n) => {
      server.behave(at(1_000, n === 1 ? 'another' : GENESIS));
    });
    open();
    pool.requireGenesis(GENESIS);
    expect(pool.forReading()).toEqual([]);
    await vi.waitFor(() => expect(numbers(pool.forSending())).toEqual([0, 2]), WITHIN);
  });
});

describe('load', () => {
  it('is shared by weight', () => {
    open();
    const firsts = Array.from({ length: 6_000 }, () => numbers(pool.forReading())[0]);
    const share = (n: number) => firsts.filter((first) => first === n).length / firsts.length;
    expect(share(0)).toBeGreaterThan(0.45);
    expect(share(0)).toBeLessThan(0.55);
    expect(share(2)).toBeGreaterThan(0.12);
    expect(share(2)).toBeLessThan(0.21);
  });

  it('a node that says 429 is left alone for as long as it says, and then asked again', async () => {
    const [server] = servers;
    open({}, 1);
    const [node] = pool.nodes;
    server?.behave((_call, response) => response.writeHead(429, { 'retry-after': '1' }).end());
    expect(await node?.call('getSlot', [], signal)).toMatchObject({ kind: 'lost', reason: 'HTTP status 429' });
    server?.behave(answerResult(5));
    expect(pool.forReading()).toEqual([]);
    const held = await node?.call('getSlot', [], signal);
    expect(held).toMatchObject({ kind: 'lost', mayHaveArrived: false });
    expect(held).toMatchObject({ reason: expect.stringMatching(/^it asked to be left alone for another \d+ ms$/) });
    expect(server?.calls).toHaveLength(1);
    await vi.waitFor(async () => expect(await node?.call('getSlot', [], signal)).toMatchObject({ result: 5 }), 2_000);
    expect(told).toContain('held');
  });

  it.each([
    ['a date', new Date(Date.now() + 3_600_000).toUTCString()],
    ['more than a minute', '100000'],
    ['nonsense', 'soon'],
  ])('rests at most a minute where the hint is %s', async (_case, hint) => {
    const [server] = servers;
    open({}, 1);
    const [node] = pool.nodes;
    server?.behave((_call, response) => response.writeHead(429, { 'retry-after': hint }).end());
    await node?.call('getSlot', [], signal);
    const held = await node?.call('getSlot', [], signal);
    const rest = Number(/another (\d+) ms/.exec(held?.kind === 'lost' ? held.reason : '')?.[1]);
    expect(rest).toBeGreaterThan(500);
    expect(rest).toBeLessThanOrEqual(60_000);
  });

  it('a node is asked no faster than it may be', async () => {
    const [server] = servers;
    server?.behave(answerResult(1));
    open({ endpoints: [{ url: server?.url ?? '', requestsPerSecond: 20 }] });
    const [node] = pool.nodes;
    const started = performance.now();
    const answers = await Promise.all(Array.from({ length: 60 }, () => node?.call('getSlot', [], signal)));
    expect(performance.now() - started).toBeGreaterThan(900);
    expect(answers.filter((answer) => answer?.kind === 'result')).toHaveLength(40);
    const held = answers.find((answer) => answer?.kind === 'lost');
    expect(held).toMatchObject({ reason: 'its limit of 20 requests a second is used up', mayHaveArrived: false });
  });
});

it('other statuses ask for no rest', async () => {
  const [server] = servers;
  open({}, 1);
  server?.behave(answerText('', 503));
  expect(await pool.nodes[0]?.call('getSlot', [], signal)).toMatchObject({ restMs: null, mayHaveArrived: true });
  expect(numbers(pool.forReading())).toEqual([0]);
});
