// Owns how the parts become a gateway: listeners before backends, backends before anything that signs.

import { verifySignature } from '../../signers/verify.ts';
import { streamRecords } from '../audit/audit-stream.ts';
import type { Config } from '../config/config.ts';
import { createAdministration } from '../pipeline/administration/administration.ts';
import { createAuditPruning } from '../pipeline/administration/audit-pruning.ts';
import { bootstrapOperator } from '../pipeline/administration/bootstrap-operator.ts';
import { createListBudgets } from '../pipeline/administration/budgets.ts';
import { createFreezing } from '../pipeline/administration/freezing.ts';
import { createManagedWallets } from '../pipeline/administration/managed-wallets.ts';
import { createOperations } from '../pipeline/administration/operations.ts';
import { createSessionKeys } from '../pipeline/administration/session-keys.ts';
import { createApprovalPipeline } from '../pipeline/approval/approvals.ts';
import { createApproverKeys } from '../pipeline/approval/approver-keys.ts';
import { GATEWAY } from '../pipeline/audit-entries.ts';
import { createChainCache } from '../pipeline/facts/chain-cache.ts';
import { createSigningPipeline } from '../pipeline/pipeline.ts';
import type { PipelineDeps } from '../pipeline/pipeline-deps.ts';
import { createDisputes } from '../pipeline/tracking/disputes.ts';
import { startRetention } from '../pipeline/tracking/retention.ts';
import { startSponsorWatch } from '../pipeline/tracking/sponsor-watch.ts';
import { startTracker, type Tracker } from '../pipeline/tracking/tracker.ts';
import { startWalletWatch } from '../pipeline/tracking/wallet-watch.ts';
import { createUnmetApprovals } from '../policy/activation/unmet-approvals.ts';
import { createAuthenticate } from '../rpc/authenticate.ts';
import { createCallLimits } from '../rpc/call-limits.ts';
import { startControlPlane } from '../rpc/control-plane.ts';
import { startDataPlane } from '../rpc/data-plane.ts';
import { createHealthState } from '../rpc/health-service.ts';
import { DEFAULT_LIMITS } from '../rpc/limits.ts';
import type { ListenerOptions } from '../rpc/listener.ts';
import { startPruningBudgets } from '../state/budgets/prune-budgets.ts';
import type { PrincipalStore } from '../state/contract/principal-store.ts';
import { startHttpServer } from '../telemetry/http.ts';
import type { Log } from '../telemetry/log.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import type { SignerReport } from '../telemetry/signer-metrics.ts';
import { addressHolder } from './address-holder.ts';
import { type Backends, openBackends } from './backends.ts';
import { createClockCheck } from './clock-check.ts';
import { createClosing } from './closing.ts';
import { createIdSource } from './ids.ts';
import { readOrMakeKey } from './operator-key-file.ts';
import { createPayerWatch } from './payer-watch.ts';
import { readinessChecks, readinessOf } from './readiness.ts';
import { createSignerWatch, type SeenSigner } from './signer-watch.ts';
import { feePayerFacts, signerFacts } from './signing-status.ts';
import { managedTemplateOf } from './templates/managed-template-of.ts';
import { partsOnce } from './unopened-parts.ts';

export interface Gateway {
  /** `host:port` of each listener, with real ports. */
  readonly dataPlane: string;
  readonly controlPlane: string;
  readonly http: string;
  readonly backends: Backends;
  /** Takes no new calls, finishes those under way within the grace, and closes everything. */
  stop(): Promise<void>;
}

export interface GatewayOptions {
  readonly config: Config;
  readonly log: Log;
  readonly version: string;
  /** For tests of crashes and outages: puts something between the pipeline and its backends. */
  readonly intercept?: (backends: Backends) => Backends;
}

/** Throws when any part cannot start; then nothing is left running. */
export async function startGateway({ config, log, version, intercept }: GatewayOptions): Promise<Gateway> {
  const metrics = createMetrics({ version });
  const closing = createClosing();
  try {
    const opened = await openBackends(config, log, metrics);
    closing.add(opened.close);
    const backends = intercept?.(opened) ?? opened;
    await record(backends, 'gateway.started', version);
    closing.add(() => record(backends, 'gateway.stopped', version));
    const parts = await startParts(config, log, metrics, backends, closing.add);
    const serving = { ...parts, bundle_revision: backends.policy.current().bundleRevision, read_only: config.readOnly };
    log.info(serving, 'the gateway serves');
    return { ...parts, backends, stop: closing.close };
  } catch (error) {
    await closing.close().catch(() => undefined);
    throw error;
  }
}

