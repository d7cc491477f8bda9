// Owns which branches of a package an allow rests on: those that must hold for it, and those that must not.
import type { FactPath, PackagePaths } from '../rego/paths.ts';
import type { Expression, RegoModule, Rule, Term } from '../rego/syntax-tree.ts';
import { branches, branchesIn, conjuncts, ownTerms, termsIn } from '../rego/walk.ts';

/** holds: where it is undefined, nothing is allowed. fails: where it is undefined, something may be. */
export type Stance = 'holds' | 'fails';

export interface Judged {
  readonly branch: Rule;
  readonly expression: Expression;
  /** With `not` taken into account. */
  readonly stance: Stance;
}

export interface Flow {
  /** Branches of `verdict` or `decision` that may give anything but deny; without those of a default. */
  readonly permitting: readonly Rule[];
  /** Every condition that an allow rests on, each once a stance. */
  readonly conditions: readonly Judged[];
  /** Paths that some condition of an allow holds to a type or a value, so that a wrong or missing one allows nothing. */
  readonly checked: ReadonlySet<string>;
  /** Paths that some condition of an allow reads, so that a missing one allows nothing. */
  readonly present: ReadonlySet<string>;
}

const DECIDING = new Set(['verdict', 'decision']);
const TYPE_CHECK = /^is_(number|string|boolean|array|object|set)$/;
const EQUALITY = new Set(['equal', 'internal.member_2']);

export function flowOf(modules: readonly RegoModule[], paths: PackagePaths): Flow {
  const rules = Map.groupBy(branchesByRule(modules), ({ name }) => name);
  const permitting = [...branchesIn(modules)].filter(isPermitting);
  const conditions: Judged[] = [];
  const seen = new Set<string>();
  const ids = new Map<Rule, number>();

  function visit(branch: Rule, stance: Stance): void {
    const id = ids.get(branch) ?? ids.size;
    ids.set(branch, id);
    if (seen.has(`${id} ${stance}`)) return;
    seen.add(`${id} ${stance}`);
    for (const expression of conjuncts(branch.body)) {
      const here = expression.negated ? opposite(stance) : stance;
      conditions.push({ branch, expression, stance: here });
      for (const name of namesIn(expression)) {
        for (const { rule } of rules.get(name) ?? []) {
          // What a set gathers is no condition, whether or not something is found.
          if (rule.element === null) for (const one of branches(rule)) visit(one, here);
        }
      }
    }
  }
  for (const branch of permitting) visit(branch, 'holds');
  const held = conditions.filter(({ expression, stance }) => stance === 'holds' && !expression.negated);
  return { permitting, conditions, checked: checkedPaths(held, paths), present: presentPaths(held, paths) };
}

function* branchesByRule(modules: readonly RegoModule[]): Generator<{ readonly name: string; readonly rule: Rule }> {
  for (const { rules } of modules) for (const rule of rules) yield { name: rule.name, rule };
}

function isPermitting(branch: Rule): boolean {
  if (branch.isDefault || !DECIDING.has(branch.name)) return false;
  return decisionOf(branch.value) !== 'deny';
}

/** The decision that a value names: the text itself, or the member `decision` of an object; null where it is computed. */
export function decisionOf(value: Term | null): string | null {
  if (value?.kind === 'string') return value.value;
  if (value?.kind !== 'object') return null;
  const [, decision] = value.entries.find(([key]) => key.kind === 'string' && key.value === 'decision') ?? [];
  return decision?.kind === 'string' ? decision.value : null;
}

function opposite(stance: Stance): Stance {
  return stance === 'holds' ? 'fails' : 'holds';
}

/** Names of the package's own rules and functions that an expression may use. */
export function* namesIn(expression: Expression): Generator<string> {
  for (const own of ownTerms(expression)) {
    for (const term of termsIn(own)) {
      if (term.kind === 'var') yield term.name;
      if (term.kind === 'call') yield term.operator;
    }
  }
}

function checkedPaths(conditions: readonly Judged[], paths: PackagePaths): ReadonlySet<string> {
  const checked = new Set<string>();
  for (const { branch, expression } of conditions) {
    if (expression.form.kind !== 'term') continue;
    const { term } = expression.form;
    if (term.kind !== 'call') continue;
    const [left, right] = term.args;
    const scope = paths.within(branch);
    const held = TYPE_CHECK.test(term.operator) ? [left] : EQUALITY.has(term.operator) ? [left, right] : [];
    for (const one of held) {
      if (one !== undefined) for (const path of scope.pathsOf(one)) checked.add(pathText(path));
    }
  }
  return checked;
}

function presentPaths(conditions: readonly Judged[], paths: PackagePaths): ReadonlySet<string> {
  const present = new Set<string>();
  for (const { branch, expression } of conditions) {
    const scope = paths.within(branch);
    for (const own of ownTerms(expression)) {
      for (const term of termsOutside(own)) for (const path of scope.pathsOf(term)) present.add(pathText(path));
    }
  }
  return present;
}

/** Without those of comprehensions, which are empty where something is missing. */
function* termsOutside(term: Term): Generator<Term> {
  if (term.kind === 'comprehension') return;
  yield term;
  if (term.kind === 'call' && term.operator !== 'object.get') for (const arg of term.args) yield* termsOutside(arg);
  if (term.kind === 'ref') for (const part of term.path) yield* termsOutside(part);
}

export function pathText(path: FactPath): string {
  return path.join('.');
}
