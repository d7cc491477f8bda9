// Owns the removal of facts, one by one, from inputs that are allowed: each must be denied without the fact.
import { type CanonicalValue, canonicalJsonBytes } from '../../core/canonical-json.ts';
import type { Verdict } from '../../core/decision/decision.ts';
import { isJsonList, isJsonObject } from '../../core/decision/json-value.ts';
import { parseVerdict } from '../../core/decision/parse-verdict.ts';
import type { PolicyInstance } from '../../policy/evaluation/opa-module.ts';
import { typeAt } from '../lint/schema-type.ts';
import type { FixtureCase } from './fixture-cases.ts';

export interface Removal {
  readonly fixture: string;
  /** JSON pointer. */
  readonly pointer: string;
  readonly decision: Verdict['kind'];
}

export interface Removals {
  readonly fixtures: number;
  readonly tried: number;
  /** What was not denied. */
  readonly permitted: readonly Removal[];
}

/** Facts that the schema says may be absent are left: without them it is another input, and not a lesser one. */
export function removeFacts(cases: readonly FixtureCase[], schema: unknown, instance: () => PolicyInstance): Removals {
  const permitting = cases.filter(({ expected }) => expected !== 'deny');
  const decide = decider(instance);
  const permitted: Removal[] = [];
  let tried = 0;
  for (const { name, input } of permitting) {
    for (const steps of factsIn(input, [])) {
      const path = ['input', ...steps.map((step) => (typeof step === 'number' ? '*' : step))];
      if (typeAt(schema, path)?.required !== true) continue;
      tried += 1;
      const decision = decide(without(input, steps));
      if (decision !== 'deny') permitted.push({ fixture: name, pointer: `/${steps.join('/')}`, decision });
    }
  }
  return { fixtures: permitting.length, tried, permitted };
}

/** An instance that has thrown is of no more use. */
function decider(instance: () => PolicyInstance): (input: CanonicalValue) => Verdict['kind'] {
  let current = instance();
  return (input) => {
    try {
      return parseVerdict(current.evaluate(canonicalJsonBytes(input)) ?? '').kind;
    } catch {
      current = instance();
      return 'deny';
    }
  };
}

type Steps = readonly (string | number)[];

/** Every member of every object. */
function* factsIn(value: CanonicalValue, at: Steps): Generator<Steps> {
  if (isJsonList(value)) {
    for (const [index, item] of value.entries()) yield* factsIn(item, [...at, index]);
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      yield [...at, key];
      yield* factsIn(member, [...at, key]);
    }
  }
}

function without(value: CanonicalValue, [step, ...rest]: Steps): CanonicalValue {
  if (isJsonList(value)) return value.map((item, index) => (index === step ? without(item, rest) : item));
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).filter(([key]) => key !== step || rest.length > 0);
  return Object.fromEntries(members.map(([key, member]) => [key, key === step ? without(member, rest) : member]));
}
