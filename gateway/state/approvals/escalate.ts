// Owns the moment from which members of more groups may vote on an approval: once, while it is pending, and never before its time.
import { escalatesNow } from '../../core/approval/escalates-at.ts';
import { LOCK_APPROVAL, LOCK_REQUEST } from '../sql/approval-locks.ts';
import { parseApproval } from '../sql/approval-row.ts';
import type { AuditedOutcome } from '../sql/audited-transaction.ts';
import type { Session, Statement } from '../sql/database.ts';

// The request is next looked at when the time of the approval is over.
const SET_ESCALATED: Statement = {
  name: 'set_approval_escalated',
  text: `WITH escalated AS (UPDATE approvals SET escalated_at_ms = $2 WHERE approval_id = $1 RETURNING request_id, expires_at_ms)
    UPDATE requests q SET due_at_ms = e.expires_at_ms, revision = q.revision + 1 FROM escalated e WHERE q.request_id = e.request_id`,
};

/** Runs inside a transaction. */
export async function escalate(session: Session, approvalId: string): Promise<AuditedOutcome<'escalated' | 'not_due'>> {
  await session.query(LOCK_REQUEST, [approvalId]);
  const [row] = await session.query(LOCK_APPROVAL, [approvalId]);
  if (row === undefined) return { changed: false, value: 'not_due' };
  const approval = parseApproval(row);
  if (approval.state !== 'PENDING' || !escalatesNow(approval)) {
    return { changed: false, value: 'not_due' };
  }
  await session.query(SET_ESCALATED, [approvalId, approval.readAt]);
  return { changed: true, value: 'escalated' };
}
