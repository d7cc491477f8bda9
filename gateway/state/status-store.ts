// Owns the facts of how everything stands that only the record knows. Reads, and changes nothing.

import { REQUEST_STATES } from '../core/request/request-state.ts';
import { MOST_SUBJECTS } from '../core/status/finding.ts';
import type { StatusStore } from './contract/status-store.ts';
import type { Database, Statement } from './sql/database.ts';
import { integer, milliseconds, oneOf, text, textList } from './sql/row.ts';

const SCHEMA: Statement = {
  name: 'status_schema',
  text: 'SELECT coalesce(max(version), 0) AS version FROM schema_migrations',
};
// What nobody looks at again is final, or as good as that.
const OPEN: Statement = {
  name: 'status_open_requests',
  isListing: true,
  text: `SELECT state, count(*)::integer AS count, min(updated_at_ms) AS oldest_at_ms,
      (array_agg(request_id ORDER BY updated_at_ms, request_id))[1:${MOST_SUBJECTS}] AS oldest
    FROM requests WHERE due_at_ms IS NOT NULL GROUP BY state ORDER BY state`,
};
const PENDING: Statement = {
  name: 'status_pending_approvals',
  text: `SELECT approval_id, expires_at_ms, (count(*) OVER ())::integer AS count FROM approvals
    WHERE state = 'PENDING' ORDER BY expires_at_ms, approval_id LIMIT ${MOST_SUBJECTS}`,
};

export function createStatusStore(database: Database, knownMigrations: number): StatusStore {
  return {
    async read() {
      const [schema, open, pending] = await Promise.all([
        database.query(SCHEMA, []),
        database.query(OPEN, []),
        database.query(PENDING, []),
      ]);
      const [version] = schema;
      return {
        schema: { found: version === undefined ? 0 : integer(version, 'version'), known: knownMigrations },
        open: open.map((row) => ({
          state: oneOf(row, 'state', REQUEST_STATES),
          count: integer(row, 'count'),
          oldestAt: milliseconds(row, 'oldest_at_ms'),
          oldest: textList(row, 'oldest'),
        })),
        approvals: {
          count: pending[0] === undefined ? 0 : integer(pending[0], 'count'),
          next: pending.map((row) => ({
            approvalId: text(row, 'approval_id'),
            expiresAt: milliseconds(row, 'expires_at_ms'),
          })),
        },
      };
    },
  };
}
