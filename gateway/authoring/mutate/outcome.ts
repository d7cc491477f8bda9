// Owns what a hunt comes to: which mutants live, which of them are excused, and whether that is good enough.
import { type Excuse, excuses, excusesIn } from './excuses.ts';
import type { Catch } from './hunt.ts';
import type { Mutant } from './mutant.ts';
import type { Quarry } from './quarry.ts';

export interface Outcome {
  readonly all: number;
  readonly tried: number;
  readonly killed: number;
  readonly refused: number;
  /** Without those that a comment excuses. */
  readonly living: readonly Mutant[];
  readonly excused: number;
  /** Comments that excuse nothing that lives; known only where every mutant was tried. */
  readonly idleExcuses: readonly Excuse[];
}

export function outcomeOf({ modules, isMutated }: Quarry, { all, fates }: Catch): Outcome {
  const comments = modules.filter(({ file }) => isMutated(file)).flatMap(excusesIn);
  const survivors = [...fates].filter(([, fate]) => fate === 'lives').map(([mutant]) => mutant);
  const living = survivors.filter((mutant) => !comments.some((excuse) => excuses(excuse, mutant))).toSorted(inOrder);
  const count = (wanted: string) => [...fates.values()].filter((fate) => fate === wanted).length;
  return {
    all,
    tried: fates.size,
    killed: count('killed'),
    refused: count('refused'),
    living,
    excused: survivors.length - living.length,
    idleExcuses:
      fates.size < all ? [] : comments.filter((excuse) => !survivors.some((mutant) => excuses(excuse, mutant))),
  };
}

/** By place; mutants are tried at the same time, and end in any order. */
function inOrder(one: Mutant, other: Mutant): number {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return one.start - other.start || (one.replacement < other.replacement ? -1 : 1);
}

/** Place, mistake and the lines that change. */
export function mutantLines({ file, row, col, mistake, before, after }: Mutant): readonly string[] {
  const marked = (text: string, mark: string) => text.split('\n').map((line) => `    ${mark} ${line}`);
  const gone = after.trim() === '';
  return [
    `${file}:${row}:${col}: ${mistake} lives: no test fails without this`,
    ...marked(before, '-'),
    ...(gone ? [] : marked(after, '+')),
  ];
}

export function outcomeLine({ all, tried, killed, refused, living, excused }: Outcome): string {
  const of = tried < all ? `${tried} of ${all} mutants` : `${all} mutants`;
  return `${of}: ${killed} killed, ${refused} refused by opa, ${living.length} live, ${excused} excused by comments`;
}
