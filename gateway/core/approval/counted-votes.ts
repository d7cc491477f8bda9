// Owns whose votes count now, and whether they are enough.
import type { ApprovalRequirement } from '../decision/decision.ts';
import { type Approver, mayVote } from './quorum.ts';

interface CastVote {
  readonly approverId: string;
  readonly approve: boolean;
  /** Of the approver, now and when it was cast. */
  readonly groups: readonly string[];
  /** Whether the approver may approve now at all, and a key that signed is not revoked. */
  readonly counts: boolean;
  /** Absent: not signed. */
  readonly signature?: unknown;
}

export interface VotedApproval {
  readonly agentId: string;
  readonly requirement: ApprovalRequirement;
  /** `null`: it has not escalated. */
  readonly escalatedAt: number | null;
  readonly votes: readonly CastVote[];
}

/** People whose approving votes count. Who asked is never among them. */
export function countedApprovers(approval: VotedApproval, onlySigned: boolean): readonly Approver[] {
  const { votes, requirement, agentId, escalatedAt } = approval;
  return votes
    .filter((vote) => vote.approve && vote.counts && (!onlySigned || vote.signature !== undefined))
    .map(({ approverId, groups }) => ({ id: approverId, groups }))
    .filter((approver) => approver.id !== agentId && mayVote(requirement, approver, escalatedAt !== null));
}
