// Proves that the RPC chain reader treats every odd answer of a node as an outage.
import { type Address, address } from '@solana/kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChainReader, ChainUnavailable } from '../chain-reader.ts';
import { createRpcChainReader } from './rpc-chain-reader.ts';
import {
  answerError,
  answerResult,
  answerText,
  type Behaviour,
  type NastyServer,
  OUTAGES,
  startNastyServer,
} from './testing/nasty-server.ts';

const { signal } = new AbortController();
const SYSTEM_PROGRAM = address('11111111111111111111111111111111');
const HASH = '4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi';
const SIGNATURE = '1'.repeat(64);

describe('an RPC chain reader of a node that misbehaves', () => {
  let server: NastyServer;
  let reader: ChainReader;

  beforeEach(async () => {
    server = await startNastyServer();
    reader = createRpcChainReader({ url: `${server.url}/v2/s3cretpath?api-key=s3cretkey`, timeoutMs: 300 });
  });
  afterEach(async () => {
    await reader.close();
    await server.close();
  });

  const methods: readonly (readonly [string, (chain: ChainReader) => Promise<unknown>])[] = [
    ['getAccounts', (chain) => chain.getAccounts([SYSTEM_PROGRAM], signal)],
    ['getLatestBlockhash', (chain) => chain.getLatestBlockhash(signal)],
    ['getBlockHeight', (chain) => chain.getBlockHeight('confirmed', signal)],
    ['isBlockhashValid', (chain) => chain.isBlockhashValid(HASH, 'finalized', signal)],
    ['getSignatureStatuses', (chain) => chain.getSignatureStatuses([SIGNATURE], signal)],
    ['getFinalizedBlock', (chain) => chain.getFinalizedBlock(signal)],
    ['getFinalizedClock', (chain) => chain.getFinalizedClock(signal)],
    ['getOldestBlock', (chain) => chain.getOldestBlock(signal)],
    ['getFinalizedAccounts', (chain) => chain.getFinalizedAccounts([SYSTEM_PROGRAM], signal)],
    [
      'simulate',
      (chain) => chain.simulate({ wire: new Uint8Array(1), postStatesOf: [], minContextSlot: null }, signal),
    ],
    ['getGenesisHash', (chain) => chain.getGenesisHash(signal)],
  ];

  it.each(OUTAGES)('is unavailable when the node %s', async (_case, behaviour) => {
    server.behave(behaviour);
    await expect(reader.getBlockHeight('confirmed', signal)).rejects.toThrow(ChainUnavailable);
  });

  it.each(methods)('%s is unavailable when the answer has another shape', async (_method, ask) => {
    const shapes = [
      null,
      'text',
      -1,
      1.5,
      [],
      {},
      { value: null },
      { context: { slot: 1 } },
      { context: {}, value: 1 },
    ];
    const values = [
      1.5,
      'x',
      {},
      [],
      [null, null],
      [{}],
      [[]],
      { blockhash: HASH },
      { blockhash: 'x', lastValidBlockHeight: 1 },
    ];
    const wrapped = values.map((value) => ({ context: { slot: 1 }, value }));
    for (const shape of [...shapes, ...wrapped, { context: { slot: -1 }, value: true }]) {
      server.behave(answerResult(shape));
      await expect(ask(reader), JSON.stringify(shape)).rejects.toThrow(ChainUnavailable);
    }
  });

  it('reads all of u64 exactly, and nothing beyond it', async () => {
    server.behave(answerText('{"jsonrpc":"2.0","id":ID,"result":18446744073709551615}'));
    expect(await reader.getBlockHeight('confirmed', signal)).toBe(2n ** 64n - 1n);
    for (const beyond of ['18446744073709551616', '1e3000', '9007199254740993.0', '-1', '"7"', '9'.repeat(100_000)]) {
      server.behave(answerText(`{"jsonrpc":"2.0","id":ID,"result":${beyond}}`));
      await expect(reader.getBlockHeight('confirmed', signal)).rejects.toThrow(ChainUnavailable);
    }
  });

  it('stops reading an answer that is larger than it may be', async () => {
    const small = createRpcChainReader({ url: server.url, timeoutMs: 20_000, maxResponseBytes: 1_000 });
    for (const [, behaviour] of OUTAGES.filter(([name]) => name.startsWith('answers more than it may'))) {
      server.behave(behaviour);
      await expect(small.getGenesisHash(signal)).rejects.toThrow('the answer is larger than 1000 bytes');
    }
    await small.close();
  });

  it('takes no status without a commitment or without a word on the error', async () => {
    const status = { slot: 1, confirmations: 1, err: null, confirmationStatus: 'processed' };
    const answer = (value: unknown) => answerResult({ context: { slot: 1 }, value: [value] });
    server.behave(answer(status));
    expect(await reader.getSignatureStatuses([SIGNATURE], signal)).toMatchObject({
      slot: 1n,
      statuses: [{ commitment: 'processed' }],
    });
    for (const change of [
      { err: undefined },
      { confirmationStatus: null },
      { confirmationStatus: 'rooted' },
      { slot: null },
    ]) {
      server.behave(answer({ ...status, ...change }));
      await expect(reader.getSignatureStatuses([SIGNATURE], signal)).rejects.toThrow(ChainUnavailable);
    }
  });

  it('believes no oldest block that the node cannot show, and takes its slot for a height that it does not say', async () => {
    const told = (block: Behaviour): void =>
      server.behave((call, response) =>
        (call.method === 'getFirstAvailableBlock' ? answerResult(0) : block)(call, response),
      );
    told(
      answerError({ code: -32001, message: 'Block 0 cleaned up, does not exist on node. First available block: 9' }),
    );
    await expect(reader.getOldestBlock(signal)).rejects.toThrow(ChainUnavailable);
    told(answerResult(null));
    await expect(reader.getOldestBlock(signal)).rejects.toThrow(ChainUnavailable);
    told(answerResult({ blockHeight: null }));
    expect(await reader.getOldestBlock(signal)).toEqual({ slot: 0n, blockHeight: 0n });
  });

  it('names the host in errors, and nothing of the URL that may be a key', async () => {
    server.behave(answerError({ code: -32000, message: 'bad key s3cretkey at /v2/s3cretpath\u0000\n\u001b[31m' }));
    const error = await reader.getGenesisHash(signal).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain(new URL(server.url).host);
    expect(String(error)).toContain('error -32000: bad key [redacted] at /v2/[redacted] [31m');
    expect(() => createRpcChainReader({ url: 'ftp://s3cretkey', timeoutMs: 1 })).toThrow(/^the RPC URL must be/);
  });

  it('asks once more when a kept connection was closed just as it was used again', async () => {
    server.behave(answerResult(5));
    expect(await reader.getBlockHeight('confirmed', signal)).toBe(5n);
    const kept = server.calls.length;
    server.behave((call, response) => {
      if (server.calls.length === kept + 1) response.socket?.resetAndDestroy();
      else answerResult(6)(call, response);
    });
    expect(await reader.getBlockHeight('confirmed', signal)).toBe(6n);
    expect(server.calls.length).toBe(kept + 2);
  });

  it('gives up when its caller does', async () => {
    server.behave(() => undefined);
    for (const [, ask] of methods) {
      const controller = new AbortController();
      const patient = createRpcChainReader({ url: server.url, timeoutMs: 60_000 });
      const asked = ask({ ...patient, ...withSignal(patient, controller.signal) });
      controller.abort(new Error('deadline'));
      await expect(asked).rejects.toThrow(ChainUnavailable);
      await patient.close();
    }
  });

  it('asks for the blockhash once for many callers, and again after a failure', async () => {
    server.behave(answerText('', 500));
    await expect(reader.getLatestBlockhash(signal)).rejects.toThrow(ChainUnavailable);
    server.behave(answerYoungChain);
    const answers = await Promise.all(Array.from({ length: 50 }, () => reader.getLatestBlockhash(signal)));
    expect(new Set(answers.map((answer) => answer.blockhash))).toEqual(new Set([HASH]));
    const methods = server.calls.map(({ method }) => method);
    expect(methods).toEqual(['getLatestBlockhash', 'getLatestBlockhash', 'getBlockHeight']);
  });

  it('goes on waiting for the blockhash when one of its callers gives up', async () => {
    const { promise: release, resolve } = Promise.withResolvers<void>();
    server.behave((call, response) => {
      void release.then(() => answerYoungChain(call, response));
    });
    const controller = new AbortController();
    const impatient = reader.getLatestBlockhash(controller.signal);
    const patient = reader.getLatestBlockhash(signal);
    controller.abort();
    await expect(impatient).rejects.toThrow(ChainUnavailable);
    resolve();
    expect((await patient).blockhash).toBe(HASH);
  });
});

