// Owns the mistakes in conditions: one that is forgotten, negated, or compares the wrong way round.
import type { Expression, Term } from '../../rego/syntax-tree.ts';
import type { Edit } from '../mutant.ts';
import type { SourceMap } from '../source-map.ts';

/** By opa's name: how it is written, and what it may be confused with. */
const COMPARISONS: Readonly<Record<string, readonly string[]>> = {
  equal: ['!='],
  neq: ['=='],
  lt: ['<=', '>='],
  lte: ['<', '>'],
  gt: ['>=', '<='],
  gte: ['>', '<'],
};
const ARITHMETIC: Readonly<Record<string, string>> = { plus: '-', minus: '+', mul: '+', rem: '+', and: '|', or: '&' };
const AGGREGATES: Readonly<Record<string, string>> = {
  sum: 'max',
  max: 'min',
  min: 'max',
  startswith: 'contains',
  endswith: 'contains',
};
/** They bind variables that others use, so that what is left does not compile or means nothing. */
const BINDING = new Set(['assign', 'eq', 'walk']);

export function* mistakesInExpression(expression: Expression, map: SourceMap): Generator<Edit> {
  const { form, negated, at } = expression;
  const span = map.spanOf(at);
  if (span === null || form.kind === 'some') return;
  if (form.kind === 'every') {
    yield { mistake: 'condition', ...span, replacement: 'true' };
    const some = someInstead(expression, map);
    if (some !== null) yield { mistake: 'every', ...span, replacement: some };
    return;
  }
  const operator = form.term.kind === 'call' ? form.term.operator : '';
  if (BINDING.has(operator) || form.term.kind === 'boolean') return;
  yield { mistake: 'condition', ...span, replacement: 'true' };
  if (negated) yield { mistake: 'negation', ...span, replacement: at.text.replace(/^not\s+/, '') };
  else if (!Object.hasOwn(COMPARISONS, operator)) yield { mistake: 'negation', ...span, replacement: `not ${at.text}` };
}

/** `every x in list { … }`, as if one entry were enough. */
function someInstead({ at, form }: Expression, map: SourceMap): string | null {
  if (form.kind !== 'every') return null;
  const whole = map.spanOf(at);
  const [first] = form.body;
  const from = first === undefined ? null : map.spanOf(first.at);
  if (whole === null || from === null) return null;
  const header = /^every\s+([\s\S]*?)\s*\{\s*$/.exec(at.text.slice(0, from.start - whole.start))?.[1];
  if (header === undefined) return null;
  const body = at.text.slice(from.start - whole.start).replace(/\s*\}\s*$/, '');
  return `count([1 |\nsome ${header}\n${body}\n]) > 0`;
}

export function* mistakesInCall(term: Term, map: SourceMap): Generator<Edit> {
  if (term.kind !== 'call') return;
  const span = map.spanOf(term.operatorAt);
  if (span === null) return;
  for (const replacement of COMPARISONS[term.operator] ?? []) yield { mistake: 'comparison', ...span, replacement };
  const arithmetic = ARITHMETIC[term.operator];
  if (arithmetic !== undefined) yield { mistake: 'arithmetic', ...span, replacement: arithmetic };
  const aggregate = AGGREGATES[term.operator];
  if (aggregate !== undefined) yield { mistake: 'aggregate', ...span, replacement: aggregate };
}
