// Owns the mistakes in values: a number off by one, another decision, another name, a search that finds nothing.
import type { Term } from '../../rego/syntax-tree.ts';
import { termsIn } from '../../rego/walk.ts';
import type { Edit } from '../mutant.ts';
import type { SourceMap } from '../source-map.ts';

/** The decision that would let more pass; for allow, less. */
const DECISIONS: Readonly<Record<string, string>> = { allow: 'deny', deny: 'allow', require_approval: 'allow' };
const NAME = /^[A-Za-z0-9_./*-]+$/;
const EMPTY = { array: '[]', set: 'set()', object: '{}' } as const;

export function* mistakesInTerm(term: Term, map: SourceMap): Generator<Edit> {
  const span = map.spanOf(term.at);
  if (span === null) return;
  switch (term.kind) {
    case 'number':
      if (!/^\d+$/.test(term.at.text)) return;
      yield { mistake: 'number', ...span, replacement: `${BigInt(term.at.text) + 1n}` };
      if (term.at.text !== '0') yield { mistake: 'number', ...span, replacement: `${BigInt(term.at.text) - 1n}` };
      return;
    case 'boolean':
      if (term.at.text === `${term.value}`) yield { mistake: 'boolean', ...span, replacement: `${!term.value}` };
      return;
    case 'string':
      yield* mistakesInText(term.value, span, term);
      return;
    case 'comprehension':
      yield { mistake: 'gathering', ...span, replacement: EMPTY[term.of] };
      return;
    case 'null':
    case 'other':
    case 'var':
    case 'ref':
    case 'array':
    case 'set':
    case 'object':
    case 'call':
    case 'template':
      return;
  }
}

function* mistakesInText(
  value: string,
  span: { readonly start: number; readonly end: number },
  { at }: Term,
): Generator<Edit> {
  if (!/^["`]/.test(at.text)) return;
  const decision = DECISIONS[value];
  if (decision !== undefined) yield { mistake: 'decision', ...span, replacement: JSON.stringify(decision) };
  else if (NAME.test(value)) yield { mistake: 'constant', ...span, replacement: JSON.stringify(`${value}_`) };
}

/** Texts that only people read, names of members, and what only stands for its type: changing them is no mistake of a policy. */
export function withoutMeaning(terms: Iterable<Term>): ReadonlySet<Term> {
  const spared = new Set<Term>();
  for (const term of terms) {
    if (term.kind === 'object') {
      for (const [key, value] of term.entries) {
        if (key.kind !== 'string') continue;
        spared.add(key);
        if (/^(message|remedy)$/.test(key.value)) for (const inner of termsIn(value)) spared.add(inner);
      }
    }
    // Names of members are no constants; opa checks them against the schema.
    if (term.kind === 'ref') for (const part of term.path) if (part.kind === 'string') spared.add(part);
    if (term.kind === 'template') for (const inner of termsIn(term)) spared.add(inner);
    const standIn = onlyTyped(term);
    if (standIn !== null) spared.add(standIn);
  }
  return spared;
}

/** Of `is_number(object.get(mint, "decimals", 0))` and its like, the last. */
function onlyTyped(term: Term): Term | null {
  if (term.kind !== 'call' || !term.operator.startsWith('is_')) return null;
  const [read] = term.args;
  return read?.kind === 'call' && read.operator === 'object.get' ? (read.args[2] ?? null) : null;
}
