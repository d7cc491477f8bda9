// Owns the choice of relayers: the only place that names their backends.
import type { Relayer } from '../../relayer/relayer.ts';
import { createRpcRelayer } from '../../relayer/rpc/rpc-relayer.ts';
import type { Config } from '../config/config.ts';
import type { RelayerConfig } from '../config/relayers/relayers.ts';

export function openRelayers(
  { relayers }: Config,
  onClose: (close: () => Promise<void>) => void,
): ReadonlyMap<string, Relayer> {
  return new Map(
    relayers.map((config) => {
      const relayer = openRelayer(config);
      onClose(() => relayer.close());
      return [config.name, relayer];
    }),
  );
}

function openRelayer(config: RelayerConfig): Relayer {
  switch (config.kind) {
    case 'rpc':
      return createRpcRelayer({ name: config.name, url: config.url.reveal(), skipPreflight: config.skipPreflight });
  }
}
