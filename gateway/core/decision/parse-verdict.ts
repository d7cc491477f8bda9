// Owns the reading of a policy's decision document: only a document that is right in every part can permit anything.
import { gatewayDenial, type Limit, type Reason, type Verdict } from './decision.ts';
import { at, list, Malformed, objectOf, textLike } from './document-parts.ts';
import { integerOf, isJsonObject, type JsonValue, parseCompactJson } from './json-value.ts';
import { parseApprovalRequirement } from './parse-approval-requirement.ts';
import { parseLimit } from './parse-limit.ts';

const MAX_CHARACTERS = 1_048_576;
const MAX_REASONS = 4_096;
const MAX_LIMITS = 256;

const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
const NAME = /^[a-z][a-z0-9_]{0,63}$/;

/**
 * The verdict that the JSON text of a decision document says: `{v: 1, decision, reasons, limits, approval}`, each object with
 * exactly its keys. Never throws: anything else is a denial with the code POLICY_RESULT_MALFORMED.
 */
export function parseVerdict(text: string): Verdict {
  return verdictFrom(() => documentOf(text));
}

/** The same of a document that was read from JSON exactly. */
export function readVerdict(document: JsonValue): Verdict {
  return verdictFrom(() => document);
}

function verdictFrom(read: () => JsonValue): Verdict {
  try {
    return verdictOf(read());
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
  const reasons = list(at(result, 'reasons'), '`reasons`', MAX_REASONS).map(reasonOf);
  const limits = limitsOf(at(result, 'limits'));
  const approval = parseApprovalRequirement(at(result, 'approval'));
  if (decision !== 'allow' && reasons.length === 0) {
    throw new Malformed('a decision other than allow must give a reason');
  }
  if ((decision === 'require_approval') !== (approval !== null)) {
    throw new Malformed('`approval` must be set with the decision require_approval, and null with every other');
  }
  const limited = limits.length === 0 ? {} : { limits };
  if (decision === 'deny') return { kind: 'deny', reasons };
  if (decision === 'allow') return { kind: 'allow', reasons, ...limited };
  if (decision === 'require_approval' && approval !== null) {
    return { kind: 'require_approval', reasons, approval, ...limited };
  }
  throw new Malformed('`decision` must be allow, deny or require_approval');
}

function reasonOf(value: JsonValue): Reason {
  const reason = objectOf(value, 'a reason', ['code', 'rule', 'message', 'facts'], ['remedy']);
  const { remedy } = reason;
  return {
    code: textLike(at(reason, 'code'), CODE, '`code` of a reason must be upper snake case'),
    rule: textLike(at(reason, 'rule'), NAME, '`rule` of a reason must be the name of a rule'),
    message: textLike(at(reason, 'message'), /./, '`message` of a reason must be text'),
    ...(remedy === undefined ? {} : { remedy: textLike(remedy, /./, '`remedy` of a reason must be text') }),
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

/** Two limits of one id would be counted as one. */
function limitsOf(value: JsonValue): readonly Limit[] {
  const limits = list(value, '`limits`', MAX_LIMITS).map(parseLimit);
  if (new Set(limits.map(({ id }) => id)).size < limits.length) {
    throw new Malformed('each limit must have an `id` of its own');
  }
  return limits;
}
