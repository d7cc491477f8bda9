// Owns the approvals of the record: found, listed in pages, and voted on.

import type { ApprovalStore } from '../contract/approval-store.ts';
import type { ChangeSignals } from '../signals/change-signals.ts';
import { APPROVAL_COLUMNS, FIND_APPROVAL, parseApproval } from '../sql/approval-row.ts';
import type { AuditedTransaction } from '../sql/audited-transaction.ts';
import type { Database, Statement } from '../sql/database.ts';
import { integer } from '../sql/row.ts';
import { escalate } from './escalate.ts';
import { castVote, withdrawVote } from './vote.ts';

// An unknown `after` gives an empty page: NULL is below nothing.
const LIST: Statement = {
  name: 'list_approvals',
  isListing: true,
  text: `SELECT ${APPROVAL_COLUMNS} FROM approvals a
    WHERE a.state = ANY ($1)
      AND ($2::text IS NULL OR a.position < (SELECT position FROM approvals WHERE approval_id = $2))
    ORDER BY a.position DESC LIMIT $3`,
};
const COUNT_PENDING: Statement = {
  name: 'count_pending_approvals',
  text: `SELECT count(*)::integer AS pending FROM approvals WHERE state = 'PENDING'`,
};

export function createApprovalStore(
  database: Database,
  audited: AuditedTransaction,
  signals: ChangeSignals,
): ApprovalStore {
  return {
    async find(approvalId) {
      const [row] = await database.query(FIND_APPROVAL, [approvalId]);
      return row === undefined ? null : parseApproval(row);
    },
    async list({ states, limit, after }) {
      return (await database.query(LIST, [[...states], after, limit])).map(parseApproval);
    },
    async vote(vote, audit) {
      const result = await audited(audit, (session) => castVote(session, vote));
      if (result.kind === 'recorded') signals.requestsChanged([result.approval.requestId]);
      return result;
    },
    async withdraw(vote, audit) {
      const result = await audited(audit, (session) => withdrawVote(session, vote));
      if (result.kind === 'recorded') signals.requestsChanged([result.approval.requestId]);
      return result;
    },
    escalate: (approvalId, audit) => audited(audit, (session) => escalate(session, approvalId)),
    async countPending() {
      const [row] = await database.query(COUNT_PENDING, []);
      return row === undefined ? 0 : integer(row, 'pending');
    },
  };
}
