// Owns the list of all mutants of a Rego module: every place where one small mistake makes another policy.
import type { RegoModule, Rule, Term } from '../rego/syntax-tree.ts';
import { branches, expressionsInBranch, termsInBranch } from '../rego/walk.ts';
import { mistakesInCall, mistakesInExpression } from './mistakes/in-conditions.ts';
import { mistakesInTerm, withoutMeaning } from './mistakes/in-values.ts';
import { type Edit, edited, type Mutant } from './mutant.ts';
import { type SourceMap, sourceMap } from './source-map.ts';

/** In the order of the file; each edit once. */
export function mutantsOf(module: RegoModule): readonly Mutant[] {
  const map = sourceMap(module.source);
  const edits = [...editsOf(module, map)].filter(
    ({ start, end, replacement }) => module.source.slice(start, end) !== replacement,
  );
  const distinct = new Map(edits.map((edit) => [`${edit.start} ${edit.end} ${edit.replacement}`, edit]));
  return [...distinct.values()]
    .toSorted((one, other) => one.start - other.start || one.end - other.end)
    .map((edit) => mutantOf(module, map, edit));
}

function* editsOf(module: RegoModule, map: SourceMap): Generator<Edit> {
  const definitions = Map.groupBy(module.rules, ({ name }) => name);
  for (const rule of module.rules) {
    const others = (definitions.get(rule.name) ?? []).filter((other) => other !== rule && !other.isDefault);
    if (!rule.isDefault && (others.length > 0 || rule.element !== null)) yield* without(rule, map);
    for (const branch of branches(rule)) {
      if (branch !== rule) yield* without(branch, map);
      yield* editsOfBranch(branch, map);
    }
  }
}

function* without({ at }: Rule, map: SourceMap): Generator<Edit> {
  const span = map.spanOf(at);
  if (span !== null) yield { mistake: 'alternative', ...span, replacement: '' };
}

function* editsOfBranch(branch: Rule, map: SourceMap): Generator<Edit> {
  // Without a body opa puts one where the value stands.
  const written = branch.hasBody ? branch : { ...branch, body: [] };
  const terms = [...termsInBranch(written)];
  const spared = withoutMeaning(terms);
  for (const expression of expressionsInBranch(written)) {
    const { form } = expression;
    if (form.kind !== 'term' || !spared.has(form.term)) yield* mistakesInExpression(expression, map);
  }
  for (const term of terms) {
    yield* mistakesInCall(term, map);
    if (!spared.has(term) && !isHead(term, branch)) yield* mistakesInTerm(term, map);
  }
}

/** The value of a rule that is true by being there is written nowhere. */
function isHead(term: Term, { value }: Rule): boolean {
  return term === value && term.kind === 'boolean' && term.at.text !== `${term.value}`;
}

function mutantOf({ file, source }: RegoModule, map: SourceMap, edit: Edit): Mutant {
  const lines = map.linesAround(edit);
  const inLines = { ...edit, start: edit.start - lines.start, end: edit.end - lines.start };
  const before = source.slice(lines.start, lines.end);
  return { ...edit, file, ...map.placeOf(edit.start), before, after: edited(before, inLines) };
}
