// Owns `countersign policy lint`: foot-guns in a policy that opa does not see.
import { type Command, Option } from 'commander';
import type { Finding } from '../../../authoring/lint/finding.ts';
import { lintDirectory, type Report } from '../../../authoring/lint/lint.ts';
import { findOpa } from '../../../policy/build/opa.ts';
import type { CliContext } from '../../context.ts';

interface LintOptions {
  readonly format: 'text' | 'json';
}

export function addLintCommand(policy: Command, context: CliContext): void {
  policy
    .command('lint')
    .description(
      'foot-guns that opa does not see: what empties silently, compares nonsense or lets more pass than it seems',
    )
    .argument('[dir]', 'a policy repository, or any directory with Rego and policy data', '.')
    .addOption(new Option('--format <format>', 'how findings are printed').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      '\nExits 1 where there is an error; warnings alone exit 0. docs/policy-lint.md explains every code.',
    )
    .action((directory: string, options: LintOptions) =>
      context.run(async () => {
        const report = await lintDirectory(findOpa(), directory);
        const lines = options.format === 'json' ? [asJson(report)] : asText(report);
        for (const line of lines) await context.terminal.print(line);
        return report.findings.some(({ level }) => level === 'error') ? 1 : 0;
      }),
    );
}

function asText({ findings, suppressed, files }: Report): readonly string[] {
  const errors = findings.filter(({ level }) => level === 'error').length;
  const counts = [counted(errors, 'error'), counted(findings.length - errors, 'warning')];
  const allowed = suppressed.length === 0 ? '' : `; ${suppressed.length} allowed by comments`;
  return [...findings.flatMap(findingLines), `${counted(files, 'file')}: ${counts.join(', ')}${allowed}`];
}

function findingLines({ at, level, code, what, why, fix }: Finding): readonly string[] {
  return [`${at.file}:${at.row}:${at.col}: ${level} ${code}: ${what}`, `    costs: ${why}`, `    fix: ${fix}`];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function asJson({ findings, suppressed, files }: Report): string {
  return JSON.stringify({ v: 1, files, findings: findings.map(plain), suppressed: suppressed.map(plain) }, null, 2);
}

function plain({ at, level, code, what, why, fix }: Finding): object {
  return { code, level, file: at.file, row: at.row, col: at.col, what, why, fix };
}
