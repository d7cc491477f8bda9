// Proves that what is read of histories and of the fee market is asked of the pool's nodes as everything else is.
import { address } from '@solana/kit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ChainUnavailable } from '../../chain-reader.ts';
import { answerResult, type Behaviour, type NastyServer, startNastyServer } from '../testing/nasty-server.ts';
import { createPooledFeeMarket } from './pooled-fee-market.ts';
import { createPooledWalletHistories } from './pooled-wallet-histories.ts';
import { createRpcPool, type RpcPool, type RpcPoolOptions } from './rpc-pool.ts';

const { signal } = new AbortController();
const WALLET = address('11111111111111111111111111111112');
const GENESIS = '4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi';
const PRICES = [{ slot: 1, prioritizationFee: 7 }];

let servers: readonly NastyServer[];
let pool: RpcPool;

beforeEach(async () => {
  servers = await Promise.all([startNastyServer(), startNastyServer()]);
  for (const server of servers) server.behave(as(GENESIS));
});
afterEach(async () => {
  pool.close();
  await Promise.all(servers.map((server) => server.close()));
});

/** As a node of this cluster with a price and a balance. */
function as(genesis: string): Behaviour {
  return (call, response) => {
    const results = new Map<string, object | string | number>([
      ['getGenesisHash', genesis],
      ['getRecentPrioritizationFees', PRICES],
      ['getBalance', { context: { slot: 1 }, value: 5 }],
    ]);
    answerResult(results.get(String(call.method)) ?? 1_000)(call, response);
  };
}

function open(change: Partial<RpcPoolOptions['endpoints'][number]> = {}): void {
  const endpoints = servers.map(({ url }, n) => ({ url, weight: n === 0 ? 1_000_000 : 1, ...change }));
  pool = createRpcPool({ endpoints, timeoutMs: 1_000, maxResponseBytes: 10_000, random: () => 0 });
}

const asked = (n: number, method: string) => servers[n]?.calls.filter((call) => call.method === method) ?? [];

it('a history is of one node, and of each there is one', async () => {
  open();
  const histories = createPooledWalletHistories(pool);
  expect(histories).toHaveLength(2);
  expect(await histories[1]?.lamportsOf(WALLET, signal)).toBe(5n);
  expect([asked(0, 'getBalance').length, asked(1, 'getBalance').length]).toEqual([0, 1]);
});

it('a node of another cluster is no witness of a history, nor one that did not say of which it is', async () => {
  servers[1]?.behave(as('another'));
  open();
  const [first, second] = createPooledWalletHistories(pool);
  pool.requireGenesis(GENESIS);
  for (const [n, node] of pool.nodes.entries()) if (n === 1) pool.noteGenesis(node, 'another');
  await expect(second?.lamportsOf(WALLET, signal)).rejects.toThrow(
    /it is of another cluster, or has not said of which/,
  );
  await expect(second?.lamportsOf(WALLET, signal)).rejects.toThrow(ChainUnavailable);
  expect(asked(1, 'getBalance')).toEqual([]);
  await expect.poll(() => first?.lamportsOf(WALLET, signal)).toBe(5n);
});

it('histories and prices use up the rate of the node', async () => {
  open({ requestsPerSecond: 3 });
  const [first] = createPooledWalletHistories(pool);
  const asking = Promise.allSettled(Array.from({ length: 12 }, () => first?.lamportsOf(WALLET, signal)));
  expect(await createPooledFeeMarket(pool).recentPrices([WALLET], signal)).toEqual([7n]);
  const told = await asking;
  expect(told.filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(6);
  expect(asked(0, 'getBalance').length).toBeLessThanOrEqual(6);
  expect([asked(0, 'getRecentPrioritizationFees').length, asked(1, 'getRecentPrioritizationFees').length]).toEqual([
    0, 1,
  ]);
});

it('a node that rests is not asked for prices, and the next one is where a node fails', async () => {
  open();
  const market = createPooledFeeMarket(pool);
  servers[0]?.behave((_call, response) => response.writeHead(429, { 'retry-after': '60' }).end());
  expect(await market.recentPrices([WALLET], signal)).toEqual([7n]);
  servers[0]?.behave(as(GENESIS));
  const before = asked(0, 'getRecentPrioritizationFees').length;
  expect(await market.recentPrices([WALLET], signal)).toEqual([7n]);
  expect(asked(0, 'getRecentPrioritizationFees')).toHaveLength(before);
  servers[1]?.behave((_call, response) => response.destroy());
  await expect(market.recentPrices([WALLET], signal)).rejects.toThrow(ChainUnavailable);
});
