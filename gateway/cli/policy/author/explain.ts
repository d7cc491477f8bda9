// Owns `countersign policy explain`: for one input, which rules said what, and what would have passed.
import type { Command } from 'commander';
import { explainDecision } from '../../../authoring/explain/explain-decision.ts';
import { openRepository } from '../../../authoring/repository/open-repository.ts';
import { canonicalJsonBytes } from '../../../core/canonical-json.ts';
import { printable } from '../../../core/explanation/printable.ts';
import { findOpa } from '../../../policy/build/opa.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../../context.ts';
import { NAMED_INPUT, withInput } from './named-input.ts';

export function addPolicyExplainCommand(policy: Command, context: CliContext): void {
  connectOptions(policy.command('explain'))
    .description('which rules of a policy repository say what about an input, and what would have passed')
    .argument('<input>', NAMED_INPUT)
    .argument('[directory]', 'policy repository', '.')
    .action((named: string, directory: string, options: ConnectOptions) =>
      withInput(context, options, named, async (read) => {
        const input = canonicalJsonBytes(await read());
        const repository = await openRepository(directory, findOpa());
        for (const line of explainDecision(repository, input)) await context.terminal.print(printable(line));
        return 0;
      }),
    );
}
