// Proves that the local chain's process starts, ends, comes back and never outlives its parent.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSolanaRpc, generateKeyPairSigner } from '@solana/kit';
import { findAssociatedTokenPda, TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import { afterEach, describe, expect, it } from 'vitest';
import { isRecord } from '../json-exact.ts';
import { airdrop } from './confirmed-sends.ts';
import { type Localnet, type StartOptions, startLocalnet } from './localnet.ts';
import { createTestToken } from './test-token.ts';
import { preflightError, rawCall, sendRaw } from './testing/raw-rpc.ts';
import { fundedSigner, signedWith, transferInstruction, wireOf } from './testing/signed-transaction.ts';

const started: Localnet[] = [];
const folders: string[] = [];

async function start(options: StartOptions = {}): Promise<Localnet> {
  const localnet = await startLocalnet({ slotMilliseconds: 50, ...options });
  started.push(localnet);
  return localnet;
}

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'localnet-'));
  folders.push(folder);
  return join(folder, 'state');
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((localnet) => localnet.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('startLocalnet', () => {
  it('goes away on stop and comes back on the same port, its slots still growing', async () => {
    const first = await start();
    const port = Number(new URL(first.rpcUrl).port);
    const slotOf = async (rpcUrl: string) => (await rawCall(rpcUrl, 'getSlot', [])).result;
    const before = Number(await slotOf(first.rpcUrl));
    await first.stop();
    await first.stop();
    await expect(slotOf(first.rpcUrl)).rejects.toThrow();
    const second = await start({ port });
    expect(second.rpcUrl).toBe(first.rpcUrl);
    expect(Number(await slotOf(second.rpcUrl))).toBeGreaterThanOrEqual(before);
  });

  it('keeps balances, statuses and blockhashes in a state file', async () => {
    const stateFile = temporaryFile();
    const first = await start({ stateFile });
    const payer = await fundedSigner(first.rpcUrl);
    const { value: lifetime } = await createSolanaRpc(first.rpcUrl).getLatestBlockhash().send();
    const wire = wireOf(await signedWith(0, payer, lifetime, [transferInstruction(payer, payer.address, 1n)]));
    const { result: signature } = await sendRaw(first.rpcUrl, wire);
    await rawCall(first.rpcUrl, 'localnet_advanceSlots', [50]);
    const slot = Number((await rawCall(first.rpcUrl, 'getSlot', [{ commitment: 'processed' }])).result);
    await first.stop();
    const second = await start({ stateFile });
    const balance = await rawCall(second.rpcUrl, 'getBalance', [payer.address]);
    expect(balance.result).toMatchObject({ value: 9_999_995_000 });
    const statuses = await rawCall(second.rpcUrl, 'getSignatureStatuses', [[signature]]);
    expect(statuses.result).toMatchObject({ value: [{ err: null }] });
    expect(preflightError(await sendRaw(second.rpcUrl, wire))).toBe('AlreadyProcessed');
    const after = Number((await rawCall(second.rpcUrl, 'getSlot', [{ commitment: 'processed' }])).result);
    expect(after).toBeGreaterThanOrEqual(slot);
  });

  it('serves WebSocket connections on a port of their own too', async () => {
    const localnet = await start({ wsPort: 0 });
    expect(localnet.wsUrl).not.toBe(localnet.rpcUrl.replace('http', 'ws'));
    const socket = new WebSocket(localnet.wsUrl);
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const notified = new Promise((resolve) =>
      socket.addEventListener('message', ({ data }) => {
        if (String(data).includes('slotNotification')) resolve(data);
      }),
    );
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'slotSubscribe' }));
    expect(await notified).toContain('"root"');
    socket.close();
  });

  it('says what is wrong when it cannot start', async () => {
    const { rpcUrl } = await start();
    const port = Number(new URL(rpcUrl).port);
    await expect(start({ port })).rejects.toThrow(/EADDRINUSE/);
    await expect(start({ finalitySlots: 0 })).rejects.toThrow(/--finality-slots must be an integer from 1 to 149/);
  });

  it('reports a process that dies by itself', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const localnet = await start({ onUnexpectedExit: resolve });
    process.kill(localnet.pid, 'SIGKILL');
    expect(await promise).toBe(`local chain (process ${localnet.pid}) ended with SIGKILL`);
  });

  it('ends with its parent, also when that is killed', async () => {
    const parent = fork(fileURLToPath(new URL('./testing/parent.ts', import.meta.url)), { execArgv: [] });
    const pid = await pidFrom(parent);
    expect(isRunning(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it('runs by hand and stops on Ctrl-C', async () => {
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    const line = await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
    const rpcUrl = /http:\S+\d/.exec(line)?.[0] ?? '';
    const { address } = await generateKeyPairSigner();
    await airdrop(rpcUrl, address, 1_000_000_000n);
    child.kill('SIGINT');
    expect(await exited).toBe(0);
  });
});

describe('subscriptions of the local chain', () => {
  it('tells account changes, ends on unsubscribe, and refuses what it does not know', async () => {
    const { rpcUrl, wsUrl } = await start();
    const { address } = await generateKeyPairSigner();
    const socket = new WebSocket(wsUrl);
    const messages: unknown[] = [];
    socket.addEventListener('message', ({ data }) => messages.push(JSON.parse(String(data))));
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const ask = async (id: number, method: string, params: readonly unknown[]) => {
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      const find = () => messages.find((message) => isRecord(message) && message.id === id);
      await expect.poll(find).toBeDefined();
      return find();
    };
    socket.send('not JSON');
    expect(await ask(1, 'accountSubscribe', [address, { encoding: 'base64' }])).toMatchObject({ result: 1 });
    await rawCall(rpcUrl, 'requestAirdrop', [address, 5_000_000]);
    await expect
      .poll(() => messages.at(-1))
      .toMatchObject({ params: { subscription: 1, result: { value: { lamports: 5_000_000 } } } });
    expect(await ask(2, 'accountUnsubscribe', [1])).toMatchObject({ result: true });
    expect(await ask(3, 'accountUnsubscribe', [1])).toMatchObject({ result: false });
    expect(await ask(4, 'accountSubscribe', ['x'])).toMatchObject({ error: { code: -32602 } });
    expect(await ask(5, 'everythingSubscribe', [])).toMatchObject({ error: { code: -32601 } });
    expect(await ask(6, 'sendTransaction', [])).toMatchObject({ error: { code: -32601 } });
    socket.close();
  });

  it('ends a connection whose account outgrows its encoding, and nothing else', async () => {
    const { rpcUrl, wsUrl } = await start();
    const mint = await generateKeyPairSigner();
    const { address: owner } = await generateKeyPairSigner();
    const [ata] = await findAssociatedTokenPda({ owner, mint: mint.address, tokenProgram: TOKEN_PROGRAM_ADDRESS });
    const socket = new WebSocket(wsUrl);
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const subscribed = new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'accountSubscribe', params: [ata] }));
    await subscribed;
    const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)));
    expect((await createTestToken(rpcUrl, { owner, amount: 1n, mint })).tokenAccount).toBe(ata);
    expect(await closed).toBe(1011);
  });
});

