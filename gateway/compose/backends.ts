// Owns the choice of concrete backends: the only place that names them. Everything else sees contracts.
import { randomUUID } from 'node:crypto';
import type { ChainReader } from '../../relayer/chain-reader.ts';
import type { FeeMarket } from '../../relayer/fee-market.ts';
import type { LandingHints } from '../../relayer/landing-hints.ts';
import type { WalletHistory } from '../../relayer/wallet-history.ts';
import type { Config } from '../config/config.ts';
import { assertNever } from '../core/assert-never.ts';
import type { BackendCheckDeps, CheckedSigner } from '../pipeline/administration/backend-checks.ts';
import type { UnservedWallet, WalletRoute } from '../pipeline/pipeline-deps.ts';
import type { ActivePolicyHandle } from '../policy/activation/open-active-policy.ts';
import type { PolicyControl } from '../policy/policy-control.ts';
import type { PolicyEngine } from '../policy/policy-engine.ts';
import type { FanOut } from '../replicas/fan-out.ts';
import type { RateLimiter } from '../replicas/rate-limiter.ts';
import type { State } from '../state/contract/state.ts';
import { startEmbeddedPostgres } from '../state/embedded/embedded-postgres.ts';
import { openState } from '../state/open-state.ts';
import type { ReadyPart } from '../telemetry/http.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { addressHolder } from './address-holder.ts';
import { openChain, openLandingHints } from './chain.ts';
import { createClosing } from './closing.ts';
import { refuseKeyProblems } from './key-problems.ts';
import { serveLateKeys } from './late-keys.ts';
import { serveManagedWallets } from './managed-routes.ts';
import { openSigners } from './open-signers.ts';
import { openPolicy } from './policy.ts';
import { openRelayers } from './relayers.ts';
import { openReplicas } from './replicas.ts';
import { usersIn } from './signing-status.ts';
import type { ComposedTemplate } from './templates/composed-template.ts';
import { openTemplates } from './templates/open-templates.ts';
import { watchUnopened } from './unopened-parts.ts';
import type { ComposedSigner } from './unopened-signer.ts';
import { routeWallets } from './wallet-routes.ts';

export interface Backends {
  readonly state: State;
  readonly chain: ChainReader;
  /** Of each node on its own, the first of the configuration first. */
  readonly histories: readonly [WalletHistory, ...WalletHistory[]];
  readonly landingHints: LandingHints;
  readonly feeMarket: FeeMarket;
  readonly policy: PolicyEngine;
  readonly policyControl: PolicyControl;
  readonly rateLimiter: RateLimiter;
  /** By wallet id; wallets that are made through the gateway come and go. */
  readonly routes: ReadonlyMap<string, WalletRoute>;
  /** By wallet id. */
  readonly unserved: ReadonlyMap<string, UnservedWallet>;
  /** Signers and relayers, as far as they may be checked; those of wallets that are made through the gateway come and go. */
  readonly checked: BackendCheckDeps;
  /** Those of the configuration, by name. */
  readonly signers: ReadonlyMap<string, CheckedSigner & Pick<ComposedSigner, 'guardState'>>;
  /** By name. */
  readonly templates: ReadonlyMap<string, ComposedTemplate>;
  /** One for each relayer and wallet template that is not open; each look has it tried again. */
  readonly unopenedParts: () => readonly ReadyPart[];
  /** Closes what was opened, the last first. */
  close(): Promise<void>;
}