const answerYoungChain: Behaviour = (call, response) => {
  const latest = { context: { slot: 1 }, value: { blockhash: HASH, lastValidBlockHeight: 157 } };
  answerResult(call.method === 'getBlockHeight' ? 7 : latest)(call, response);
};

/** The same reader, each method called with another signal. */
function withSignal(reader: ChainReader, other: AbortSignal): Partial<ChainReader> {
  return {
    getAccounts: (addresses: readonly Address[]) => reader.getAccounts(addresses, other),
    getLatestBlockhash: () => reader.getLatestBlockhash(other),
    getBlockHeight: (commitment) => reader.getBlockHeight(commitment, other),
    isBlockhashValid: (blockhash, commitment) => reader.isBlockhashValid(blockhash, commitment, other),
    getSignatureStatuses: (signatures) => reader.getSignatureStatuses(signatures, other),
    getFinalizedBlock: () => reader.getFinalizedBlock(other),
    getFinalizedClock: () => reader.getFinalizedClock(other),
    getOldestBlock: () => reader.getOldestBlock(other),
    getFinalizedAccounts: (addresses) => reader.getFinalizedAccounts(addresses, other),
    simulate: (ask) => reader.simulate(ask, other),
    getGenesisHash: () => reader.getGenesisHash(other),
  };
}
