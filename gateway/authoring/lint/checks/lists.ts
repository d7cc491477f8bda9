// Owns the checks of lists: what holds for an empty one, and what looks at one entry only.
import type { Expression, Term } from '../../rego/syntax-tree.ts';
import { termsInExpression } from '../../rego/walk.ts';
import type { Check, Found } from '../finding.ts';
import { type Judged, pathText } from '../flow.ts';
import { countedLists, integerIn, scopedTerms, shownPath } from '../over-packages.ts';
import type { RegoPackage } from '../subject.ts';
import { rule } from './example-rule.ts';

/** An empty one means that there is nothing to judge; an empty list of effects is a fact. */
const SUBJECT_LISTS = new Set(['input.transaction.instructions', 'input.transaction.signers', 'input.message.signers']);
const EFFECT_LIST = /^input\.(simulation\.)?effects\.\w+$/;
/** Of these, one entry describes something: looking for it is no first match. */
const DESCRIPTIONS = /\.(mints|guarantees|cached)$/;

export const everyOverEmpty: Check = {
  code: 'every-over-empty',
  level: 'error',
  title: 'An allow by `every` over a list that may be empty or of another type',
  why: '`every` holds for an empty list and for an empty object: what has no instruction or no entry in the data is allowed unseen',
  fix: 'add `count(list) > 0` where nothing to judge must not be allowed, and `is_array(list)` for lists of effects',
  example: {
    bad: {
      'rules/example/example.rego': rule(
        'every instruction in input.transaction.instructions {\n\tinstruction.program == data.countersign.programs.system\n}',
      ),
    },
    good: {
      'rules/example/example.rego': rule(
        'count(input.transaction.instructions) > 0\nevery instruction in input.transaction.instructions {\n\tinstruction.program == data.countersign.programs.system\n}',
      ),
    },
  },
  *find({ packages }) {
    for (const one of packages) {
      const counted = countedLists(one);
      for (const judged of one.flow.conditions) yield* vacuous(judged, one, counted);
    }
  },
};

function* vacuous(
  { expression, branch, stance }: Judged,
  one: RegoPackage,
  counted: ReadonlySet<string>,
): Generator<Found> {
  const { form } = expression;
  if (form.kind !== 'every' || stance !== 'holds' || expression.negated || counted.has(form.domain.at.text)) return;
  if (form.body.every(isTypeCheck)) return;
  if (isGatheredList(form.domain, one)) {
    yield { at: form.at, what: `holds when ${form.domain.at.text} is empty, and it is what a search found` };
    return;
  }
  for (const path of one.paths.within(branch).pathsOf(form.domain)) {
    const text = pathText(path);
    if (counted.has(text)) continue;
    if (SUBJECT_LISTS.has(text) || isSetting(path)) {
      yield { at: form.at, what: `holds when ${shownPath(path)} is empty` };
    } else if (EFFECT_LIST.test(text) && !one.flow.checked.has(text)) {
      yield { at: form.at, what: `holds when ${shownPath(path)} is an empty object: nothing says that it is a list` };
    }
  }
}

/** An entry of a list within the data may well be empty; a whole setting that is empty lets everything pass. */
function isSetting(path: readonly string[]): boolean {
  return path[0] === 'data' && !path.includes('*');
}

function isTypeCheck({ form }: Expression): boolean {
  return form.kind === 'term' && form.term.kind === 'call' && form.term.operator.startsWith('is_');
}

function isGatheredList(term: Term, one: RegoPackage): boolean {
  if (term.kind === 'comprehension') return true;
  if (term.kind !== 'var') return false;
  const rules = one.modules.flatMap((module) => module.rules.filter(({ name }) => name === term.name));
  return rules.some(({ element, value }) => element !== null || value?.kind === 'comprehension');
}

