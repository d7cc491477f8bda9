// Owns what a fixture says and whether a verdict is what its author expects.
import { z } from 'zod';
import { canonicalJsonBytes } from '../../core/canonical-json.ts';
import type { Verdict } from '../../core/decision/decision.ts';
import { parseJson } from '../../core/decision/json-value.ts';
import { FIXTURE_DIRECTORY, type FixtureFile } from '../bundle/fixture-files.ts';
import { malformed } from '../bundle/malformed.ts';

export interface Fixture {
  readonly name: string;
  /** Canonical JSON, as the gateway would write it. */
  readonly input: Uint8Array;
  readonly expected: {
    readonly decision: Verdict['kind'];
    /** Codes, each once, sorted; `null`: whatever they are. */
    readonly reasons: readonly string[] | null;
  };
}

const EXPECT = z.strictObject({
  decision: z.enum(['allow', 'deny', 'require_approval'], 'must be allow, deny or require_approval'),
  reasons: z.array(z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'must be a code, such as FEE_LIMIT_EXCEEDED')).optional(),
});
const FIXTURE = z.strictObject({ description: z.string().optional(), input: z.looseObject({}), expect: EXPECT });

/** Throws an Error that names the file and what is wrong with it. */
export function readFixture(label: string, { name, bytes }: FixtureFile): Fixture {
  const path = `${FIXTURE_DIRECTORY}/${name}.json`;
  const document = documentOf(label, path, bytes);
  const read = FIXTURE.safeParse(document);
  if (!read.success) throw malformed(label, path, z.prettifyError(read.error));
  const { decision, reasons } = read.data.expect;
  return {
    name,
    input: canonicalJsonBytes(inputOf(document)),
    expected: { decision, reasons: reasons === undefined ? null : [...new Set(reasons)].sort() },
  };
}

/** In one sentence, what the verdict is and what it should be; `null`: it is what was expected. */
export function fixtureProblem({ expected }: Fixture, given: Verdict): string | null {
  // What the gateway would make of it.
  const verdict = given;
  const codes = [...new Set(verdict.reasons.map(({ code }) => code))].sort();
  const wanted = expected.reasons;
  const same = wanted === null || (wanted.length === codes.length && wanted.every((code, i) => code === codes[i]));
  if (verdict.kind === expected.decision && same) return null;
  const said = (decision: string, reasons: readonly string[] | null) =>
    reasons === null ? decision : `${decision} (${reasons.join(', ') || 'no reason'})`;
  return `expected ${said(expected.decision, wanted)}, but the policy gives ${said(verdict.kind, codes)}`;
}

type Document = ReturnType<typeof parseJson>;

function documentOf(label: string, path: string, bytes: Uint8Array): Document {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    throw malformed(label, path, `it is not JSON in UTF-8 with plain integers: ${why}`);
  }
}

function inputOf(document: Document): Document {
  return typeof document === 'object' && document !== null && 'input' in document ? document.input : null;
}
