// Owns what the linter finds, and what each of its checks is.
import type { Place } from '../rego/syntax-tree.ts';
import type { Subject } from './subject.ts';

/** An error makes the command fail; a warning asks to be read. */
export type Level = 'error' | 'warning';

/** What a check says of one place. */
export interface Found {
  readonly at: Place;
  /** What is wrong there, without a full stop. */
  readonly what: string;
}

export interface Check {
  /** Stable: people write it into comments. */
  readonly code: string;
  readonly level: Level;
  /** What it looks for, as a title. */
  readonly title: string;
  /** Why it costs money. */
  readonly why: string;
  readonly fix: string;
  readonly example: Example;
  find(subject: Subject): Iterable<Found>;
}

/** Whole files by path, of which the code says something, and of which it says nothing. */
export interface Example {
  readonly bad: Readonly<Record<string, string>>;
  readonly good: Readonly<Record<string, string>>;
}

export interface Finding extends Found {
  readonly code: string;
  readonly level: Level;
  readonly why: string;
  readonly fix: string;
}