async function startParts(
  config: Config,
  log: Log,
  metrics: Metrics,
  backends: Backends,
  onClose: (close: () => Promise<void>) => void,
): Promise<{ readonly dataPlane: string; readonly controlPlane: string; readonly http: string }> {
  const { state } = backends;
  await bootstrap(config, state.principals);
  metrics.scrape({
    openApprovals: () => state.approvals.countPending(),
    auditSequence: async () => (await state.audit.head())?.sequence ?? 0n,
    openReservations: () => state.reservations.open(),
    controls: { freezes: () => state.controls.current().freezes, isReadOnly: config.readOnly },
  });
  let tracker: Tracker | null = null;
  const deps = pipelineDeps(config, log, metrics, backends, () => tracker?.wake());
  tracker = startTracker(deps);
  const { stop } = tracker;
  onClose(stop);
  onClose(startPruningBudgets(state.budgets));

  const sponsorWatch = startSponsorWatch(deps);
  onClose(sponsorWatch.stop);
  metrics.sponsors(sponsorWatch.latest);

  const configured = new Set(config.wallets.map(({ id }) => id));
  const signerWatch = createSignerWatch({
    checked: { ...backends.checked, signers: backends.signers },
    wallets: config.wallets,
    servesOthers: () => backends.routes.keys().some((id) => !configured.has(id)),
    log,
    now: Date.now,
  });
  onClose(signerWatch.stop);
  const unmetApprovals = createUnmetApprovals({ store: state.policy, principals: state.principals });
  const watched = {
    ...deps,
    history: backends.histories[0],
    bundleRevision: () => backends.policy.current().bundleRevision,
    unmetApprovals,
    checked: backends.checked,
    signersChecked: signerWatch.heard,
    signerFacts: () => signerFacts(signerWatch.seen(), backends, Date.now()),
    feePayerFacts: () => feePayerFacts(config.relayers, backends),
    unopenedFacts: () => backends.unopenedParts().map(({ part, detail = '' }) => ({ part, why: detail })),
  };
  const payerWatch = createPayerWatch({ checked: backends.checked, log });
  onClose(payerWatch.stop);
  const { intervalMs } = config.walletWatch;
  if (intervalMs !== null) {
    const walletWatch = startWalletWatch({ ...watched, intervalMs, observeForeign: metrics.walletMoved });
    onClose(walletWatch.stop);
  }

  onClose(
    startRetention({
      retention: state.retention,
      ...config.retention,
      removed: metrics.removed,
      warn: (message, facts) => log.warn(facts, message),
    }),
  );
  const health = createHealthState();
  const authenticate = createAuthenticate(state.principals, state.sessionKeys);
  const callLimits = createCallLimits({ limiter: backends.rateLimiter, rates: config.rateLimits, observer: metrics });
  const shared = (listener: Config['dataPlane']): ListenerOptions => ({
    address: listener.address,
    ...(listener.tls === null ? {} : { tls: listener.tls }),
    limits: {
      ...DEFAULT_LIMITS,
      maxRequestBytes: config.limits.maxRequestBytes,
      unaryDeadlineMs: config.limits.requestTimeoutMs,
      maxCallsInFlight: config.limits.maxInFlight,
    },
    callLimits,
    log,
    observer: metrics,
    health,
  });
  const sessionKeys = createSessionKeys({ state, now: Date.now, ...config.sessionKeys });
  const dataPlane = await startDataPlane({
    ...shared(config.dataPlane),
    authenticate,
    pipeline: createSigningPipeline(deps),
    sessionKeys,
  });
  onClose(() => dataPlane.shutdown(config.shutdownGraceMs));
  const controlPlane = await startControlPlane({
    ...shared(config.controlPlane),
    authenticate,
    approvals: createApprovalPipeline(deps),
    administration: createAdministration({
      principals: state.principals,
      wallets: state.wallets,
      asAdmin: state.asAdmin,
      listBudgets: createListBudgets(deps),
      now: Date.now,
    }),
    approverKeys: createApproverKeys({
      keys: state.approverKeys,
      principals: state.principals,
      asAdmin: state.asAdmin,
      now: Date.now,
    }),
    freezing: createFreezing({
      state,
      quorum: config.controls.unfreezeQuorum,
      newAdminWaitMs: config.controls.newAdminWaitMs,
      now: Date.now,
      newId: deps.newId,
    }),
    sessionKeys,
    managedWallets: createManagedWallets({
      store: state.managedWallets,
      templates: new Map([...backends.templates].map(([name, template]) => [name, managedTemplateOf(template)])),
      quorum: config.controls.walletQuorum,
      newAdminWaitMs: config.controls.newAdminWaitMs,
      holderOf: addressHolder(backends),
      answerWithinMs: config.limits.requestTimeoutMs,
      now: Date.now,
      databaseTime: state.time,
      newId: deps.newId,
    }),
    operations: createOperations(watched),
    isReadOnly: config.readOnly,
    audit: state.audit,
    auditPruning: createAuditPruning({ audit: state.audit, now: Date.now }),
    requests: state.requests,
    policy: backends.policyControl,
    unmetApprovals: watched.unmetApprovals,
    streamRecords: (options) => streamRecords(state.audit, options),
  });
  onClose(() => controlPlane.shutdown(config.shutdownGraceMs));
  const clock = createClockCheck({
    databaseTime: state.time,
    now: Date.now,
    measured: metrics.clockOffset,
    warn: (facts, message) => log.warn(facts, message),
  });
  metrics.signers(() => signerReports(signerWatch.seen(), backends));
  const watchedParts = () => [...signerWatch.parts(), ...partsOnce(backends.unopenedParts(), payerWatch.parts())];
  const readiness = readinessOf(readinessChecks(backends, clock), health, watchedParts);
  const http = await startHttpServer({
    address: config.http.address,
    registry: metrics.registry,
    live: () => true,
    ready: readiness.check,
  });
  onClose(() => http.close());
  await Promise.all([signerWatch.start(), payerWatch.start()]);
  await readiness.start();
  onClose(readiness.stop);
  return { dataPlane: dataPlane.address, controlPlane: controlPlane.address, http: http.address };
}

