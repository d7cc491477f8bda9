// Owns what a vote must pass, in one transaction that holds the approval's row: every check is made on what the database says now.

import { countedApprovers } from '../../core/approval/counted-votes.ts';
import { isQuorate } from '../../core/approval/quorum.ts';
import type { ApprovalRecord, ApprovalState, VoteAsk, VoteResult, WithdrawAsk } from '../contract/approval-store.ts';
import { HOLD_CONTROLS, LOCK_APPROVAL, LOCK_REQUEST } from '../sql/approval-locks.ts';
import { FIND_APPROVAL, parseApproval } from '../sql/approval-row.ts';
import type { AuditedOutcome } from '../sql/audited-transaction.ts';
import type { Session, Statement } from '../sql/database.ts';
import { bigint } from '../sql/row.ts';
import { refuseByApproval, refuseByApprover, refuseBySignature, refuseEnded } from './vote-checks.ts';

// A vote that counts can become a rejection, and nothing else.
const RECORD_VOTE: Statement = {
  name: 'record_vote',
  text: `INSERT INTO votes (approval_id, approver_id, approve, comment, time_ms, signing_key, signature, signed_at_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (approval_id, approver_id) DO UPDATE SET approve = excluded.approve, comment = excluded.comment,
      time_ms = excluded.time_ms, signing_key = excluded.signing_key, signature = excluded.signature,
      signed_at_ms = excluded.signed_at_ms`,
};
const SET_STATE: Statement = {
  name: 'set_approval_state',
  text: 'UPDATE approvals SET state = $2 WHERE approval_id = $1',
};
const MAKE_DUE: Statement = {
  name: 'make_request_due',
  text: `UPDATE requests SET due_at_ms = clock_ms(), revision = revision + 1
    WHERE request_id = $1 AND approval_id = $2 AND state = 'AWAITING_APPROVAL'`,
};
const DELETE_VOTE: Statement = {
  name: 'delete_vote',
  text: 'DELETE FROM votes WHERE approval_id = $1 AND approver_id = $2 RETURNING true AS deleted',
};
const RECORD_WITHDRAWAL: Statement = {
  name: 'record_vote_withdrawal',
  text: `INSERT INTO vote_withdrawals (approval_id, approver_id, time_ms) VALUES ($1, $2, $3)
    ON CONFLICT (approval_id, approver_id) DO UPDATE SET time_ms = excluded.time_ms`,
};

/** Runs inside a transaction. */
export async function castVote(session: Session, ask: VoteAsk): Promise<AuditedOutcome<VoteResult>> {
  const [held] = await session.query(HOLD_CONTROLS, []);
  if (held === undefined || bigint(held, 'version') !== ask.controls) return unchanged({ kind: 'controls_changed' });
  const approval = await lockApproval(session, ask.approvalId);
  if (approval === null) return unchanged({ kind: 'not_found' });
  const reason =
    refuseByApproval(approval, ask) ??
    (await refuseByApprover(session, approval, ask)) ??
    (await refuseBySignature(session, approval, ask));
  if (reason !== null) return unchanged({ kind: 'refused', reason });
  const { signature } = ask;
  const signed = signature === null ? [null, null, null] : [signature.key, signature.signature, signature.time];
  await session.query(RECORD_VOTE, [
    ask.approvalId,
    ask.approver.id,
    ask.approve,
    ask.comment,
    approval.readAt,
    ...signed,
  ]);
  const state = stateAfter(await read(session, approval), ask);
  if (state !== 'PENDING') {
    await session.query(SET_STATE, [ask.approvalId, state]);
    await session.query(MAKE_DUE, [approval.requestId, ask.approvalId]);
  }
  return { changed: true, value: { kind: 'recorded', approval: await read(session, approval) } };
}

/** Runs inside a transaction. Takes a vote back while it has decided nothing. */
export async function withdrawVote(session: Session, ask: WithdrawAsk): Promise<AuditedOutcome<VoteResult>> {
  const approval = await lockApproval(session, ask.approvalId);
  if (approval === null) return unchanged({ kind: 'not_found' });
  const ended = refuseEnded(approval);
  if (ended !== null) return unchanged({ kind: 'refused', reason: ended });
  const [deleted] = await session.query(DELETE_VOTE, [ask.approvalId, ask.approver.id]);
  if (deleted === undefined) {
    return unchanged({ kind: 'refused', reason: `${ask.approver.id} has no vote on it to withdraw` });
  }
  await session.query(RECORD_WITHDRAWAL, [ask.approvalId, ask.approver.id, approval.readAt]);
  return { changed: true, value: { kind: 'recorded', approval: await read(session, approval) } };
}

function unchanged(value: VoteResult): AuditedOutcome<VoteResult> {
  return { changed: false, value };
}

async function lockApproval(session: Session, approvalId: string): Promise<ApprovalRecord | null> {
  await session.query(LOCK_REQUEST, [approvalId]);
  const [row] = await session.query(LOCK_APPROVAL, [approvalId]);
  return row === undefined ? null : parseApproval(row);
}

async function read(session: Session, { approvalId }: ApprovalRecord): Promise<ApprovalRecord> {
  const [row] = await session.query(FIND_APPROVAL, [approvalId]);
  if (row === undefined) throw new Error('an approval that is locked is gone');
  return parseApproval(row);
}

function stateAfter(approval: ApprovalRecord, { approve, onlySigned }: VoteAsk): ApprovalState {
  if (!approve) return 'REJECTED';
  const approvers = countedApprovers(approval, onlySigned);
  return isQuorate(approval.requirement, approvers, approval.escalatedAt !== null) ? 'APPROVED' : 'PENDING';
}
