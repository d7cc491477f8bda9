// Owns `countersign policy explain`: for one input, which rules said what, and what would have passed.
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { explainDecision } from '../../../authoring/explain/explain-decision.ts';
import { inputIn } from '../../../authoring/fixtures/fixture-document.ts';
import { openRepository } from '../../../authoring/repository/open-repository.ts';
import { canonicalJsonBytes } from '../../../core/canonical-json.ts';
import { printable } from '../../../core/explanation/printable.ts';
import { findOpa } from '../../../policy/build/opa.ts';
import type { CliContext } from '../../context.ts';
import { runInLines } from './in-lines.ts';

export function addPolicyExplainCommand(policy: Command, context: CliContext): void {
  policy
    .command('explain')
    .description('which rules of a policy repository say what about an input, and what would have passed')
    .argument('<input>', 'file: a fixture, what `countersign explain --json` prints, or a recorded decision')
    .argument('[directory]', 'policy repository', '.')
    .action((file: string, directory: string) =>
      runInLines(context, async () => {
        const input = canonicalJsonBytes(inputIn(await readFile(file, 'utf8'), file));
        const repository = await openRepository(directory, findOpa());
        for (const line of explainDecision(repository, input)) await context.terminal.print(printable(line));
        return 0;
      }),
    );
}
