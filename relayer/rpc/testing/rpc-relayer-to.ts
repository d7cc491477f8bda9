// Owns opening an RPC relayer in tests, with what the test does not care about filled in.
import type { Relayer } from '../../relayer.ts';
import { createRpcPool } from '../pool/rpc-pool.ts';
import { createRpcRelayer, MAX_SUBMISSION_RESPONSE_BYTES } from '../rpc-relayer.ts';

export interface RelayerSettings {
  readonly skipPreflight?: boolean;
  readonly timeoutMs?: number;
  readonly sendTo?: number;
  readonly genesisHash?: () => Promise<string>;
}

/** Its gateway's chain is what the first node says it is, unless the test says otherwise. */
export function rpcRelayerTo(urls: readonly string[], settings: RelayerSettings = {}): Relayer {
  const { skipPreflight = false, timeoutMs = 10_000, sendTo = 2 } = settings;
  const pool = createRpcPool({
    endpoints: urls.map((url, n) => ({ url, weight: urls.length - n })),
    timeoutMs,
    maxResponseBytes: MAX_SUBMISSION_RESPONSE_BYTES,
  });
  const firstSays = async (signal: AbortSignal): Promise<string> => {
    const answer = await pool.nodes[0]?.call('getGenesisHash', [], signal);
    if (answer?.kind !== 'result') throw new Error('the first node does not say its genesis hash');
    return String(answer.result);
  };
  const fields = urls.map((_, n) => `endpoints[${n}].url`);
  const cluster = { genesisHash: settings.genesisHash ?? firstSays, fields };
  return createRpcRelayer({ name: 'local', pool, skipPreflight, sendTo, cluster });
}
