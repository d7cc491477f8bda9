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
  refuse(path: KeyPath, message: string): undefined;
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
  const isFromEnvironment = (path: KeyPath) => origin.variableOf(path) !== undefined;
  const refuse = (path: KeyPath, message: string): undefined => {
    problems.push(problemAt(origin, path, message));
  };
  const absolute = (path: KeyPath, file: string) => {
    if (isAbsolute(file)) return file;
    return join(isFromEnvironment(path) ? process.cwd() : folder, file);
  };
  return {
    env,
    problems,
    refuse,
    note: (path, found) => {
      if (found !== null) refuse(path, found);
    },
    absolute,
    async secretFrom(path, file) {
      const read = await readSecretFile(absolute(path, file));
      return read.kind === 'read' ? new Secret(read.text) : refuse(path, read.message);
    },
    isFromEnvironment,
  };
}
