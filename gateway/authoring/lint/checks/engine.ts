// Owns the checks of what the engine does otherwise than its author expects: numbers, functions, order, and faults of opa.
import type { Expression, Rule, Term } from '../../rego/syntax-tree.ts';
import { branchesIn, headTerms, ownTerms } from '../../rego/walk.ts';
import type { DataNode } from '../data/data-file.ts';
import type { Check, Found } from '../finding.ts';
import { rulesNamed, scopedCalls, scopedExpressions, scopedTerms } from '../over-packages.ts';
import type { RegoPackage } from '../subject.ts';
import { rule } from './example-rule.ts';

const FILE = 'rules/example/example.rego';

export const division: Check = {
  code: 'division',
  level: 'error',
  title: 'A division of amounts',
  why: 'a quotient has 18 digits and no more, so that shares and rates of large amounts are off; division by zero is undefined',
  fix: 'multiply across: `amount * 100 <= balance * percent` instead of `amount / balance <= percent / 100`',
  example: {
    bad: { [FILE]: rule('input.effects.fee.total_lamports / 1000000000 < 1') },
    good: {
      [FILE]: rule('is_number(input.effects.fee.total_lamports)\ninput.effects.fee.total_lamports < 1000000000'),
    },
  },
  *find({ packages }) {
    for (const { it } of scopedCalls(packages)) if (it.operator === 'div') yield { at: it.operatorAt, what: 'divides' };
  },
};

const WHOLE = /^-?\d+$/;

export const fraction: Check = {
  code: 'fraction',
  level: 'error',
  title: 'A number that is no plain integer',
  why: 'amounts are integers in base units; 1.5 SOL written as a number is one and a half lamports, and 1e9 reads as a number of another size',
  fix: 'write base units as a plain integer; in the data, write an amount with its unit as a text ("1.5 SOL")',
  example: {
    bad: { [FILE]: rule('is_number(input.effects.fee.total_lamports)\ninput.effects.fee.total_lamports < 0.5') },
    good: { [FILE]: rule('is_number(input.effects.fee.total_lamports)\ninput.effects.fee.total_lamports < 500000000') },
  },
  *find({ packages, data }) {
    for (const { it } of scopedTerms(packages)) {
      if (it.kind === 'number' && (!Number.isInteger(Number(it.literal)) || /[.eE]/.test(it.at.text))) {
        yield { at: it.at, what: `${it.at.text} is no plain integer` };
      }
    }
    for (const { root } of data) yield* fractionsIn(root);
  },
};

function* fractionsIn(node: DataNode): Generator<Found> {
  switch (node.kind) {
    case 'number':
      if (!WHOLE.test(node.literal)) yield { at: node.at, what: `${node.literal} is no plain integer` };
      return;
    case 'list':
      for (const item of node.items) yield* fractionsIn(item);
      return;
    case 'object':
      for (const { value } of node.entries.values()) yield* fractionsIn(value);
      return;
    case 'text':
    case 'other':
      return;
  }
}

/** Written about elsewhere. */
const OTHER_CODES = /^(div|print|trace)$/;

export const functionNotInWasm: Check = {
  code: 'function-not-in-wasm',
  level: 'error',
  title: 'A function that WebAssembly does not have',
  why: '`opa test` knows it and the gateway does not: tests pass, and every request is denied where it is called',
  fix: 'use only functions of policies/capabilities.json; write numbers into texts with template strings, and take times from request.local_times',
  example: {
    bad: { [FILE]: rule('time.now_ns() > 0') },
    good: { [FILE]: rule('input.request.local_times["Europe/Zurich"].weekday == "monday"') },
  },
  *find({ packages, builtins }) {
    for (const one of packages) {
      const aliases = new Set(one.modules.flatMap(({ imports }) => imports.map(({ alias }) => alias)));
      for (const { it } of scopedCalls([one])) {
        const [head = ''] = it.operator.split('.');
        if (builtins.has(it.operator) || OTHER_CODES.test(it.operator) || head === 'data' || aliases.has(head))
          continue;
        if (rulesNamed(one, head).length > 0) continue;
        yield { at: it.operatorAt, what: `${it.operator} is not in WebAssembly` };
      }
    }
  },
};

export const orderOfSet: Check = {
  code: 'order-of-set',
  level: 'error',
  title: 'The order of a set in a list or a text',
  why: 'sets have another order in WebAssembly than in opa: the same request gets reasons in another order, and a replay does not agree',
  fix: 'put `sort(…)` around the set, or around the list that is made of it',
  example: {
    bad: {
      [FILE]: `${rule('count(programs) > 0', 'programs contains instruction.program if some instruction in input.transaction.instructions')}\nlist := concat(", ", programs)\n`,
    },
    good: {
      [FILE]: `${rule('count(programs) > 0', 'programs contains instruction.program if some instruction in input.transaction.instructions')}\nlist := concat(", ", sort(programs))\n`,
    },
  },
  *find({ packages }) {
    for (const one of packages) {
      for (const branch of branchesIn(one.modules))
        for (const term of topTerms(branch)) yield* unordered(term, one, false);
    }
  },
};

/** In these the order of what they are given does not show. */
const ORDERLESS = new Set(['sort', 'count', 'sum', 'max', 'min', 'product', 'any', 'all']);

