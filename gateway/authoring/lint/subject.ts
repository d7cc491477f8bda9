// Owns what is linted: the packages of a directory of Rego with their tests, and the policy data beside them.
import { type PackagePaths, packagePaths } from '../rego/paths.ts';
import type { RegoModule } from '../rego/syntax-tree.ts';
import type { DataFile } from './data/data-file.ts';
import { type Flow, flowOf } from './flow.ts';

export interface Subject {
  readonly packages: readonly RegoPackage[];
  readonly tests: readonly RegoModule[];
  readonly data: readonly DataFile[];
  /** The schema of the policy input. */
  readonly inputSchema: unknown;
  /** The names of the functions that WebAssembly has. */
  readonly builtins: ReadonlySet<string>;
}

/** All modules of one package, without tests. */
export interface RegoPackage {
  /** Dotted, without `data`. */
  readonly name: string;
  readonly modules: readonly RegoModule[];
  /** What its name ends with, where it is a rule that wallets can enable; else null. */
  readonly rule: string | null;
  readonly paths: PackagePaths;
  readonly flow: Flow;
}

const RULES = ['countersign', 'rules'];

export function subjectOf(
  modules: readonly RegoModule[],
  rest: Pick<Subject, 'data' | 'inputSchema' | 'builtins'>,
): Subject {
  const byName = Map.groupBy(
    modules.filter((module) => !isTest(module)),
    ({ packagePath }) => packagePath.join('.'),
  );
  const packages = [...byName].map(([name, own]) => packageOf(name, own));
  return { packages, tests: modules.filter(isTest), ...rest };
}

function packageOf(name: string, modules: readonly RegoModule[]): RegoPackage {
  const path = modules[0]?.packagePath ?? [];
  const isRule = path.length === 3 && RULES.every((part, index) => path[index] === part);
  const paths = packagePaths(modules);
  return { name, modules, rule: isRule ? (path[2] ?? null) : null, paths, flow: flowOf(modules, paths) };
}

/** As opa's own tools tell them: by the name of the file, or of the package. */
function isTest({ file, packagePath }: RegoModule): boolean {
  return file.endsWith('_test.rego') || packagePath.at(-1)?.endsWith('_test') === true;
}
