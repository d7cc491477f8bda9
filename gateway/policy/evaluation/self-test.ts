// Owns what a policy must show before it serves: it denies what has no facts, does not fail on the ordinary, and meets its fixtures.
import { parseVerdict } from '../../core/decision/parse-verdict.ts';
import { FIXTURE_DIRECTORY, type FixtureFile } from '../bundle/fixture-files.ts';
import { fixtureProblem, readFixture } from './fixture.ts';
import { type PolicyInstance, reasonOf } from './opa-module.ts';

const WITHOUT_FACTS = ['', '{}', '{"v":1}', 'null', '[]'];
const MOST_TOLD = 5;

/** No policy may allow an input without facts, none at all included; and none may fail on an ordinary transfer. Throws otherwise. */
export function testDenials(instantiate: () => PolicyInstance, label: string, ordinary: Uint8Array): void {
  try {
    instantiate().evaluate(ordinary);
  } catch (error) {
    throw new Error(`policy bundle ${label}: the policy fails on an ordinary transfer: ${reasonOf(error)}`);
  }
  for (const text of WITHOUT_FACTS) {
    const result = resultWithoutFacts(instantiate, label, text);
    const verdict = result === null ? null : parseVerdict(result);
    if (verdict?.kind !== 'deny' || verdict.reasons.some(({ code }) => code === 'POLICY_RESULT_MALFORMED')) {
      const found =
        verdict === null ? 'no text' : JSON.stringify(verdict.kind === 'deny' ? verdict.reasons : verdict.kind);
      throw new Error(
        `policy bundle ${label}: the input ${JSON.stringify(text)} must be denied by a well-formed decision document, but gave ${found}`,
      );
    }
  }
}

function resultWithoutFacts(instantiate: () => PolicyInstance, label: string, text: string): string | null {
  try {
    return instantiate().evaluate(new TextEncoder().encode(text));
  } catch (error) {
    throw new Error(
      `policy bundle ${label}: the input ${JSON.stringify(text)} must be denied by a well-formed decision document, but the policy fails: ${reasonOf(error)}`,
    );
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
