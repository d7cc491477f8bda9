// Owns `countersign audit export`: the chain as lines that `audit verify --export` reads.
import { open } from 'node:fs/promises';
import type { Command } from 'commander';
import { exportLine } from '../../audit/export.ts';
import type { Connection } from '../connection.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { checkpointOf, gatewayRecords } from './audit-source.ts';

interface ExportOptions extends ConnectOptions {
  readonly output?: string;
}

export function addAuditExport(audit: Command, context: CliContext): void {
  connectOptions(audit.command('export'))
    .description('every record up to now that was not pruned, one JSON document a line')
    .option('--output <file>', 'a new file, readable by its owner only; stdout without it')
    .action((options: ExportOptions) =>
      context.withGateway(options, (gateway) => exportChain(context, gateway, options)),
    );
}

async function exportChain({ terminal }: CliContext, gateway: Connection, { output }: ExportOptions): Promise<0> {
  const { anchor } = await checkpointOf(gateway);
  const records = gatewayRecords(gateway, anchor?.sequence ?? 0n, true);
  if (output === undefined) {
    for await (const record of records) await terminal.print(exportLine(record).trimEnd());
    return 0;
  }
  // An export that is there already is never written over.
  const file = await open(output, 'wx', 0o600);
  let count = 0;
  try {
    for await (const record of records) {
      await file.write(exportLine(record));
      count++;
    }
  } finally {
    await file.close();
  }
  terminal.warn(`${count} records are in ${output}`);
  return 0;
}
