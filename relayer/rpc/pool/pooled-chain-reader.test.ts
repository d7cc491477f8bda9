// Proves that a chain that is read through several nodes is the chain: slow, dead, lying and foreign nodes change no answer.
import { address } from '@solana/kit';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ChainReader, ChainUnavailable } from '../../chain-reader.ts';
import { type Localnet, startLocalnet } from '../../localnet/localnet.ts';
import { rawCall } from '../../localnet/testing/raw-rpc.ts';
import { answerResult, startNastyServer } from '../testing/nasty-server.ts';
import { createPooledChainReader } from './pooled-chain-reader.ts';
import { createRpcPool, type PoolObserver, type RpcPool } from './rpc-pool.ts';

const { signal } = new AbortController();
const SYSTEM_PROGRAM = address('11111111111111111111111111111111');

let localnet: Localnet;
let pool: RpcPool;
let reader: ChainReader;
let hedged: string[];

beforeAll(async () => {
  localnet = await startLocalnet({ facades: 3 });
});
afterAll(() => localnet.stop());
afterEach(async () => {
  await reader.close();
  await Promise.all(localnet.rpcUrls.map((url) => rawCall(url, 'localnet_clearFaults', [])));
});

/** The first is the one that is asked first, nearly always. */
function open(urls: readonly string[], timeoutMs = 2_000): void {
  hedged = [];
  const observer: PoolObserver = { call: () => undefined, lag: () => undefined, hedge: (host) => hedged.push(host) };
  const endpoints = urls.map((url, n) => ({ url, weight: n === 0 ? 1_000_000 : 1 }));
  pool = createRpcPool({ endpoints, timeoutMs, maxResponseBytes: 1_000_000, observer, random: () => 0 });
  reader = createPooledChainReader(pool, 2);
}

const fault = (facade: number, description: object) =>
  rawCall(localnet.rpcUrls[facade] ?? '', 'localnet_setFault', [description]);

it('asks a second node where the first takes longer than usual, and takes the first good answer', async () => {
  open(localnet.rpcUrls);
  for (let n = 0; n < 20; n++) await reader.getBlockHeight('confirmed', signal);
  await fault(0, { kind: 'slow', milliseconds: 1_500 });
  const started = performance.now();
  await reader.getBlockHeight('confirmed', signal);
  expect(performance.now() - started).toBeLessThan(1_000);
  expect(hedged).toContain(new URL(localnet.rpcUrls[1] ?? '').host);
});

it('goes on with the next where one is dead, and soon asks the dead one last', async () => {
  open(['http://127.0.0.1:1', ...localnet.rpcUrls]);
  for (let n = 0; n < 5; n++) expect(await reader.getBlockHeight('confirmed', signal)).toBeGreaterThan(0n);
  expect(pool.forReading().at(-1)?.endpoint.host).toBe('127.0.0.1:1');
  expect(reader.nodes()).toHaveLength(4);
});

it('says what each said when none answers', async () => {
  open(['http://127.0.0.1:1', 'http://127.0.0.1:2']);
  const asked = reader.getBlockHeight('confirmed', signal);
  await expect(asked).rejects.toThrow(ChainUnavailable);
  await expect(asked).rejects.toThrow(/^2 RPC nodes were asked: .*127\.0\.0\.1:1.*; .*127\.0\.0\.1:2/);
});

it('keeps a blockhash at hand, of a node that works, and a caller that leaves does not wait', async () => {
  open(localnet.rpcUrls);
  await fault(0, { kind: 'hang' });
  const { blockhash } = await reader.getLatestBlockhash(signal);
  expect(reader.blockhashAtHand()?.blockhash).toBe(blockhash);
  await Promise.all([1, 2].map((facade) => fault(facade, { kind: 'hang' })));
  await expect(reader.getBlockHeight('confirmed', AbortSignal.timeout(50))).rejects.toThrow(ChainUnavailable);
});

it('gives each node for itself, for what must come from one of them', async () => {
  open(localnet.rpcUrls);
  const nodes = reader.nodes();
  await fault(0, { kind: 'lag', slots: 50 });
  const heights = await Promise.all(nodes.map((node) => node.getBlockHeight('confirmed', signal)));
  const [behind, ...current] = heights.toSorted((a, b) => (a < b ? -1 : 1));
  expect(current.every((height) => height - (behind ?? 0n) >= 49n)).toBe(true);
  expect([reader.witnesses, reader.endpoints]).toEqual([2, 1]);
});

it('a node that is far behind is not asked while others are not', async () => {
  open(localnet.rpcUrls);
  await fault(0, { kind: 'lag', slots: 500 });
  await vi.waitFor(() => expect(pool.lagOf(pool.forReading().at(-1) ?? failNode())).toBeGreaterThan(400n), 6_000);
  const height = await reader.getBlockHeight('confirmed', signal);
  const truth = (await rawCall(localnet.rpcUrls[1] ?? '', 'getBlockHeight', [{ commitment: 'confirmed' }])).result;
  expect(Number(truth) - Number(height)).toBeLessThan(5);
});

it('takes nothing of a node that fell behind since the nodes were compared', async () => {
  open(localnet.rpcUrls);
  await vi.waitFor(() => expect(pool.oldestGoodSlot()).not.toBeNull());
  await fault(0, { kind: 'lag', slots: 500 });
  const { slot } = await reader.getAccounts([SYSTEM_PROGRAM], signal);
  expect(slot).toBeGreaterThanOrEqual(pool.oldestGoodSlot() ?? 0n);
  await Promise.all([1, 2].map((facade) => fault(facade, { kind: 'lag', slots: 500 })));
  await expect(reader.getAccounts([SYSTEM_PROGRAM], signal)).rejects.toThrow('others are beyond');
});

describe('the cluster', () => {
  it('is the one that all nodes name; one that names none yet is not asked, and asked once it has', async () => {
    const late = await startNastyServer();
    late.behave((_call, response) => response.destroy());
    try {
      open([late.url, localnet.rpcUrl]);
      const genesis = await reader.getGenesisHash(signal);
      expect(pool.forReading().map(({ endpoint }) => endpoint.host)).toEqual([new URL(localnet.rpcUrl).host]);
      late.behave((call, response) => answerResult(call.method === 'getSlot' ? 5 : genesis)(call, response));
      await vi.waitFor(() => expect(pool.forReading()).toHaveLength(2));
    } finally {
      await late.close();
    }
  });

  it('is not known where two nodes are of different ones', async () => {
    const stranger = await startNastyServer();
    stranger.behave(answerResult('4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi'));
    try {
      open([localnet.rpcUrl, stranger.url]);
      await expect(reader.getGenesisHash(signal)).rejects.toThrow('the RPC nodes are of different clusters');
    } finally {
      await stranger.close();
    }
  });
});

function failNode(): never {
  throw new Error('there is no node');
}
