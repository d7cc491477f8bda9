// Owns what a mutant is: one edit of one Rego file, as its author could have got it wrong.

/** What kind of mistake it is; people name it in comments that excuse one. */
export type Mistake =
  | 'aggregate'
  | 'alternative'
  | 'arithmetic'
  | 'boolean'
  | 'comparison'
  | 'condition'
  | 'constant'
  | 'decision'
  | 'every'
  | 'gathering'
  | 'negation'
  | 'number';

export interface Edit {
  readonly mistake: Mistake;
  /** Offsets into the source, as JavaScript counts. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

export interface Mutant extends Edit {
  /** Path of the file within what is mutated. */
  readonly file: string;
  readonly row: number;
  readonly col: number;
  /** The lines that change, before and after. */
  readonly before: string;
  readonly after: string;
}

export function edited(source: string, { start, end, replacement }: Edit): string {
  return source.slice(0, start) + replacement + source.slice(end);
}
