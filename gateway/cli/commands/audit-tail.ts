// Owns `countersign audit tail`: the chain as it grows, across interruptions, without a gap and without a repeat.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { exportLine } from '../../audit/export.ts';
import type { Connection } from '../connection.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { explain } from '../exit.ts';
import { GatewayFault } from '../gateway-fault.ts';
import { renderAuditRecord } from '../render-audit.ts';
import { sequenceOption } from '../sequence-option.ts';
import { gatewayRecords, newestSequence } from './audit-source.ts';

interface TailOptions extends ConnectOptions {
  readonly after?: string;
  readonly json?: true;
}

const SHOWN_AT_FIRST = 10n;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;

export function addAuditTail(audit: Command, context: CliContext): void {
  connectOptions(audit.command('tail'))
    .description('the last records, and each new one as it comes')
    .option('--after <sequence>', 'start after this record; 0 starts at the first')
    .option('--json', 'as audit export writes them')
    .action((options: TailOptions) => context.withGateway(options, (gateway) => tail(context, gateway, options)));
}

async function tail({ terminal }: CliContext, gateway: Connection, options: TailOptions): Promise<0> {
  let last = options.after === undefined ? await beforeTheLast(gateway) : sequenceOption('--after', options.after);
  let pause = FIRST_PAUSE_MS;
  while (!terminal.signal.aborted) {
    try {
      for await (const record of gatewayRecords(gateway, last, false)) {
        await terminal.print(options.json ? exportLine(record).trimEnd() : renderAuditRecord(record));
        last = record.sequence;
        pause = FIRST_PAUSE_MS;
      }
    } catch (error) {
      if (terminal.signal.aborted) break;
      if (!(error instanceof GatewayFault) || error.status !== 'UNAVAILABLE') throw error;
      terminal.warn(`countersign: ${explain(error, 'its address').message}; resuming after record ${last}`);
      await sleep(pause, undefined, { signal: terminal.signal }).catch(() => undefined);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
  return 0;
}

async function beforeTheLast(gateway: Connection): Promise<bigint> {
  const newest = await newestSequence(gateway);
  return newest > SHOWN_AT_FIRST ? newest - SHOWN_AT_FIRST : 0n;
}
