// Owns the order of test files: where nobody knows yet how long each takes, as in a fresh clone, vitest begins with those of the most bytes, and
// a short file that starts gateways for a minute comes last, when the other workers have nothing left to do.
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

export const LONGEST: readonly string[] = [
  'test/integration/crash.test.ts',
  'test/soak/soak.test.ts',
  'scripts/mutate-policies.test.ts',
  'test/soak/relay-faults.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = LONGEST.indexOf(relative(this.ctx.config.root, moduleId));
      return found < 0 ? LONGEST.length : found;
    };
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other));
  }
}
