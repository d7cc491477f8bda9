// Owns which tests can notice a mistake in a package: those that name it first, then those that reach it through others.
import type { RegoModule } from '../rego/syntax-tree.ts';
import { branchesIn, termsInBranch } from '../rego/walk.ts';

export interface TestPlan {
  /** The next stage is asked only where the one before notices nothing. */
  stagesFor(file: string): readonly Stage[];
  /** The tests that name the package of one of these files, at once; null: there are none. */
  nearest(files: ReadonlySet<string>): Stage | null;
}

export interface Stage {
  /** What opa loads. */
  readonly files: readonly string[];
  /** The tests to run, as a regular expression on their names. */
  readonly run: string;
}

/** Full name of a test, and the milliseconds that it took. */
export type Durations = ReadonlyMap<string, number>;

/** Tests of a stage together take up to this; the last stage takes what is left. */
const STAGE_MS = [100, 500, 2_000];

/** `modules` are all that the tests may need, with the tests. */
export function testPlan(
  modules: readonly RegoModule[],
  isTest: (file: string) => boolean,
  durations: Durations,
): TestPlan {
  const packages = Map.groupBy(modules, nameOf);
  const names = [...packages.keys()];
  const computable = new Set(modules.filter(({ file }) => !isTest(file)).map(nameOf));
  const needs = new Map([...packages].map(([name, own]) => [name, neededBy(own, names, computable)]));
  const reach = new Map(names.map((name) => [name, reachedFrom(name)]));
  const tests = modules.filter((module) => isTest(module.file) && testsIn(module).length > 0);

  function reachedFrom(name: string): ReadonlySet<string> {
    const reached = new Set<string>();
    const waiting = [name];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (reached.has(next)) continue;
      reached.add(next);
      waiting.push(...(needs.get(next) ?? []));
    }
    return reached;
  }

  /** Whole packages, as a file of tests may use what stands in another one. */
  function filesFor(chosen: readonly RegoModule[]): readonly string[] {
    const reached = new Set(chosen.flatMap((test) => [...(reach.get(nameOf(test)) ?? [])]));
    const files = modules.filter((module) => reached.has(nameOf(module))).map(({ file }) => file);
    return [...new Set(files)].sort();
  }

  /** The quick ones first: most mistakes are noticed by several tests. */
  function stagesOf(chosen: readonly RegoModule[]): readonly Stage[] {
    const named = chosen.flatMap((test) => testsIn(test).map((name) => ({ name, test, ms: durations.get(name) ?? 0 })));
    const waiting = named.toSorted((one, other) => one.ms - other.ms);
    const stages: Stage[] = [];
    for (const most of [...STAGE_MS, Number.POSITIVE_INFINITY]) {
      let together = 0;
      const stage: typeof waiting = [];
      for (
        let next = waiting[0];
        next !== undefined && (stage.length === 0 || together + next.ms <= most);
        next = waiting[0]
      ) {
        together += next.ms;
        stage.push(next);
        waiting.shift();
      }
      if (stage.length === 0) break;
      stages.push({
        files: filesFor([...new Set(stage.map(({ test }) => test))]),
        run: patternOf(stage.map(({ name }) => name)),
      });
    }
    return stages;
  }

  function packageOf(file: string): string {
    const found = modules.find((one) => one.file === file);
    return found === undefined ? '' : nameOf(found);
  }

  function near(file: string): readonly RegoModule[] {
    const name = packageOf(file);
    return tests.filter((test) => nameOf(test) === name || needs.get(nameOf(test))?.has(name));
  }

  return {
    stagesFor(file) {
      const own = near(file);
      const name = packageOf(file);
      const far = tests.filter((test) => reach.get(nameOf(test))?.has(name) && !own.includes(test));
      return [...stagesOf(own), ...stagesOf(far)];
    },
    nearest(files) {
      const found = [...new Set([...files].flatMap(near))];
      return found.length === 0 ? null : { files: filesFor(found), run: patternOf(found.flatMap(testsIn)) };
    },
  };
}

function patternOf(names: readonly string[]): string {
  return `^(${names.map((name) => name.replaceAll('.', '\\.')).join('|')})$`;
}

function nameOf({ packagePath }: RegoModule): string {
  return packagePath.join('.');
}

function testsIn({ packagePath, rules }: RegoModule): readonly string[] {
  const names = new Set(rules.map(({ name }) => name).filter((name) => name.startsWith('test_')));
  return [...names].map((name) => `data.${packagePath.join('.')}.${name}`);
}

/** Packages that modules name by import or by reference; one that they compute stands for all below that are no tests. */
function neededBy(
  modules: readonly RegoModule[],
  names: readonly string[],
  computable: ReadonlySet<string>,
): ReadonlySet<string> {
  const needed = new Set<string>();
  for (const { imports } of modules) for (const { path } of imports) add(path.slice(1));
  for (const branch of branchesIn(modules)) {
    for (const term of termsInBranch(branch)) {
      if (term.kind === 'call' && term.operator.startsWith('data.')) add(term.operator.split('.').slice(1));
      if (term.kind !== 'ref' || term.head.kind !== 'var' || term.head.name !== 'data') continue;
      const dynamic = term.path.findIndex(({ kind }) => kind !== 'string');
      const fixed = dynamic < 0 ? term.path : term.path.slice(0, dynamic);
      add(fixed.map((part) => (part.kind === 'string' ? part.value : '')));
    }
  }
  return needed;

  function add(steps: readonly string[]): void {
    const path = steps.join('.');
    for (const name of names) {
      const below = name.startsWith(`${path}.`) && computable.has(name);
      if (path === name || path.startsWith(`${name}.`) || below) needed.add(name);
    }
  }
}
