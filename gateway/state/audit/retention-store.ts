// Owns the removal of what is no longer kept: audit records before the anchor of the chain, old requests, and session keys that ended.

import type { RetentionStore } from '../contract/audit-store.ts';
import type { Database } from '../sql/database.ts';
import { integer } from '../sql/row.ts';

const DELETE_AUDIT = { name: 'delete_pruned_audit', text: 'SELECT delete_pruned_audit($1) AS deleted' };
const DELETE_REQUESTS = {
  name: 'delete_old_requests',
  text: 'SELECT delete_old_requests(clock_ms() - $1::bigint, $2) AS deleted',
};

const DELETE_SESSION_KEYS = {
  name: 'delete_ended_session_keys',
  text: 'SELECT delete_ended_session_keys(clock_ms() - $1::bigint, $2) AS deleted',
};

export function createRetentionStore(database: Database): RetentionStore {
  return {
    async deletePrunedAudit(limit) {
      const [row] = await database.query(DELETE_AUDIT, [limit]);
      return integer(row ?? {}, 'deleted');
    },
    async deleteRequests(olderThanMs, limit) {
      const [row] = await database.query(DELETE_REQUESTS, [olderThanMs, limit]);
      return integer(row ?? {}, 'deleted');
    },
    async deleteSessionKeys(expiredForMs, limit) {
      const [row] = await database.query(DELETE_SESSION_KEYS, [expiredForMs, limit]);
      return integer(row ?? {}, 'deleted');
    },
  };
}
