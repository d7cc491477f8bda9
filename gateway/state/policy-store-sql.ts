// Owns the record of policies, put together of its parts.
import type { ChangeSignals } from './change-signals.ts';
import type { PolicyStore } from './policy-store.ts';
import { createBundleRecord } from './policy-store-bundles.ts';
import { createReplicaRecord } from './policy-store-replicas.ts';
import { createSelectionRecord } from './policy-store-selection.ts';
import { createShadowRecord } from './policy-store-shadow.ts';
import type { AuditedTransaction } from './sql/audited-transaction.ts';
import type { Database } from './sql/database.ts';

export function createPolicyStore(
  database: Database,
  audited: AuditedTransaction,
  signals: ChangeSignals,
): PolicyStore {
  return {
    ...createBundleRecord(database),
    ...createSelectionRecord(database, audited, signals),
    ...createReplicaRecord(database, audited),
    ...createShadowRecord(database),
  };
}
