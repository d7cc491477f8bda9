// Owns `countersign policy decisions`: recorded decisions with their inputs, as lines for backtests.
import { open } from 'node:fs/promises';
import type { Command } from 'commander';
import { decisionLine } from '../../../policy/decision-log/decision-line.ts';
import type { Connection } from '../../connection.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../../context.ts';
import { decisionsOf, type PeriodOptions, periodOptions } from './gateway-decisions.ts';

interface DecisionsOptions extends ConnectOptions, PeriodOptions {
  readonly output?: string;
}

export function addDecisionsCommand(policy: Command, context: CliContext): void {
  periodOptions(connectOptions(policy.command('decisions')))
    .description("recorded decisions with their inputs, one a line, in the form of OPA's decision log")
    .option('--output <file>', 'a new file, readable by its owner only; stdout without it')
    .action((options: DecisionsOptions) =>
      context.withGateway(options, (gateway) => exportDecisions(context, gateway, options)),
    );
}

async function exportDecisions({ terminal }: CliContext, gateway: Connection, options: DecisionsOptions): Promise<0> {
  const { output } = options;
  if (output === undefined) {
    for await (const record of decisionsOf(gateway, options)) await terminal.print(decisionLine(record).trimEnd());
    return 0;
  }
  // An export that is there already is never written over.
  const file = await open(output, 'wx', 0o600);
  let count = 0;
  try {
    for await (const record of decisionsOf(gateway, options)) {
      await file.write(decisionLine(record));
      count++;
    }
  } finally {
    await file.close();
  }
  terminal.warn(`${count} decisions are in ${output}`);
  return 0;
}
