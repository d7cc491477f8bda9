// Owns `countersign audit tail`: the chain as it grows, across interruptions, without a gap and without a repeat.
import type { Command } from 'commander';
import { exportLine } from '../../audit/export.ts';
import type { Connection } from '../connection.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { renderAuditRecord } from '../render-audit.ts';
import { resuming } from '../resume.ts';
import { sequenceOption } from '../sequence-option.ts';
import { checkpointOf, gatewayRecords } from './audit-source.ts';

interface TailOptions extends ConnectOptions {
  readonly after?: string;
  readonly json?: true;
}

const SHOWN_AT_FIRST = 10n;

export function addAuditTail(audit: Command, context: CliContext): void {
  connectOptions(audit.command('tail'))
    .description('the last records, and each new one as it comes')
    .option('--after <sequence>', 'start after this record; 0 starts at the first')
    .option('--json', 'as audit export writes them')
    .action((options: TailOptions) => context.withGateway(options, (gateway) => tail(context, gateway, options)));
}

async function tail({ terminal }: CliContext, gateway: Connection, options: TailOptions): Promise<0> {
  let last = options.after === undefined ? await beforeTheLast(gateway) : sequenceOption('--after', options.after);
  const follow = async (came: () => void) => {
    for await (const record of gatewayRecords(gateway, last, false)) {
      await terminal.print(options.json ? exportLine(record).trimEnd() : renderAuditRecord(record));
      last = record.sequence;
      came();
    }
  };
  await resuming(terminal, follow, () => `after record ${last}`);
  return 0;
}

async function beforeTheLast(gateway: Connection): Promise<bigint> {
  const { anchor, head } = await checkpointOf(gateway);
  const first = anchor?.sequence ?? 0n;
  const last = (head?.sequence ?? 0n) - SHOWN_AT_FIRST;
  return last > first ? last : first;
}
