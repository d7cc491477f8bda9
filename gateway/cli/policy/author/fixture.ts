// Owns `countersign policy fixture`: a policy input, kept in a repository with what is expected of it.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { fixtureText, inputIn } from '../../../authoring/fixtures/fixture-document.ts';
import { inputCheck } from '../../../authoring/fixtures/input-problems.ts';
import type { Verdict } from '../../../core/decision/decision.ts';
import { printable } from '../../../core/explanation/printable.ts';
import type { CliContext } from '../../context.ts';
import { type ExitCode, UsageError } from '../../exit.ts';
import { runInLines } from './in-lines.ts';

interface FixtureOptions {
  readonly name: string;
  readonly expect: Verdict['kind'];
  readonly reason?: readonly string[];
  readonly description?: string;
  readonly force?: boolean;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;

export function addFixtureCommand(policy: Command, context: CliContext): void {
  policy
    .command('fixture')
    .description('keep a policy input as a fixture, with the decision that you expect')
    .argument('<input>', 'file: what `countersign explain --json` prints, a recorded decision, or another fixture')
    .argument('[directory]', 'policy repository', '.')
    .requiredOption('--name <name>', 'fixtures/<name>.json')
    .addOption(
      new Option('--expect <decision>', 'what must be decided')
        .choices(['allow', 'deny', 'require_approval'])
        .makeOptionMandatory(),
    )
    .option('--reason <code...>', 'codes of all reasons, for example SPENDING_LIMIT_EXCEEDED; without it any will do')
    .option('--description <text>', 'what it is about; the name by default')
    .option('--force', 'replace a fixture of this name')
    .action((input: string, directory: string, options: FixtureOptions) =>
      runInLines(context, () => fixture(context, input, directory, options)),
    );
}

async function fixture(
  { terminal }: CliContext,
  file: string,
  directory: string,
  { name, expect, reason, description = name, force = false }: FixtureOptions,
): Promise<ExitCode> {
  if (!NAME.test(name)) throw new UsageError(`${name} is no name for a fixture; use letters, digits, dots, _ and -`);
  const wrong = reason?.find((code) => !CODE.test(code));
  if (wrong !== undefined) throw new UsageError(`${wrong} is no code of a reason; one is SPENDING_LIMIT_EXCEEDED`);
  const input = inputIn(await readFile(file, 'utf8'), file);
  const problems = (await inputCheck())(input);
  if (problems.length > 0) {
    throw new Error(`${file} is no policy input that a gateway writes:\n${problems.map(printable).join('\n')}`);
  }
  const expected = { decision: expect, ...(reason === undefined ? {} : { reasons: reason }) };
  const place = join(resolve(directory), 'fixtures');
  await mkdir(place, { recursive: true });
  await writeFile(join(place, `${name}.json`), fixtureText({ description, input, expect: expected }), {
    flag: force ? 'w' : 'wx',
  }).catch((error: unknown) => {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw exists ? new Error(`fixtures/${name}.json is there already; --force replaces it`) : error;
  });
  await terminal.print(`fixtures/${name}.json: expects ${expect}; countersign policy test judges it`);
  return 0;
}
