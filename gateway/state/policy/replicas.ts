// Owns what the replicas serve: which revision decided after which, and what each one says of itself.
import type { PolicyReplicaRecord, PolicyStore } from '../contract/policy-store.ts';
import type { AuditedTransaction } from '../sql/audited-transaction.ts';
import type { Database, Statement } from '../sql/database.ts';
import { boolean, milliseconds, type Row, text, textOrNull } from '../sql/row.ts';

// Its lock puts the replicas that activate the same revision at once in an order.
const LOCK: Statement = { name: 'lock_selection', text: 'SELECT one FROM policy_selection FOR UPDATE' };
const FIRST_ACTIVE: Statement = {
  name: 'bundle_active',
  text: 'UPDATE policy_bundles SET first_active_at_ms = clock_ms() WHERE revision = $1 AND first_active_at_ms IS NULL',
};
const ACTIVATED: Statement = {
  name: 'append_activation',
  text: `INSERT INTO policy_activations (revision)
    SELECT $1::text WHERE $1::text IS DISTINCT FROM (SELECT revision FROM policy_activations ORDER BY position DESC LIMIT 1)`,
};
const ACTIVE_BEFORE: Statement = {
  name: 'active_before',
  text: `SELECT revision FROM policy_activations WHERE revision <> $1
    AND position < (SELECT max(position) FROM policy_activations WHERE revision = $1) ORDER BY position DESC LIMIT 1`,
};
const EVER_ACTIVE: Statement = {
  name: 'ever_active',
  text: 'SELECT EXISTS (SELECT FROM policy_activations WHERE revision = $1) AS found',
};
const REPORT: Statement = {
  name: 'report_replica',
  text: `INSERT INTO policy_replicas (replica, revision, shadow_revision, problem) VALUES ($1, $2, $3, $4)
    ON CONFLICT (replica) DO UPDATE SET revision = excluded.revision, shadow_revision = excluded.shadow_revision,
      problem = excluded.problem, seen_at_ms = excluded.seen_at_ms`,
};
const FORGET: Statement = {
  name: 'forget_replicas',
  text: 'DELETE FROM policy_replicas WHERE seen_at_ms < clock_ms() - 3600000',
};
const REPLICAS: Statement = {
  name: 'list_replicas',
  text: 'SELECT replica, revision, shadow_revision, problem, seen_at_ms FROM policy_replicas ORDER BY replica',
};

export function createReplicaRecord(
  database: Database,
  audited: AuditedTransaction,
): Pick<PolicyStore, 'activated' | 'activeBefore' | 'everActive' | 'report' | 'replicas'> {
  return {
    activated: (revision, audit) =>
      audited(audit, async (session) => {
        await session.query(LOCK, []);
        await session.query(FIRST_ACTIVE, [revision]);
        await session.query(ACTIVATED, [revision]);
        return { changed: true, value: undefined };
      }),
    async activeBefore(revision) {
      const [row] = await database.query(ACTIVE_BEFORE, [revision]);
      return row === undefined ? null : text(row, 'revision');
    },
    async everActive(revision) {
      const [row] = await database.query(EVER_ACTIVE, [revision]);
      return row !== undefined && boolean(row, 'found');
    },
    async report({ replica, revision, shadowRevision, problem }) {
      await database.query(REPORT, [replica, revision, shadowRevision, problem]);
      await database.query(FORGET, []);
    },
    async replicas() {
      return (await database.query(REPLICAS, [])).map(parseReplica);
    },
  };
}

function parseReplica(row: Row): PolicyReplicaRecord {
  return {
    replica: text(row, 'replica'),
    revision: text(row, 'revision'),
    shadowRevision: textOrNull(row, 'shadow_revision'),
    problem: textOrNull(row, 'problem'),
    seenAt: milliseconds(row, 'seen_at_ms'),
  };
}
