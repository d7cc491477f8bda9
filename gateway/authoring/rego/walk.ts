// Owns the ways over parsed Rego: every term and every expression, each with what stands around it.
import type { Expression, RegoModule, Rule, Term } from './syntax-tree.ts';

/** A rule and its else branches, in their order. */
export function* branches(rule: Rule): Generator<Rule> {
  for (let branch: Rule | null = rule; branch !== null; branch = branch.otherwise) yield branch;
}

export function* branchesIn(modules: readonly RegoModule[]): Generator<Rule> {
  for (const { rules } of modules) for (const rule of rules) yield* branches(rule);
}

/** The term itself and all within it. */
export function* termsIn(term: Term): Generator<Term> {
  yield term;
  switch (term.kind) {
    case 'ref':
      yield* termsIn(term.head);
      for (const part of term.path) yield* termsIn(part);
      return;
    case 'array':
    case 'set':
      for (const item of term.items) yield* termsIn(item);
      return;
    case 'object':
      for (const [key, value] of term.entries) {
        yield* termsIn(key);
        yield* termsIn(value);
      }
      return;
    case 'comprehension':
      if (term.key !== null) yield* termsIn(term.key);
      yield* termsIn(term.term);
      for (const expression of term.body) yield* termsInExpression(expression);
      return;
    case 'call':
      for (const arg of term.args) yield* termsIn(arg);
      return;
    case 'template':
      for (const part of term.parts) yield* termsInExpression(part);
      return;
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
    case 'var':
    case 'other':
      return;
  }
}

export function* termsInExpression(expression: Expression): Generator<Term> {
  for (const term of ownTerms(expression)) yield* termsIn(term);
  if (expression.form.kind === 'every') {
    for (const inner of expression.form.body) yield* termsInExpression(inner);
  }
}

/** All terms of one branch, without those of its else. */
export function* termsInBranch(branch: Rule): Generator<Term> {
  for (const term of headTerms(branch)) yield* termsIn(term);
  for (const expression of branch.body) yield* termsInExpression(expression);
}

/** Every expression of a branch: of its body, of each `every`, and of each comprehension. */
export function* expressionsInBranch(branch: Rule): Generator<Expression> {
  for (const term of headTerms(branch)) yield* expressionsInTerm(term);
  for (const expression of branch.body) yield* expressionsWithin(expression);
}

export function* expressionsWithin(expression: Expression): Generator<Expression> {
  yield expression;
  for (const term of ownTerms(expression)) yield* expressionsInTerm(term);
  if (expression.form.kind === 'every') {
    for (const inner of expression.form.body) yield* expressionsWithin(inner);
  }
}

/** The expressions that all must hold: those of the body, and those of each `every` in it. */
export function* conjuncts(body: readonly Expression[]): Generator<Expression> {
  for (const expression of body) {
    yield expression;
    if (expression.form.kind === 'every') yield* conjuncts(expression.form.body);
  }
}

/** What stands in the expression itself; the body of an `every` is not among it. */
export function* ownTerms(expression: Expression): Generator<Term> {
  const { form } = expression;
  switch (form.kind) {
    case 'term':
      yield form.term;
      break;
    case 'some':
      yield* form.variables;
      if (form.domain !== null) yield form.domain;
      break;
    case 'every':
      if (form.key !== null) yield form.key;
      yield form.value;
      yield form.domain;
      break;
  }
  for (const modifier of expression.with) {
    yield modifier.target;
    yield modifier.value;
  }
}

export function* headTerms(branch: Rule): Generator<Term> {
  yield* branch.path;
  yield* branch.parameters ?? [];
  if (branch.element !== null) yield branch.element;
  if (branch.value !== null) yield branch.value;
}

function* expressionsInTerm(term: Term): Generator<Expression> {
  for (const inner of termsIn(term)) {
    if (inner.kind === 'comprehension') for (const expression of inner.body) yield* shallow(expression);
    if (inner.kind === 'template') for (const expression of inner.parts) yield* shallow(expression);
  }
}

/** termsIn already goes into nested comprehensions. */
function* shallow(expression: Expression): Generator<Expression> {
  yield expression;
  if (expression.form.kind === 'every') for (const inner of expression.form.body) yield* shallow(inner);
}
