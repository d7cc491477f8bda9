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
}

type Ask = (gateway: Connection, name: string) => Promise<readonly BackendCheck[]>;

const { method } = OperationsService;
const HEADER = ['NAME', 'TYPE', 'ADDRESS', 'READY', 'LATENCY', 'WALLETS', 'DETAIL'];

export function addBackendCheckCommands(program: Command, context: CliContext): void {
  const signers = program.command('signers').description('what holds the keys of wallets');
  addCheck(signers, context, {
    description: 'ask each signer for its key, with the credentials that the gateway has; nothing is signed',
    argument: 'only this signer of the configuration',
    ask: async (gateway, signer) => (await gateway.unary(method.checkSigners, { signer })).checks,
  });
  const relayers = program.command('relayers').description('what sends signed transactions');
  addCheck(relayers, context, {
    description: 'ask each relayer whether it could send; nothing is sent',
    argument: 'only this relayer of the configuration',
    ask: async (gateway, relayer) => (await gateway.unary(method.checkRelayers, { relayer })).checks,
  });
}

function addCheck(
  parent: Command,
  context: CliContext,
  { description, argument, ask }: { readonly description: string; readonly argument: string; readonly ask: Ask },
): void {
  connectOptions(parent.command('check'))
    .description(`${description}; ends with 1 when one is not ready`)
    .argument('[name]', argument, '')
    .option('--json', 'one JSON document a line')
    .action((name: string, options: CheckOptions) => check(context, name, options, ask));
}

function check(context: CliContext, name: string, options: CheckOptions, ask: Ask): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    const checks = await ask(gateway, name);
    const lines = options.json
      ? checks.map((one) => JSON.stringify(toJson(BackendCheckSchema, one)))
      : renderTable(HEADER, checks.map(rowOf));
    for (const line of lines) await terminal.print(line);
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
