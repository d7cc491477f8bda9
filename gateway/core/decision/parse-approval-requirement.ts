// Owns the reading of who must approve: quorum, groups and time.
import type { ApprovalRequirement } from './decision.ts';
import { at, integerWithin, list, objectOf, textLike } from './document-parts.ts';
import type { JsonValue } from './json-value.ts';

const MAX_GROUPS = 64;
const MAX_QUORUM = 16n;
const MAX_TIMEOUT_SECONDS = 2_592_000n;

/** `null` for null. Throws Malformed. */
export function parseApprovalRequirement(value: JsonValue): ApprovalRequirement | null {
  if (value === null) return null;
  const terms = objectOf(value, '`approval`', ['quorum', 'groups', 'timeout_seconds']);
  return {
    quorum: Number(integerWithin(at(terms, 'quorum'), 1n, MAX_QUORUM, '`quorum` of `approval`')),
    groups: list(at(terms, 'groups'), '`groups`', MAX_GROUPS).map((group) =>
      textLike(group, /^.{1,64}$/, 'a group must be a name'),
    ),
    timeoutSeconds: Number(
      integerWithin(at(terms, 'timeout_seconds'), 1n, MAX_TIMEOUT_SECONDS, '`timeout_seconds` of `approval`'),
    ),
  };
}
