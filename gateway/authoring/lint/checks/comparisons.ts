// Owns the checks of comparisons: what Rego compares although it makes no sense.
import type { PathScope } from '../../rego/paths.ts';
import type { Call, Term } from '../../rego/syntax-tree.ts';
import type { Check, Found } from '../finding.ts';
import { pathText } from '../flow.ts';
import { rulePackages, scopedCalls, shownPath } from '../over-packages.ts';
import { typeAt } from '../schema-type.ts';
import { rule } from './example-rule.ts';

const COMPARISONS: ReadonlySet<string> = new Set(['equal', 'neq', 'lt', 'lte', 'gt', 'gte']);
const ORDERS: ReadonlySet<string> = new Set(['lt', 'lte', 'gt', 'gte']);
const NUMBER_FUNCTIONS = new Set([
  'count',
  'sum',
  'to_number',
  'plus',
  'mul',
  'minus',
  'rem',
  'abs',
  'ceil',
  'floor',
  'round',
]);
const TEXT_FUNCTIONS = new Set(['concat', 'lower', 'upper', 'substring', 'trim', 'replace', 'json.marshal']);

export const numberAgainstText: Check = {
  code: 'number-against-text',
  level: 'error',
  title: 'A number compared with a text',
  why: 'Rego orders every number before every text and says nothing: `amount < "10"` is always true, `amount > "10"` never',
  fix: 'write amounts as integers without quotes, in Rego and in the data',
  example: {
    bad: { 'rules/example/example.rego': rule('input.effects.fee.total_lamports <= "10000"') },
    good: {
      'rules/example/example.rego': rule(
        'is_number(input.effects.fee.total_lamports)\ninput.effects.fee.total_lamports <= 10000',
      ),
    },
  },
  *find(subject) {
    for (const { it, scope } of scopedCalls(subject.packages)) {
      const [left, right] = it.args;
      if (left === undefined || right === undefined) continue;
      if (COMPARISONS.has(it.operator)) {
        yield* mismatch(it, typesOf(left, scope, subject.inputSchema), typesOf(right, scope, subject.inputSchema));
      } else if (it.operator === 'internal.member_2' && (right.kind === 'set' || right.kind === 'array')) {
        for (const item of right.items) {
          yield* mismatch(it, typesOf(left, scope, subject.inputSchema), typesOf(item, scope, subject.inputSchema));
        }
      }
    }
  },
};

function* mismatch({ at, operatorAt }: Call, left: readonly string[], right: readonly string[]): Generator<Found> {
  if (left.length === 0 || right.length === 0 || left.some((type) => right.includes(type))) return;
  const place = at.text === '' ? operatorAt : at;
  yield { at: place, what: `compares ${named(left)} with ${named(right)}` };
}

function named(types: readonly string[]): string {
  return types.map((type) => (type === 'string' ? 'a text' : `a ${type}`)).join(' or ');
}

/** Empty: it cannot be told, or may be anything. */
function typesOf(term: Term, scope: PathScope, schema: unknown): readonly string[] {
  switch (term.kind) {
    case 'number':
    case 'string':
    case 'boolean':
      return [term.kind];
    case 'template':
      return ['string'];
    case 'call':
      return NUMBER_FUNCTIONS.has(term.operator) ? ['number'] : TEXT_FUNCTIONS.has(term.operator) ? ['string'] : [];
    case 'var':
    case 'ref': {
      const types = scope.pathsOf(term).map((path) => typeAt(schema, path)?.types ?? []);
      if (types.length === 0 || types.some((some) => some.length === 0)) return [];
      return [...new Set(types.flat().map((type) => (type === 'integer' ? 'number' : type)))];
    }
    case 'null':
    case 'other':
    case 'array':
    case 'set':
    case 'object':
    case 'comprehension':
      return [];
  }
}

export const orderWithoutType: Check = {
  code: 'order-without-type',
  level: 'error',
  title: 'An allow by `<`, `<=`, `>` or `>=` on something whose type nobody checked',
  why: 'Rego orders everything: null and booleans before numbers, texts and lists after them. `amount <= limit` holds where the limit is a text',
  fix: 'check both sides with `is_number` in the same rule',
  example: {
    bad: {
      'rules/example/example.rego': rule(
        'input.effects.fee.total_lamports <= data.countersign.settings.wallet.example.max',
      ),
    },
    good: {
      'rules/example/example.rego': rule(
        'is_number(input.effects.fee.total_lamports)\nis_number(data.countersign.settings.wallet.example.max)\ninput.effects.fee.total_lamports <= data.countersign.settings.wallet.example.max',
      ),
    },
  },
  *find(subject) {
    for (const one of rulePackages(subject)) {
      for (const { branch, expression } of one.flow.conditions) {
        if (expression.form.kind !== 'term' || expression.form.term.kind !== 'call') continue;
        const { operator, args } = expression.form.term;
        if (!ORDERS.has(operator)) continue;
        for (const side of args) {
          const open = one.paths
            .within(branch)
            .pathsOf(side)
            .find((path) => !one.flow.checked.has(pathText(path)));
          if (open !== undefined)
            yield { at: expression.at, what: `nothing checks that ${shownPath(open)} is a number` };
        }
      }
    }
  },
};

export const nullCompared: Check = {
  code: 'null-compared',
  level: 'error',
  title: 'A fact or a setting compared with null',
  why: 'a fact that is not known is absent, never null: `!= null` does not hold for it and `== null` neither, so the branch never runs',
  fix: 'ask for its type (`is_string(fact)`); where it may be absent, `not fact` or `object.get(…)`',
  example: {
    bad: { 'rules/example/example.rego': rule('input.transaction.fee_payer != null') },
    good: { 'rules/example/example.rego': rule('is_string(input.transaction.fee_payer)') },
  },
  *find({ packages }) {
    for (const { it, scope } of scopedCalls(packages)) {
      if (!COMPARISONS.has(it.operator) || !it.args.some(({ kind }) => kind === 'null')) continue;
      const paths = it.args
        .filter(({ kind }) => kind === 'ref' || kind === 'var')
        .flatMap((term) => scope.pathsOf(term));
      const [first] = paths;
      if (first !== undefined) yield { at: it.at, what: `compares ${shownPath(first)} with null` };
    }
  },
};

export const COMPARISON_CHECKS: readonly Check[] = [numberAgainstText, orderWithoutType, nullCompared];
