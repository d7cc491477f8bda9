// Owns what a hunt needs to know: the files, which of them are mutated, and what else can notice a mistake.
import type { RegoModule } from '../rego/syntax-tree.ts';

export interface Quarry {
  /** Where all files are. */
  readonly directory: string;
  /** All that tests need, and the tests; paths within the directory, or absolute. */
  readonly modules: readonly RegoModule[];
  isTest(file: string): boolean;
  isMutated(file: string): boolean;
  /** The last resort: whether one of the fixtures is decided otherwise with this file changed. */
  noticedByFixtures(file: string, source: string): Promise<boolean>;
}

/** A busy machine must not pass for a test that notices something. */
export const TEST_TIMEOUT = '60s';
