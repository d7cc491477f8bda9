// Owns the hunt for mutants: each is tried against the tests that could notice it, several at once.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { opaAnswer } from '../../policy/build/opa.ts';
import { requireGreen } from './green.ts';
import { edited, type Mutant } from './mutant.ts';
import { mutantsOf } from './mutants-of.ts';
import { type Quarry, TEST_TIMEOUT } from './quarry.ts';
import { chosen } from './sample.ts';
import { type Stage, testPlan } from './test-plan.ts';

/** refused: opa does not compile it, so nobody can make this mistake. */
export type Fate = 'killed' | 'lives' | 'refused';

export interface HuntOptions {
  readonly opa: string;
  /** How many are tried; all without it. */
  readonly sample?: number;
  readonly seed: number;
  readonly atOnce?: number;
  /** After this, no further mutant is begun. */
  readonly seconds?: number;
  onFate?(mutant: Mutant, fate: Fate): void;
}

export interface Catch {
  readonly all: number;
  readonly fates: ReadonlyMap<Mutant, Fate>;
}

/** Throws where the tests fail without any mistake: they could not tell one. */
export async function hunt(quarry: Quarry, options: HuntOptions): Promise<Catch> {
  const all = quarry.modules.filter(({ file }) => quarry.isMutated(file)).flatMap(mutantsOf);
  const work = await mkdtemp(join(tmpdir(), 'countersign-mutate-'));
  try {
    const tried = chosen(all, options.sample ?? all.length, options.seed);
    const waiting = tried.entries();
    const fates = new Map<Mutant, Fate>();
    const durations = await requireGreen(quarry, options.opa, new Set(tried.map(({ file }) => file)));
    const plan = testPlan(quarry.modules, quarry.isTest, durations);
    const sources = new Map(quarry.modules.map(({ file, source }) => [file, source]));
    const end = options.seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + options.seconds * 1000;
    async function worker(): Promise<void> {
      for (const [index, mutant] of waiting) {
        if (performance.now() > end) return;
        const source = edited(sources.get(mutant.file) ?? '', mutant);
        const place = join(work, `${index}`);
        const fate = await fateOf(quarry, options.opa, plan.stagesFor(mutant.file), mutant.file, source, place);
        fates.set(mutant, fate);
        options.onFate?.(mutant, fate);
      }
    }
    await Promise.all(Array.from({ length: options.atOnce ?? availableParallelism() }, worker));
    return { all: all.length, fates };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fateOf(
  { directory, noticedByFixtures }: Quarry,
  opa: string,
  stages: readonly Stage[],
  file: string,
  source: string,
  place: string,
): Promise<Fate> {
  const changed = join(place, file);
  await mkdir(dirname(changed), { recursive: true });
  await writeFile(changed, source);
  const inPlace = (one: string) => (one === file ? changed : one);
  try {
    for (const { files, run } of stages) {
      const { code } = await opaAnswer(
        opa,
        ['test', '--parallel', '1', '--timeout', TEST_TIMEOUT, '--run', run, ...files.map(inPlace)],
        directory,
      );
      if (code === REFUSED) return 'refused';
      if (code !== 0) return 'killed';
    }
    // A package that no test reaches is compiled all the same.
    if (stages.length === 0 && (await opaAnswer(opa, ['check', changed], directory)).code !== 0) return 'refused';
    return (await noticedByFixtures(file, source)) ? 'killed' : 'lives';
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** Exit code of opa where files do not load; 2 where a test fails. */
const REFUSED = 1;
