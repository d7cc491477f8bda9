// Owns one running local chain in this process: servers, slot timer, state file.
import type { Server } from 'node:http';
import { type Chain, createChain } from './chain.ts';
import { createRpcServer } from './http-server.ts';
import type { LocalnetOptions } from './options.ts';
import { readState, writeState } from './state-file.ts';
import { serveWebSockets } from './websocket-server.ts';

/** How long a change may stay unsaved. */
const SAVE_MILLISECONDS = 5_000;

export interface RunningNode {
  readonly rpcUrl: string;
  readonly wsUrl: string;
  /** Saves the state, closes every connection. */
  readonly close: () => void;
}

/** Starts serving on 127.0.0.1. @throws when a port is taken. */
export async function runNode(options: LocalnetOptions, warn: (message: string) => void): Promise<RunningNode> {
  const restored = options.stateFile === null ? null : readState(options.stateFile, warn);
  const chain = createChain({ ...options, restored, now: Date.now });
  const rpc = createRpcServer(chain);
  const pubsub = options.wsPort === null ? rpc : createRpcServer(chain);
  const servers = options.wsPort === null ? [rpc] : [rpc, pubsub];
  const closeSockets = serveWebSockets(chain, servers);
  await listen(rpc, options.port);
  if (options.wsPort !== null) await listen(pubsub, options.wsPort);
  const stopTimers = startTimers(chain, options.stateFile);
  return {
    rpcUrl: `http://127.0.0.1:${portOf(rpc)}`,
    wsUrl: `ws://127.0.0.1:${portOf(pubsub)}`,
    close: () => {
      stopTimers();
      closeSockets();
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function startTimers(chain: Chain, stateFile: string | null): () => void {
  let isDirty = true;
  const stopListening = chain.onChange((change) => {
    isDirty ||= change.kind === 'landed';
  });
  const save = (): void => {
    if (stateFile !== null && isDirty) writeState(stateFile, chain.save());
    isDirty = false;
  };
  let slotTimer = setTimeout(onSlot, chain.clock.untilNextSlot());
  function onSlot(): void {
    chain.advance();
    slotTimer = setTimeout(onSlot, chain.clock.untilNextSlot());
  }
  const saveTimer = setInterval(save, SAVE_MILLISECONDS);
  return () => {
    clearTimeout(slotTimer);
    clearInterval(saveTimer);
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

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a TCP port');
  return address.port;
}
