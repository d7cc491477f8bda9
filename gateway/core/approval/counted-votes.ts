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

type Vote = VotedApproval['votes'][number];

/** People whose approving votes count. Who asked is never among them. */
export function countedApprovers(approval: VotedApproval, onlySigned: boolean): readonly Approver[] {
  return approval.votes
    .filter((vote) => vote.approve && whyNotCounted(approval, vote, onlySigned) === null)
    .map(({ approverId, groups }) => ({ id: approverId, groups }));
}

/** A sentence without its subject, the vote. `null`: it counts where it approves; a rejection needs no count. */
export function whyNotCounted(approval: VotedApproval, vote: Vote, onlySigned: boolean): string | null {
  const { requirement, agentId, escalatedAt } = approval;
  const { approverId: id, groups } = vote;
  if (!vote.counts) {
    return `${id} is disabled or no approver any more, or became one again since, or the key that signed it is revoked`;
  }
  if (onlySigned && vote.signature === undefined) return 'it is not signed, and this gateway counts signed votes only';
  if (id === agentId) return `${id} asked for it`;
  if (mayVote(requirement, { id, groups }, escalatedAt !== null)) return null;
  const asked = requirement.groups.join(' or ');
  return `${id} is not in ${asked} any more, or came in after the vote`;
}
