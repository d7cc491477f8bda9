// Owns where in the files that people wrote each part of the policy data stands, for what is said about it.
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { pathText } from './source-value.ts';

export interface SourceFile {
  /** As people know it: `data/agents/payroll.yaml`. */
  readonly name: string;
  readonly text: string;
  /** Where its content stands in the data. */
  readonly path: readonly string[];
}

/** Puts file, line and column before each sentence that begins with a path of the data. */
export function withPlaces(problems: readonly string[], files: readonly SourceFile[]): readonly string[] {
  const places = new Map(files.flatMap((file) => [...placesIn(file)]));
  return problems.map((problem) => {
    const place = nearest(problem, places);
    return place === null ? problem : `${place}: ${problem}`;
  });
}

/** Of what stands there, or of what should hold it. */
function nearest(problem: string, places: ReadonlyMap<string, string>): string | null {
  let found = '';
  for (const path of places.keys()) {
    if (path.length > found.length && problem.startsWith(path) && /[.:[]/.test(problem.charAt(path.length)))
      found = path;
  }
  return places.get(found) ?? null;
}

function* placesIn({ name, text, path }: SourceFile): Generator<readonly [string, string]> {
  const lines = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter: lines, stringKeys: true });
  const placeOf = (node: unknown): string => {
    const { range } = Object(node);
    const { line, col } = lines.linePos(Array.isArray(range) ? Number(range[0]) : 0);
    return `${name}:${line}:${col}`;
  };
  yield [pathText(path), placeOf(contents)];
  yield* within(contents, path, placeOf);
}

/** What an alias repeats stands where it was written: people look there. */
function* within(
  node: unknown,
  path: readonly (string | number)[],
  placeOf: (node: unknown) => string,
): Generator<readonly [string, string]> {
  const children = isMap(node)
    ? node.items.map(({ key, value }) => [isScalar(key) ? String(key.value) : '', key, value] as const)
    : isSeq(node)
      ? node.items.map((item, at) => [at, item, item] as const)
      : [];
  for (const [step, at, value] of children) {
    yield [pathText([...path, step]), placeOf(at)];
    yield* within(value, [...path, step], placeOf);
  }
}
