// Owns `countersign policy diff`: what another revision of a policy repository changes, and which fixtures it decides otherwise.
import type { Command } from 'commander';
import { type Comparison, compareRevisions } from '../../../authoring/diff/compare-revisions.ts';
import { printable } from '../../../core/explanation/printable.ts';
import { findOpa } from '../../../policy/build/opa.ts';
import type { CliContext } from '../../context.ts';
import { runInLines } from './in-lines.ts';

export function addDiffCommand(policy: Command, context: CliContext): void {
  policy
    .command('diff')
    .description('what a Git revision of a policy repository changes against another, in data, rules and decisions')
    .argument('<before>', 'Git revision: a commit, branch or tag')
    .argument('<after>', 'the other')
    .argument('[directory]', 'policy repository, in a Git checkout', '.')
    .option('--exit-code', 'exit 1 where a fixture gets another decision')
    .action((before: string, after: string, directory: string, { exitCode }: { readonly exitCode?: boolean }) =>
      runInLines(context, async () => {
        const comparison = await compareRevisions(directory, [before, after], findOpa());
        for (const line of linesOf(comparison)) await context.terminal.print(printable(line));
        return exitCode === true && comparison.otherDecisions > 0 ? 1 : 0;
      }),
    );
}

function linesOf({ before, after, data, sources, fixtures, judged, otherDecisions }: Comparison): readonly string[] {
  return [
    `revision ${before} → ${after}${before === after ? ': the same content' : ''}`,
    ...section('data', data),
    ...section('rules, IDLs and fixtures', sources),
    ...section('decisions', fixtures),
    `${judged} fixtures: ${otherDecisions} with another decision, ${fixtures.length - otherDecisions} with other reasons only`,
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}
