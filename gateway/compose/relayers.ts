// Owns the choice of relayers: the only place that names their backends.
import type { FeePayer } from '../../relayer/fee-payer.ts';
import type { Relayer } from '../../relayer/relayer.ts';
import { createRpcRelayer } from '../../relayer/rpc/rpc-relayer.ts';
import type { Config } from '../config/config.ts';
import type { RelayerConfig } from '../config/relayers/relayers.ts';
import type { SponsorTerms } from '../core/sponsor/sponsor-terms.ts';

export interface OpenedRelayer {
  readonly relayer: Relayer;
  /** Who pays the fees of what it sends; `null`: the wallets themselves. */
  readonly feePayer: FeePayer | null;
  /** Where the fee payer is the gateway's own: on what terms it pays. */
  readonly sponsorship: SponsorTerms | null;
}

export function openRelayers(
  { relayers }: Config,
  onClose: (close: () => Promise<void>) => void,
): ReadonlyMap<string, OpenedRelayer> {
  return new Map(
    relayers.map((config) => {
      const opened = openRelayer(config);
      onClose(() => opened.relayer.close());
      return [config.name, opened];
    }),
  );
}

function openRelayer(config: RelayerConfig): OpenedRelayer {
  switch (config.kind) {
    case 'rpc':
      return whereWalletsPay(
        createRpcRelayer({ name: config.name, url: config.url.reveal(), skipPreflight: config.skipPreflight }),
      );
  }
}

function whereWalletsPay(relayer: Relayer): OpenedRelayer {
  return { relayer, feePayer: null, sponsorship: null };
}
