// Owns `countersign audit prune`: old records are removed only when an export that holds them was verified.
import type { Command } from 'commander';
import { AdminService } from '../../../proto/gen/countersign/v1/admin_pb.ts';
import type { Connection } from '../connection.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { verifyRecords } from '../verify-records.ts';
import { checkpointOf, exportSource } from './audit-source.ts';

interface PruneOptions extends ConnectOptions {
  readonly export: string;
}

export function addAuditPrune(audit: Command, context: CliContext): void {
  connectOptions(audit.command('prune'))
    .description('remove the records that an export holds, for good: keep the export')
    .requiredOption('--export <file>', 'what audit export wrote; it is verified first')
    .action((options: PruneOptions) => context.withGateway(options, (gateway) => prune(context, gateway, options)));
}

async function prune({ terminal }: CliContext, gateway: Connection, options: PruneOptions): Promise<ExitCode> {
  const { anchor } = await checkpointOf(gateway);
  const { code, lines, head } = await verifyRecords(exportSource([options.export], anchor), null);
  for (const line of lines) await terminal.print(line);
  if (head === null) return code;
  await gateway.unary(AdminService.method.pruneAuditRecords, { throughSequence: head.sequence, hash: head.hash });
  await terminal.print(
    `pruned: the chain begins after ${head.sequence}; keep ${options.export}, which alone holds what was before`,
  );
  return 0;
}
