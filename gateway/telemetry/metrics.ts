// Owns every metric of the gateway, by name and label; `deploy/` refers to these names.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { PipelineObserver } from '../pipeline/observer.ts';
import type { CallObserver } from '../rpc/serve-call.ts';
import { boundedLabel } from './bounded-label.ts';
import { type ControlsInForce, exposeControls } from './control-metrics.ts';
import { type PolicyObserver, policyMetrics } from './policy-metrics.ts';
import { type RpcPoolObserver, rpcMetrics } from './rpc-metrics.ts';
import { exposeSigners, type SignerReport } from './signer-metrics.ts';
import { exposeSponsors, type SponsorReport } from './sponsor-metrics.ts';

/** What the store tells of its group commits. */
export interface CommitObserver {
  /** Rows in one batch, and the seconds until it was durable. */
  commit(rows: number, seconds: number): void;
}

/** Read at each scrape; a source that fails or is slow leaves its gauge out. */
export interface ScrapedGauges {
  openApprovals(): Promise<number>;
  /** 0 while the chain is empty. */
  auditSequence(): Promise<bigint>;
  openReservations(): Promise<{ readonly count: number; readonly oldestAgeMs: number }>;
  readonly controls: ControlsInForce;
}

export interface Metrics extends PipelineObserver, CallObserver, CommitObserver, PolicyObserver {
  readonly registry: Registry;
  /** Seconds that the clock of this machine is ahead of the database's. */
  clockOffset(seconds: number): void;
  /** So many are no longer kept. */
  removed(what: string, count: number): void;
  /** The chain shows a transaction that a wallet signed and the gateway did not. */
  walletMoved(): void;
  /** A call was answered RATE_LIMITED, by the limit of that kind. */
  rateLimited(limit: string): void;
  /** Redis came or went; there is no such gauge where none is configured. */
  redis(isUp: boolean): void;
  /** `pool`: `chain`, or the name of a relayer. */
  rpcPool(pool: string): RpcPoolObserver;
  /** Call once; asked at each scrape. */
  signers(reports: () => readonly SignerReport[]): void;
  /** Call once; asked at each scrape. */
  sponsors(reports: () => readonly SponsorReport[]): void;
  /** Call once, when the store is up. */
  scrape(gauges: ScrapedGauges): void;
}

const PREFIX = 'countersign_';
const SCRAPE_TIMEOUT_MS = 1000;

// Seconds: from a few microseconds of decoding to a slow chain.
const STAGE_BUCKETS = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5,
  30,
];
const CALL_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const ROUND_TRIP_BUCKETS = [0, 1, 2, 3, 4];
const BATCH_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

const OUTCOME = /^(signed|submitted|pending_approval|denied|error)$/;
const REASON = /^[A-Z_]{3,64}$/;
const NAME = /^[a-z0-9_-]{1,40}$/;
const STATUS = /^[A-Z_]{2,24}$/;
const MAX_REASONS = 200;
const MAX_NAMES = 32;

