// Owns the local chain's process: run by hand, or as the child of `startLocalnet`, with whom it lives and dies.

import { type RunningNode, runNode } from './node.ts';
import { parseOptions, USAGE } from './options.ts';

const isChild = process.connected === true;

await start();

async function start(): Promise<void> {
  try {
    const node = await runNode(parseOptions(process.argv.slice(2)), warn);
    stopWith(node);
    if (isChild) process.send?.({ kind: 'ready', rpcUrls: node.rpcUrls, wsUrl: node.wsUrl });
    else console.log(`local Solana chain: RPC ${node.rpcUrls.join(' ')}, WebSocket ${node.wsUrl}; stop with Ctrl-C`);
  } catch (error) {
    console.error(`localnet: ${error instanceof Error ? error.message : String(error)}`);
    if (!isChild) console.error(`usage: ${USAGE}`);
    process.exit(1);
  }
}

function warn(message: string): void {
  if (isChild) process.send?.({ kind: 'warning', message });
  else console.error(`localnet: ${message}`);
}

function stopWith(node: RunningNode): void {
  const stop = (): void => {
    node.close();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  // The terminal sends Ctrl-C to the whole group; a child stays until its parent has drained and lets go of it.
  if (isChild) process.on('SIGINT', () => undefined);
  else process.once('SIGINT', stop);
  // Also when the parent was killed: the channel closes with its process.
  if (isChild) process.once('disconnect', stop);
}
