// Proves that landings are heard early, that nothing is lost when the connection dies, and that nothing that a node says does harm.
import { createServer, type Server } from 'node:http';
import { createSolanaRpc, generateKeyPairSigner, getBase58Decoder } from '@solana/kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { startTcpProxy } from '../../test/fakes/tcp-proxy.ts';
import { isRecord } from '../json-exact.ts';
import type { LandingHints } from '../landing-hints.ts';
import { startLocalnet } from '../localnet/localnet.ts';
import { sendRaw } from '../localnet/testing/raw-rpc.ts';
import { fundedSigner, signedWith, transferInstruction, wireOf } from '../localnet/testing/signed-transaction.ts';
import { createRpcLandingHints, type RpcLandingHintsOptions, socketUrlOf } from './rpc-landing-hints.ts';

let hints: LandingHints;

function open(urls: readonly string[], change: Partial<RpcLandingHintsOptions> = {}): LandingHints {
  hints = createRpcLandingHints({ urls, firstPauseMs: 20, ...change });
  return hints;
}

afterEach(() => hints.close());

it('hears that a transaction is confirmed, over a connection that was cut meanwhile', async () => {
  const localnet = await startLocalnet({ slotMilliseconds: 50 });
  const proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(localnet.rpcUrl).port) });
  try {
    const payer = await fundedSigner(localnet.rpcUrl);
    const { value: lifetime } = await createSolanaRpc(localnet.rpcUrl).getLatestBlockhash().send();
    const { address } = await generateKeyPairSigner();
    const wire = wireOf(await signedWith(0, payer, lifetime, [transferInstruction(payer, address, 5_000_000n)]));
    const signature = getBase58Decoder().decode(wire.slice(1, 65));
    const sockets: boolean[] = [];
    open([socketUrlOf(`http://127.0.0.1:${proxy.port}`)], { observe: (_host, isOpen) => sockets.push(isOpen) });
    const heard = vi.fn();
    hints.listen(signature, heard);
    await vi.waitFor(() => expect(sockets).toEqual([true]));
    proxy.cut();
    await vi.waitFor(() => expect(sockets.at(-1)).toBe(false));
    await sendRaw(localnet.rpcUrl, wire);
    proxy.mend();
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1));
  } finally {
    hints.close();
    await proxy.close();
    await localnet.stop();
  }
});

describe('a node that misbehaves', () => {
  let server: Server;
  let url: string;
  let sockets: WebSocket[];
  let calls: Readonly<Record<string, unknown>>[];

  beforeEach(async () => {
    [sockets, calls] = [[], []];
    server = createServer();
    new WebSocketServer({ server }).on('connection', (socket) => {
      sockets.push(socket);
      socket.on('message', (message) => {
        const call: unknown = JSON.parse(String(message));
        if (isRecord(call)) calls.push(call);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `ws://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/?api-key=s3cretkey`;
  });
  afterEach(() => {
    hints.close();
    for (const socket of sockets) socket.terminate();
    server.close();
  });

  const say = (message: unknown) =>
    sockets.at(-1)?.send(typeof message === 'string' ? message : JSON.stringify(message));
  const asked = () => calls.filter(({ method }) => method === 'signatureSubscribe');
  const notified = (subscription: unknown, value: unknown) => ({
    jsonrpc: '2.0',
    method: 'signatureNotification',
    params: { subscription, result: { context: { slot: 1 }, value } },
  });

  it('is not believed about what nobody listens for, nor about what it merely received, and each is heard once', async () => {
    open([url]);
    const heard = vi.fn();
    hints.listen('one', heard);
    await vi.waitFor(() => expect(asked()).toHaveLength(1));
    expect(asked()[0]?.params).toEqual(['one', { commitment: 'confirmed' }]);
    for (const nonsense of ['', '{', '[]', 'null', '{"id":99}', { method: 'signatureNotification' }, notified(9, {})]) {
      say(nonsense);
    }
    say({ jsonrpc: '2.0', id: asked()[0]?.id, result: 7 });
    say(notified(8, { err: null }));
    say(notified(7, 'receivedSignature'));
    say(notified(7, { err: null }));
    say(notified(7, { err: null }));
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1));
    hints.listen('two', heard);
    await vi.waitFor(() => expect(asked()).toHaveLength(2));
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('that ends the connection, or says more than it may, is asked again on a new one, for all that is still listened for', async () => {
    open([url]);
    const [one, two] = [vi.fn(), vi.fn()];
    hints.listen('one', one);
    hints.listen('two', two);
    await vi.waitFor(() => expect(asked()).toHaveLength(2));
    for (const [n, { id }] of asked().entries()) say({ jsonrpc: '2.0', id, result: 7 + n });
    sockets[0]?.terminate();
    await vi.waitFor(() => expect(asked()).toHaveLength(4));
    // Ids of the old connection mean nothing on the new one.
    say({ jsonrpc: '2.0', id: asked()[3]?.id, result: 7 });
    say(notified(7, { err: null }));
    await vi.waitFor(() => expect(two).toHaveBeenCalledTimes(1));
    expect(one).not.toHaveBeenCalled();
    hints.listen('three', () => undefined);
    await vi.waitFor(() => expect(asked()).toHaveLength(5));
    say('x'.repeat(100_000));
    await vi.waitFor(() => expect(asked()).toHaveLength(7));
    expect(sockets).toHaveLength(3);
  });

  it('that does not answer pings is left', async () => {
    open([url], { heartbeatMs: 30 });
    hints.listen('one', () => undefined);
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    // Answers none of them from here on.
    sockets[0]?.pause();
    await vi.waitFor(() => expect(sockets.length).toBeGreaterThan(1));
  });

  it('is not asked to listen for more than a thousand at once: the oldest are let go', async () => {
    open([url]);
    for (let n = 0; n < 1_100; n++) hints.listen(`signature ${n}`, () => undefined);
    await vi.waitFor(() => expect(asked()).toHaveLength(1_000));
    expect(asked()[0]?.params).toEqual(['signature 100', { commitment: 'confirmed' }]);
    for (const { id } of asked()) say({ jsonrpc: '2.0', id, result: Number(id) + 10_000 });
    await vi.waitFor(() => {
      hints.listen(`later ${calls.length}`, () => undefined);
      expect(calls.some(({ method }) => method === 'signatureUnsubscribe')).toBe(true);
    });
  });

  it('that cannot be reached gives way to the next, with a longer pause each time, and no URL is told', async () => {
    const hosts: string[] = [];
    open(['ws://127.0.0.1:1/?api-key=s3cretkey', url], { observe: (host, isOpen) => hosts.push(`${host} ${isOpen}`) });
    hints.listen('one', () => undefined);
    await vi.waitFor(() => expect(asked()).toHaveLength(1));
    expect(hosts).toEqual(['127.0.0.1:1 false', `${new URL(url).host} true`]);
  });
});
