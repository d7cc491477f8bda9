// Owns which signers and relayers a wallet's requests go to, and in which order.
import { failoverRelayer } from '../../relayer/failover/failover-relayer.ts';
import { failoverSigner } from '../../signers/failover/failover-signer.ts';
import type { Signer } from '../../signers/signer.ts';
import type { WalletConfig } from '../config/config.ts';
import { parseAddress } from '../core/base58.ts';
import type { UnservedWallet, WalletRoute } from '../pipeline/pipeline-deps.ts';
import type { OpenedRelayer } from './relayers.ts';
import type { ComposedSigner } from './unopened-signer.ts';

export interface WalletRoutes {
  /** By wallet id. */
  readonly routes: ReadonlyMap<string, WalletRoute>;
  /** By wallet id: those whose address nobody knows, as none of their signers could be opened. */
  readonly unserved: ReadonlyMap<string, UnservedWallet>;
}

export type RoutedSigner = Signer & Pick<ComposedSigner, 'fault'>;

/** By name. */
export interface RouteParts {
  readonly signers: ReadonlyMap<string, RoutedSigner>;
  readonly relayers: ReadonlyMap<string, OpenedRelayer>;
}

/** Throws where signers of one wallet hold different keys; see `keyProblems`. */
export function routeWallets(wallets: readonly WalletConfig[], parts: RouteParts): WalletRoutes {
  const routes = new Map<string, WalletRoute>();
  const unserved = new Map<string, UnservedWallet>();
  for (const wallet of wallets) {
    const route = routeOf(wallet, parts);
    if (route === null) {
      unserved.set(wallet.id, unservedWallet(wallet, parts));
      continue;
    }
    routes.set(wallet.id, route);
  }
  return { routes, unserved };
}

function unservedWallet({ id, signers, relayers: [relayer = ''] }: WalletConfig, parts: RouteParts): UnservedWallet {
  const [first] = named(parts.signers, signers);
  const fault = () => {
    const found = first?.fault() ?? null;
    return { field: found?.field ?? null, reason: found?.message ?? 'it does not say which key it holds' };
  };
  return { id, address: null, signer: first?.name ?? '', relayer, fault };
}

/** `null`: the address of none of its signers is known. */
function routeOf(
  { id, signers: signerNames, relayers: relayerNames }: WalletConfig,
  parts: RouteParts,
): WalletRoute | null {
  const [signer, ...otherSigners] = named(parts.signers, signerNames).filter(({ address }) => address !== '');
  const [opened, ...others] = named(parts.relayers, relayerNames);
  if (opened === undefined) throw new Error(`wallet ${id}: its relayer ${relayerNames[0]} is not there`);
  const address = signer === undefined ? null : parseAddress(signer.address);
  if (signer === undefined || address === null) return null;
  const [relayer, ...otherRelayers] = [opened.relayer, ...others.map((other) => other.relayer)];
  return {
    wallet: { id, address },
    feePayer: opened.feePayer,
    // On no terms as long as the address of its key is not known.
    get sponsorship() {
      return opened.sponsorship;
    },
    signer: otherSigners.length === 0 ? signer : failoverSigner([signer, ...otherSigners]),
    relayer: otherRelayers.length === 0 ? relayer : failoverRelayer([relayer, ...otherRelayers]),
  };
}

function named<T>(known: ReadonlyMap<string, T>, names: readonly string[]): readonly T[] {
  return names.map((name) => known.get(name)).filter((found) => found !== undefined);
}
