// Owns `countersign audit verify`: whether the chain is whole, from wherever it is read.
import type { Command } from 'commander';
import type { ChainPosition } from '../../audit/verify.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { type ExitCode, UsageError } from '../exit.ts';
import { sequenceOption } from '../sequence-option.ts';
import { verifyRecords } from '../verify-records.ts';
import { type AuditSource, databaseSource, exportSource, gatewaySource } from './audit-source.ts';

interface VerifyOptions extends ConnectOptions {
  readonly export?: readonly string[];
  readonly database?: string;
  readonly after?: string;
  readonly head?: string;
}

export function addAuditVerify(audit: Command, context: CliContext): void {
  connectOptions(audit.command('verify'))
    .description(
      'check every record of the chain; exit code 1 and the first bad record when one is not as it was written',
    )
    .option('--export <file...>', 'verify an export, or several that follow one another, instead of asking a gateway')
    .option('--database <url>', 'verify the database itself (a URL without a password: PGPASSWORD gives it)')
    .option('--after <sequence:hash>', 'of an export: the record before its first, where that was pruned')
    .option('--head <sequence:hash>', 'a head that was noted before and must still be in the chain')
    .action((options: VerifyOptions) => verify(context, options));
}

function verify(context: CliContext, options: VerifyOptions): Promise<void> {
  const { export: files, database, after } = options;
  if (files !== undefined && database !== undefined) {
    return context.run(() => Promise.reject(new UsageError('give --export or --database, not both')));
  }
  if (after !== undefined && files === undefined) {
    return context.run(() => Promise.reject(new UsageError('--after is for --export; others know where they begin')));
  }
  if (files !== undefined) {
    return context.run(async () => verifySource(context, exportSource(files, position('--after', after)), options));
  }
  if (database !== undefined)
    return context.run(async () => verifySource(context, await databaseSource(database), options));
  return context.withGateway(options, async (gateway) => verifySource(context, await gatewaySource(gateway), options));
}

async function verifySource(context: CliContext, source: AuditSource, options: VerifyOptions): Promise<ExitCode> {
  try {
    const verdict = await verifyRecords(source, position('--head', options.head));
    for (const line of verdict.lines) await context.terminal.print(line);
    return verdict.code;
  } finally {
    await source.close();
  }
}

export function position(option: string, text: string | undefined): ChainPosition | null {
  if (text === undefined) return null;
  const [sequence = '', hash = '', ...more] = text.split(':');
  if (more.length > 0 || !/^[0-9a-f]{64}$/.test(hash)) {
    throw new UsageError(`${option} is sequence:hash, as audit verify printed it`);
  }
  return { sequence: sequenceOption(option, sequence), hash: Buffer.from(hash, 'hex') };
}