export function createMetrics(build: { readonly version: string }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: PREFIX });
  const named = (name: string, help: string) => ({ name: PREFIX + name, help, registers });

  const requests = new Counter({
    ...named('requests_total', 'Answered signing requests by outcome and first reason code.'),
    labelNames: ['outcome', 'reason'],
  });
  const exceeded = new Counter({
    ...named('budget_exceeded_total', 'Limits over time that had no room for a request.'),
    labelNames: ['scope', 'measure', 'on_exceed'],
  });
  const stages = new Histogram({
    ...named('stage_seconds', 'Seconds that one stage took for one request.'),
    labelNames: ['stage'],
    buckets: STAGE_BUCKETS,
  });
  const roundTrips = new Histogram({
    ...named('chain_round_trips', 'Questions to the chain that had to wait for one another, for one judgement.'),
    buckets: ROUND_TRIP_BUCKETS,
  });
  const calls = new Counter({
    ...named('grpc_calls_total', 'gRPC calls by service, method and status.'),
    labelNames: ['service', 'method', 'status'],
  });
  const callSeconds = new Histogram({
    ...named('grpc_call_seconds', 'Seconds from the first byte of a call to its answer; streams until they end.'),
    labelNames: ['service', 'method'],
    buckets: CALL_BUCKETS,
  });
  const batchRows = new Histogram({
    ...named('commit_batch_size', 'Rows that one group commit made durable.'),
    buckets: BATCH_BUCKETS,
  });
  const commitSeconds = new Histogram({
    ...named('commit_seconds', 'Seconds that one group commit took.'),
    buckets: CALL_BUCKETS,
  });
  const reconciled = new Counter(
    named(
      'reservations_reconciled_total',
      'Decided requests whose reservations were settled or given back only afterwards.',
    ),
  );
  const disputed = new Counter({
    ...named(
      'disputed_outcomes_total',
      'Looks at requests whose end too few RPC nodes agree on for half a minute, and what came of them.',
    ),
    labelNames: ['result'],
  });
  // From 0, so that the first one is an increase.
  for (const result of ['looked_at_again', 'counted_as_used']) disputed.inc({ result }, 0);
  const moved = new Counter(
    named(
      'wallet_foreign_transactions_total',
      'Transactions on chain that a wallet signed and this gateway did not; found by this process.',
    ),
  );
  const removed = new Counter({
    ...named('removed_total', 'What was removed of the record because it is no longer kept.'),
    labelNames: ['what'],
  });
  const removedOf = boundedLabel(NAME, MAX_NAMES, 'other');
  const clock = new Gauge(
    named('clock_offset_seconds', "Seconds that the clock of this machine is ahead of the database's."),
  );
  new Gauge({
    ...named('build_info', 'Always 1; the labels name the version.'),
    labelNames: ['version', 'node'],
  }).set({ version: build.version, node: process.version }, 1);

  const signer = backendCalls('signer', 'signer backend', named);
  const relayer = backendCalls('relayer', 'relayer', named);
  const feePayer = backendCalls('fee_payer', 'fee payer', named);
  const outcome = boundedLabel(OUTCOME, MAX_NAMES, 'other');
  const reason = boundedLabel(REASON, MAX_REASONS, 'OTHER');
  const status = boundedLabel(STATUS, MAX_NAMES, 'OTHER');

  const stageOf = labelled((stage: string) => stages.labels({ stage }));
  const callSecondsOf = labelled((service: string, method: string) => callSeconds.labels({ service, method }));

  return {
    registry,
    walletMoved: () => moved.inc(),
    stage: (stage, seconds) => stageOf(stage).observe(seconds),
    roundTrips: (count) => roundTrips.observe(count),
    outcome: (kind, reasonCode) => requests.inc({ outcome: outcome(kind), reason: reason(reasonCode) }),
    overBudget: (scope, measure, onExceed) => exceeded.inc({ scope, measure, on_exceed: onExceed }),
    signerCall: signer,
    feePayerCall: feePayer,
    relayerCall: relayer,
    grpcCall(service, method, statusName, seconds) {
      calls.inc({ service, method, status: status(statusName) });
      callSecondsOf(service, method).observe(seconds);
    },
    commit(rows, seconds) {
      batchRows.observe(rows);
      commitSeconds.observe(seconds);
    },
    ...policyMetrics(named),
    ...replicaMetrics(named),
    rpcPool: rpcMetrics(named),
    reconciled: (count) => reconciled.inc(count),
    disputed: (result) => disputed.inc({ result }),
    clockOffset: (seconds) => clock.set(seconds),
    removed: (what, count) => removed.inc({ what: removedOf(what) }, count),
    signers: (reports) => exposeSigners(named, reports),
    sponsors: (reports) => exposeSponsors(named, reports),
    scrape({ openApprovals, auditSequence, openReservations, controls }) {
      exposeControls(named, controls);
      scrapedGauge(named('approvals_open', 'Approvals that wait for a vote.'), openApprovals);
      scrapedGauge(named('audit_sequence', 'Sequence of the newest audit record.'), async () =>
        Number(await auditSequence()),
      );
      scrapedGauge(
        named('reservations_open', 'What requests have reserved of budgets, and is not decided yet.'),
        async () => (await openReservations()).count,
      );
      scrapedGauge(
        named('reservation_oldest_seconds', 'Age of the oldest request that has something reserved.'),
        async () => (await openReservations()).oldestAgeMs / 1000,
      );
    },
  };
}

type Named = (name: string, help: string) => { name: string; help: string; registers: Registry[] };

function replicaMetrics(named: Named): Pick<Metrics, 'rateLimited' | 'redis'> {
  const limited = new Counter({
    ...named('rate_limited_total', 'Calls that were answered RATE_LIMITED, by the limit that they met.'),
    labelNames: ['limit'],
  });
  const limit = boundedLabel(NAME, MAX_NAMES, 'other');
  let redisUp: Gauge | null = null;
  return {
    rateLimited: (kind) => limited.inc({ limit: limit(kind) }),
    redis(isUp) {
      redisUp ??= new Gauge(named('redis_up', '1 while Redis answers this gateway, else 0.'));
      redisUp.set(isUp ? 1 : 0);
    },
  };
}

function backendCalls(prefix: string, what: string, named: Named) {
  const total = new Counter({
    ...named(`${prefix}_calls_total`, `Calls of a ${what} by backend and result.`),
    labelNames: ['backend', 'result'],
  });
  const duration = new Histogram({
    ...named(`${prefix}_call_seconds`, `Seconds that one call of a ${what} took.`),
    labelNames: ['backend'],
    buckets: CALL_BUCKETS,
  });
  const backend = boundedLabel(NAME, MAX_NAMES, 'other');
  const result = boundedLabel(NAME, MAX_NAMES, 'other');
  return (backendName: string, resultName: string, seconds: number): void => {
    total.inc({ backend: backend(backendName), result: result(resultName) });
    duration.observe({ backend: backend(backendName) }, seconds);
  };
}

/** Looks a metric's labels up once: prom-client hashes them at each observation otherwise. The labels must be few. */
function labelled<T>(find: (...labels: string[]) => T): (...labels: string[]) => T {
  const known = new Map<string, T>();
  return (...labels) => {
    const key = labels.join(' ');
    const found = known.get(key) ?? find(...labels);
    known.set(key, found);
    return found;
  };
}

function scrapedGauge(options: ReturnType<Named>, read: () => Promise<number>): void {
  new Gauge({
    ...options,
    async collect() {
      const value = await Promise.race([read().catch(() => null), timeout(SCRAPE_TIMEOUT_MS)]);
      // An old value would look like a fresh one.
      if (value === null) this.remove();
      else this.set(value);
    },
  });
}

function timeout(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(resolve, ms, null).unref());
}
