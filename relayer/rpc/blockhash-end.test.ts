// Proves that no node can tell an end of a blockhash that is further away than a blockhash lives.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ChainReader, ChainUnavailable } from '../chain-reader.ts';
import { type Localnet, startLocalnet } from '../localnet/localnet.ts';
import { rawCall } from '../localnet/testing/raw-rpc.ts';
import { createEndCheck } from './blockhash-end.ts';
import { createPooledChainReader } from './pool/pooled-chain-reader.ts';
import { createRpcPool } from './pool/rpc-pool.ts';

const { signal } = new AbortController();

describe('the end of a blockhash', () => {
  let height: bigint | null;
  let asked: number;
  let check: (lastValidBlockHeight: bigint) => Promise<unknown>;

  beforeEach(() => {
    [height, asked] = [1_000n, 0];
    const checkEnd = createEndCheck(async () => {
      asked += 1;
      return height;
    });
    check = (lastValidBlockHeight) => checkEnd({ blockhash: 'b', lastValidBlockHeight }, signal);
  });

  it.each([0n, 900n, 1_150n, 1_180n])('is believed at %d while the chain is at 1,000', async (end) => {
    expect(await check(end)).toEqual({ blockhash: 'b', lastValidBlockHeight: end });
  });

  it.each([1_181n, 1_150n + 150n, 2n ** 64n - 1n])('is not believed at %d while the chain is at 1,000', async (end) => {
    await expect(check(end)).rejects.toThrow(ChainUnavailable);
    await expect(check(end)).rejects.toThrow(
      `block height ${end}, while the chain is at 1000: a blockhash lives for 150`,
    );
  });

  it('is held against a height that is asked for once in thirty blocks', async () => {
    for (let end = 1_150n; end <= 1_180n; end++) await check(end);
    expect(asked).toBe(1);
    height = 1_031n;
    await check(1_181n);
    expect(asked).toBe(2);
  });

  it('is held against the height anew where that was once told too high', async () => {
    height = 2n ** 60n;
    await check(1_150n);
    height = 1_000n;
    await expect(check(50_000n)).rejects.toThrow(ChainUnavailable);
  });

  it('is believed where nobody can tell the height, and asked about again', async () => {
    height = null;
    await check(1_000_000n);
    height = 1_000n;
    await expect(check(1_000_000n)).rejects.toThrow(ChainUnavailable);
  });
});

describe('a node of the local chain that overstates the end of its blockhash', () => {
  let localnet: Localnet;
  let reader: ChainReader;

  beforeAll(async () => {
    localnet = await startLocalnet({ facades: 3 });
  });
  afterAll(() => localnet.stop());
  afterEach(async () => {
    await reader.close();
    await Promise.all(localnet.rpcUrls.map((url) => rawCall(url, 'localnet_clearFaults', [])));
  });

  /** The first is asked first. */
  function open(count: number): void {
    const endpoints = localnet.rpcUrls.slice(0, count).map((url, n) => ({ url, weight: n === 0 ? 1_000_000 : 1 }));
    const pool = createRpcPool({ endpoints, timeoutMs: 2_000, maxResponseBytes: 1_000_000, random: () => 0 });
    reader = createPooledChainReader(pool, Math.min(2, count));
  }

  const fault = (description: object) => rawCall(localnet.rpcUrl, 'localnet_setFault', [description]);

  async function trueHeight(): Promise<bigint> {
    const { result } = await rawCall(localnet.rpcUrls[1] ?? '', 'getBlockHeight', [{ commitment: 'processed' }]);
    return BigInt(String(result));
  }

  it('is not asked again: where it is the only one, there is no blockhash', async () => {
    open(1);
    await fault({ kind: 'wrongSlot', method: 'getLatestBlockhash', slots: 1_000_000 });
    await expect(reader.getLatestBlockhash(signal)).rejects.toThrow('a blockhash lives for 150 blocks');
  });

  it('is passed over for another', async () => {
    open(2);
    await fault({ kind: 'wrongSlot', method: 'getLatestBlockhash', slots: 1_000_000 });
    const { lastValidBlockHeight } = await reader.getLatestBlockhash(signal);
    expect(lastValidBlockHeight).toBeLessThanOrEqual((await trueHeight()) + 150n);
  });

  it('and its own height as much, is passed over where two others agree on the height', async () => {
    open(3);
    await fault({ kind: 'wrongSlot', slots: 1_000 });
    const [latest, other] = [await reader.getLatestBlockhash(signal), await reader.getBlockhashOtherThan('', signal)];
    const height = await trueHeight();
    expect(latest.lastValidBlockHeight).toBeLessThanOrEqual(height + 150n);
    expect(other.lastValidBlockHeight).toBeLessThanOrEqual(height + 150n);
  });
});
