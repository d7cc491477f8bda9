// Owns the WebSocket side of the local chain: subscribe, unsubscribe, notify.
import type { Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { isRecord, stringifyExactJson } from '../json-exact.ts';
import type { Chain, ChainChange } from './chain.ts';
import { errorText, parseBody } from './json-rpc.ts';
import type { Params } from './params.ts';
import { RpcError } from './rpc-error.ts';
import { SUBSCRIPTIONS, type Subscription } from './subscriptions.ts';

const MAX_MESSAGE_BYTES = 16 * 1024;
const MAX_SUBSCRIPTIONS = 1_000;
/** Close code of RFC 6455, 7.4.1. */
const UNEXPECTED_CONDITION = 1011;
/** A client that reads slower than this is cut off. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** Serves WebSocket connections that arrive at any of these HTTP servers. Returns how to close them all. */
export function serveWebSockets(chain: Chain, servers: readonly Server[]): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  for (const server of servers) {
    server.on('upgrade', (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (webSocket) => serveSocket(chain, webSocket));
    });
  }
  return () => {
    for (const webSocket of sockets.clients) webSocket.terminate();
    sockets.close();
  };
}

function serveSocket(chain: Chain, socket: WebSocket): void {
  const active = new Map<number, Subscription>();
  let lastId = 0;
  const look = (id: number, subscription: Subscription, change: ChainChange | null): void => {
    try {
      if (subscription(change) === 'done') active.delete(id);
    } catch (error) {
      // An account outgrew base58. Whoever changed it has no part in that: only this connection ends.
      socket.close(UNEXPECTED_CONDITION, error instanceof RpcError ? error.message.slice(0, 120) : 'internal error');
    }
  };
  const stopListening = chain.onChange((change) => {
    for (const [id, subscription] of active) look(id, subscription, change);
  });
  const open = (name: string, params: Params): { readonly result: unknown; readonly after: () => void } => {
    const kind = SUBSCRIPTIONS.get(name);
    if (kind === undefined) throw new RpcError('METHOD_NOT_FOUND', 'Method not found');
    if (active.size >= MAX_SUBSCRIPTIONS) throw new RpcError('INTERNAL_ERROR', 'too many subscriptions');
    const id = ++lastId;
    const subscription = kind.open(chain, params, (result) =>
      sendText(socket, { jsonrpc: '2.0', method: kind.notification, params: { result, subscription: id } }),
    );
    active.set(id, subscription);
    // What is already true is told at once, but behind the answer that names the subscription.
    return { result: id, after: () => look(id, subscription, null) };
  };
  socket.on('message', (message) => {
    const call = parseBody(message.toString());
    // kit keeps the connection alive with pings, notifications without an id.
    if (!isRecord(call) || call.id === undefined) return;
    try {
      chain.advance();
      const params: Params = Array.isArray(call.params) ? call.params : [];
      const { result, after } = dispatch(String(call.method), params, open, (id) => active.delete(id));
      sendText(socket, { jsonrpc: '2.0', id: call.id, result });
      after();
    } catch (error) {
      socket.send(errorText(call.id, error));
    }
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', stopListening);
}

interface Reply {
  readonly result: unknown;
  readonly after: () => void;
}

function dispatch(
  method: string,
  params: Params,
  open: (name: string, params: Params) => Reply,
  close: (id: number) => boolean,
): Reply {
  const unsubscribes = /^([a-z]+)Unsubscribe$/.exec(method);
  if (unsubscribes !== null) return { result: close(Number(params[0])), after: () => undefined };
  return open(/^([a-z]+)Subscribe$/.exec(method)?.[1] ?? '', params);
}

function sendText(socket: WebSocket, message: unknown): void {
  if (socket.bufferedAmount > MAX_BUFFERED_BYTES) socket.terminate();
  else socket.send(stringifyExactJson(message));
}
