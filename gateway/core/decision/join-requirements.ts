// Owns how several demands for approval become one that meets them all, as the policy joins those of its rules
// (policies/countersign/approvals).
import type { ApprovalRequirement, Escalation, GroupSeats } from './decision.ts';

const MAX_QUORUM = 16;

/**
 * The largest quorum, all seats, the shortest time, the one list of groups, and an escalation only as far as each of them escalates.
 * `null`: none asks, they name different groups, or nobody could fill all seats.
 */
export function joinRequirements(requirements: readonly ApprovalRequirement[]): ApprovalRequirement | null {
  const lists = new Map<string, readonly string[]>();
  for (const { groups } of requirements) {
    const sorted = [...groups].sort();
    if (groups.length > 0) lists.set(JSON.stringify(sorted), sorted);
  }
  if (requirements.length === 0 || lists.size > 1) return null;
  const [groups = []] = lists.values();
  const perGroup = joinSeats(requirements);
  if (groups.length > 0 && perGroup.some(({ group }) => !groups.includes(group))) return null;
  const seats = perGroup.reduce((sum, { quorum }) => sum + quorum, 0);
  const quorum = Math.max(seats, ...requirements.map((requirement) => requirement.quorum));
  if (quorum > MAX_QUORUM) return null;
  const timeoutSeconds = Math.min(...requirements.map((requirement) => requirement.timeoutSeconds));
  const escalation = joinEscalations(requirements);
  return {
    quorum,
    groups,
    ...(perGroup.length === 0 ? {} : { perGroup }),
    ...(escalation === null || escalation.afterSeconds >= timeoutSeconds ? {} : { escalation }),
    timeoutSeconds,
  };
}

/** Of each group the largest number that anybody wants of it. */
function joinSeats(requirements: readonly ApprovalRequirement[]): readonly GroupSeats[] {
  const seats = new Map<string, number>();
  for (const { group, quorum } of requirements.flatMap(({ perGroup = [] }) => perGroup)) {
    seats.set(group, Math.max(quorum, seats.get(group) ?? 0));
  }
  return [...seats].sort(([one], [other]) => (one < other ? -1 : 1)).map(([group, quorum]) => ({ group, quorum }));
}

/** Who restricts the voters and does not escalate keeps the others from it. */
function joinEscalations(requirements: readonly ApprovalRequirement[]): Escalation | null {
  const restricting = requirements.filter(({ groups, perGroup }) => groups.length > 0 || perGroup !== undefined);
  const escalations = restricting.flatMap(({ escalation = [] }) => escalation);
  const [first, ...others] = escalations;
  if (first === undefined || escalations.length < restricting.length) return null;
  const shared = first.groups.filter((group) => others.every(({ groups }) => groups.includes(group)));
  if (shared.length === 0) return null;
  const afterSeconds = Math.max(...escalations.map((escalation) => escalation.afterSeconds));
  return { afterSeconds, groups: [...new Set(shared)].sort() };
}
