// Owns `countersign keys`: API keys of principals.
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Command } from 'commander';
import { AdminService, type ApiKey } from '../../../proto/gen/countersign/v1/admin_pb.ts';
import { printable } from '../../core/explanation/printable.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { renderTable } from '../render-table.ts';
import { refuseStrangeNames } from '../strange-names.ts';
import { keepNewKey } from '../write-key.ts';

const { method } = AdminService;

interface CreateOptions extends ConnectOptions {
  readonly output?: string;
}

interface ListOptions extends ConnectOptions {
  readonly principal?: string;
}

export function addKeyCommands(program: Command, context: CliContext): void {
  const keys = program.command('keys').description('API keys of agents and operators');
  connectOptions(keys.command('create'))
    .description('make a key; it is shown once')
    .argument('<principal>')
    .option('--output <file>', 'write it to a new file that only its owner can read, instead of stdout')
    .action((principal: string, options: CreateOptions) => create(context, principal, options));
  connectOptions(keys.command('list'))
    .description('key ids, never secrets')
    .option('--principal <id>', 'only of this principal')
    .action((options: ListOptions) => list(context, options));
  connectOptions(keys.command('revoke'))
    .description('make a key useless within a second, for good')
    .argument('<key-id>')
    .action((keyId: string, options: ConnectOptions) => revoke(context, keyId, options));
}

function create(context: CliContext, principal: string, { output, ...options }: CreateOptions): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    await keepNewKey(terminal, output, async () => {
      const { key, secret } = await gateway.unary(method.createApiKey, { principal });
      return { keyId: key?.keyId ?? '', owner: principal, secret };
    });
    return 0;
  });
}

function list(context: CliContext, { principal = '', ...options }: ListOptions): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    const { keys } = await gateway.unary(method.listApiKeys, { principal });
    if (keys.length === 0) await refuseStrangeNames(gateway, { principal: principal || undefined });
    const { principals } = await gateway.unary(method.listPrincipals, {});
    const disabled = new Set(principals.flatMap((each) => (each.disableTime === undefined ? [] : [each.principal])));
    const rows = keys.map((key) => [
      key.keyId,
      key.principal,
      key.createTime === undefined ? '' : timestampDate(key.createTime).toISOString(),
      stateText(key, disabled),
    ]);
    for (const line of renderTable(['KEY', 'PRINCIPAL', 'CREATED', 'STATE'], rows)) await context.terminal.print(line);
    return 0;
  });
}

function stateText({ principal, revokeTime }: ApiKey, disabled: ReadonlySet<string>): string {
  if (revokeTime !== undefined) return `revoked ${timestampDate(revokeTime).toISOString()}`;
  return disabled.has(principal) ? `useless: ${principal} is disabled, for good` : 'valid';
}

function revoke(context: CliContext, keyId: string, options: ConnectOptions): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    const { key } = await gateway.unary(method.revokeApiKey, { keyId });
    await context.terminal.print(`revoked ${printable(key?.keyId ?? keyId)} of ${printable(key?.principal ?? '')}`);
    return 0;
  });
}
