// Owns whether the people who voted for something are enough: their number, and for each seat one of its group.
import type { ApprovalRequirement, GroupSeats } from '../decision/decision.ts';

/** A person, with the groups that count now. */
export interface Approver {
  readonly id: string;
  readonly groups: readonly string[];
}

export interface QuorumStanding {
  /** People whose votes count. */
  readonly counted: number;
  /** How many more are needed, at least. */
  readonly missing: number;
  /** Seats that nobody fills. Which of several it is can change with the next vote; how many it is cannot. */
  readonly openSeats: readonly GroupSeats[];
}

/** `escalated`: the time of the escalation has come. */
export function mayVote(requirement: ApprovalRequirement, approver: Approver, escalated: boolean): boolean {
  const { groups } = requirement;
  return groups.length === 0 || isIn(groups, approver) || (escalated && isIn(escalationGroups(requirement), approver));
}

/** Of the people who approved; whoever may not vote does not count, and nobody counts twice. */
export function quorumStanding(
  requirement: ApprovalRequirement,
  approvers: readonly Approver[],
  escalated: boolean,
): QuorumStanding {
  const people = [...new Map(approvers.map((approver) => [approver.id, approver])).values()]
    .filter((approver) => mayVote(requirement, approver, escalated))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
  const seats = (requirement.perGroup ?? []).flatMap(({ group, quorum }) => Array<string>(quorum).fill(group));
  const filled = fill(seats, people, (group, person) => {
    const helpers = escalated ? escalationGroups(requirement) : [];
    return isIn([group, ...helpers], person);
  });
  const open = seats.filter((_, seat) => !filled.has(seat));
  const openSeats = [...new Set(open)].map((group) => ({
    group,
    quorum: open.filter((each) => each === group).length,
  }));
  const missing = Math.max(requirement.quorum - people.length, open.length, 0);
  return { counted: people.length, missing, openSeats };
}

export function isQuorate(
  requirement: ApprovalRequirement,
  approvers: readonly Approver[],
  escalated: boolean,
): boolean {
  const { counted, missing } = quorumStanding(requirement, approvers, escalated);
  return counted >= 1 && requirement.quorum >= 1 && missing === 0;
}

function escalationGroups({ escalation }: ApprovalRequirement): readonly string[] {
  return escalation?.groups ?? [];
}

function isIn(groups: readonly string[], { groups: own }: Approver): boolean {
  return groups.some((group) => own.includes(group));
}

/** A largest matching, by augmenting paths: as many seats as possible, each with a person of its own, in whatever order they voted. */
function fill(
  seats: readonly string[],
  people: readonly Approver[],
  fits: (group: string, person: Approver) => boolean,
): ReadonlyMap<number, Approver> {
  const filled = new Map<number, Approver>();
  const place = (person: Approver, tried: Set<number>): boolean =>
    seats.some((group, seat) => {
      if (tried.has(seat) || !fits(group, person)) return false;
      tried.add(seat);
      const sitting = filled.get(seat);
      if (sitting !== undefined && !place(sitting, tried)) return false;
      filled.set(seat, person);
      return true;
    });
  for (const person of people) place(person, new Set());
  return filled;
}
