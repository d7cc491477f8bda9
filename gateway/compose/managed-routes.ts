// Owns how the wallets that are made through the gateway join those of the configuration, and leave them, while the gateway runs.
import { isDeepStrictEqual } from 'node:util';
import type { Signer } from '../../signers/signer.ts';
import type { WalletConfig } from '../config/config.ts';
import type { ManagedWallet } from '../core/wallet/managed-wallet.ts';
import type { CheckedSigner } from '../pipeline/administration/backend-checks.ts';
import type { UnservedWallet, WalletRoute } from '../pipeline/pipeline-deps.ts';
import type { ManagedWalletStore } from '../state/contract/managed-wallet-store.ts';
import type { Log } from '../telemetry/log.ts';
import type { OpenedRelayer } from './relayers.ts';
import type { ComposedTemplate } from './templates/composed-template.ts';
import { routeWallets } from './wallet-routes.ts';

/** Those of the configuration are in them, and stay. */
export interface ServedWallets {
  readonly routes: Map<string, WalletRoute>;
  readonly unserved: Map<string, UnservedWallet>;
  /** By name: of a managed wallet `<template>/<id>`. */
  readonly signers: Map<string, CheckedSigner>;
}

export interface ManagedRoutesOptions {
  readonly store: Pick<ManagedWalletStore, 'active' | 'onChange'>;
  readonly templates: ReadonlyMap<string, ComposedTemplate>;
  readonly relayers: ReadonlyMap<string, OpenedRelayer>;
  /** Who has this address of all that the configuration names, for people; `null`: nobody. */
  readonly holderOf: (address: string) => string | null;
  readonly served: ServedWallets;
  readonly log: Log;
}

export interface ManagedRoutes {
  /** The wallets as if the configuration named them; their signers by the names of `ServedWallets`. */
  readonly configs: () => readonly WalletConfig[];
  stop(): Promise<void>;
}

interface Served {
  readonly wallet: ManagedWallet;
  readonly config: WalletConfig;
  /** `null`: nothing is signed for it here. */
  readonly signer: Signer | null;
}

/** Serves those that the record has now, and from then on as it changes. */
export function serveManagedWallets({
  store,
  templates,
  relayers,
  holderOf,
  served,
  log,
}: ManagedRoutesOptions): ManagedRoutes {
  const known = new Map<string, Served>();
  const enter = (wallet: ManagedWallet): void => {
    const { walletId: id, template: name, key } = wallet;
    const template = templates.get(name);
    const signerName = `${name}/${id}`;
    const holder = key === null ? null : holderOf(key.address);
    if (template === undefined || key === null || holder !== null) {
      const reason = holder === null ? `wallet_templates has no ${name}, from which it was made` : sharedKey(holder);
      served.unserved.set(id, unservedWallet(wallet, reason));
      known.set(id, { wallet, config: { id, signers: [signerName], relayers: [] }, signer: null });
      log.error({ part: 'wallet', wallet: id, template: name, reason }, 'the wallet cannot be used');
      return;
    }
    const signer = template.signerOf(key, wallet.backend);
    const config = { id, signers: [signerName], relayers: template.terms.relayers };
    const signers = new Map([[signerName, { ...signer, fault: () => null }]]);
    for (const [walletId, route] of routeWallets([config], { signers, relayers }).routes) {
      served.routes.set(walletId, route);
    }
    served.signers.set(signerName, { ...signer, name: signerName, template: name });
    known.set(id, { wallet, config, signer });
    log.info({ part: 'wallet', wallet: id, template: name, address: key.address }, 'the wallet can be used');
  };
  const leave = async (id: string, { config, signer }: Served): Promise<void> => {
    known.delete(id);
    served.routes.delete(id);
    served.unserved.delete(id);
    for (const name of config.signers) served.signers.delete(name);
    const facts = { part: 'wallet', wallet: id };
    log.info(facts, 'the wallet is not used any more');
    await signer?.close().catch(() => log.warn(facts, 'its signer could not be closed'));
  };
  const follow = (): void => {
    const active = store.active();
    for (const [id, before] of known) if (!isSame(before.wallet, active.get(id))) void leave(id, before);
    for (const [id, wallet] of active) if (!known.has(id)) enter(wallet);
  };
  follow();
  const stopFollowing = store.onChange(follow);
  return {
    configs: () => [...known.values()].map(({ config }) => config),
    stop: async () => {
      stopFollowing();
      await Promise.all([...known.values()].map(({ signer }) => signer?.close()));
    },
  };
}

/** In a database that was put back to an earlier time, and has gone on from there, an id may be that of another key. */
function isSame(before: ManagedWallet, now: ManagedWallet | undefined): boolean {
  return now !== undefined && isDeepStrictEqual([now.template, now.key], [before.template, before.key]);
}

/** As for wallets of the configuration: what pays fees for others may be nothing else, and no key has the limits of two wallets. */
function sharedKey(holder: string): string {
  return `its key is that of ${holder}, and a wallet needs one of its own; take that one out of the configuration, or give it another key`;
}

function unservedWallet({ walletId, template, key }: ManagedWallet, reason: string): UnservedWallet {
  return {
    id: walletId,
    address: key?.address ?? null,
    signer: template,
    relayer: '',
    fault: () => ({ field: null, reason }),
  };
}
