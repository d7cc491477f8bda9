// Owns `countersign policy new`: a policy repository to begin with.
import type { Command } from 'commander';
import { newRepository } from '../../../authoring/repository/new-repository.ts';
import type { CliContext } from '../../context.ts';
import { runInLines } from './in-lines.ts';

export function addNewCommand(policy: Command, context: CliContext): void {
  policy
    .command('new')
    .description('make a policy repository: data of two agents, two rules with tests, fixtures, a CI workflow')
    .argument('<directory>', 'a new or empty directory')
    .action((directory: string) =>
      runInLines(context, async () => {
        const name = await newRepository(directory);
        const lines = [
          `${directory}: policy ${name}`,
          'next: put your agents and addresses into data/, then',
          `  countersign policy check ${directory} && countersign policy test ${directory}`,
        ];
        for (const line of lines) await context.terminal.print(line);
        return 0;
      }),
    );
}