describe('faults of the local chain', () => {
  it('rate limits, breaks, hangs and loses answers on demand, for as often as asked', async () => {
    const { rpcUrl } = await start();
    const fail = (fault: object) => rawCall(rpcUrl, 'localnet_setFault', [fault]);
    const health = () =>
      fetch(rpcUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getHealth', params: [] }),
        signal: AbortSignal.timeout(300),
      });
    await fail({ kind: 'rateLimit', times: 1 });
    expect((await health()).status).toBe(429);
    expect((await health()).status).toBe(200);
    await fail({ kind: 'serverError', method: 'getHealth', times: 1 });
    expect((await rawCall(rpcUrl, 'getSlot', [])).error).toBeUndefined();
    expect((await health()).status).toBe(500);
    await fail({ kind: 'hang' });
    await expect(health()).rejects.toThrow(/timeout/);
    await rawCall(rpcUrl, 'localnet_clearFaults', []);
    expect((await health()).status).toBe(200);
    await fail({ kind: 'loseAnswer', method: 'requestAirdrop', times: 1 });
    const { address } = await generateKeyPairSigner();
    await expect(rawCall(rpcUrl, 'requestAirdrop', [address, 5_000_000])).rejects.toThrow();
    expect((await rawCall(rpcUrl, 'getBalance', [address])).result).toMatchObject({ value: 5_000_000 });
    expect((await fail({ kind: 'explode' })).error?.message).toContain('hang, rateLimit, serverError, loseAnswer');
  });
});

async function pidFrom(parent: ChildProcess): Promise<number> {
  const message = await new Promise<unknown>((resolve) => parent.once('message', resolve));
  if (!isRecord(message) || typeof message.pid !== 'number') throw new Error('the parent told no process id');
  return message.pid;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
