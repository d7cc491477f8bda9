// Owns how several demands for approval become one that meets them all, as the policy joins those of its rules.
import type { ApprovalRequirement } from './decision.ts';

/** The largest quorum, the shortest time, and the one list of groups; `null`: none asks, or they name different groups. */
export function joinRequirements(requirements: readonly ApprovalRequirement[]): ApprovalRequirement | null {
  const lists = new Map<string, readonly string[]>();
  for (const { groups } of requirements) if (groups.length > 0) lists.set(JSON.stringify([...groups].sort()), groups);
  if (requirements.length === 0 || lists.size > 1) return null;
  const [groups = []] = lists.values();
  return {
    quorum: Math.max(...requirements.map(({ quorum }) => quorum)),
    groups,
    timeoutSeconds: Math.min(...requirements.map(({ timeoutSeconds }) => timeoutSeconds)),
  };
}
