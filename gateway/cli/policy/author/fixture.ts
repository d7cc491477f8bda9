// Owns `countersign policy fixture`: a policy input, kept in a repository with what is expected of it.
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { fixtureText } from '../../../authoring/fixtures/fixture-document.ts';
import { inputCheck } from '../../../authoring/fixtures/input-problems.ts';
import type { CanonicalValue } from '../../../core/canonical-json.ts';
import type { Verdict } from '../../../core/decision/decision.ts';
import { printable } from '../../../core/explanation/printable.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../../context.ts';
import { type ExitCode, UsageError } from '../../exit.ts';
import { NAMED_INPUT, withInput } from './named-input.ts';

interface FixtureOptions extends ConnectOptions {
  readonly name: string;
  readonly expect: Verdict['kind'];
  readonly reason?: readonly string[];
  readonly description?: string;
  readonly force?: boolean;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;

export function addFixtureCommand(policy: Command, context: CliContext): void {
  connectOptions(policy.command('fixture'))
    .description('keep a policy input as a fixture, with the decision that you expect')
    .argument('<input>', NAMED_INPUT)
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
    .action((named: string, directory: string, options: FixtureOptions) =>
      withInput(context, options, named, (read) => fixture(context, { named, read }, directory, options)),
    );
}

async function fixture(
  { terminal }: CliContext,
  { named, read }: { readonly named: string; readonly read: () => Promise<CanonicalValue> },
  directory: string,
  { name, expect, reason, description = name, force = false }: FixtureOptions,
): Promise<ExitCode> {
  if (!NAME.test(name)) throw new UsageError(`${name} is no name for a fixture; use letters, digits, dots, _ and -`);
  const wrong = reason?.find((code) => !CODE.test(code));
  if (wrong !== undefined) throw new UsageError(`${wrong} is no code of a reason; one is SPENDING_LIMIT_EXCEEDED`);
  const input = await read();
  const problems = (await inputCheck())(input);
  if (problems.length > 0) {
    throw new Error(`${named} is no policy input that a gateway writes:\n${problems.map(printable).join('\n')}`);
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
