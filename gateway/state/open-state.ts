// Owns how the record is opened: schema brought up to date, stores put together, closed without losing what is queued.
import type { FanOut } from '../replicas/fan-out.ts';
import { createApprovalStore } from './approvals/approval-store.ts';
import { createApproverKeyStore } from './approvals/approver-key-store.ts';
import { createAuditStore } from './audit/audit-store.ts';
import { createRetentionStore } from './audit/retention-store.ts';
import { createBudgetStore } from './budgets/budget-store.ts';
import { createReservationStore } from './budgets/reservation-store.ts';
import { commitBatch } from './commit/commit-batch.ts';
import { createCommitQueue } from './commit/commit-queue.ts';
import { createKnownLimits } from './commit/known-limits.ts';
import { operationRequestId } from './commit/operation.ts';
import type { RightsStores, State } from './contract/state.ts';
import { openControlStore } from './controls/control-store.ts';
import { createPolicyStore } from './policy/policy-store.ts';
import { createPrincipalStore } from './principals/principal-store.ts';
import { ownRights, type RightsTransactions, rightsOf } from './principals/rights-transactions.ts';
import { createSessionKeyStore } from './principals/session-key-store.ts';
import { createWalletCheckStore } from './principals/wallet-check-store.ts';
import { createWalletStore } from './principals/wallet-store.ts';
import { createRequestStore } from './requests/request-store.ts';
import { type ChangeSignals, createChangeSignals } from './signals/change-signals.ts';
import { createAuditedTransaction } from './sql/audited-transaction.ts';
import { type DatabaseLimits, DEFAULT_DATABASE_LIMITS } from './sql/connect.ts';
import { type Database, openDatabase } from './sql/database.ts';
import { migrate, readMigrations } from './sql/migrate.ts';
import { milliseconds } from './sql/row.ts';
import { createStatusStore } from './status-store.ts';
import { openManagedWalletStore } from './wallets/managed-wallet-store.ts';

export interface OpenStateOptions {
  /** `postgres://…`; a secret, which no error and no log line repeats. */
  readonly databaseUrl: string;
  /** Names this process in the database's list of connections. */
  readonly instanceId: string;
  readonly log?: (line: string) => void;
  /** Called after each group commit with the number of operations and the seconds that it took. */
  readonly observeCommit?: (batchSize: number, seconds: number) => void;
  /** Hints to and from other gateways; without it, what they do is seen by polling. */
  readonly fanOut?: FanOut;
  /** What is absent has its default. */
  readonly limits?: Partial<DatabaseLimits>;
}

const PING = { name: 'ping', text: 'SELECT 1' };
const TIME = { name: 'database_time', text: 'SELECT clock_ms() AS time_ms' };

/** Throws STORE_UNAVAILABLE while Postgres is away, and a plain error when its schema is not for this gateway. */
export async function openState(options: OpenStateOptions): Promise<State> {
  const log = options.log ?? (() => {});
  const database = openDatabase({
    url: options.databaseUrl,
    applicationName: `countersign ${options.instanceId}`.slice(0, 63),
    limits: { ...DEFAULT_DATABASE_LIMITS, ...options.limits },
    log,
  });
  try {
    const migrations = await readMigrations();
    await migrate(options.databaseUrl, migrations);
    const signals = createChangeSignals(database, log, options.fanOut);
    return await composeState(database, signals, options, migrations.length);
  } catch (error) {
    await database.end();
    throw error;
  }
}

async function composeState(
  database: Database,
  signals: ChangeSignals,
  { observeCommit: observe = () => {}, log = () => {} }: OpenStateOptions,
  knownMigrations: number,
): Promise<State> {
  const known = createKnownLimits();
  const queue = createCommitQueue({
    commit: (operations) => commitBatch(database, operations, known),
    observe,
    onCommitted(operations) {
      signals.requestsChanged(operations.map(operationRequestId).filter((id) => id !== null));
      if (operations.some((operation) => operation.auditBody !== null)) signals.appended();
    },
  });
  const audited = createAuditedTransaction(database, signals);
  const controls = await openControlStore(database, audited, signals);
  const managedWallets = await openManagedWalletStore(database, audited, signals, log);
  /** What was committed is committed, whether or not it can be looked at now. */
  async function controlsChanged(): Promise<void> {
    signals.controlsChanged();
    await controls.refresh().catch(() => undefined);
  }
  const rightsStores = (rights: RightsTransactions): RightsStores => ({
    principals: createPrincipalStore(database, rights, controlsChanged),
    approverKeys: createApproverKeyStore(database, rights, controlsChanged),
    sessionKeys: createSessionKeyStore(database, rights.holding),
  });
  let closing: Promise<void> | null = null;
  async function close(): Promise<void> {
    await queue.drain();
    signals.stop();
    await database.end();
  }
  return {
    requests: createRequestStore(database, queue, signals),
    approvals: createApprovalStore(database, audited, signals),
    ...rightsStores(ownRights(audited)),
    asAdmin: (by) => rightsStores(rightsOf(audited, by, 'admin')),
    asPolicyOperator: (by) => createPolicyStore(database, rightsOf(audited, by, 'policy').holding, signals),
    wallets: createWalletStore(database),
    managedWallets,
    walletChecks: createWalletCheckStore(database, audited),
    status: createStatusStore(database, knownMigrations),
    budgets: createBudgetStore(database),
    reservations: createReservationStore(database),
    controls,
    policy: createPolicyStore(database, audited, signals),
    audit: createAuditStore(database, queue, signals, audited),
    retention: createRetentionStore(database),
    async ping() {
      await database.query(PING, []);
    },
    async time() {
      const [row] = await database.query(TIME, []);
      return milliseconds(row ?? {}, 'time_ms');
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}
