// Owns what a vote must pass, in one transaction that holds the approval's row: every check is made on what the database says now.
import { assertNever } from '../core/assert-never.ts';
import type { Operator } from '../core/principal/principal.ts';
import { APPROVAL_COLUMNS, FIND_APPROVAL, parseApproval } from './sql/approval-row.ts';
import type { AuditedOutcome } from './sql/audited-transaction.ts';
import type { Session, Statement } from './sql/database.ts';
import { PRINCIPAL_COLUMNS, parsePrincipalRecord } from './sql/principal-row.ts';
import { integer, milliseconds } from './sql/row.ts';
import type { ApprovalRecord, ApprovalState, VoteResult } from './state.ts';

export interface VoteAsk {
  readonly approvalId: string;
  readonly approver: Operator;
  readonly approve: boolean;
  readonly intentDigest: Uint8Array;
  readonly comment: string;
}

// Before the approval, as a commit of the request's own change does, so that the two never wait for each other.
const LOCK_REQUEST: Statement = {
  name: 'lock_request_of_approval',
  text: `SELECT 1 FROM requests WHERE request_id = (SELECT request_id FROM approvals WHERE approval_id = $1) FOR UPDATE`,
};
const LOCK_APPROVAL: Statement = {
  name: 'lock_approval',
  text: `SELECT ${APPROVAL_COLUMNS}, clock_ms() AS now_ms FROM approvals a WHERE a.approval_id = $1 FOR UPDATE`,
};
// Locked, so that it cannot be shut out between the check and the commit.
const LOCK_APPROVER: Statement = {
  name: 'lock_approver',
  text: `SELECT ${PRINCIPAL_COLUMNS} FROM principals p WHERE p.principal_id = $1 FOR SHARE`,
};
const INSERT_VOTE: Statement = {
  name: 'insert_vote',
  text: `INSERT INTO votes (approval_id, approver_id, approve, comment, time_ms) VALUES ($1, $2, $3, $4, $5)`,
};
// Only of operators that may approve now, and that are in a required group now.
const COUNT_APPROVING: Statement = {
  name: 'count_approving_votes',
  text: `SELECT count(*)::integer AS approving FROM votes v JOIN principals p ON p.principal_id = v.approver_id
    WHERE v.approval_id = $1 AND v.approve AND p.kind = 'operator' AND p.disabled_at_ms IS NULL
      AND 'approver' = ANY (p.roles) AND (cardinality($2::text[]) = 0 OR p.groups && $2::text[])`,
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

/** Runs inside a transaction. */
export async function castVote(session: Session, ask: VoteAsk): Promise<AuditedOutcome<VoteResult>> {
  await session.query(LOCK_REQUEST, [ask.approvalId]);
  const [row] = await session.query(LOCK_APPROVAL, [ask.approvalId]);
  if (row === undefined) return { changed: false, value: { kind: 'not_found' } };
  const approval = parseApproval(row);
  const now = milliseconds(row, 'now_ms');
  const reason = refuseByApproval(approval, now, ask) ?? (await refuseByApprover(session, approval, ask));
  if (reason !== null) return { changed: false, value: { kind: 'refused', reason } };
  await session.query(INSERT_VOTE, [ask.approvalId, ask.approver.id, ask.approve, ask.comment, now]);
  const state = await stateAfter(session, approval, ask.approve);
  if (state !== 'PENDING') {
    await session.query(SET_STATE, [ask.approvalId, state]);
    await session.query(MAKE_DUE, [approval.requestId, ask.approvalId]);
  }
  const [recorded] = await session.query(FIND_APPROVAL, [ask.approvalId]);
  return {
    changed: true,
    value: { kind: 'recorded', approval: recorded === undefined ? approval : parseApproval(recorded) },
  };
}

async function stateAfter(session: Session, approval: ApprovalRecord, approve: boolean): Promise<ApprovalState> {
  if (!approve) return 'REJECTED';
  const [row] = await session.query(COUNT_APPROVING, [approval.approvalId, [...approval.requirement.groups]]);
  const approving = row === undefined ? 0 : integer(row, 'approving');
  return approving >= approval.requirement.quorum ? 'APPROVED' : 'PENDING';
}

function refuseByApproval(approval: ApprovalRecord, now: number, ask: VoteAsk): string | null {
  if (approval.state !== 'PENDING') return `the approval is not pending any more: it ${ended(approval.state)}`;
  if (now >= approval.expiresAt) {
    return `the approval's time ran out at ${new Date(approval.expiresAt).toISOString()}`;
  }
  if (Buffer.compare(approval.intentDigest, ask.intentDigest) !== 0) {
    return 'the vote names another intent digest than the approval; look at the approval again and vote on what it shows now';
  }
  if (approval.agentId === ask.approver.id) return 'nobody votes on a request of their own';
  if (approval.votes.some((vote) => vote.approverId === ask.approver.id)) {
    return `${ask.approver.id} has already voted; each approver counts once`;
  }
  return null;
}

function ended(state: Exclude<ApprovalState, 'PENDING'>): string {
  switch (state) {
    case 'APPROVED':
      return 'was approved';
    case 'REJECTED':
      return 'was rejected';
    case 'TIMED_OUT':
      return 'timed out';
    case 'SUPERSEDED':
      return 'was superseded by a newer judgement of the request';
    default:
      return assertNever(state);
  }
}

async function refuseByApprover(session: Session, approval: ApprovalRecord, ask: VoteAsk): Promise<string | null> {
  const [row] = await session.query(LOCK_APPROVER, [ask.approver.id]);
  const record = row === undefined ? null : parsePrincipalRecord(row);
  if (record === null || record.disabledAt !== null || record.principal.kind !== 'operator') {
    return `${ask.approver.id} is no operator that is enabled`;
  }
  const { roles, groups } = record.principal;
  if (!roles.includes('approver')) return `${ask.approver.id} does not have the role approver`;
  const required = approval.requirement.groups;
  if (required.length > 0 && !required.some((group) => groups.includes(group))) {
    return `${ask.approver.id} is in none of the groups that may approve this: ${required.join(', ')}`;
  }
  return null;
}
