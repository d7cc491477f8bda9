// Owns `countersign audit verify`: whether the chain is whole, from wherever it is read.
import { createHash } from 'node:crypto';
import type { Command } from 'commander';
import { verifySignature } from '../../../signers/verify.ts';
import { type ChainPosition, verifyChain, verifyNoSignatureWithoutIntent } from '../../audit/verify.ts';
import { verifyVotes } from '../../audit/verify-votes.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { type ExitCode, UsageError } from '../exit.ts';
import { sequenceOption } from '../sequence-option.ts';
import { type AuditSource, databaseSource, exportSource, gatewaySource } from './audit-source.ts';

interface VerifyOptions extends ConnectOptions {
  readonly export?: string;
  readonly database?: string;
  readonly head?: string;
}

export function addAuditVerify(audit: Command, context: CliContext): void {
  connectOptions(audit.command('verify'))
    .description(
      'check every record of the chain; exit code 1 and the first bad record when one is not as it was written',
    )
    .option('--export <file>', 'verify an export instead of asking a gateway')
    .option('--database <url>', 'verify the database itself (a URL without a password: PGPASSWORD gives it)')
    .option('--head <sequence:hash>', 'a head that was noted before and must still be in the chain')
    .action((options: VerifyOptions) => verify(context, options));
}

function verify(context: CliContext, options: VerifyOptions): Promise<void> {
  const { export: file, database } = options;
  if (file !== undefined && database !== undefined) {
    return context.run(() => Promise.reject(new UsageError('give --export or --database, not both')));
  }
  if (file !== undefined) return context.run(() => verifySource(context, exportSource(file), options));
  if (database !== undefined)
    return context.run(async () => verifySource(context, await databaseSource(database), options));
  return context.withGateway(options, (gateway) => verifySource(context, gatewaySource(gateway), options));
}

async function verifySource(context: CliContext, source: AuditSource, options: VerifyOptions): Promise<ExitCode> {
  try {
    return await report(context, source, options.head === undefined ? null : notedHead(options.head));
  } finally {
    await source.close();
  }
}

async function report({ terminal }: CliContext, source: AuditSource, noted: ChainPosition | null): Promise<ExitCode> {
  const broken = async ({ sequence, reason }: Broken): Promise<ExitCode> => {
    await terminal.print(`BROKEN: ${source.name}, record ${sequence}: ${reason}`);
    return 1;
  };
  const own = await source.head();
  const chain = await verifyChain(source.records(), sha256, own === null ? {} : { head: own });
  if (chain.kind === 'broken') return broken(chain);
  const anchored = noted === null ? chain : await verifyChain(source.records(), sha256, { head: noted });
  if (anchored.kind === 'broken') return broken(anchored);
  const intent = await verifyNoSignatureWithoutIntent(source.records());
  if (intent.kind === 'broken') return broken(intent);
  const votes = await verifyVotes(source.records(), verifySignature);
  if (votes.kind === 'broken') return broken(votes);
  const { count, head } = chain;
  await terminal.print(
    `intact: ${source.name}, ${count} records, ${intent.signatures} signatures, each with its intent`,
  );
  await terminal.print(`votes:  ${votes.votes}, of which ${votes.signed} are signed by their approvers`);
  await terminal.print(`head:   ${count}:${Buffer.from(head).toString('hex')}`);
  return 0;
}

interface Broken {
  readonly sequence: bigint;
  readonly reason: string;
}

function notedHead(text: string): ChainPosition {
  const [sequence = '', hash = '', ...more] = text.split(':');
  if (more.length > 0 || !/^[0-9a-f]{64}$/.test(hash)) {
    throw new UsageError('--head is sequence:hash, as audit verify printed it');
  }
  return { sequence: sequenceOption('--head', sequence), hash: Buffer.from(hash, 'hex') };
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
