// Owns the choice of relayers: the only place that names their backends.
import type { FeePayer } from '../../relayer/fee-payer.ts';
import { createKoraRelayer } from '../../relayer/kora/kora-relayer.ts';
import type { Relayer } from '../../relayer/relayer.ts';
import { createRpcRelayer } from '../../relayer/rpc/rpc-relayer.ts';
import type { Config } from '../config/config.ts';
import type { RelayerConfig } from '../config/relayers/relayers.ts';
import type { SponsorTerms } from '../core/sponsor/sponsor-terms.ts';
import { secretSource } from './secret-source.ts';

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
  const opened = new Map<string, OpenedRelayer>();
  const senderOf = (name: string): Relayer => {
    const sender = opened.get(name);
    if (sender === undefined) throw new Error(`there is no relayer ${name} that sends by itself`);
    return sender.relayer;
  };
  // Those that send for others first.
  const sending = relayers.filter(({ kind }) => kind === 'rpc');
  for (const config of [...sending, ...relayers.filter(({ kind }) => kind !== 'rpc')]) {
    const one = openRelayer(config, senderOf);
    onClose(() => one.relayer.close());
    opened.set(config.name, one);
  }
  return opened;
}

function openRelayer(config: RelayerConfig, senderOf: (name: string) => Relayer): OpenedRelayer {
  switch (config.kind) {
    case 'rpc':
      return whereWalletsPay(
        createRpcRelayer({ name: config.name, url: config.url.reveal(), skipPreflight: config.skipPreflight }),
      );
    case 'kora': {
      const { apiKey, hmacSecret, sender } = config;
      const kora = createKoraRelayer({
        ...config,
        apiKey: apiKey && secretSource(apiKey),
        hmacSecret: hmacSecret && secretSource(hmacSecret),
        sender: senderOf(sender),
        now: Date.now,
      });
      return { ...kora, sponsorship: null };
    }
  }
}

function whereWalletsPay(relayer: Relayer): OpenedRelayer {
  return { relayer, feePayer: null, sponsorship: null };
}
