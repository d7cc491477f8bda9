// Owns `countersign policy mutate`: which small mistakes in a policy its author's tests would not notice.
import { type Command, InvalidArgumentError } from 'commander';
import { surroundings } from '../../../authoring/lint/lint.ts';
import { hunt } from '../../../authoring/mutate/hunt.ts';
import { mutantLines, type Outcome, outcomeLine, outcomeOf } from '../../../authoring/mutate/outcome.ts';
import { type Removals, removeFacts } from '../../../authoring/mutate/removed-facts.ts';
import { repositoryPrey } from '../../../authoring/mutate/repository-quarry.ts';
import { findOpa } from '../../../policy/build/opa.ts';
import type { CliContext } from '../../context.ts';

interface MutateOptions {
  readonly sample?: number;
  readonly seed: number;
  readonly jobs?: number;
  readonly seconds?: number;
  readonly allowLiving: number;
}

export function addMutateCommand(policy: Command, context: CliContext): void {
  policy
    .command('mutate')
    .description(
      'small mistakes put into your rules, and facts taken out of your fixtures: prints what your tests let live',
    )
    .argument('[dir]', 'a policy repository', '.')
    .option('--sample <count>', 'how many mistakes are tried, instead of all', wholeNumber)
    .option('--seed <number>', 'chooses the sample', wholeNumber, 1)
    .option('--jobs <count>', 'how many are tried at once; as many as there are processors without it', wholeNumber)
    .option('--seconds <count>', 'begin no further one after this time', wholeNumber)
    .option('--allow-living <count>', 'exit 0 with up to this many living ones', wholeNumber, 0)
    .addHelpText(
      'after',
      '\nA mistake that makes no difference is excused by a comment on its line or the line before:\n  # countersign-mutate: <mistake> lives because <reason>',
    )
    .action((directory: string, options: MutateOptions) =>
      context.run(async () => {
        const { outcome, removals } = await mutate(directory, options);
        for (const line of [...outcomeLines(outcome), ...removalLines(removals)]) await context.terminal.print(line);
        const good = outcome.living.length <= options.allowLiving && outcome.idleExcuses.length === 0;
        return good && removals.permitted.length === 0 ? 0 : 1;
      }),
    );
}

async function mutate(
  directory: string,
  { sample, seed, jobs, seconds }: MutateOptions,
): Promise<{ readonly outcome: Outcome; readonly removals: Removals }> {
  const opa = findOpa();
  const { quarry, cases, repository } = await repositoryPrey(opa, directory);
  const caught = await hunt(quarry, {
    opa,
    seed,
    ...(sample === undefined ? {} : { sample }),
    ...(jobs === undefined ? {} : { atOnce: Math.max(1, jobs) }),
    ...(seconds === undefined ? {} : { seconds }),
  });
  const { inputSchema } = await surroundings();
  return { outcome: outcomeOf(quarry, caught), removals: removeFacts(cases, inputSchema, repository.instance) };
}

function outcomeLines(outcome: Outcome): readonly string[] {
  return [
    ...outcome.living.flatMap(mutantLines),
    ...outcome.idleExcuses.map(
      ({ file, row }) => `${file}:${row}: this comment excuses nothing that lives; take it out`,
    ),
    outcomeLine(outcome),
  ];
}

function removalLines({ fixtures, tried, permitted }: Removals): readonly string[] {
  return [
    ...permitted.map(
      ({ fixture, pointer, decision }) =>
        `fixture ${fixture}: without ${pointer} the decision is ${decision}, not deny`,
    ),
    `${tried} facts taken away from ${fixtures} fixtures that are not denied: ${tried - permitted.length} denied`,
  ];
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('it must be a whole number.');
  return Number(text);
}
