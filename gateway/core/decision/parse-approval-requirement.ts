// Owns the reading of who must approve: quorum, groups, seats, escalation and time.
import type { ApprovalRequirement, Escalation, GroupSeats } from './decision.ts';
import { at, integerWithin, list, Malformed, objectOf, textLike } from './document-parts.ts';
import type { JsonObject, JsonValue } from './json-value.ts';

const MAX_GROUPS = 64;
const MAX_QUORUM = 16n;
const MAX_TIMEOUT_SECONDS = 2_592_000n;

/** `null` for null. Throws Malformed. */
export function parseApprovalRequirement(value: JsonValue): ApprovalRequirement | null {
  if (value === null) return null;
  const terms = objectOf(value, '`approval`', ['quorum', 'groups', 'timeout_seconds'], ['per_group', 'escalation']);
  const quorum = Number(integerWithin(at(terms, 'quorum'), 1n, MAX_QUORUM, '`quorum` of `approval`'));
  const groups = namesIn(at(terms, 'groups'), '`groups`');
  const timeoutSeconds = Number(
    integerWithin(at(terms, 'timeout_seconds'), 1n, MAX_TIMEOUT_SECONDS, '`timeout_seconds` of `approval`'),
  );
  return {
    quorum,
    groups,
    ...seatsIn(terms, quorum, groups),
    ...escalationIn(terms, timeoutSeconds),
    timeoutSeconds,
  };
}

function namesIn(value: JsonValue, what: string): readonly string[] {
  return list(value, what, MAX_GROUPS).map(groupName);
}

function groupName(value: JsonValue): string {
  return textLike(value, /^.{1,64}$/, 'a group must be a name');
}

function seatsIn(terms: JsonObject, quorum: number, groups: readonly string[]): { perGroup?: readonly GroupSeats[] } {
  if (!Object.hasOwn(terms, 'per_group')) return {};
  const perGroup = list(at(terms, 'per_group'), '`per_group`', Number(MAX_QUORUM)).map((entry) => {
    const seats = objectOf(entry, 'an entry of `per_group`', ['group', 'quorum']);
    const what = '`quorum` of `per_group`';
    return {
      group: groupName(at(seats, 'group')),
      quorum: Number(integerWithin(at(seats, 'quorum'), 1n, MAX_QUORUM, what)),
    };
  });
  const names = new Set(perGroup.map(({ group }) => group));
  if (perGroup.length === 0 || names.size < perGroup.length) {
    throw new Malformed('`per_group` must name at least one group, and each once');
  }
  if (perGroup.reduce((sum, seats) => sum + seats.quorum, 0) > quorum) {
    throw new Malformed('`quorum` of `approval` must be at least the sum of `per_group`');
  }
  if (groups.length > 0 && [...names].some((name) => !groups.includes(name))) {
    throw new Malformed('the groups of `per_group` must be among `groups`');
  }
  return { perGroup };
}

function escalationIn(terms: JsonObject, timeoutSeconds: number): { escalation?: Escalation } {
  if (!Object.hasOwn(terms, 'escalation')) return {};
  const escalation = objectOf(at(terms, 'escalation'), '`escalation`', ['after_seconds', 'groups']);
  const latest = BigInt(timeoutSeconds) - 1n;
  const groups = namesIn(at(escalation, 'groups'), '`groups` of `escalation`');
  if (groups.length === 0) throw new Malformed('`groups` of `escalation` must name at least one group');
  const what = '`after_seconds` of `escalation`, before the timeout,';
  return {
    escalation: { afterSeconds: Number(integerWithin(at(escalation, 'after_seconds'), 1n, latest, what)), groups },
  };
}
