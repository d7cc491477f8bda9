// Owns what is known of a relayer whose secret is not there when the gateway starts: enough to say so, and to route its wallets.
import type { LackingEntry } from '../lacking-entry.ts';
import type { RelayerConfig, RelayerEntry } from './relayers.ts';

export interface LackingRelayer extends LackingEntry<RelayerConfig> {
  readonly name: string;
  /** `type` of the entry. */
  readonly backend: RelayerConfig['kind'];
  /** Name of the relayer that sends for it; `null`: it sends by itself. */
  readonly sender: string | null;
}

export function lackingRelayer(entry: RelayerEntry, lacking: LackingEntry<RelayerConfig>): LackingRelayer {
  const { name, type: backend } = entry;
  return { ...lacking, name, backend, sender: entry.type === 'rpc' ? null : entry.relayer };
}
