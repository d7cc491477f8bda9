// Owns `countersign policy test`: the tests in Rego, and every fixture by opa and by the gateway's WebAssembly.
import type { Command } from 'commander';
import { openRepository } from '../../../authoring/repository/open-repository.ts';
import { regoProblems } from '../../../authoring/repository/rego-problems.ts';
import { fixtureTests } from '../../../authoring/test/fixture-tests.ts';
import { regoTests } from '../../../authoring/test/rego-tests.ts';
import { printable } from '../../../core/explanation/printable.ts';
import { findOpa } from '../../../policy/build/opa.ts';
import type { CliContext } from '../../context.ts';
import type { ExitCode } from '../../exit.ts';
import { runInLines } from './in-lines.ts';

export function addTestCommand(policy: Command, context: CliContext): void {
  policy
    .command('test')
    .description('run the tests in Rego, and every fixture by opa and by WebAssembly, which must agree')
    .argument('[directory]', 'policy repository', '.')
    .action((directory: string) => runInLines(context, () => test(context, directory)));
}

async function test({ terminal }: CliContext, directory: string): Promise<ExitCode> {
  const opa = findOpa();
  const problems = await regoProblems(opa, directory);
  for (const problem of problems) await terminal.print(`✘ ${printable(problem)}`);
  if (problems.length > 0) return 1;
  const repository = await openRepository(directory, opa);
  const rego = await regoTests(opa, directory);
  for (const problem of rego.problems) await terminal.print(`✘ ${printable(problem)}`);
  const fixtures = await fixtureTests(opa, repository);
  const wrong = fixtures.filter(({ lines }) => lines.length > 0);
  for (const { name, lines } of wrong) {
    const [what = '', ...more] = lines.map(printable);
    await terminal.print(`✘ fixtures/${name}.json: ${what}`);
    for (const line of more) await terminal.print(`    ${line}`);
  }
  const failed = rego.problems.length + wrong.length;
  const passed = rego.passed + fixtures.length - wrong.length;
  await terminal.print(
    `${passed} passed, ${failed} failed (${rego.passed + rego.problems.length} tests in Rego, ${fixtures.length} fixtures)`,
  );
  if (passed + failed > 0) return failed === 0 ? 0 : 1;
  terminal.warn('nothing was tested: write a test beside a rule, or a fixture');
  return 1;
}
