// Owns which requirements of approval fit the schema and could never be met, or not be read: then nothing is ever approved.
import type { CanonicalValue } from '../../core/canonical-json.ts';
import type { ApprovalRequirement } from '../../core/decision/decision.ts';
import { Malformed } from '../../core/decision/document-parts.ts';
import { joinRequirements } from '../../core/decision/join-requirements.ts';
import { parseApprovalRequirement } from '../../core/decision/parse-approval-requirement.ts';
import { isObject, itemsOf, memberOf, namesIn, objectsIn, type Path } from './data-parts.ts';
import type { SchemaObject } from './data-schema.ts';
import type { Sentence } from './schema-sentences.ts';

const KEYS = ['quorum', 'groups', 'per_group', 'escalation', 'timeout_seconds'];
const MOST_GROUPS = 64;

/** Wherever in a wallet people are asked: human_approval, what exceeds a limit, and rules of one's own. */
export function* approvalProblems(wallet: CanonicalValue, path: Path): Generator<Sentence> {
  const always = alwaysAsked(wallet);
  for (const { path: place, object } of objectsIn(wallet, path)) {
    if (!isRequirement(object)) continue;
    const problems = [...problemsOf(object, place)];
    yield* problems;
    const isItself = object === memberOf(wallet, 'human_approval');
    if (problems.length > 0 || isItself || always === null) continue;
    const requirement = requirementOf(object);
    if (requirement !== null && joinRequirements([always, requirement]) === null) {
      yield { path: place, sentence: NEVER_BOTH };
    }
  }
}

const NEVER_BOTH =
  'human_approval always asks as well, and nobody could meet both: what needs this approval could never be signed; name the same groups in both, and seats among them';

/** What every request of the wallet needs, where something does. */
function alwaysAsked(wallet: CanonicalValue): ApprovalRequirement | null {
  const settings = memberOf(wallet, 'human_approval');
  const asks = namesIn(memberOf(wallet, 'enabled')).includes('human_approval');
  if (!asks || !isObject(settings) || settings.always !== true || !isRequirement(settings)) return null;
  return requirementOf(settings);
}

/** `null`: the object asks for none, or for one that cannot be read. */
export function requirementIn(object: SchemaObject): ApprovalRequirement | null {
  return isRequirement(object) ? requirementOf(object) : null;
}

function isRequirement(object: SchemaObject): boolean {
  return ['quorum', 'groups', 'timeout_seconds'].every((key) => Object.hasOwn(object, key));
}

function requirementOf(object: SchemaObject): ApprovalRequirement | null {
  try {
    return parseApprovalRequirement(Object.fromEntries(Object.entries(object).filter(([key]) => KEYS.includes(key))));
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

function* problemsOf(object: SchemaObject, path: Path): Generator<Sentence> {
  const { quorum, groups, per_group: seats, escalation, timeout_seconds: timeout } = object;
  yield* tooMany(groups, [...path, 'groups']);
  yield* tooMany(memberOf(escalation, 'groups'), [...path, 'escalation', 'groups']);
  yield* seatProblems(itemsOf(seats), namesIn(groups), [...path, 'per_group']);
  const wanted = itemsOf(seats).reduce<bigint>((sum, seat) => sum + numberOf(memberOf(seat, 'quorum')), 0n);
  if (typeof quorum === 'bigint' && wanted > quorum) {
    const sentence = `it asks for ${wanted} people of certain groups, and the quorum is ${quorum}, so nothing could ever be approved; the quorum must be at least ${wanted}`;
    yield { path: [...path, 'per_group'], sentence };
  }
  const after = memberOf(escalation, 'after_seconds');
  if (typeof after === 'bigint' && typeof timeout === 'bigint' && after >= timeout) {
    const sentence = `${after} is not before the timeout of ${timeout} seconds, so nobody could ever vote by it; it must be less than ${timeout}`;
    yield { path: [...path, 'escalation', 'after_seconds'], sentence };
  }
}

function* tooMany(groups: CanonicalValue | undefined, path: Path): Generator<Sentence> {
  const { length } = itemsOf(groups);
  if (length > MOST_GROUPS) yield { path, sentence: `it names ${length} groups; at most ${MOST_GROUPS} are read` };
}

/** A person fills one seat, and must be among those who may vote. */
function* seatProblems(seats: readonly CanonicalValue[], groups: readonly string[], path: Path): Generator<Sentence> {
  const seen = new Set<CanonicalValue>();
  for (const [at, seat] of seats.entries()) {
    const group = memberOf(seat, 'group');
    if (typeof group !== 'string') continue;
    const place = [...path, at, 'group'];
    if (seen.has(group)) yield { path: place, sentence: `"${group}" stands here twice; write one seat with the sum` };
    if (groups.length > 0 && !groups.includes(group)) {
      const sentence = `"${group}" is not among groups (${groups.join(', ')}), and only their members may vote, so nothing could ever be approved; add it to groups, or leave groups empty`;
      yield { path: place, sentence };
    }
    seen.add(group);
  }
}

function numberOf(value: CanonicalValue | undefined): bigint {
  return typeof value === 'bigint' ? value : 0n;
}
