// Owns the `rpc` entry of the relayers.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import { endpointsSchema, type RpcEndpointConfig, resolveEndpoints } from '../rpc-endpoints.ts';
import { milliseconds, name, path, text } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';

export const rpcRelayerSchema = z.strictObject({
  name: name.describe('What wallets call it.'),
  type: z.literal('rpc').describe('One or several Solana JSON-RPC nodes.'),
  url: text.optional().describe('URL of the node, where there is one only. This, `url_file` or `endpoints`.'),
  url_file: path.optional().describe('File that holds the URL, for one with a key in it.'),
  endpoints: endpointsSchema.describe('The nodes, where there are several.'),
  send_to: z
    .int()
    .min(1)
    .max(16)
    .default(2)
    .describe('How many of them get a transaction at once; sent again, it goes to the next ones.'),
  timeout_ms: milliseconds(100, 60_000).default(10_000).describe('How long one node may take to answer.'),
  skip_preflight: z.boolean().default(false).describe('Let the node send without simulating first.'),
});

export interface RpcRelayerConfig {
  readonly kind: 'rpc';
  readonly name: string;
  /** Never empty. */
  readonly endpoints: readonly RpcEndpointConfig[];
  readonly sendTo: number;
  readonly timeoutMs: number;
  readonly skipPreflight: boolean;
}

export async function resolveRpcRelayer(
  reader: SectionReader,
  at: KeyPath,
  entry: z.output<typeof rpcRelayerSchema>,
): Promise<RpcRelayerConfig | undefined> {
  const { url, url_file, endpoints } = entry;
  const nodes = await resolveEndpoints(reader, { at, key: 'url', value: url, file: url_file, endpoints });
  if (nodes === undefined) return undefined;
  return {
    kind: 'rpc',
    name: entry.name,
    endpoints: nodes,
    sendTo: entry.send_to,
    timeoutMs: entry.timeout_ms,
    skipPreflight: entry.skip_preflight,
  };
}
