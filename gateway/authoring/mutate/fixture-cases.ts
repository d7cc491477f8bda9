// Owns what fixtures tell of a mutant: whether one of them is decided otherwise than its author expects.
import type { CanonicalValue } from '../../core/canonical-json.ts';
import type { Verdict } from '../../core/decision/decision.ts';
import { parseJson } from '../../core/decision/json-value.ts';
import { parseVerdict } from '../../core/decision/parse-verdict.ts';
import type { BundleFiles, PolicyBundle } from '../../policy/bundle/bundle.ts';
import { fixtureProblem, readFixture } from '../../policy/evaluation/fixture.ts';
import { decideByOpa } from '../fixtures/decide-by-opa.ts';

export interface FixtureCase {
  readonly name: string;
  readonly input: CanonicalValue;
  readonly expected: Verdict['kind'];
  /** Whether a decision document, as JSON text, is what is expected. */
  accepts(decision: string): boolean;
}

export function fixtureCases({ label, fixtures }: PolicyBundle): readonly FixtureCase[] {
  return fixtures.map((file) => {
    const fixture = readFixture(label, file);
    return {
      name: fixture.name,
      input: parseJson(new TextDecoder().decode(fixture.input)),
      expected: fixture.expected.decision,
      accepts: (decision) => fixtureProblem(fixture, parseVerdict(decision)) === null,
    };
  });
}

/** `file` is the path of a source within the bundle, `source` what stands there instead. */
export async function noticedBy(
  cases: readonly FixtureCase[],
  opa: string,
  bundle: BundleFiles,
  file: string,
  source: string,
): Promise<boolean> {
  if (cases.length === 0 || !bundle.has(file)) return false;
  const changed = new Map(bundle).set(file, new TextEncoder().encode(source));
  // A policy that fails is noticed too.
  const decided = await decideByOpa(opa, changed, cases).catch(() => ({}));
  return cases.some(({ name, accepts }) => !accepts(Reflect.get(decided, name) ?? ''));
}