function signerReports(seen: readonly SeenSigner[], { signers }: Backends): readonly SignerReport[] {
  return seen.map(({ name, backend, last }) => ({
    name,
    backend,
    isReady: last === null ? null : last.check.kind === 'ready',
    checkedAt: last?.at ?? null,
    guard: signers.get(name)?.guardState() ?? null,
  }));
}

async function bootstrap({ bootstrap: first }: Config, principals: PrincipalStore): Promise<void> {
  if (first === null) return;
  const readKey = () => readOrMakeKey(first.apiKeyFile);
  await bootstrapOperator({ principals, operatorId: first.operator, readKey, now: Date.now });
}

function pipelineDeps(
  config: Config,
  log: Log,
  metrics: Metrics,
  backends: Backends,
  wakeTracker: () => void,
): PipelineDeps {
  const { state, policy, chain, histories, routes, unserved } = backends;
  return {
    state,
    policy,
    chain,
    chainCache: createChainCache(),
    histories,
    feeMarket: backends.feeMarket,
    simulation: config.simulation,
    computeBudget: { ...config.computeBudget, maxPrice: BigInt(config.computeBudget.maxPriceMicroLamports) },
    routes,
    unserved,
    verifySignature,
    observer: metrics,
    warn: (message, facts) => log.warn(facts, message),
    now: Date.now,
    newId: createIdSource(),
    signerTimeoutMs: config.limits.signerTimeoutMs,
    requireSignedVotes: config.approvals.requireSignedVotes,
    newAdminWaitMs: config.controls.newAdminWaitMs,
    readOnly: config.readOnly,
    forbid: config.controls.forbid,
    disputes: createDisputes(Date.now),
    landingHints: backends.landingHints,
    wakeTracker,
  };
}

function record(
  { state, policy }: Backends,
  kind: 'gateway.started' | 'gateway.stopped',
  version: string,
): Promise<void> {
  const facts = { version, bundle_revision: policy.current().bundleRevision };
  return state.audit.append({ kind, time: Date.now(), requestId: null, actor: GATEWAY, facts });
}
