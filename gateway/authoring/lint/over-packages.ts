// Owns what many checks ask of a package: its terms with their paths, the guards on its lists, its rules by name.
import type { FactPath, PathScope } from '../rego/paths.ts';
import type { Call, Expression, Place, Rule, Term } from '../rego/syntax-tree.ts';
import { branchesIn, expressionsInBranch, termsInBranch } from '../rego/walk.ts';
import { pathText } from './flow.ts';
import type { RegoPackage, Subject } from './subject.ts';

export interface Scoped<T> {
  readonly in: RegoPackage;
  readonly branch: Rule;
  readonly scope: PathScope;
  readonly it: T;
}

export function* scopedTerms(packages: Iterable<RegoPackage>): Generator<Scoped<Term>> {
  for (const one of packages) {
    for (const branch of branchesIn(one.modules)) {
      const scope = one.paths.within(branch);
      for (const it of termsInBranch(branch)) yield { in: one, branch, scope, it };
    }
  }
}

export function* scopedExpressions(packages: Iterable<RegoPackage>): Generator<Scoped<Expression>> {
  for (const one of packages) {
    for (const branch of branchesIn(one.modules)) {
      const scope = one.paths.within(branch);
      for (const it of expressionsInBranch(branch)) yield { in: one, branch, scope, it };
    }
  }
}

export function* scopedCalls(packages: Iterable<RegoPackage>): Generator<Scoped<Call>> {
  for (const found of scopedTerms(packages)) {
    const { it } = found;
    if (it.kind === 'call') yield { ...found, it };
  }
}

/** The packages that wallets can enable. */
export function rulePackages({ packages }: Subject): readonly RegoPackage[] {
  return packages.filter(({ rule }) => rule !== null);
}

export function rulesNamed({ modules }: RegoPackage, name: string): readonly Rule[] {
  return modules.flatMap(({ rules }) => rules.filter((rule) => rule.name === name));
}

/** Where a package says what it is: in the file with its METADATA, else in its first. */
export function placeOf({ modules }: RegoPackage): Place | null {
  const main = modules.find(({ annotations }) => annotations.some(({ scope }) => scope === 'package')) ?? modules[0];
  return main?.packageAt ?? null;
}

/** `input.effects.fee`, as the source writes it. */
export function shownPath(path: FactPath): string {
  return path.map((step, index) => (step === '*' ? '[]' : index === 0 ? step : `.${step}`)).join('');
}

export function integerIn(term: Term | undefined): number | null {
  if (term?.kind !== 'number') return null;
  const value = Number(term.literal);
  return Number.isInteger(value) ? value : null;
}

/** The lists, by path or by how they are written, of which an allow needs at least one entry. */
export function countedLists(one: RegoPackage): ReadonlySet<string> {
  const counted = new Set<string>();
  for (const { branch, expression, stance } of one.flow.conditions) {
    if (stance !== 'holds' || expression.negated || expression.form.kind !== 'term') continue;
    const list = demandedList(expression.form.term);
    if (list === null) continue;
    counted.add(list.at.text);
    for (const path of one.paths.within(branch).pathsOf(list)) counted.add(pathText(path));
  }
  return counted;
}

/** Of `count(list) > 0` and its like, the list. */
function demandedList(term: Term): Term | null {
  if (term.kind !== 'call') return null;
  const [left, right] = term.args;
  if (left?.kind !== 'call' || left.operator !== 'count') return null;
  const least = integerIn(right);
  if (least === null) return null;
  const demands =
    (term.operator === 'gt' && least >= 0) ||
    ((term.operator === 'gte' || term.operator === 'equal') && least >= 1) ||
    (term.operator === 'neq' && least === 0);
  return demands ? (left.args[0] ?? null) : null;
}