function* topTerms(branch: Rule): Generator<Term> {
  yield* headTerms(branch);
  for (const expression of branch.body) yield* termsOf(expression);
}

function* termsOf(expression: Expression): Generator<Term> {
  yield* ownTerms(expression);
  if (expression.form.kind === 'every') for (const inner of expression.form.body) yield* termsOf(inner);
}

function* unordered(term: Term, one: RegoPackage, orderless: boolean): Generator<Found> {
  switch (term.kind) {
    case 'call': {
      const [, second] = term.args;
      if (term.operator === 'concat' && second !== undefined && isSet(second, one)) {
        yield { at: second.at, what: `joins ${second.at.text} in the order of a set` };
      }
      for (const arg of term.args) yield* unordered(arg, one, ORDERLESS.has(term.operator));
      return;
    }
    case 'comprehension':
      if (term.of === 'array' && !orderless) {
        for (const { form } of term.body) {
          if (form.kind === 'some' && form.domain !== null && isSet(form.domain, one)) {
            yield { at: term.at, what: `makes a list in the order of the set ${form.domain.at.text}` };
          }
        }
      }
      yield* unordered(term.term, one, false);
      for (const expression of term.body) for (const inner of termsOf(expression)) yield* unordered(inner, one, false);
      return;
    case 'object':
      for (const [key, value] of term.entries) {
        yield* unordered(key, one, false);
        yield* unordered(value, one, false);
      }
      return;
    case 'array':
    case 'set':
      for (const item of term.items) yield* unordered(item, one, false);
      return;
    case 'template':
      for (const part of term.parts) for (const inner of ownTerms(part)) yield* unordered(inner, one, false);
      return;
    case 'ref':
      yield* unordered(term.head, one, false);
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

function isSet(term: Term, one: RegoPackage): boolean {
  if (term.kind === 'set') return term.items.length > 1;
  if (term.kind === 'comprehension') return term.of === 'set';
  if (term.kind === 'call')
    return /^(and|or|minus|union|intersection)$/.test(term.operator) && term.args.some((arg) => isSet(arg, one));
  if (term.kind !== 'var') return false;
  return rulesNamed(one, term.name).some(
    ({ element, value }) => element !== null || (value?.kind === 'comprehension' && value.of === 'set'),
  );
}

export const withInsideInput: Check = {
  code: 'with-inside-input',
  level: 'error',
  title: '`with` on a part of the input',
  why: 'opa 1.19 then changes that part of an input from a file for good: what is judged afterwards is another transaction',
  fix: 'build the whole input (`object.union(object.remove(input, ["effects"]), {"effects": …})`) and write `with input as …`',
  example: {
    bad: {
      [FILE]: `${rule('is_object(other)')}\nother := given if {\n\tgiven := data.countersign.rules.fee_limit.verdict with input.effects as {}\n}\n`,
    },
    good: {
      [FILE]: `${rule('is_object(other)')}\nother := given if {\n\tgiven := data.countersign.rules.fee_limit.verdict with input as {"effects": {}}\n}\n`,
    },
  },
  *find({ packages }) {
    for (const { it } of scopedExpressions(packages)) {
      for (const { target, at } of it.with) {
        const isPart =
          target.kind === 'ref' && target.head.kind === 'var' && target.head.name === 'input' && target.path.length > 0;
        if (isPart) yield { at, what: `replaces ${target.at.text} within the input` };
      }
    }
  },
};

export const templateAsKey: Check = {
  code: 'template-as-key',
  level: 'error',
  title: 'A template string as the key of an object',
  why: '`opa fmt` of OPA 1.19 spoils it: the key is another one after the next formatting',
  fix: 'give the key a name first: `key := $"…"`, then `{key: value}`',
  example: {
    bad: { [FILE]: `${rule('is_object(named)')}\nnamed := {$"of {input.agent.id}": 1}\n` },
    good: { [FILE]: `${rule('is_object(named)')}\nkey := $"of {input.agent.id}"\n\nnamed := {key: 1}\n` },
  },
  *find({ packages }) {
    for (const { it } of scopedTerms(packages)) {
      if (it.kind !== 'object') continue;
      for (const [key] of it.entries)
        if (key.kind === 'template') yield { at: key.at, what: 'a template string is a key' };
    }
  },
};

export const printLeft: Check = {
  code: 'print-left',
  level: 'error',
  title: 'A print or trace that was left',
  why: 'it costs time in every request, and `print` of something undefined hides that it is undefined',
  fix: 'take it out; keep it in tests if it helps there',
  example: {
    bad: { [FILE]: rule('print(input.transaction.fee_payer)\ninput.transaction.fee_payer == input.wallet.address') },
    good: { [FILE]: rule('input.transaction.fee_payer == input.wallet.address') },
  },
  *find({ packages }) {
    for (const { it } of scopedCalls(packages)) {
      if (it.operator === 'print' || it.operator === 'trace') yield { at: it.at, what: `${it.operator} was left` };
    }
  },
};

export const ENGINE_CHECKS: readonly Check[] = [
  division,
  fraction,
  functionNotInWasm,
  orderOfSet,
  withInsideInput,
  templateAsKey,
  printLeft,
];
