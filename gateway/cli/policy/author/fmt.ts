// Owns `countersign policy fmt`: Rego in the one form that opa gives it.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ownRuleDirectories } from '../../../authoring/repository/rego-files.ts';
import { findOpa, runOpa } from '../../../policy/build/opa.ts';
import type { CliContext } from '../../context.ts';
import { runInLines } from './in-lines.ts';

export function addFmtCommand(policy: Command, context: CliContext): void {
  policy
    .command('fmt')
    .description('format the Rego of a policy repository, and name the files that changed')
    .argument('[directory]', 'policy repository', '.')
    .option('--check', 'change nothing; exit 1 where a file is not formatted')
    .action((directory: string, { check = false }: { readonly check?: boolean }) =>
      runInLines(context, async () => {
        const own = await ownRuleDirectories(directory);
        if (own.length === 0) return 0;
        const root = resolve(directory);
        const listed = await runOpa(findOpa(), ['fmt', '--list', ...own], root);
        const files = listed.split('\n').filter((file) => file !== '');
        if (!check && files.length > 0) await runOpa(findOpa(), ['fmt', '--write', ...own], root);
        for (const file of files) await context.terminal.print(file.replace(`${root}/`, ''));
        return check && files.length > 0 ? 1 : 0;
      }),
    );
}
