// Owns `countersign policy new`: a policy repository to begin with.
import type { Command } from 'commander';
import { initGit } from '../../../authoring/repository/init-git.ts';
import { newRepository } from '../../../authoring/repository/new-repository.ts';
import type { CliContext } from '../../context.ts';
import { runInLines } from './in-lines.ts';

const COMMIT = {
  ready: (directory: string) => [`  git -C ${directory} add . && git -C ${directory} commit --message "Our policies"`],
  'no git': () => ['there is no git here; with it, gateways follow a branch (docs/gitops.md)'],
  'not asked': () => [],
} as const;

export function addNewCommand(policy: Command, context: CliContext): void {
  policy
    .command('new')
    .description('make a policy repository: data of two agents, two rules with tests, fixtures, a CI workflow')
    .argument('<directory>', 'a new or empty directory')
    .option('--no-git', 'make no Git repository of it')
    .action((directory: string, options: { readonly git: boolean }) =>
      runInLines(context, async () => {
        const name = await newRepository(directory);
        const inGit = options.git ? await initGit(directory) : 'not asked';
        const lines = [
          `${directory}: policy ${name}`,
          'next: put your agents and addresses into data/, then',
          `  countersign policy check ${directory} && countersign policy test ${directory}`,
          ...COMMIT[inGit](directory),
        ];
        for (const line of lines) await context.terminal.print(line);
        return 0;
      }),
    );
}