export const firstMatch: Check = {
  code: 'first-match',
  level: 'error',
  title: 'A number as index into a list of the input',
  why: 'what stands at another place of the list is never looked at: a second transfer, fee or signer passes',
  fix: 'use `every … in` over the whole list, or require `count(list) == 1` beside it',
  example: {
    bad: { 'rules/example/example.rego': rule('input.transaction.instructions[0].kind == "known"') },
    good: {
      'rules/example/example.rego': rule(
        'count(input.transaction.instructions) == 1\ninput.transaction.instructions[0].kind == "known"',
      ),
    },
  },
  *find({ packages }) {
    for (const { in: one, branch, scope, it } of scopedTerms(packages)) {
      if (it.kind !== 'ref') continue;
      for (const [index, part] of it.path.entries()) {
        if (integerIn(part) === null) continue;
        const list: Term = { ...it, path: it.path.slice(0, index) };
        const ofInput = scope.pathsOf(list).filter(([root]) => root === 'input');
        const known = exactCounts(one, branch.body);
        const open = ofInput.find((path) => !known.has(pathText(path)));
        if (open !== undefined) yield { at: it.at, what: `looks at one entry of ${shownPath(open)} only` };
      }
    }
  },
};

/** Lists of which the same body says how many entries they have. */
function exactCounts(one: RegoPackage, body: readonly Expression[]): ReadonlySet<string> {
  const exact = new Set<string>();
  for (const { branch, expression } of one.flow.conditions) {
    if (expression.negated || expression.form.kind !== 'term' || !body.includes(expression)) continue;
    const { term } = expression.form;
    if (term.kind !== 'call' || term.operator !== 'equal') continue;
    const [left, right] = term.args;
    if (left?.kind !== 'call' || left.operator !== 'count' || integerIn(right) === null) continue;
    const [list] = left.args;
    if (list !== undefined) for (const path of one.paths.within(branch).pathsOf(list)) exact.add(pathText(path));
  }
  return exact;
}

export const someInsteadOfEvery: Check = {
  code: 'some-instead-of-every',
  level: 'error',
  title: 'An allow because one entry of a list fits',
  why: 'one harmless transfer or instruction lets all others beside it pass',
  fix: 'use `every … in`; where one entry is looked for on purpose, look for it in a comprehension and check the rest as well',
  example: {
    bad: {
      'rules/example/example.rego': rule(
        'some outflow in input.effects.outflows\nis_number(outflow.amount)\noutflow.amount <= 5',
      ),
    },
    good: {
      'rules/example/example.rego': rule(
        'is_array(input.effects.outflows)\nevery outflow in input.effects.outflows {\n\tis_number(outflow.amount)\n\toutflow.amount <= 5\n}',
      ),
    },
  },
  *find({ packages }) {
    for (const one of packages.filter(({ rule }) => rule !== null)) {
      for (const { branch, expression, stance } of one.flow.conditions) {
        if (stance !== 'holds') continue;
        const scope = one.paths.within(branch);
        const lists =
          expression.form.kind === 'some' && expression.form.domain !== null
            ? scope.pathsOf(expression.form.domain)
            : [...iterated(expression)].flatMap((list) => scope.pathsOf(list));
        const all = lists.find((path) => path[0] === 'input' && isList(path) && !DESCRIPTIONS.test(pathText(path)));
        if (all !== undefined) yield { at: expression.at, what: `one entry of ${shownPath(all)} is enough` };
      }
    }
  },
};

/** Lists within an entry, such as the extensions of a mint, are searched for what they may hold. */
function isList(path: readonly string[]): boolean {
  return !path.includes('*');
}

/** Of `list[_]` and `list[i]` in a condition, outside of a comprehension, the list. */
function* iterated(expression: Expression): Generator<Term> {
  if (expression.form.kind !== 'term') return;
  const within = new Set<Term>();
  for (const term of termsInExpression(expression)) {
    if (term.kind === 'comprehension')
      for (const inner of term.body) for (const one of termsInExpression(inner)) within.add(one);
  }
  for (const term of termsInExpression(expression)) {
    if (term.kind !== 'ref' || within.has(term)) continue;
    for (const [index, part] of term.path.entries()) {
      if (part.kind === 'var' && part.name.startsWith('$')) yield { ...term, path: term.path.slice(0, index) };
    }
  }
}

export const LIST_CHECKS: readonly Check[] = [everyOverEmpty, firstMatch, someInsteadOfEvery];
