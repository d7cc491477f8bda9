// Proves that an answer which is well-formed, and far more than any node has to say, is an outage of that node and of nothing else.
import { address } from '@solana/kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ChainReader, ChainUnavailable } from '../chain-reader.ts';
import type { WalletHistory } from '../wallet-history.ts';
import { createRpcClient } from './json-rpc-client.ts';
import { createRpcChainReader } from './rpc-chain-reader.ts';
import { walletHistoryOver } from './rpc-wallet-history.ts';
import { readSubmission } from './submission-answer.ts';
import { answerText, type NastyServer, startNastyServer } from './testing/nasty-server.ts';

const { signal } = new AbortController();
const SIGNATURE = '1'.repeat(64);
const SYSTEM_PROGRAM = address('11111111111111111111111111111111');
/** Parsed without a stack, written again with one. */
const DEEP = '['.repeat(20_000) + ']'.repeat(20_000);
const ERRORS: readonly (readonly [string, string])[] = [
  ['nested too deeply to be written again', DEEP],
  ['longer than the runtime has any', JSON.stringify({ InstructionError: [0, 'x'.repeat(1_000)] })],
];

let server: NastyServer;
let reader: ChainReader;
let history: WalletHistory;
let close: () => void;

beforeAll(async () => {
  server = await startNastyServer();
});
afterAll(() => server.close());
beforeEach(() => {
  const options = { url: server.url, timeoutMs: 5_000 };
  const client = createRpcClient({ ...options, maxResponseBytes: 1024 * 1024 });
  close = client.close;
  reader = createRpcChainReader(options);
  history = walletHistoryOver(client);
});
afterEach(async () => {
  close();
  await reader.close();
});

function tell(result: string): void {
  server.behave(answerText(`{"jsonrpc":"2.0","id":ID,"result":${result}}`));
}

function page(limit: number, entries: readonly string[]): Promise<unknown> {
  tell(`[${entries.join(',')}]`);
  return history.signaturesOf(SYSTEM_PROGRAM, { until: null, before: null, limit, minContextSlot: null }, signal);
}

describe.each(ERRORS)('an error of the runtime that is %s', (_name, err) => {
  it('makes no status', async () => {
    tell(`{"context":{"slot":9},"value":[{"slot":7,"err":${err},"confirmationStatus":"finalized"}]}`);
    await expect(reader.getSignatureStatuses([SIGNATURE], signal)).rejects.toThrow(ChainUnavailable);
  });

  it('makes no simulation', async () => {
    tell(`{"context":{"slot":9},"value":{"err":${err}}}`);
    const ask = { wire: new Uint8Array(1), postStatesOf: [], minContextSlot: null };
    await expect(reader.simulate(ask, signal)).rejects.toThrow(ChainUnavailable);
  });

  it('makes no landing in a history', async () => {
    const landed = `{"signature":"${SIGNATURE}","slot":7,"err":${err}}`;
    await expect(page(10, [landed])).rejects.toThrow(ChainUnavailable);
  });

  it('is no word of a node that it refused a transaction', async () => {
    const { endpoint, close: end } = createRpcClient({ url: server.url, timeoutMs: 1, maxResponseBytes: 1 });
    end();
    const data = { err: JSON.parse(err) };
    const answer = { kind: 'error', code: -32002, message: 'preflight', data } as const;
    expect(readSubmission(endpoint, answer, SIGNATURE)).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('none of the runtime'),
    });
  });
});

describe('what a node shows more of than it was asked for', () => {
  const bytes = 300 * 1_024;

  it('is not read where there is little to tell: its parsing would hold up everybody', async () => {
    tell(`[${'[],'.repeat(bytes / 3)}0]`);
    const tooLarge = 'the answer is larger than 262144 bytes';
    await expect(reader.getBlockHeight('confirmed', signal)).rejects.toThrow(tooLarge);
    await expect(reader.getSignatureStatuses([SIGNATURE], signal)).rejects.toThrow(tooLarge);
    await expect(reader.getLatestBlockhash(signal)).rejects.toThrow(tooLarge);
  });

  it('may be large where accounts are read', async () => {
    const data = Buffer.alloc(bytes).toString('base64');
    const account = { owner: SYSTEM_PROGRAM, lamports: 1, executable: false, data: [data, 'base64'] };
    tell(JSON.stringify({ context: { slot: 9 }, value: [account] }));
    const { accounts } = await reader.getAccounts([SYSTEM_PROGRAM], signal);
    expect(accounts.get(SYSTEM_PROGRAM)?.data).toHaveLength(bytes);
  });

  const landed = `{"signature":"${SIGNATURE}","slot":7,"err":null}`;

  it('is no page of a history', async () => {
    await expect(page(2, [landed, landed])).resolves.toHaveLength(2);
    await expect(page(2, [landed, landed, landed])).rejects.toThrow('a list of at most 2');
  });

  it('is no instruction that a program called', async () => {
    const call = `{"stackHeight":2,"programId":"${SYSTEM_PROGRAM}","parsed":${DEEP}}`;
    const inner = `[{"index":0,"instructions":[${call}]}]`;
    tell(`{"context":{"slot":9},"value":{"err":null,"unitsConsumed":1,"innerInstructions":${inner},"accounts":null}}`);
    const ask = { wire: new Uint8Array(1), postStatesOf: [], minContextSlot: null };
    await expect(reader.simulate(ask, signal)).rejects.toThrow(ChainUnavailable);
  });
});
