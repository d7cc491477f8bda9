// Owns hearing of landings over a node's WebSocket: one connection, opened anew at another node when it ends, with bounded work for it.
import { WebSocket } from 'ws';
import { isRecord, parseExactJson, stringifyExactJson } from '../json-exact.ts';
import type { LandingHints } from '../landing-hints.ts';

export interface RpcLandingHintsOptions {
  /** ws(s) URLs, in the order in which they are tried; never empty. They may hold API keys: whatever is told names a host only. */
  readonly urls: readonly string[];
  readonly observe?: (host: string, isOpen: boolean) => void;
  /** Pause before the second attempt; it doubles with each failure, up to 30 s. Default 500 ms. */
  readonly firstPauseMs?: number;
  /** Default 20 s. */
  readonly heartbeatMs?: number;
}

/** Below what public nodes let one connection have. */
const MOST_LISTENED = 1_000;
const LISTEN_MS = 90_000;
const MAX_PAUSE_MS = 30_000;
const MAX_MESSAGE_BYTES = 64 * 1024;
const HANDSHAKE_MS = 5_000;

interface Listened {
  readonly heard: () => void;
  readonly since: number;
  /** Id of the subscription on the connection that is open; `null`: not told yet. */
  subscription: number | null;
}

/** Connects when first asked to listen. What is not heard costs nothing but the time until somebody looks. */
export function createRpcLandingHints(options: RpcLandingHintsOptions): LandingHints {
  const { urls, observe = () => undefined, firstPauseMs = 500, heartbeatMs = 20_000 } = options;
  const listened = new Map<string, Listened>();
  const asked = new Map<number, string>();
  let socket: WebSocket | null = null;
  let timer: NodeJS.Timeout | undefined;
  let attempts = 0;
  let failures = 0;
  let lastId = 0;
  let isClosed = false;

  function call(to: WebSocket, method: string, params: readonly unknown[]): number {
    lastId += 1;
    to.send(stringifyExactJson({ jsonrpc: '2.0', id: lastId, method, params }));
    return lastId;
  }

  function subscribe(signature: string): void {
    if (socket?.readyState !== WebSocket.OPEN) return;
    asked.set(call(socket, 'signatureSubscribe', [signature, { commitment: 'confirmed' }]), signature);
  }

  function forget(signature: string): void {
    const subscription = listened.get(signature)?.subscription ?? null;
    listened.delete(signature);
    if (subscription !== null && socket?.readyState === WebSocket.OPEN) {
      call(socket, 'signatureUnsubscribe', [subscription]);
    }
  }

  function forgetOld(): void {
    const oldest = performance.now() - LISTEN_MS;
    for (const [signature, { since }] of listened) {
      if (since > oldest && listened.size <= MOST_LISTENED) return;
      forget(signature);
    }
  }

  function take(text: string): void {
    const message = parsed(text);
    if (message === null) return;
    const signature = asked.get(Number(message.id));
    if (signature !== undefined) {
      asked.delete(Number(message.id));
      const entry = listened.get(signature);
      if (entry !== undefined && typeof message.result === 'number') entry.subscription = message.result;
      failures = 0;
      return;
    }
    const { params } = message;
    if (message.method !== 'signatureNotification' || !isRecord(params) || !isRecord(params.result)) return;
    // That a node merely received it is told as a text.
    if (!isRecord(params.result.value)) return;
    const found = [...listened].find(([, { subscription }]) => subscription === params.subscription);
    if (found === undefined) return;
    listened.delete(found[0]);
    found[1].heard();
  }

  function connect(): void {
    const url = urls[attempts % urls.length];
    if (isClosed || socket !== null || url === undefined) return;
    attempts += 1;
    const { host } = new URL(url);
    const opened = new WebSocket(url, {
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      followRedirects: false,
    });
    socket = opened;
    let isAlive = true;
    const heartbeat = setInterval(() => {
      forgetOld();
      if (!isAlive) return opened.terminate();
      isAlive = false;
      if (opened.readyState === WebSocket.OPEN) opened.ping();
    }, heartbeatMs).unref();
    opened.on('open', () => {
      observe(host, true);
      for (const signature of listened.keys()) subscribe(signature);
    });
    opened.on('pong', () => {
      isAlive = true;
    });
    opened.on('message', (message) => take(String(message)));
    // What is wrong is in its text, which may hold the URL; that it ended is enough.
    opened.on('error', () => opened.terminate());
    opened.on('close', () => {
      clearInterval(heartbeat);
      observe(host, false);
      lose();
    });
  }

  /** Nothing is lost: whoever waits is still listened for, on the next connection. */
  function lose(): void {
    socket = null;
    asked.clear();
    for (const entry of listened.values()) entry.subscription = null;
    if (isClosed) return;
    const pauseMs = Math.min(MAX_PAUSE_MS, firstPauseMs * 2 ** Math.min(failures, 10));
    failures += 1;
    // Many gateways lose the same node at once.
    timer = setTimeout(connect, pauseMs * (0.5 + Math.random() / 2)).unref();
  }

  return {
    listen: (signature, heard) => {
      if (isClosed) return;
      listened.delete(signature);
      listened.set(signature, { heard, since: performance.now(), subscription: null });
      forgetOld();
      if (attempts === 0) connect();
      subscribe(signature);
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      listened.clear();
      socket?.terminate();
    },
  };
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const message = parseExactJson(text);
    return isRecord(message) ? message : null;
  } catch {
    return null;
  }
}

/** Where a node that serves both on one port has its WebSocket. */
export function socketUrlOf(httpUrl: string): string {
  const url = new URL(httpUrl);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
