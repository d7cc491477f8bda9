// Owns `countersign operators keys`: the public keys with which operators sign votes.
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Command } from 'commander';
import { AdminService } from '../../../proto/gen/countersign/v1/admin_pb.ts';
import { printable } from '../../core/explanation/printable.ts';
import { readApproverKey } from '../approver-key.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { renderTable } from '../render-table.ts';
import { refuseStrangeNames } from '../strange-names.ts';

const { method } = AdminService;

interface ListOptions extends ConnectOptions {
  readonly operator?: string;
}

export function addOperatorCommands(program: Command, context: CliContext): void {
  const keys = program
    .command('operators')
    .description('people of the control plane')
    .command('keys')
    .description('public keys with which they sign votes; API keys are under `keys`');
  connectOptions(keys.command('add'))
    .description('register a key for an operator, and for nobody else ever')
    .argument('<operator>')
    .argument('<public-key>', 'base58; operators keys show prints it')
    .action((operator: string, publicKey: string, options: ConnectOptions) =>
      add(context, operator, publicKey, options),
    );
  connectOptions(keys.command('list'))
    .description('keys of all operators')
    .option('--operator <id>', 'only of this one')
    .action((options: ListOptions) => list(context, options));
  connectOptions(keys.command('revoke'))
    .description('make a key useless, for good; votes that it signed count no more where nothing is decided yet')
    .argument('<public-key>')
    .action((publicKey: string, options: ConnectOptions) => revoke(context, publicKey, options));
  keys
    .command('show')
    .description('the public key of a key file, to be registered; asks no gateway')
    .argument('<key-file>', 'keypair file of the Solana CLI, or PEM')
    .action((file: string) =>
      context.run(async () => {
        await context.terminal.print(readApproverKey(file).publicKey);
        return 0;
      }),
    );
}

function add(context: CliContext, principal: string, publicKey: string, options: ConnectOptions): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    await gateway.unary(method.registerApproverKey, { principal, publicKey });
    await context.terminal.print(`${printable(publicKey)} signs votes of ${printable(principal)}`);
    return 0;
  });
}

function list(context: CliContext, { operator = '', ...options }: ListOptions): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    const { keys } = await gateway.unary(method.listApproverKeys, { principal: operator });
    if (keys.length === 0) await refuseStrangeNames(gateway, { operator: operator || undefined });
    const rows = keys.map(({ publicKey, principal, createTime, revokeTime }) => [
      publicKey,
      principal,
      createTime === undefined ? '' : timestampDate(createTime).toISOString(),
      revokeTime === undefined ? 'valid' : `revoked ${timestampDate(revokeTime).toISOString()}`,
    ]);
    const lines = renderTable(['PUBLIC KEY', 'OPERATOR', 'REGISTERED', 'STATE'], rows);
    for (const line of lines) await context.terminal.print(line);
    return 0;
  });
}

function revoke(context: CliContext, publicKey: string, options: ConnectOptions): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    const { key } = await gateway.unary(method.revokeApproverKey, { publicKey });
    await context.terminal.print(`revoked ${printable(publicKey)} of ${printable(key?.principal ?? '')}`);
    return 0;
  });
}
