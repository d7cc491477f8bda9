// Owns whether all operators together could give an approval, and how it is said where they could not.
import type { ApprovalRequirement } from '../decision/decision.ts';
import { type Approver, quorumStanding } from './quorum.ts';

/** `approvers`: all who may approve anything now. `null`: they could give it. */
export function unmetText(requirement: ApprovalRequirement, approvers: readonly Approver[]): string | null {
  const { quorum, groups, escalation } = requirement;
  const { missing, openSeats } = quorumStanding(requirement, approvers, escalation !== undefined);
  if (missing === 0) return null;
  const from = groups.length === 0 ? '' : ` from ${groups.join(' or ')}`;
  const seats = openSeats.map((seat) => `${seat.quorum} of ${seat.group}`).join(' and ');
  const open = seats === '' ? '' : `, and nobody for ${seats}`;
  return `${quorum} approval${quorum === 1 ? '' : 's'}${from}: operators as they are could give ${quorum - missing}${open}`;
}
