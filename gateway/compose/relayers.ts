// Owns the choice of relayers: the only place that names their backends.
import type { ChainReader } from '../../relayer/chain-reader.ts';
import type { FeePayer } from '../../relayer/fee-payer.ts';
import type { Relayer } from '../../relayer/relayer.ts';
import { createRpcRelayer, MAX_SUBMISSION_RESPONSE_BYTES } from '../../relayer/rpc/rpc-relayer.ts';
import type { Signer } from '../../signers/signer.ts';
import type { Config } from '../config/config.ts';
import type { LackingRelayer } from '../config/relayers/lacking-relayer.ts';
import type { RelayerConfig } from '../config/relayers/relayers.ts';
import type { RpcRelayerConfig } from '../config/relayers/rpc.ts';
import type { SponsorTerms } from '../core/sponsor/sponsor-terms.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { openPool } from './chain.ts';
import { openKora } from './kora.ts';
import type { Reopening } from './reopening.ts';
import { openSponsor } from './sponsor.ts';
import { createUnopenedRelayer } from './unopened-relayer.ts';
import { readAgain, SignerFault } from './unopened-signer.ts';

export interface OpenedRelayer {
  readonly relayer: Relayer;
  /** Who pays the fees of what it sends; `null`: the wallets themselves. */
  readonly feePayer: FeePayer | null;
  /** Where the fee payer is the gateway's own: on what terms it pays. */
  readonly sponsorship: SponsorTerms | null;
  /** Of one that could not be opened at the start. */
  readonly reopening?: Pick<Reopening<unknown>, 'fault' | 'tryAgain'>;
}

/** What relayers are made of. */
interface Parts {
  readonly signers: ReadonlyMap<string, Signer>;
  readonly chain: ChainReader;
  readonly metrics: Metrics;
}

export function openRelayers(
  { relayers }: Config,
  parts: Parts,
  onClose: (close: () => Promise<void>) => void,
): ReadonlyMap<string, OpenedRelayer> {
  const opened = new Map<string, OpenedRelayer>();
  const senderOf = (name: string): Relayer => {
    const sender = opened.get(name);
    if (sender === undefined) throw new Error(`there is no relayer ${name} that sends by itself`);
    return sender.relayer;
  };
  // Those that send for others first.
  const [sending, others] = [relayers.filter(sendsByItself), relayers.filter((each) => !sendsByItself(each))];
  for (const config of [...sending, ...others]) {
    const one =
      config.kind === 'lacking' ? lackingRelayer(config, parts, senderOf) : openRelayer(config, parts, senderOf);
    onClose(() => one.relayer.close());
    opened.set(config.name, one);
  }
  return opened;
}

function sendsByItself(relayer: Config['relayers'][number]): boolean {
  return (relayer.kind === 'lacking' ? relayer.backend : relayer.kind) === 'rpc';
}

function lackingRelayer(lacking: LackingRelayer, parts: Parts, senderOf: (name: string) => Relayer): OpenedRelayer {
  const { name, backend, sender, field, reason } = lacking;
  return createUnopenedRelayer({
    name,
    backend,
    sender: sender === null ? null : senderOf(sender),
    fault: new SignerFault(field, reason),
    open: async () => openRelayer(await readAgain(lacking), parts, senderOf),
    elapsedMs: () => performance.now(),
  });
}

function openRelayer(
  config: RelayerConfig,
  { signers, chain, metrics }: Parts,
  senderOf: (name: string) => Relayer,
): OpenedRelayer {
  switch (config.kind) {
    case 'rpc':
      return whereWalletsPay(openRpcRelayer(config, chain, metrics));
    case 'kora':
      return { ...openKora(config, senderOf(config.sender)), sponsorship: null };
    case 'sponsor':
      return openSponsor(config, senderOf(config.sender), signers, chain);
  }
}

function openRpcRelayer(config: RpcRelayerConfig, chain: ChainReader, metrics: Metrics): Relayer {
  const { name, endpoints, timeoutMs } = config;
  const limits = { timeoutMs, maxResponseBytes: MAX_SUBMISSION_RESPONSE_BYTES };
  const cluster = { genesisHash: chain.getGenesisHash, fields: endpoints.map(({ field }) => field) };
  return createRpcRelayer({ ...config, pool: openPool(endpoints, limits, metrics.rpcPool(name)), cluster });
}

function whereWalletsPay(relayer: Relayer): OpenedRelayer {
  return { relayer, feePayer: null, sponsorship: null };
}
