// Owns the section `relayers`: one entry of any of these types each.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import type { SectionReader } from '../section-reader.ts';
import { type KoraRelayerConfig, koraRelayerSchema, resolveKoraRelayer } from './kora.ts';
import { type RpcRelayerConfig, resolveRpcRelayer, rpcRelayerSchema } from './rpc.ts';
import { resolveSponsorRelayer, type SponsorRelayerConfig, sponsorRelayerSchema } from './sponsor.ts';

export const relayerSchema = z.discriminatedUnion('type', [rpcRelayerSchema, koraRelayerSchema, sponsorRelayerSchema], {
  error: 'must be rpc, kora or sponsor',
});

export type RelayerEntry = z.output<typeof relayerSchema>;

export type RelayerConfig = RpcRelayerConfig | KoraRelayerConfig | SponsorRelayerConfig;

/** `undefined`, with a problem, where the entry cannot be used. */
export async function resolveRelayer(
  reader: SectionReader,
  at: KeyPath,
  entry: RelayerEntry,
): Promise<RelayerConfig | undefined> {
  switch (entry.type) {
    case 'rpc':
      return resolveRpcRelayer(reader, at, entry);
    case 'kora':
      return resolveKoraRelayer(reader, at, entry);
    case 'sponsor':
      return resolveSponsorRelayer(reader, at, entry);
  }
}
