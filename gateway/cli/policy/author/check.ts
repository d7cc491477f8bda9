// Owns `countersign policy check`: whether rules and data of a policy repository are sound, without running any.
import type { Command } from 'commander';
import { regoProblems } from '../../../authoring/repository/rego-problems.ts';
import { printable } from '../../../core/explanation/printable.ts';
import { buildRepository } from '../../../policy/build/build-repository.ts';
import { findOpa } from '../../../policy/build/opa.ts';
import type { CliContext } from '../../context.ts';
import { runInLines } from './in-lines.ts';

export function addCheckCommand(policy: Command, context: CliContext): void {
  policy
    .command('check')
    .description(
      'opa check --strict with the schema of the input and what WebAssembly can do; data by their schema; a build',
    )
    .argument('[directory]', 'policy repository', '.')
    .action((directory: string) =>
      runInLines(context, async () => {
        const opa = findOpa();
        const problems = await regoProblems(opa, directory);
        const built = problems.length > 0 ? null : await buildRepository({ directory, opa });
        for (const problem of problems) context.terminal.warn(printable(problem));
        if (built === null) return 1;
        await context.terminal.print(`${directory}: in order, revision ${built.revision}`);
        return 0;
      }),
    );
}
