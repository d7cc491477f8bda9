// Owns why a vote is refused, in one sentence for the approver; null: it is not.

import { mayVote } from '../../core/approval/quorum.ts';
import { SIGNED_VOTE_MAX_AGE_MS, SIGNED_VOTE_MAX_AHEAD_MS } from '../../core/approval/vote-message.ts';
import { assertNever } from '../../core/assert-never.ts';
import type { ApprovalRecord, ApprovalState, Vote, VoteAsk } from '../contract/approval-store.ts';
import type { Session, Statement } from '../sql/database.ts';
import { PRINCIPAL_COLUMNS, parsePrincipalRecord } from '../sql/principal-row.ts';
import { millisecondsOrNull, text } from '../sql/row.ts';

// Both locked, so that they cannot be shut out between the check and the commit.
const LOCK_APPROVER: Statement = {
  name: 'lock_approver',
  text: `SELECT ${PRINCIPAL_COLUMNS} FROM principals p WHERE p.principal_id = $1 FOR SHARE`,
};
const LOCK_KEY: Statement = {
  name: 'lock_approver_key',
  text: 'SELECT operator_id, revoked_at_ms FROM approver_keys WHERE public_key = $1 FOR SHARE',
};
const LAST_WITHDRAWAL: Statement = {
  name: 'last_vote_withdrawal',
  text: 'SELECT time_ms FROM vote_withdrawals WHERE approval_id = $1 AND approver_id = $2',
};

export function refuseEnded({ state, expiresAt, readAt }: ApprovalRecord): string | null {
  if (state !== 'PENDING') return `the approval is not pending any more: it ${ended(state)}`;
  return readAt < expiresAt ? null : `the approval's time ran out at ${new Date(expiresAt).toISOString()}`;
}

export function refuseByApproval(approval: ApprovalRecord, ask: VoteAsk): string | null {
  const over = refuseEnded(approval);
  if (over !== null) return over;
  if (Buffer.compare(approval.intentDigest, ask.intentDigest) !== 0) {
    return 'the vote names another intent digest than the approval; look at the approval again and vote on what it shows now';
  }
  return approval.agentId === ask.approver.id ? 'nobody votes on a request of their own' : null;
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

export async function refuseByApprover(
  session: Session,
  { requirement, escalatedAt, votes }: ApprovalRecord,
  { approver: { id, revision }, approve }: VoteAsk,
): Promise<string | null> {
  const [row] = await session.query(LOCK_APPROVER, [id]);
  const record = row === undefined ? null : parsePrincipalRecord(row);
  if (record === null || record.disabledAt !== null || record.principal.kind !== 'operator') {
    return `${id} is no operator that is enabled`;
  }
  const { roles, groups } = record.principal;
  if (!roles.includes('approver')) return `${id} does not have the role approver`;
  // Since when it has them was looked at before.
  if (revision !== undefined && revision !== record.revision) {
    return `the roles or groups of ${id} have just been changed; vote again in a second`;
  }
  const standing = votes.find((vote) => vote.approverId === id);
  if (standing?.approve === approve && countsFully(standing, groups)) {
    return `${id} has already voted; each approver counts once`;
  }
  if (mayVote(requirement, { id, groups }, escalatedAt !== null)) return null;
  if (mayVote(requirement, { id, groups }, true)) return `${id} is in none of the groups that may approve this yet`;
  return `${id} is in none of the groups that may approve this: ${requirement.groups.join(', ')}`;
}

/** It does not where a role, a group or the key was lost, or gained, after it was cast: then it may be cast anew. */
function countsFully(vote: Vote, groups: readonly string[]): boolean {
  return vote.counts && groups.every((group) => vote.groups.includes(group));
}

/** The caller has verified the signature itself. */
export async function refuseBySignature(
  session: Session,
  { approvalId, createdAt, readAt }: ApprovalRecord,
  { approver: { id }, signature, onlySigned }: VoteAsk,
): Promise<string | null> {
  if (signature === null)
    return onlySigned ? 'this gateway counts signed votes only, and the vote is not signed' : null;
  const { key, time } = signature;
  const [row] = await session.query(LOCK_KEY, [key]);
  if (row === undefined || text(row, 'operator_id') !== id) return `${key} is no registered key of ${id}`;
  if (millisecondsOrNull(row, 'revoked_at_ms') !== null) return `the key ${key} of ${id} is revoked`;
  if (time < readAt - SIGNED_VOTE_MAX_AGE_MS || time < createdAt - SIGNED_VOTE_MAX_AHEAD_MS) {
    return `the signature is of ${new Date(time).toISOString()}, which is too long ago; sign again`;
  }
  if (time > readAt + SIGNED_VOTE_MAX_AHEAD_MS) {
    return `the signature is of ${new Date(time).toISOString()}, which is yet to come: is the clock right where it was made?`;
  }
  const [withdrawal] = await session.query(LAST_WITHDRAWAL, [approvalId, id]);
  const withdrawn = withdrawal === undefined ? null : millisecondsOrNull(withdrawal, 'time_ms');
  return withdrawn === null || time > withdrawn
    ? null
    : 'the signature is older than the withdrawal of the vote; sign again';
}
