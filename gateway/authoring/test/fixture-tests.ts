// Owns the replay of fixtures: each through opa and through the gateway's WebAssembly, which must agree, and against its expectation.
import { type CanonicalValue, canonicalJson } from '../../core/canonical-json.ts';
import type { Reason, Verdict } from '../../core/decision/decision.ts';
import { parseJson } from '../../core/decision/json-value.ts';
import { parseVerdict } from '../../core/decision/parse-verdict.ts';
import { type Fixture, fixtureProblem, readFixture } from '../../policy/evaluation/fixture.ts';
import { decideByOpa } from '../fixtures/decide-by-opa.ts';
import { decisionText } from '../fixtures/decision-text.ts';
import { inputCheck } from '../fixtures/input-problems.ts';
import { factLines, factsByRule } from '../fixtures/rule-facts.ts';
import type { OpenRepository } from '../repository/open-repository.ts';

export interface FixtureTest {
  readonly name: string;
  /** Empty: it holds. The first line says what is wrong. */
  readonly lines: readonly string[];
}

interface Judge {
  readonly byOpa: Readonly<Record<string, string>>;
  readonly facts: ReadonlyMap<string, readonly string[]>;
  readonly inputProblems: (input: CanonicalValue) => readonly string[];
}

/** In the order of their names. */
export async function fixtureTests(opa: string, repository: OpenRepository): Promise<readonly FixtureTest[]> {
  const { bundle, files } = repository;
  const fixtures = bundle.fixtures.map((file) => readFixture(bundle.label, file));
  if (fixtures.length === 0) return [];
  const inputs = fixtures.map(({ name, input }) => ({ name, input: parseJson(new TextDecoder().decode(input)) }));
  const judge: Judge = {
    byOpa: await decideByOpa(opa, files, inputs),
    facts: await factsByRule(opa, files),
    inputProblems: await inputCheck(),
  };
  return fixtures.map((fixture, at) => tested(fixture, inputs[at]?.input ?? null, repository, judge));
}

function tested(fixture: Fixture, input: CanonicalValue, repository: OpenRepository, judge: Judge): FixtureTest {
  const { name } = fixture;
  const strange = judge.inputProblems(input);
  const inWasm = wasmDecision(repository, fixture.input);
  const inOpa = judge.byOpa[name] ?? null;
  if (inWasm.kind === 'failed')
    return { name, lines: [`the policy fails in WebAssembly: ${inWasm.problem}`, ...strange] };
  if (!sameDocument(inWasm.text, inOpa)) return { name, lines: disagreement(inWasm.text, inOpa) };
  const verdict = parseVerdict(inWasm.text ?? '');
  const problem = fixtureProblem(fixture, verdict);
  if (problem === null && strange.length === 0) return { name, lines: [] };
  const lines =
    problem === null ? ['its input is none that a gateway writes'] : [problem, ...verdictLines(verdict, input, judge)];
  return { name, lines: [...lines, ...strange] };
}

type WasmDecision =
  | { readonly kind: 'decided'; readonly text: string | null }
  | { readonly kind: 'failed'; readonly problem: string };

function wasmDecision({ instance }: OpenRepository, input: Uint8Array): WasmDecision {
  try {
    return { kind: 'decided', text: instance().evaluate(input) };
  } catch (error) {
    return { kind: 'failed', problem: error instanceof Error ? error.message : String(error) };
  }
}

/** What opa gives as text may have its keys in another order. */
function sameDocument(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a === b;
  return canonicalJson(parseJson(a)) === canonicalJson(parseJson(b));
}

function disagreement(inWasm: string | null, inOpa: string | null): readonly string[] {
  return [
    'opa and WebAssembly do not decide the same; the gateway decides as WebAssembly does',
    `opa: ${inOpa ?? 'no result'}`,
    `WebAssembly: ${inWasm ?? 'no result'}`,
  ];
}

/** Each rule that spoke once: its reasons, and the facts that it read. */
function verdictLines(verdict: Verdict, input: CanonicalValue, { facts }: Judge): readonly string[] {
  const rules = new Map<string, Reason[]>();
  for (const reason of verdict.reasons) rules.set(reason.rule, [...(rules.get(reason.rule) ?? []), reason]);
  return [...rules].flatMap(([rule, reasons]) => [
    `rule ${rule}:`,
    ...reasons.flatMap(decisionText).map((line) => `  ${line}`),
    ...factLines(input, facts.get(rule) ?? []).map((line) => `  ${line}`),
  ]);
}
