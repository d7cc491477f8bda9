// Owns `countersign signers check` and `relayers check`: whether each could do its work now. The exit code says whether all could.
import { toJson } from '@bufbuild/protobuf';
import { type Duration, durationMs } from '@bufbuild/protobuf/wkt';
import type { Command } from 'commander';
import {
  type BackendCheck,
  BackendCheckSchema,
  OperationsService,
} from '../../../proto/gen/countersign/v1/operations_pb.ts';
import type { Connection } from '../connection.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { renderTable } from '../render-table.ts';

interface CheckOptions extends ConnectOptions {
  readonly json?: true;
  readonly all?: true;
}

interface Answer {
  readonly checks: readonly BackendCheck[];
  readonly notAsked: number;
}

type Ask = (gateway: Connection, name: string, all: boolean) => Promise<Answer>;

const { method } = OperationsService;
const HEADER = ['NAME', 'TYPE', 'ADDRESS', 'READY', 'LATENCY', 'WALLETS', 'DETAIL'];

export function addBackendCheckCommands(program: Command, context: CliContext): void {
  const signers = program.command('signers').description('what holds the keys of wallets');
  const signerCheck = addCheck(signers, context, {
    description:
      'ask each signer for its key, with the credentials that the gateway has; nothing is signed; of the wallets that were made from one template, the first is asked',
    argument: 'only this signer of the configuration; of a wallet that was made through the gateway: template/wallet',
    ask: (gateway, signer, all) => (all ? allSigners(gateway, signer) : gateway.unary(method.checkSigners, { signer })),
  });
  signerCheck.option('--all', 'those of all wallets that were made through the gateway, some at a time');
  const relayers = program.command('relayers').description('what sends signed transactions');
  addCheck(relayers, context, {
    description: 'ask each relayer whether it could send; nothing is sent',
    argument: 'only this relayer of the configuration',
    ask: async (gateway, relayer) => {
      const { checks } = await gateway.unary(method.checkRelayers, { relayer });
      return { checks, notAsked: 0 };
    },
  });
}

async function allSigners(gateway: Connection, signer: string): Promise<Answer> {
  const checks: BackendCheck[] = [];
  let pageToken = '';
  do {
    const page = await gateway.unary(method.checkSigners, { signer, all: true, pageToken });
    checks.push(...page.checks);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return { checks, notAsked: 0 };
}

function addCheck(
  parent: Command,
  context: CliContext,
  { description, argument, ask }: { readonly description: string; readonly argument: string; readonly ask: Ask },
): Command {
  return connectOptions(parent.command('check'))
    .description(`${description}; ends with 1 when one is not ready`)
    .argument('[name]', argument)
    .option('--json', 'one JSON document a line')
    .action((name: string | undefined, options: CheckOptions) => check(context, name ?? '', options, ask));
}

function check(context: CliContext, name: string, options: CheckOptions, ask: Ask): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    const { checks, notAsked } = await ask(gateway, name, options.all === true);
    const lines = options.json
      ? checks.map((one) => JSON.stringify(toJson(BackendCheckSchema, one)))
      : renderTable(HEADER, checks.map(rowOf));
    for (const line of lines) await terminal.print(line);
    if (notAsked > 0 && name === '') {
      terminal.warn(
        `not asked: ${notAsked} more of wallets that were made through the gateway; name one, or give --all`,
      );
    }
    return checks.every(({ ready }) => ready) ? 0 : 1;
  });
}

function rowOf({ name, type, address, ready, latency, wallets, field, detail }: BackendCheck): readonly string[] {
  const what = field === '' ? detail : `${field}: ${detail}`;
  return [name, type, address, ready ? 'yes' : 'NO', latencyText(latency), wallets.join(', '), what];
}

function latencyText(latency: Duration | undefined): string {
  if (latency === undefined) return '';
  const milliseconds = Math.round(durationMs(latency));
  return milliseconds === 0 ? '< 1 ms' : `${milliseconds} ms`;
}
