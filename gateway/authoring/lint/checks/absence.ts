// Owns the checks of what happens where a fact or a setting is not there.
import type { FactPath } from '../../rego/paths.ts';
import { ownTerms, termsIn } from '../../rego/walk.ts';
import type { Check } from '../finding.ts';
import { type Judged, pathText } from '../flow.ts';
import { rulePackages, scopedCalls, shownPath } from '../over-packages.ts';
import { typeAt } from '../schema-type.ts';
import type { RegoPackage, Subject } from '../subject.ts';
import { rule } from './example-rule.ts';

export const notOverMissing: Check = {
  code: 'not-over-missing',
  level: 'error',
  title: 'An allow by `not` over something that may be missing',
  why: 'where the fact or the setting is missing or misspelt the expression is undefined, and `not` of that holds: it is allowed',
  fix: 'check the type of what is read beside it (`is_string`, `is_boolean`, `is_object` for a table of settings), or state what must hold instead',
  example: {
    bad: {
      'rules/example/example.rego': rule(
        'is_array(input.effects.closes)\nevery close in input.effects.closes {\n\tnot close.destination == "Stranger"\n}',
      ),
    },
    good: {
      'rules/example/example.rego': rule(
        'is_array(input.effects.closes)\nevery close in input.effects.closes {\n\tis_string(close.destination)\n\tnot close.destination == "Stranger"\n}',
      ),
    },
  },
  *find(subject) {
    for (const one of rulePackages(subject)) {
      for (const judged of one.flow.conditions) {
        if (judged.stance !== 'fails') continue;
        const open = readPaths(judged, one).find(({ path, alone }) => mayBeMissing(path, alone, one, subject));
        if (open !== undefined)
          yield { at: judged.expression.at, what: `holds when ${shownPath(open.path)} is missing` };
      }
    }
  },
};

interface Read {
  readonly path: FactPath;
  /** The whole expression: it asks whether the thing is there. */
  readonly alone: boolean;
}

function readPaths({ branch, expression }: Judged, one: RegoPackage): readonly Read[] {
  const scope = one.paths.within(branch);
  return [...ownTerms(expression)].flatMap((own) =>
    [...termsIn(own)]
      .filter(({ kind }) => kind === 'ref')
      .flatMap((term) => scope.pathsOf(term).map((path) => ({ path, alone: term === own }))),
  );
}

function mayBeMissing(path: FactPath, alone: boolean, one: RegoPackage, { inputSchema }: Subject): boolean {
  const { checked, present } = one.flow;
  if (present.has(pathText(path))) return false;
  if (path[0] === 'data') return path.length > 2 && !checked.has(pathText(path.slice(0, -1)));
  const type = typeAt(inputSchema, path);
  if (type === null || path.length < 3) return false;
  return type.required || !alone;
}

export const defaultForFact: Check = {
  code: 'default-for-fact',
  level: 'error',
  title: 'A default for a fact that is always there',
  why: 'the input always has this fact; where it has not, something is wrong, and the default makes that pass for an ordinary value',
  fix: 'read the fact itself: the rule is then undefined where it is missing, and its default denies. Keep `object.get` for facts that may be absent',
  example: {
    bad: { 'rules/example/example.rego': rule('count(object.get(input.effects, "closes", [])) == 0') },
    good: { 'rules/example/example.rego': rule('input.effects.closes == []') },
  },
  *find(subject) {
    for (const { it, scope } of scopedCalls(rulePackages(subject))) {
      if (it.operator !== 'object.get') continue;
      const open = scope.pathsOf(it).find((path) => isAlwaysThere(path, subject));
      if (open !== undefined)
        yield { at: it.at, what: `has a default for ${shownPath(open)}, which the input always has` };
    }
  },
};

/** Each step of it: a list that is absent has no entries either. */
function isAlwaysThere(path: FactPath, { inputSchema }: Subject): boolean {
  const steps = path.map((_, index) => path.slice(0, index + 1)).slice(1);
  return path[0] === 'input' && steps.every((step) => typeAt(inputSchema, step)?.required === true);
}

export const ABSENCE_CHECKS: readonly Check[] = [notOverMissing, defaultForFact];
