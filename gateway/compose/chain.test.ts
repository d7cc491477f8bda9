// Proves that everything that is read of the chain shares its nodes, with their rates, rests and clusters.
import { address } from '@solana/kit';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { answerResult, type NastyServer, startNastyServer } from '../../relayer/rpc/testing/nasty-server.ts';
import { Secret } from '../config/secret.ts';
import { type Chain, openChain } from './chain.ts';

const { signal } = new AbortController();
const WALLET = address('11111111111111111111111111111112');

let server: NastyServer;
let chain: Chain;
let told: string[];

beforeEach(async () => {
  [server, told] = [await startNastyServer(), []];
  const endpoint = { url: new Secret(server.url), wsUrl: null, weight: 1, requestsPerSecond: null, field: 'rpc_url' };
  const config = { endpoints: [endpoint], witnesses: 1, subscribe: false, verifyRpcUrl: null, timeoutMs: 1_000 };
  const observer = { call: (_host: string, result: string) => told.push(result), lag: vi.fn(), hedge: vi.fn() };
  chain = openChain({ chain: config }, { rpcPool: () => observer });
});
afterEach(async () => {
  await chain.reader.close();
  await server.close();
});

it('leaves a node that asked for it alone, whatever is to be read', async () => {
  server.behave((_call, response) => response.writeHead(429, { 'retry-after': '60' }).end());
  await expect(chain.reader.getBlockHeight('confirmed', signal)).rejects.toThrow('429');
  server.behave(answerResult(1));
  await expect(chain.histories[0].lamportsOf(WALLET, signal)).rejects.toThrow('it asked to be left alone');
  await expect(chain.feeMarket.recentPrices([WALLET], signal)).rejects.toThrow();
  expect(server.calls).toHaveLength(1);
});

it('counts what histories and prices ask among the requests of the chain', async () => {
  server.behave(answerResult({ context: { slot: 1 }, value: 5 }));
  expect(await chain.histories[0].lamportsOf(WALLET, signal)).toBe(5n);
  server.behave(answerResult([{ slot: 1, prioritizationFee: 7 }]));
  expect(await chain.feeMarket.recentPrices([WALLET], signal)).toEqual([7n]);
  expect(told).toEqual(['answered', 'answered']);
});
