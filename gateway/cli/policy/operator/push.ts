// Owns `countersign policy push` and `pull`: bundles to a gateway and back.
import { open, readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { PolicyService } from '../../../../proto/gen/countersign/v1/policy_pb.ts';
import { printable } from '../../../core/explanation/printable.ts';
import type { Connection } from '../../connection.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../../context.ts';
import { UsageError } from '../../exit.ts';
import { downloadBundle } from '../download-bundle.ts';
import { warnOf } from './activation-warnings.ts';
import { WHERE } from './shadow.ts';

const { method } = PolicyService;
const CHUNK_BYTES = 64 * 1024;

interface PushOptions extends ConnectOptions {
  readonly activate?: true;
  readonly shadow?: true;
  readonly reason: string;
}

interface PullOptions extends ConnectOptions {
  readonly output: string;
}

export function addPushCommands(policy: Command, context: CliContext): void {
  connectOptions(policy.command('push'))
    .description('hand a built bundle to the gateway, which verifies, tests and keeps it; it decides nothing yet')
    .argument('<bundle.tar.gz>')
    .option('--activate', 'let it decide, as `policy activate` does')
    .option('--shadow', 'let it judge beside the active one, as `policy shadow set` does')
    .option('--reason <text>', 'why, for the audit record', '')
    .action((file: string, options: PushOptions) => push(context, file, options));
  connectOptions(policy.command('pull'))
    .description('the archive of a revision that is kept')
    .argument('<revision>')
    .requiredOption('--output <file>', 'a new file')
    .action((revision: string, options: PullOptions) =>
      context.withGateway(options, (gateway) => pull(context, gateway, revision, options.output)),
    );
}

function push(context: CliContext, file: string, options: PushOptions): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    const archive = await readFile(file).catch((error: unknown) => {
      throw new UsageError(`${file} cannot be read (${error instanceof Error ? error.message : 'unknown error'})`);
    });
    const { revision } = await gateway.upload(method.pushBundle, chunksOf(archive));
    const name = revision?.revision ?? '';
    await terminal.print(`revision ${printable(name)} is kept`);
    if (options.shadow) {
      await gateway.unary(method.setShadow, { revision: name });
      await terminal.print(`it is to judge beside the active one; ${WHERE}`);
    }
    if (options.activate) {
      const { warnings } = await gateway.unary(method.activateRevision, { revision: name, reason: options.reason });
      await terminal.print('it decides, until countersign policy follow');
      warnOf(terminal, warnings);
    }
    return 0;
  });
}

function* chunksOf(archive: Uint8Array): Iterable<{ readonly chunk: Uint8Array }> {
  for (let start = 0; start < archive.length; start += CHUNK_BYTES) {
    yield { chunk: archive.subarray(start, start + CHUNK_BYTES) };
  }
}

async function pull({ terminal }: CliContext, gateway: Connection, revision: string, output: string): Promise<0> {
  const archive = await downloadBundle(gateway, revision);
  // What is there already is never written over, and what came in part is not written at all.
  const file = await open(output, 'wx', 0o600);
  try {
    await file.write(archive);
  } finally {
    await file.close();
  }
  terminal.warn(`revision ${printable(revision)} is in ${output}`);
  return 0;
}