/** Opens everything at once; throws when any part cannot be had, after closing the others. */
export async function openBackends(config: Config, log: Log, metrics: Metrics): Promise<Backends> {
  const closing = createClosing();
  try {
    const { reader: chain, histories, feeMarket } = openChain(config, metrics);
    closing.add(() => chain.close());
    const landingHints = openLandingHints(config, metrics);
    closing.add(async () => landingHints.close());
    const replicas = openReplicas(config, log, metrics);
    closing.add(async () => replicas.close());
    const [[state, policy], { signers, templates }] = await closing.allOrNothing([
      openStoreAndPolicy(config, log, metrics, replicas.fanOut, closing.add),
      openSigningParts(config, chain, log, closing.add),
    ]);
    refuseKeyProblems(config, signers);
    const relayers = openRelayers(config, { signers, chain, metrics }, closing.add);
    const configured = routeWallets(config.wallets, { signers, relayers });
    const senders = new Map([...relayers].map(([name, { relayer, feePayer }]) => [name, { ...relayer, feePayer }]));
    const served = {
      routes: new Map(configured.routes),
      unserved: new Map(await syncWallets(state, log, configured.routes, configured.unserved)),
      signers: new Map<string, CheckedSigner>(signers),
    };
    const holderOf = addressHolder({
      checked: { signers, relayers: senders },
      unserved: new Map(served.unserved),
    });
    const managed = serveManagedWallets({ store: state.managedWallets, templates, relayers, holderOf, served, log });
    closing.add(managed.stop);
    serveLateKeys({ config, signers, relayers, served, state, log });
    const walletsOf = usersIn(config, () => [...config.wallets, ...managed.configs()]);
    const checked = { signers: served.signers, relayers: senders, walletsOf };
    const { engine, control } = policy;
    const { rateLimiter } = replicas;
    return {
      state,
      chain,
      histories,
      landingHints,
      feeMarket,
      policy: engine,
      policyControl: control,
      rateLimiter,
      routes: served.routes,
      unserved: served.unserved,
      checked,
      signers,
      templates,
      unopenedParts: watchUnopened({ relayers, templates, log }),
      close: closing.close,
    };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

async function openSigningParts(
  config: Config,
  chain: Pick<ChainReader, 'getGenesisHash'>,
  log: Log,
  onClose: OnClose,
): Promise<{
  readonly signers: ReadonlyMap<string, ComposedSigner>;
  readonly templates: ReadonlyMap<string, ComposedTemplate>;
}> {
  const genesisHash = await chain.getGenesisHash(AbortSignal.timeout(config.chain.timeoutMs));
  const { signerTimeoutMs } = config.limits;
  const templates = openTemplates({ templates: config.walletTemplates, genesisHash, signerTimeoutMs, log }, onClose);
  return { signers: await openSigners(config, genesisHash, log, onClose), templates };
}

/** Wallets that are not routed here stay as other gateways know them, and are returned with the addresses that the record has. */
async function syncWallets(
  { wallets }: State,
  log: Log,
  routes: Backends['routes'],
  unserved: Backends['unserved'],
): Promise<Backends['unserved']> {
  for (const { id: wallet, signer } of unserved.values()) {
    const why = 'the wallet cannot be used: none of its signers says which key it holds';
    log.error({ part: 'signer', wallet, signer }, why);
  }
  const known = unserved.size === 0 ? [] : await wallets.list();
  const kept = known.filter(({ id }) => unserved.has(id));
  await wallets.sync([...[...routes.values()].map(({ wallet }) => wallet), ...kept]);
  const addresses = new Map(kept.map(({ id, address }) => [id, address]));
  return new Map([...unserved].map(([id, wallet]) => [id, { ...wallet, address: addresses.get(id) ?? null }]));
}

/** What decides is found in the record where its source is away. */
async function openStoreAndPolicy(
  config: Config,
  log: Log,
  metrics: Metrics,
  fanOut: FanOut,
  onClose: OnClose,
): Promise<readonly [State, ActivePolicyHandle]> {
  const state = await openStore(config, log, metrics, fanOut, onClose);
  const policy = await openPolicy(config, state, log, metrics);
  onClose(policy.close);
  return [state, policy];
}

type OnClose = (close: () => Promise<void>) => void;

async function openStore(config: Config, log: Log, metrics: Metrics, fanOut: FanOut, onClose: OnClose): Promise<State> {
  const databaseUrl = await databaseUrlOf(config, log, onClose);
  const state = await openState({
    databaseUrl,
    instanceId: randomUUID(),
    log: (line) => log.warn({ part: 'store' }, line),
    observeCommit: metrics.commit,
    fanOut,
    limits: config.database.limits,
  });
  onClose(() => state.close());
  return state;
}

async function databaseUrlOf({ database }: Config, log: Log, onClose: OnClose): Promise<string> {
  switch (database.kind) {
    case 'url':
      return database.url.reveal();
    case 'embedded': {
      const postgres = await startEmbeddedPostgres({
        dataDirectory: database.dataDirectory,
        log: (line) => log.debug({ part: 'postgres' }, line),
      }).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : 'it cannot be used';
        throw new Error(`database.embedded.data_directory ${database.dataDirectory}: ${why}`, { cause: error });
      });
      onClose(() => postgres.stop());
      return postgres.url;
    }
    default:
      return assertNever(database);
  }
}
