// Owns the tools that every section of the configuration is resolved with, and the list of what was wrong.
import { isAbsolute, join } from 'node:path';
import type { Environment } from './environment.ts';
import { readSecretFile } from './file-checks.ts';
import type { KeyPath, Problem } from './problem.ts';
import { type Origin, problemAt } from './schema-problems.ts';
import { Secret } from './secret.ts';

export interface SectionReader {
  readonly env: Environment;
  readonly problems: readonly Problem[];
  /** What is named and is not there, noted by a reader that is `lenient`. */
  readonly missing: readonly Problem[];
  refuse(path: KeyPath, message: string): undefined;
  /** Something that is named is not there now, or not as it should be: refused too, but by a reader that is `lenient`. */
  lacks(path: KeyPath, message: string): undefined;
  /** For what the gateway can start without. `lacking` is told of each problem that only stops that. */
  lenient(lacking: (problem: Problem) => void): SectionReader;
  /** The same, strict and without a problem yet: for what is read again later. */
  apart(): SectionReader;
  /** Notes what a check found, if it found something. */
  note(path: KeyPath, found: string | null): void;
  /** Relative paths are relative to the configuration file; those of the environment to where the gateway was started. */
  absolute(path: KeyPath, file: string): string;
  /** `undefined`, with a problem, where the file cannot be used. */
  secretFrom(path: KeyPath, file: string): Promise<Secret | undefined>;
  /** Whether the value came from the environment. */
  isFromEnvironment(path: KeyPath): boolean;
}

export function createSectionReader(folder: string, env: Environment, origin: Origin): SectionReader {
  const problems: Problem[] = [];
  const missing: Problem[] = [];
  const isFromEnvironment = (path: KeyPath) => origin.variableOf(path) !== undefined;
  const refuse = (path: KeyPath, message: string): undefined => {
    problems.push(problemAt(origin, path, message));
  };
  const absolute = (path: KeyPath, file: string) => {
    if (isAbsolute(file)) return file;
    return join(isFromEnvironment(path) ? process.cwd() : folder, file);
  };
  const readerWith = (lacks: SectionReader['lacks']): SectionReader => ({
    env,
    problems,
    missing,
    refuse,
    lacks,
    lenient: (lacking) =>
      readerWith((path, message): undefined => {
        const problem = problemAt(origin, path, message);
        missing.push(problem);
        lacking(problem);
      }),
    apart: () => createSectionReader(folder, env, origin),
    note: (path, found) => {
      if (found !== null) refuse(path, found);
    },
    absolute,
    async secretFrom(path, file) {
      const read = await readSecretFile(absolute(path, file));
      if (read.kind === 'read') return new Secret(read.text);
      return read.kind === 'unreadable' ? lacks(path, read.message) : refuse(path, read.message);
    },
    isFromEnvironment,
  });
  return readerWith(refuse);
}
