// Owns one running local chain in this process: servers, slot timer, state file.
import type { Server } from 'node:http';
import { type Chain, createChain } from './chain.ts';
import { createDyingForks } from './dying-forks.ts';
import { createRpcServer } from './http-server.ts';
import type { LandedStatus } from './landed-transactions.ts';
import type { LocalnetOptions } from './options.ts';
import { openStateStore, type StateStore } from './state-file.ts';
import { serveWebSockets } from './websocket-server.ts';

/** How long a change may stay unsaved. */
const SAVE_MILLISECONDS = 5_000;
/** Written down at once, so that no save takes long. */
const APPENDED_TOGETHER = 256;

export interface RunningNode {
  /** Of each facade, the first one first. */
  readonly rpcUrls: readonly [string, ...string[]];
  readonly wsUrl: string;
  /** Saves the state, closes every connection. */
  readonly close: () => void;
}

/** Starts serving on 127.0.0.1. @throws when a port is taken, or the state file is none of this version. */
export async function runNode(options: LocalnetOptions, warn: (message: string) => void): Promise<RunningNode> {
  const store = options.stateFile === null ? null : openStateStore(options.stateFile, warn);
  const chain = createChain({ ...options, restored: store?.restored ?? null, now: Date.now });
  const forks = createDyingForks(chain);
  const rpc = createRpcServer(chain, forks);
  const pubsub = options.wsPort === null ? rpc : createRpcServer(chain, forks);
  const further = Array.from({ length: options.facades - 1 }, () => createRpcServer(chain, forks));
  const servers = [...new Set([rpc, pubsub, ...further])];
  const closeSockets = serveWebSockets(chain, servers);
  await listen(rpc, options.port);
  if (options.wsPort !== null) await listen(pubsub, options.wsPort);
  for (const server of further) await listen(server, 0);
  const stopSaving = store === null ? () => undefined : startSaving(chain, store);
  const stopSlots = startSlots(chain);
  return {
    rpcUrls: [urlOf(rpc), ...further.map(urlOf)],
    wsUrl: `ws://127.0.0.1:${portOf(pubsub)}`,
    close: () => {
      stopSlots();
      stopSaving();
      closeSockets();
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function startSlots(chain: Chain): () => void {
  let timer = setTimeout(onSlot, chain.clock.untilNextSlot());
  function onSlot(): void {
    chain.advance();
    timer = setTimeout(onSlot, chain.clock.untilNextSlot());
  }
  return () => clearTimeout(timer);
}

/** Returns how to stop, which saves. */
function startSaving(chain: Chain, store: StateStore): () => void {
  let isDirty = true;
  let landed: LandedStatus[] = [];
  const append = (): void => {
    store.append(landed.map((status) => ({ status, transaction: chain.landed.transaction(status.signature) ?? null })));
    landed = [];
  };
  const save = (): void => {
    if (!isDirty) return;
    append();
    store.save(chain.save());
    isDirty = false;
  };
  const stopListening = chain.onChange((change) => {
    if (change.kind !== 'landed') return;
    isDirty = true;
    landed.push(change.status);
    if (landed.length >= APPENDED_TOGETHER) append();
  });
  const timer = setInterval(save, SAVE_MILLISECONDS);
  return () => {
    clearInterval(timer);
    stopListening();
    isDirty = true;
    save();
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${portOf(server)}`;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a TCP port');
  return address.port;
}
