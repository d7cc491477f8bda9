// Owns the record of policies, put together of its parts.

import type { PolicyStore } from '../contract/policy-store.ts';
import type { ChangeSignals } from '../signals/change-signals.ts';
import type { AuditedTransaction } from '../sql/audited-transaction.ts';
import type { Database } from '../sql/database.ts';
import { createBundleRecord } from './bundles.ts';
import { createReplicaRecord } from './replicas.ts';
import { createSelectionRecord } from './selection.ts';
import { createShadowRecord } from './shadow.ts';

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
