// Owns what a policy must show before it serves: it denies what has no facts, does not fail on the ordinary, and meets its fixtures.
import { parseVerdict } from '../../core/decision/parse-verdict.ts';
import { FIXTURE_DIRECTORY, type FixtureFile } from '../bundle/fixture-files.ts';
import { fixtureProblem, readFixture } from './fixture.ts';
import { type PolicyInstance, reasonOf } from './opa-module.ts';

const WITHOUT_FACTS = ['', '{}', '{"v":1}', 'null', '[]'];
const MOST_TOLD = 5;

/** No policy may allow an input without facts, none at all included; and none may fail on an ordinary transfer. Throws otherwise. */
export function testDenials(instantiate: () => PolicyInstance, label: string, ordinary: Uint8Array): void {
  const instance = instantiate();
  try {
    instance.evaluate(ordinary);
  } catch (error) {
    throw new Error(`policy bundle ${label}: the policy fails on an ordinary transfer: ${reasonOf(error)}`);
  }
  for (const text of WITHOUT_FACTS) {
    const found = whyNotDenied(instance, text);
    if (found === null) continue;
    throw new Error(
      `policy bundle ${label}: the input ${JSON.stringify(text)} must be denied by a well-formed decision document, but ${found}`,
    );
  }
}

function whyNotDenied(instance: PolicyInstance, text: string): string | null {
  try {
    const result = instance.evaluate(new TextEncoder().encode(text));
    if (result === null) return 'gave no text';
    const verdict = parseVerdict(result);
    if (verdict.kind !== 'deny') return `gave ${JSON.stringify(verdict.kind)}`;
    const isMalformed = verdict.reasons.some(({ code }) => code === 'POLICY_RESULT_MALFORMED');
    return isMalformed ? `gave ${JSON.stringify(verdict.reasons)}` : null;
  } catch (error) {
    return `the policy fails: ${reasonOf(error)}`;
  }
}

/** Throws an Error that names each fixture whose decision is not what its author expects, and what it is. */
export function testFixtures(instantiate: () => PolicyInstance, label: string, files: readonly FixtureFile[]): void {
  let instance = instantiate();
  const problems = files.flatMap((file) => {
    const fixture = readFixture(label, file);
    try {
      const result = instance.evaluate(fixture.input);
      const problem = result === null ? 'the policy gives no result' : fixtureProblem(fixture, parseVerdict(result));
      return problem === null ? [] : [`${FIXTURE_DIRECTORY}/${file.name}.json: ${problem}`];
    } catch (error) {
      instance = instantiate();
      return [`${FIXTURE_DIRECTORY}/${file.name}.json: the policy fails: ${reasonOf(error)}`];
    }
  });
  if (problems.length === 0) return;
  const more = problems.length > MOST_TOLD ? [`and ${problems.length - MOST_TOLD} more`] : [];
  throw new Error([`policy bundle ${label}: ${problems.slice(0, MOST_TOLD).join('\n')}`, ...more].join('\n'));
}
