// Proves which accounts of a node's answer are taken, and how much of a large one.
import { address, generateKeyPairSigner } from '@solana/kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChainReader, ChainUnavailable, MAX_WELCOME_BYTES } from '../chain-reader.ts';
import { createRpcChainReader } from './rpc-chain-reader.ts';
import { answerResult, type NastyServer, startNastyServer } from './testing/nasty-server.ts';

const { signal } = new AbortController();
const SYSTEM_PROGRAM = address('11111111111111111111111111111111');

describe('an RPC chain reader that asks for accounts', () => {
  let server: NastyServer;
  let reader: ChainReader;

  beforeEach(async () => {
    server = await startNastyServer();
    reader = createRpcChainReader({ url: server.url, timeoutMs: 300 });
  });
  afterEach(async () => {
    await reader.close();
    await server.close();
  });

  it('takes no account whose data, owner or numbers are not what they should be', async () => {
    const good = { data: ['AAA=', 'base64'], executable: false, lamports: 5, owner: SYSTEM_PROGRAM, space: 2 };
    const answer = (account: unknown) => answerResult({ context: { slot: 1 }, value: [account] });
    server.behave(answer(good));
    expect((await reader.getAccounts([SYSTEM_PROGRAM], signal)).accounts.get(SYSTEM_PROGRAM)?.data.length).toBe(2);
    const bad = [
      { data: ['AAA=', 'base58'] },
      { data: ['AAA', 'base64'] },
      { data: ['A*A=', 'base64'] },
      { data: 'AAA=' },
      { space: 3 },
      { lamports: -1 },
      { lamports: '5' },
      { owner: 'x' },
      { executable: 'no' },
    ];
    for (const change of bad) {
      server.behave(answer({ ...good, ...change }));
      await expect(reader.getAccounts([SYSTEM_PROGRAM], signal), JSON.stringify(change)).rejects.toThrow(
        ChainUnavailable,
      );
    }
  });

  it('reads only the beginning of a large account that is merely welcome, and lets nobody build on it', async () => {
    const large = (bytes: number, space: unknown) => ({
      data: [Buffer.alloc(bytes).toString('base64'), 'base64'],
      executable: false,
      lamports: 5,
      owner: SYSTEM_PROGRAM,
      space,
    });
    const answer = (account: unknown) => answerResult({ context: { slot: 1 }, value: [account] });
    const read = () => reader.getAccounts([], signal, [SYSTEM_PROGRAM]);
    for (const space of [10_000_000, MAX_WELCOME_BYTES, undefined]) {
      server.behave(answer(large(MAX_WELCOME_BYTES, space)));
      const { accounts, glimpsed } = await read();
      expect(accounts.size).toBe(0);
      expect(glimpsed.get(SYSTEM_PROGRAM)?.[0]?.data.length).toBe(MAX_WELCOME_BYTES);
    }
    expect(server.calls.at(-1)?.params).toMatchObject([{}, { dataSlice: { offset: 0, length: MAX_WELCOME_BYTES } }]);
    for (const wrong of [
      large(MAX_WELCOME_BYTES + 1, MAX_WELCOME_BYTES + 1),
      large(MAX_WELCOME_BYTES - 1, MAX_WELCOME_BYTES),
      large(MAX_WELCOME_BYTES, MAX_WELCOME_BYTES - 1),
    ]) {
      server.behave(answer(wrong));
      await expect(read()).rejects.toThrow(ChainUnavailable);
    }
  });

  it('reads all of a large account that is needed', async () => {
    const bytes = 100_000;
    const data = [Buffer.alloc(bytes).toString('base64'), 'base64'];
    const account = { data, executable: false, lamports: 5, owner: SYSTEM_PROGRAM, space: bytes };
    server.behave(answerResult({ context: { slot: 1 }, value: [account] }));
    expect((await reader.getAccounts([SYSTEM_PROGRAM], signal)).accounts.get(SYSTEM_PROGRAM)?.data.length).toBe(bytes);
  });

  it('does not ask for more accounts than a transaction can lead to', async () => {
    const addresses = await Promise.all(
      Array.from({ length: 1_001 }, async () => (await generateKeyPairSigner()).address),
    );
    await expect(reader.getAccounts(addresses, signal)).rejects.toThrow('1001 accounts at once are too many');
    expect(server.calls.length).toBe(0);
  });
});
