// Owns the checks of a rule's tests: whether there are any, and whether each fact is taken away once.
import type { RegoModule, Term } from '../../rego/syntax-tree.ts';
import { branchesIn, termsIn, termsInBranch } from '../../rego/walk.ts';
import type { Check } from '../finding.ts';
import { placeOf, rulePackages } from '../over-packages.ts';
import type { RegoPackage, Subject } from '../subject.ts';
import { declaredBy } from './metadata.ts';

const FILE = 'rules/example/example.rego';
const TEST_FILE = 'rules/example/example_test.rego';
const RULE = `# METADATA
# title: Example
# description: Lets the wallet pay its own fee.
# custom:
#   facts: [transaction.fee_payer]
#   reasons: {EXAMPLE_UNDECIDED: A fact is missing.}
package countersign.rules.example

default verdict := {"decision": "deny", "reasons": []}

verdict := {"decision": "allow", "reasons": []} if input.transaction.fee_payer == "Wallet"
`;
const TEST = `package countersign.rules.example_test

import data.countersign.fixtures_test as fixtures
import data.countersign.rules.example.verdict

test_allow_its_own_fee if {
	v := verdict with input as fixtures.request
	v.decision == "allow"
}
`;
const MISSING = `
test_deny_without_facts if {
	v := verdict with input as fixtures.request_without("/transaction/fee_payer")
	v.decision == "deny"
}
`;

export const ruleWithoutTest: Check = {
  code: 'rule-without-test',
  level: 'error',
  title: 'A rule without a test that allows and one that denies',
  why: 'a rule that denies all is noticed by the first payment, one that allows all by the first theft',
  fix: 'write `<rule>_test.rego` beside it, with tests named test_allow_… and test_deny_…',
  example: { bad: { [FILE]: RULE, [TEST_FILE]: TEST }, good: { [FILE]: RULE, [TEST_FILE]: `${TEST}${MISSING}` } },
  *find(subject) {
    for (const one of rulePackages(subject)) {
      const at = placeOf(one);
      if (at === null) continue;
      const names = testsOf(one, subject).flatMap(({ rules }) => rules.map(({ name }) => name));
      const lacking = [
        ...(names.some((name) => /^test_(allow|require)/.test(name)) ? [] : ['test_allow_…']),
        ...(names.some((name) => name.startsWith('test_deny')) ? [] : ['test_deny_…']),
      ];
      if (lacking.length > 0) yield { at, what: `rule ${one.rule} has no ${lacking.join(' and no ')}` };
    }
  },
};

export const factWithoutTest: Check = {
  code: 'fact-without-test',
  level: 'error',
  title: 'A fact without a test that takes it away',
  why: 'a rule that allows where a fact is missing allows whatever the gateway could not establish',
  fix: 'add its JSON pointer to a test_deny_… that removes it (`fixtures.request_without("/effects/outflows")`) and expects deny',
  example: { bad: { [FILE]: RULE, [TEST_FILE]: TEST }, good: { [FILE]: RULE, [TEST_FILE]: `${TEST}${MISSING}` } },
  *find(subject) {
    for (const one of rulePackages(subject)) {
      const at = placeOf(one);
      const declared = declaredBy(one);
      const tests = testsOf(one, subject);
      if (at === null || declared === null || tests.length === 0) continue;
      const pointers = takesAway(tests) ? pointersIn(tests) : new Set<string>();
      for (const fact of declared.facts) {
        if (!isRemoved(fact, pointers, tests)) yield { at, what: `no test of rule ${one.rule} takes ${fact} away` };
      }
    }
  },
};

/** The test files that name the package. */
function testsOf(one: RegoPackage, { tests }: Subject): readonly RegoModule[] {
  const path = `data.${one.name}`;
  return tests.filter(({ imports }) =>
    imports.some((found) => found.path.join('.') === path || found.path.join('.').startsWith(`${path}.`)),
  );
}

/** Pointers without the positions of lists, of what tests may take away: /transaction/signers/0/address is /transaction/signers/address. */
function pointersIn(tests: readonly RegoModule[]): ReadonlySet<string> {
  const judged = branchesIn(tests).filter(({ name }) => !name.startsWith('test_allow'));
  const terms = judged.flatMap((branch) => [...termsInBranch(branch)]).toArray();
  const replacing = new Set(terms.filter(isReplacing).flatMap((term) => [...termsIn(term)]));
  const texts = terms.flatMap((term) => (term.kind === 'string' && !replacing.has(term) ? [term.value] : []));
  // What is put together stands in the source alone.
  const built = tests.flatMap(({ source }) => [...source.matchAll(BUILT)].map(([, pointer = '']) => pointer));
  return new Set(
    [...texts.filter((text) => POINTER.test(text)), ...built].map((text) => text.replace(/\/(\d+|-)(?=\/|$)/g, '')),
  );
}

const POINTER = /^\/[a-z0-9_/-]+$/i;
const BUILT = /\$["`](\/[a-z0-9_/{}-]*\{[a-z0-9_/{}-]*)["`]/gi;

/** A value put in the place of another is not one that is missing. */
function isReplacing(term: Term): boolean {
  if (term.kind === 'call') return /\b(request_with|mistyped)$/.test(term.operator);
  if (term.kind !== 'object') return false;
  const op = term.entries.find(([key]) => key.kind === 'string' && key.value === 'op')?.[1];
  return op?.kind === 'string' && op.value !== 'remove';
}

/** Something that takes away: without it, no pointer does. */
function takesAway(tests: readonly RegoModule[]): boolean {
  return branchesIn(tests)
    .flatMap((branch) => [...termsInBranch(branch)])
    .some(
      (term) =>
        (term.kind === 'call' && /(^|\.)(request_without|remove)$/.test(term.operator)) ||
        (term.kind === 'string' && term.value === 'remove'),
    );
}

function isRemoved(fact: string, pointers: ReadonlySet<string>, tests: readonly RegoModule[]): boolean {
  const steps = fact
    .replaceAll('[]', '')
    .split('.')
    .filter((step) => step !== '*' && step !== 'input');
  if (pointers.has(`/${steps.join('/')}`)) return true;
  // A pointer that is put together: $"/effects/{name}" beside a list with the name, or the keys of an object one by one.
  const last = steps.at(-1) ?? '';
  const start = `/${steps.slice(0, -1).join('/')}`;
  const built = [...pointers].some((pointer) => pointer.startsWith(`${start}/{`)) || hasKeys(tests, steps);
  return built && hasText(tests, last);
}

function hasText(tests: readonly RegoModule[], text: string): boolean {
  for (const branch of branchesIn(tests)) {
    for (const term of termsInBranch(branch)) if (term.kind === 'string' && term.value === text) return true;
  }
  return false;
}

/** Of `object.remove(input.effects, ["outflows"])` and its like. */
function hasKeys(tests: readonly RegoModule[], steps: readonly string[]): boolean {
  for (const branch of branchesIn(tests)) {
    for (const term of termsInBranch(branch)) {
      if (term.kind !== 'call' || !/^(object|json)\.remove$/.test(term.operator)) continue;
      const last = steps.at(-1);
      const removes = term.args
        .slice(1)
        .some((arg) => arg.kind === 'array' && arg.items.some((item) => item.kind === 'string' && item.value === last));
      if (removes) return true;
    }
  }
  return false;
}

export const TEST_CHECKS: readonly Check[] = [ruleWithoutTest, factWithoutTest];
