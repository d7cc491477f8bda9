// Owns a whole run of the linter over a directory: what is read, what is found, and what comments let stand.
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from '../../policy/build/opa.ts';
import { rawList, rawObject, rawText } from '../rego/raw-json.ts';
import { readModules } from '../rego/read-modules.ts';
import type { RegoModule } from '../rego/syntax-tree.ts';
import { ALL_CHECKS } from './all-checks.ts';
import { type DataFile, dataFileOf } from './data/data-file.ts';
import type { Finding } from './finding.ts';
import { type Subject, subjectOf } from './subject.ts';
import { type Comment, sift } from './suppressions.ts';

const POLICIES = join(PROJECT, 'policies');
const SKIPPED = ['node_modules', '.git', 'build', '.countersign', '.cache'];

export interface Report {
  /** By file, row and column. */
  readonly findings: readonly Finding[];
  /** Those that a comment lets stand. */
  readonly suppressed: readonly Finding[];
  readonly files: number;
}

/** Throws where a file does not parse, and where there is nothing to lint. */
export async function lintDirectory(opa: string, directory: string): Promise<Report> {
  const [rego, texts] = await Promise.all([
    filesIn(directory, '**/*.rego'),
    filesIn(directory, '**/data/**/*.{json,yaml,yml}'),
  ]);
  if (rego.length + texts.length === 0) {
    throw new Error(`${directory} holds no Rego (*.rego) and no policy data (data/**/*.json, *.yaml)`);
  }
  const modules = await readModules(opa, directory, rego);
  const data = await Promise.all(
    texts.map(async (file) => dataFileOf(file, await readFile(join(directory, file), 'utf8'))),
  );
  return { ...lint(modules, data, await surroundings()), files: rego.length + texts.length };
}

async function filesIn(directory: string, pattern: string): Promise<readonly string[]> {
  const found = glob(pattern, { cwd: directory, exclude: (name) => SKIPPED.includes(name) });
  return (await Array.fromAsync(found)).sort();
}

export type Surroundings = Pick<Subject, 'inputSchema' | 'builtins'>;

/** What comes with the tool, whatever directory is linted. */
export async function surroundings(): Promise<Surroundings> {
  const [schema, capabilities] = await Promise.all(
    ['schema/input.json', 'capabilities.json'].map(
      async (file): Promise<unknown> => JSON.parse(await readFile(join(POLICIES, file), 'utf8')),
    ),
  );
  const builtins = rawList(rawObject(capabilities).builtins).map((one) => rawText(rawObject(one).name));
  return { inputSchema: schema, builtins: new Set(builtins) };
}

export function lint(
  modules: readonly RegoModule[],
  data: readonly DataFile[],
  around: Surroundings,
): Omit<Report, 'files'> {
  const subject = subjectOf(modules, { data, ...around });
  const found = ALL_CHECKS.flatMap(({ find, code, level, why, fix }) =>
    [...find(subject)].map((one): Finding => ({ ...one, code, level, why, fix })),
  );
  const { standing, suppressed } = sift(
    distinct(found),
    commentsOf(modules, data),
    new Set(ALL_CHECKS.map(({ code }) => code)),
  );
  return { findings: standing.toSorted(byPlace), suppressed };
}

/** One condition may be reached in several ways. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const key = ({ code, at, what }: Finding) => [code, at.file, at.row, at.col, what].join(' ');
  return [...new Map(findings.map((finding) => [key(finding), finding])).values()];
}

function byPlace(one: Finding, other: Finding): number {
  if (one.at.file !== other.at.file) return one.at.file < other.at.file ? -1 : 1;
  return one.at.row - other.at.row || one.at.col - other.at.col || (one.code < other.code ? -1 : 1);
}

/** Comments in a row speak of the line after the last of them. */
function commentsOf(modules: readonly RegoModule[], data: readonly DataFile[]): readonly Comment[] {
  return [...modules, ...data].flatMap(({ file, comments }) => {
    const rows = new Set(comments.map(({ row }) => row));
    return comments.map(({ row, text }): Comment => {
      let speaksOf = row + 1;
      while (rows.has(speaksOf)) speaksOf += 1;
      return { file, row, text, speaksOf };
    });
  });
}
