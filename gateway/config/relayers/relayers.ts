// Owns the section `relayers`: one entry of any of these types each.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import type { SectionReader } from '../section-reader.ts';
import { type RpcRelayerConfig, resolveRpcRelayer, rpcRelayerSchema } from './rpc.ts';

export const relayerSchema = z.discriminatedUnion('type', [rpcRelayerSchema], { error: 'must be rpc' });

export type RelayerEntry = z.output<typeof relayerSchema>;

export type RelayerConfig = RpcRelayerConfig;

/** `undefined`, with a problem, where the entry cannot be used. */
export async function resolveRelayer(
  reader: SectionReader,
  at: KeyPath,
  entry: RelayerEntry,
): Promise<RelayerConfig | undefined> {
  switch (entry.type) {
    case 'rpc':
      return resolveRpcRelayer(reader, at, entry);
  }
}
