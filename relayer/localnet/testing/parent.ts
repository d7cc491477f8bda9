// Owns a process that starts a local chain and waits: tests kill it and look what becomes of the chain.
import { startLocalnet } from '../localnet.ts';

const { pid, rpcUrl } = await startLocalnet();
process.send?.({ pid, rpcUrl });
