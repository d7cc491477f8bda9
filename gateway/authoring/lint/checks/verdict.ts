// Owns the checks of the verdict as a whole: what it says when nothing is known, and what its allow rests on.
import type { Rule, Term } from '../../rego/syntax-tree.ts';
import type { Check, Found } from '../finding.ts';
import { decisionOf } from '../flow.ts';
import { integerIn, placeOf, rulePackages, rulesNamed, scopedTerms } from '../over-packages.ts';
import type { RegoPackage } from '../subject.ts';

const HEAD = 'package countersign.rules.example\n';
const DEFAULT = 'default verdict := {"decision": "deny", "reasons": []}\n';

export const verdictWithoutDefault: Check = {
  code: 'verdict-without-default',
  level: 'error',
  title: 'A rule whose verdict has no default of deny',
  why: 'where a fact is missing no branch of the verdict holds; only a default of deny says so, in a reason that people can read',
  fix: 'write `default verdict := {"decision": "deny", "reasons": [{"code": …, "message": …, "remedy": …, "facts": {}}]}`',
  example: {
    bad: {
      'rules/example/example.rego': `${HEAD}\nverdict := {"decision": "allow", "reasons": []} if is_array(input.effects.outflows)\n`,
    },
    good: {
      'rules/example/example.rego': `${HEAD}\n${DEFAULT}\nverdict := {"decision": "allow", "reasons": []} if is_array(input.effects.outflows)\n`,
    },
  },
  *find(subject) {
    for (const one of rulePackages(subject)) {
      const defaults = rulesNamed(one, 'verdict').filter(({ isDefault }) => isDefault);
      const [first] = defaults;
      const at = first?.headAt ?? placeOf(one);
      if (at === null || defaults.some(({ value }) => decisionOf(value) === 'deny')) continue;
      const what = first === undefined ? 'has no default verdict' : 'has a default verdict that is not deny';
      yield { at, what: `rule ${one.rule} ${what}` };
    }
  },
};

export const allowByNothingFound: Check = {
  code: 'allow-by-nothing-found',
  level: 'error',
  title: 'An allow because no violation was found',
  why: 'a set or list of violations is empty too when the field that it reads is missing or misspelt: then everything is allowed',
  fix: 'state what must hold, with `every` over lists that `is_array` has checked; compute the reasons of a denial apart from that',
  example: {
    bad: {
      'rules/example/example.rego': `${HEAD}\n${DEFAULT}
verdict := {"decision": "allow", "reasons": []} if count(denied) == 0

denied contains outflow.asset if {
	some outflow in input.effects.outflows
	outflow.amount > 5
}
`,
    },
    good: {
      'rules/example/example.rego': `${HEAD}\n${DEFAULT}
verdict := {"decision": "allow", "reasons": []} if {
	is_array(input.effects.outflows)
	every outflow in input.effects.outflows {
		is_number(outflow.amount)
		outflow.amount <= 5
	}
}
`,
    },
  },
  *find({ packages }) {
    for (const one of packages) {
      for (const { expression } of one.flow.conditions) {
        if (expression.form.kind !== 'term') continue;
        const list = emptyList(expression.form.term, expression.negated);
        if (list === null || !isGathered(list, one)) continue;
        yield { at: expression.at, what: `allows when ${list.at.text} is empty, as it is when a field is missing` };
      }
      yield* unconditional(one);
    }
  },
};

function* unconditional({ flow }: RegoPackage): Generator<Found> {
  for (const branch of flow.permitting) {
    if (branch.hasBody || decisionOf(branch.value) === null) continue;
    yield { at: branch.headAt, what: 'allows without any condition of its own' };
  }
}

/** Of `count(list) == 0` and its like, the list. */
function emptyList(term: Term, negated: boolean): Term | null {
  if (term.kind !== 'call') return null;
  const [left, right] = term.args;
  if (left?.kind !== 'call' || left.operator !== 'count') return emptyLiteral(term, negated);
  const bound = integerIn(right);
  const empty = negated
    ? (term.operator === 'gt' && bound === 0) ||
      (term.operator === 'gte' && bound === 1) ||
      (term.operator === 'neq' && bound === 0)
    : ((term.operator === 'equal' || term.operator === 'lte') && bound === 0) ||
      (term.operator === 'lt' && bound === 1);
  return empty ? (left.args[0] ?? null) : null;
}

function emptyLiteral({ operator, args: [left, right] }: Term & { kind: 'call' }, negated: boolean): Term | null {
  if (operator !== (negated ? 'neq' : 'equal')) return null;
  const isEmpty = (right?.kind === 'set' || right?.kind === 'array') && right.items.length === 0;
  return isEmpty ? (left ?? null) : null;
}

/** Whether it holds what some search found. */
function isGathered(term: Term, one: RegoPackage, depth = 3): boolean {
  if (term.kind === 'comprehension') return true;
  if (term.kind === 'call')
    return /^(array\.(concat|flatten|reverse)|sort|union|or)$/.test(term.operator) && term.args.some(inner);
  if (term.kind === 'array') return term.items.some(inner);
  const name =
    term.kind === 'var' ? term.name : term.kind === 'ref' && term.head.kind === 'var' ? term.head.name : null;
  if (name === null || depth === 0) return false;
  return rulesNamed(one, name).some((rule) => rule.element !== null || (rule.value !== null && inner(rule.value)));

  function inner(term: Term): boolean {
    return isGathered(term, one, depth - 1);
  }
}

const SUBJECTS = /^input\.(effects|transaction|message|simulation|request\.local_times)\b/;

export const allowWithoutEffects: Check = {
  code: 'allow-without-effects',
  level: 'error',
  title: 'A rule whose allow does not depend on what would be signed',
  why: 'it says the same of every transaction, also of one that empties the wallet, and yet counts as a rule that agreed',
  fix: 'read what the rule is about from input.effects, input.transaction or input.message, or emit a limit',
  example: {
    bad: {
      'rules/example/example.rego': `${HEAD}\n${DEFAULT}\nverdict := {"decision": "allow", "reasons": []} if input.agent.id == "trader"\n`,
    },
    good: {
      'rules/example/example.rego': `${HEAD}\n${DEFAULT}\nverdict := {"decision": "allow", "reasons": []} if input.transaction.fee_payer == input.wallet.address\n`,
    },
  },
  *find(subject) {
    for (const one of rulePackages(subject)) {
      const [first] = one.flow.permitting;
      if (first === undefined || one.flow.permitting.some(givesLimits) || readsSubject(one)) continue;
      yield { at: first.headAt, what: `rule ${one.rule} reads nothing of input.effects, transaction or message` };
    }
  },
};

function readsSubject(one: RegoPackage): boolean {
  for (const { it, scope } of scopedTerms([one])) {
    if (it.kind === 'ref' && scope.pathsOf(it).some((path) => SUBJECTS.test(path.join('.')))) return true;
  }
  return false;
}

function givesLimits({ value }: Rule): boolean {
  return value?.kind === 'object' && value.entries.some(([key]) => key.kind === 'string' && key.value === 'limits');
}

export const VERDICT_CHECKS: readonly Check[] = [verdictWithoutDefault, allowByNothingFound, allowWithoutEffects];
