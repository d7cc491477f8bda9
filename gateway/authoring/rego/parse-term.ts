// Owns the reading of terms and expressions of a parsed Rego module.
import { isRaw, type Raw, rawList, rawNumber, rawObject, rawText } from './raw-json.ts';
import type { Call, Expression, ExpressionForm, Place, Term } from './syntax-tree.ts';

const MEMBERSHIP = /^internal\.member_[23]$/;

/** opa leaves some places out, such as that of a sign; the place around it stands for them. */
export function placeOf(raw: Raw, around: Place): Place {
  const location = rawObject(raw.location ?? raw.Location);
  if (rawNumber(location.row) === 0) return around;
  return {
    file: around.file,
    row: rawNumber(location.row),
    col: rawNumber(location.col),
    text: Buffer.from(rawText(location.text), 'base64').toString('utf8'),
  };
}

export function termOf(value: unknown, around: Place): Term {
  const raw = rawObject(value);
  const at = placeOf(raw, around);
  switch (raw.type) {
    case 'null':
      return { kind: 'null', at };
    case 'boolean':
      return { kind: 'boolean', at, value: raw.value === true };
    case 'number':
      return { kind: 'number', at, literal: String(raw.value) };
    case 'string':
      return { kind: 'string', at, value: rawText(raw.value) };
    case 'var':
      return { kind: 'var', at, name: rawText(raw.value) };
    case 'ref': {
      const [head, ...path] = rawList(raw.value).map((part) => termOf(part, at));
      return head === undefined ? { kind: 'other', at } : { kind: 'ref', at, head, path };
    }
    case 'array':
    case 'set':
      return { kind: raw.type, at, items: rawList(raw.value).map((item) => termOf(item, at)) };
    case 'object':
      return { kind: 'object', at, entries: rawList(raw.value).map((entry) => entryOf(entry, at)) };
    case 'arraycomprehension':
      return comprehensionOf('array', raw, at);
    case 'setcomprehension':
      return comprehensionOf('set', raw, at);
    case 'objectcomprehension':
      return comprehensionOf('object', raw, at);
    case 'call':
      return callOf(rawList(raw.value), at);
    case 'templatestring':
      return { kind: 'template', at, parts: templateParts(raw, at) };
  }
  return { kind: 'other', at };
}

export function bodyOf(value: unknown, around: Place): readonly Expression[] {
  return rawList(value).map((expression) => expressionOf(rawObject(expression), around));
}

function expressionOf(raw: Raw, around: Place): Expression {
  const at = placeOf(raw, around);
  const modifiers = rawList(raw.with).map((modifier) => {
    const read = rawObject(modifier);
    return { at: placeOf(read, at), target: termOf(read.target, at), value: termOf(read.value, at) };
  });
  return { at, negated: raw.negated === true, form: formOf(raw.terms, at), with: modifiers };
}

function formOf(terms: unknown, at: Place): ExpressionForm {
  if (Array.isArray(terms)) return { kind: 'term', term: callOf(terms, at) };
  const raw = rawObject(terms);
  if (raw.symbols !== undefined) return someOf(raw, at);
  if (raw.domain !== undefined) {
    return {
      kind: 'every',
      at: placeOf(raw, at),
      key: isRaw(raw.key) ? termOf(raw.key, at) : null,
      value: termOf(raw.value, at),
      domain: termOf(raw.domain, at),
      body: bodyOf(raw.body, at),
    };
  }
  return { kind: 'term', term: termOf(raw, at) };
}

/** `some x in list` is one symbol: a call of the operator `in`. */
function someOf(raw: Raw, at: Place): ExpressionForm {
  const variables = rawList(raw.symbols).map((symbol) => termOf(symbol, at));
  const [first] = variables;
  if (first?.kind !== 'call' || !MEMBERSHIP.test(first.operator)) return { kind: 'some', variables, domain: null };
  return { kind: 'some', variables: first.args.slice(0, -1), domain: first.args.at(-1) ?? null };
}

function callOf(values: readonly unknown[], at: Place): Call {
  const [operator, ...args] = values.map((value) => termOf(value, at));
  return {
    kind: 'call',
    at,
    operator: operator === undefined ? '' : dotted(operator),
    operatorAt: operator?.at ?? at,
    args,
  };
}

function dotted(term: Term): string {
  if (term.kind === 'var') return term.name;
  if (term.kind !== 'ref') return '';
  return [dotted(term.head), ...term.path.map((part) => (part.kind === 'string' ? part.value : '?'))].join('.');
}

function comprehensionOf(of: 'array' | 'set' | 'object', raw: Raw, at: Place): Term {
  const value = rawObject(raw.value);
  return {
    kind: 'comprehension',
    at,
    of,
    key: value.key === undefined ? null : termOf(value.key, at),
    term: termOf(value.term ?? value.value, at),
    body: bodyOf(value.body, at),
  };
}

function entryOf(entry: unknown, at: Place): readonly [Term, Term] {
  const [key, value] = rawList(entry);
  return [termOf(key, at), termOf(value, at)];
}

/** Of a template string, what stands in braces. */
function templateParts(raw: Raw, at: Place): readonly Expression[] {
  const parts = rawList(rawObject(raw.value).parts).map(rawObject);
  return parts.filter((part) => part.terms !== undefined).map((part) => expressionOf(part, at));
}
