// Owns the comparison of two revisions of a policy repository: what changed in data and rules, and which fixtures are decided otherwise.
import type { CanonicalValue } from '../../core/canonical-json.ts';
import type { Verdict } from '../../core/decision/decision.ts';
import { parseJson } from '../../core/decision/json-value.ts';
import { parseVerdict } from '../../core/decision/parse-verdict.ts';
import { buildRepository } from '../../policy/build/build-repository.ts';
import { readFixture } from '../../policy/evaluation/fixture.ts';
import { type OpenRepository, openFiles } from '../repository/open-repository.ts';
import { withCheckout } from './checkout.ts';
import { dataChanges } from './data-changes.ts';

export interface Comparison {
  readonly before: string;
  readonly after: string;
  readonly data: readonly string[];
  /** `+`, `-` and `~` before a path of the bundle. */
  readonly sources: readonly string[];
  /** What is decided otherwise, and in which words. */
  readonly fixtures: readonly string[];
  /** Fixtures that both judged. */
  readonly judged: number;
  /** Of those, the ones with another decision: others have other reasons only. */
  readonly otherDecisions: number;
}

/** Throws where one of them does not build: what is wrong with which. */
export async function compareRevisions(
  directory: string,
  revisions: readonly [string, string],
  opa: string,
): Promise<Comparison> {
  const before = await builtAt(directory, revisions[0], opa);
  const after = await builtAt(directory, revisions[1], opa);
  const inputs = new Map([...fixtureInputs(before), ...fixtureInputs(after)]);
  const judged = [...inputs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, input]) => {
      const [was, is] = [decided(before, input), decided(after, input)];
      return { name, was, is };
    });
  return {
    before: before.bundle.revision,
    after: after.bundle.revision,
    data: dataChanges(dataOf(before), dataOf(after)),
    sources: sourceChanges(before, after),
    fixtures: judged.flatMap(({ name, was, is }) => {
      const [old, now] = [said(was), said(is)];
      return old === now ? [] : [`${name}: ${old} → ${now}`];
    }),
    judged: judged.length,
    otherDecisions: judged.filter(({ was, is }) => was?.kind !== is?.kind).length,
  };
}

async function builtAt(directory: string, revision: string, opa: string): Promise<OpenRepository> {
  return withCheckout(directory, revision, async ({ directory: checkout, commit, time }) => {
    try {
      const { files } = await buildRepository({ directory: checkout, opa, gitCommit: commit, builtAt: time });
      return await openFiles(files, revision);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(
        `${revision} does not build: ${message.replaceAll(`${checkout}/`, '').replaceAll(checkout, revision)}`,
      );
    }
  });
}

function fixtureInputs({ bundle }: OpenRepository): ReadonlyMap<string, Uint8Array> {
  return new Map(bundle.fixtures.map((file) => [file.name, readFixture(bundle.label, file).input]));
}

/** `null`: the policy fails. */
function decided({ instance }: OpenRepository, input: Uint8Array): Verdict | null {
  try {
    return parseVerdict(instance().evaluate(input) ?? '');
  } catch {
    return null;
  }
}

function said(verdict: Verdict | null): string {
  if (verdict === null) return 'the policy fails';
  const codes = [...new Set(verdict.reasons.map(({ code }) => code))].sort();
  return `${verdict.kind.replace('_', ' ')} (${codes.join(', ')})`;
}

function dataOf({ bundle }: OpenRepository): CanonicalValue {
  return parseJson(new TextDecoder().decode(bundle.data));
}

function sourceChanges(before: OpenRepository, after: OpenRepository): readonly string[] {
  const shown = (path: string) => /\.rego$|^idls\/|^fixtures\//.test(path);
  const paths = [...new Set([...before.files.keys(), ...after.files.keys()])].filter(shown).sort();
  return paths.flatMap((path) => {
    const [was, is] = [before.files.get(path), after.files.get(path)];
    if (was === undefined) return [`+ ${path}`];
    if (is === undefined) return [`- ${path}`];
    return Buffer.from(was).equals(is) ? [] : [`~ ${path}`];
  });
}
