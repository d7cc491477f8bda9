// Owns the choice of concrete backends: the only place that names them. Everything else sees contracts.
import { randomUUID } from 'node:crypto';
import type { ChainReader } from '../../relayer/chain-reader.ts';
import type { WalletHistory } from '../../relayer/wallet-history.ts';
import type { Signer } from '../../signers/signer.ts';
import type { Config } from '../config/config.ts';
import { assertNever } from '../core/assert-never.ts';
import { parseAddress } from '../core/base58.ts';
import type { BackendCheckDeps } from '../pipeline/administration/backend-checks.ts';
import type { WalletRoute } from '../pipeline/pipeline-deps.ts';
import type { ActivePolicyHandle } from '../policy/activation/open-active-policy.ts';
import type { PolicyControl } from '../policy/policy-control.ts';
import type { PolicyEngine } from '../policy/policy-engine.ts';
import type { FanOut } from '../replicas/fan-out.ts';
import type { RateLimiter } from '../replicas/rate-limiter.ts';
import type { State } from '../state/contract/state.ts';
import { startEmbeddedPostgres } from '../state/embedded/embedded-postgres.ts';
import { openState } from '../state/open-state.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { openChain, openWalletHistory } from './chain.ts';
import { createClosing } from './closing.ts';
import { openPolicy } from './policy.ts';
import { type OpenedRelayer, openRelayers } from './relayers.ts';
import { openReplicas } from './replicas.ts';
import { openSigners } from './signers.ts';

export interface Backends {
  readonly state: State;
  readonly chain: ChainReader;
  readonly walletHistory: WalletHistory;
  readonly policy: PolicyEngine;
  readonly policyControl: PolicyControl;
  readonly rateLimiter: RateLimiter;
  /** By wallet id. */
  readonly routes: ReadonlyMap<string, WalletRoute>;
  /** Signers and relayers, as far as they may be checked. */
  readonly checked: BackendCheckDeps;
  /** Closes what was opened, the last first. */
  close(): Promise<void>;
}

/** Opens everything at once; throws when any part cannot be had, after closing the others. */
export async function openBackends(config: Config, log: Log, metrics: Metrics): Promise<Backends> {
  const closing = createClosing();
  try {
    const chain = openChain(config, metrics);
    closing.add(() => chain.close());
    const walletHistory = openWalletHistory(config);
    closing.add(() => walletHistory.close());
    const replicas = openReplicas(config, log, metrics);
    closing.add(async () => replicas.close());
    const [[state, policy], signers] = await closing.allOrNothing([
      openStoreAndPolicy(config, log, metrics, replicas.fanOut, closing.add),
      openSigners(config, chain, closing.add),
    ]);
    const relayers = openRelayers(config, { signers, chain, metrics }, closing.add);
    const routes = routeWallets(config, signers, relayers);
    const senders = new Map([...relayers].map(([name, { relayer }]) => [name, relayer]));
    const checked = { signers, relayers: senders, walletsOf: usersIn(config) };
    await state.wallets.sync([...routes.values()].map((route) => route.wallet));
    const { engine, control } = policy;
    const { rateLimiter } = replicas;
    return {
      state,
      chain,
      walletHistory,
      policy: engine,
      policyControl: control,
      rateLimiter,
      routes,
      checked,
      close: closing.close,
    };
  } catch (error) {
    await closing.close();
    throw error;
  }
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

function routeWallets(
  { wallets }: Config,
  signers: ReadonlyMap<string, Signer>,
  relayers: ReadonlyMap<string, OpenedRelayer>,
): ReadonlyMap<string, WalletRoute> {
  return new Map(
    wallets.map((wallet) => {
      const signer = signers.get(wallet.signers[0] ?? '');
      const opened = relayers.get(wallet.relayers[0] ?? '');
      const address = signer === undefined ? null : parseAddress(signer.address);
      if (signer === undefined || opened === undefined || address === null) {
        throw new Error(
          `wallet ${wallet.id}: its signer ${wallet.signers[0]} or relayer ${wallet.relayers[0]} is not there`,
        );
      }
      return [wallet.id, { wallet: { id: wallet.id, address }, signer, ...opened }];
    }),
  );
}

function usersIn({ wallets }: Config): BackendCheckDeps['walletsOf'] {
  return (kind, name) => wallets.filter((wallet) => wallet[`${kind}s`].includes(name)).map(({ id }) => id);
}
