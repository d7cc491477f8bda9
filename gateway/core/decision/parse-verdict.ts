// Owns the reading of a policy's decision document: only a document that is right in every part can permit anything.
import { type ApprovalRequirement, gatewayDenial, type Reason, type Verdict } from './decision.ts';
import {
  integerOf,
  isJsonList,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseCompactJson,
} from './json-value.ts';

const MAX_CHARACTERS = 1_048_576;
const MAX_REASONS = 4_096;
const MAX_GROUPS = 64;
const MAX_QUORUM = 16n;
const MAX_TIMEOUT_SECONDS = 2_592_000n;

const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
const NAME = /^[a-z][a-z0-9_]{0,63}$/;

/** What was expected where; never leaves this file but as the text of a denial. */
class Malformed extends Error {}

/**
 * The verdict that the JSON text of a decision document says: `{v: 1, decision, reasons, limits, approval}`, each object with
 * exactly its keys. Never throws: anything else is a denial with the code POLICY_RESULT_MALFORMED, and limits, which nobody
 * would enforce yet, are one with LIMIT_UNENFORCEABLE.
 */
export function parseVerdict(text: string): Verdict {
  try {
    return verdictOf(documentOf(text));
  } catch (error) {
    const what = error instanceof Malformed ? error.message : 'the policy result cannot be read as JSON';
    return gatewayDenial('POLICY_RESULT_MALFORMED', `${what}; nothing is allowed by such a result`);
  }
}

function documentOf(text: string): JsonValue {
  if (text.length > MAX_CHARACTERS) {
    throw new Malformed(`the policy result has ${text.length} characters; at most ${MAX_CHARACTERS} are read`);
  }
  return parseCompactJson(text);
}

function verdictOf(document: JsonValue): Verdict {
  const result = objectOf(document, 'the policy result', ['v', 'decision', 'reasons', 'limits', 'approval']);
  const decision = at(result, 'decision');
  if (integerOf(at(result, 'v')) !== 1n) throw new Malformed('`v` of the policy result must be 1');
  const given = list(at(result, 'reasons'), '`reasons`', MAX_REASONS).map(reasonOf);
  const unenforceable = list(at(result, 'limits'), '`limits`', MAX_REASONS).length;
  const requirement = requirementOf(at(result, 'approval'));
  if (decision !== 'allow' && given.length === 0) throw new Malformed('a decision other than allow must give a reason');
  if ((decision === 'require_approval') !== (requirement !== null)) {
    throw new Malformed('`approval` must be set with the decision require_approval, and null with every other');
  }
  if (decision === 'deny') return { kind: 'deny', reasons: given };
  if (unenforceable > 0) {
    const message = `the policy sets ${unenforceable} limits that this gateway does not enforce; allowed: decisions without limits`;
    return gatewayDenial('LIMIT_UNENFORCEABLE', message, { limits: String(unenforceable) });
  }
  if (decision === 'allow') return { kind: 'allow', reasons: given };
  if (decision === 'require_approval' && requirement !== null) {
    return { kind: 'require_approval', reasons: given, approval: requirement };
  }
  throw new Malformed('`decision` must be allow, deny or require_approval');
}

function reasonOf(value: JsonValue): Reason {
  const reason = objectOf(value, 'a reason', ['code', 'rule', 'message', 'facts']);
  return {
    code: textLike(at(reason, 'code'), CODE, '`code` of a reason must be upper snake case'),
    rule: textLike(at(reason, 'rule'), NAME, '`rule` of a reason must be the name of a rule'),
    message: textLike(at(reason, 'message'), /./, '`message` of a reason must be text'),
    facts: factsOf(at(reason, 'facts')),
  };
}

function factsOf(value: JsonValue): Readonly<Record<string, string>> {
  if (!isJsonObject(value)) throw new Malformed('`facts` of a reason must be an object');
  return Object.fromEntries(
    Object.entries(value).map(([name, fact]) => {
      if (!NAME.test(name)) throw new Malformed('names of facts must be lower snake case');
      const amount = integerOf(fact);
      if (amount !== null) return [name, amount.toString()];
      if (typeof fact !== 'string') throw new Malformed('facts must be text or integers');
      return [name, fact];
    }),
  );
}

function requirementOf(value: JsonValue): ApprovalRequirement | null {
  if (value === null) return null;
  const terms = objectOf(value, '`approval`', ['quorum', 'groups', 'timeout_seconds']);
  return {
    quorum: within(at(terms, 'quorum'), MAX_QUORUM, '`quorum`'),
    groups: list(at(terms, 'groups'), '`groups`', MAX_GROUPS).map((group) =>
      textLike(group, /^.{1,64}$/, 'a group must be a name'),
    ),
    timeoutSeconds: within(at(terms, 'timeout_seconds'), MAX_TIMEOUT_SECONDS, '`timeout_seconds`'),
  };
}

/** The object with exactly these keys. */
function objectOf(value: JsonValue, what: string, keys: readonly string[]): JsonObject {
  if (
    isJsonObject(value) &&
    Object.keys(value).length === keys.length &&
    keys.every((key) => Object.hasOwn(value, key))
  ) {
    return value;
  }
  throw new Malformed(`${what} must be an object with exactly the keys ${keys.join(', ')}`);
}

function at(object: JsonObject, key: string): JsonValue {
  const value = object[key];
  if (value === undefined) throw new Malformed(`the key ${key} is missing`);
  return value;
}

function list(value: JsonValue, what: string, longest: number): readonly JsonValue[] {
  if (!isJsonList(value) || value.length > longest) throw new Malformed(`${what} must be a list of up to ${longest}`);
  return value;
}

function textLike(value: JsonValue, pattern: RegExp, rule: string): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw new Malformed(rule);
  return value;
}

function within(value: JsonValue, most: bigint, what: string): number {
  const integer = integerOf(value);
  if (integer === null || integer < 1n || integer > most) {
    throw new Malformed(`${what} of \`approval\` must be an integer from 1 to ${most}`);
  }
  return Number(integer);
}
