// Owns `countersign principals`: agents, operators, and the wallets that agents may use.
import type { Command } from 'commander';
import {
  AdminService,
  type Freeze,
  FreezeScope,
  OperatorRole,
  type Principal,
  PrincipalKind,
} from '../../../proto/gen/countersign/v1/admin_pb.ts';
import { printable } from '../../core/explanation/printable.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { UsageError } from '../exit.ts';
import { renderTable } from '../render-table.ts';

const { method } = AdminService;

interface CreateOptions extends ConnectOptions {
  readonly agent?: true;
  readonly operator?: true;
  readonly wallet?: readonly string[];
  readonly role?: readonly string[];
  readonly group?: readonly string[];
}

export function addPrincipalCommands(program: Command, context: CliContext): void {
  const principals = program.command('principals').description('agents and operators');
  connectOptions(principals.command('create'))
    .description('make an agent or an operator; it has no key yet')
    .argument('<id>', '1 to 64 of a-z, 0-9 and dash')
    .option('--agent', 'calls the data plane')
    .option('--operator', 'calls the control plane')
    .option('--wallet <id...>', 'agents: wallets that it may use')
    .option('--role <role...>', 'operators: admin, approver, auditor, policy')
    .option('--group <id...>', 'operators: approval groups')
    .action((id: string, options: CreateOptions) => create(context, id, options));
  connectOptions(principals.command('list'))
    .description('everyone who may call, or could')
    .action((options: ConnectOptions) => list(context, options));
  connectOptions(principals.command('disable'))
    .description('shut a principal out with all its keys, for good')
    .argument('<id>')
    .action((id: string, options: ConnectOptions) => disable(context, id, options));
  for (const verb of ['bind', 'unbind'] as const) {
    connectOptions(principals.command(verb))
      .description(verb === 'bind' ? 'let an agent use a wallet' : 'take a wallet from an agent')
      .argument('<agent>')
      .argument('<wallet>')
      .action((agent: string, wallet: string, options: ConnectOptions) => bind(context, verb, agent, wallet, options));
  }
}

function create(context: CliContext, id: string, options: CreateOptions): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    if ((options.agent === true) === (options.operator === true)) throw new UsageError('give --agent or --operator');
    const request = {
      principal: id,
      kind: options.agent ? PrincipalKind.AGENT : PrincipalKind.OPERATOR,
      wallets: [...(options.wallet ?? [])],
      roles: (options.role ?? []).map(roleOf),
      groups: [...(options.group ?? [])],
    };
    await gateway.unary(method.createPrincipal, request);
    await context.terminal.print(
      `created ${options.agent ? 'agent' : 'operator'} ${printable(id)}; keys create makes its key`,
    );
    return 0;
  });
}

function list(context: CliContext, options: ConnectOptions): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    const [{ principals }, { freezes }] = await Promise.all([
      gateway.unary(method.listPrincipals, {}),
      gateway.unary(method.listFreezes, {}),
    ]);
    const rows = principals.map((principal) => rowOf(principal, freezes));
    const lines = renderTable(['PRINCIPAL', 'KIND', 'MAY', 'STATE'], rows);
    for (const line of lines) await context.terminal.print(line);
    return 0;
  });
}

function disable(context: CliContext, id: string, options: ConnectOptions): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    await gateway.unary(method.disablePrincipal, { principal: id });
    await context.terminal.print(`disabled ${printable(id)}`);
    return 0;
  });
}

function bind(
  context: CliContext,
  verb: 'bind' | 'unbind',
  agent: string,
  wallet: string,
  options: ConnectOptions,
): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    const request = { principal: agent, wallet };
    if (verb === 'bind') await gateway.unary(method.bindWallet, request);
    else await gateway.unary(method.unbindWallet, request);
    const done = verb === 'bind' ? 'may use' : 'may no longer use';
    await context.terminal.print(`${printable(agent)} ${done} ${printable(wallet)}`);
    return 0;
  });
}

function rowOf(listed: Principal, freezes: readonly Freeze[]): readonly string[] {
  const { principal, kind, wallets, roles, groups } = listed;
  const isAgent = kind === PrincipalKind.AGENT;
  const names = roles.map(
    (role) => Object.entries(OperatorRole).find(([, value]) => value === role)?.[0] ?? String(role),
  );
  const may = isAgent
    ? `use ${wallets.join(', ') || 'no wallet'}`
    : [...names.map((name) => name.toLowerCase()), ...groups.map((group) => `group ${group}`)].join(', ');
  return [principal, isAgent ? 'agent' : 'operator', may, stateText(listed, freezes)];
}

/** Frozen is for a while, disabled for good. */
function stateText({ principal, kind, disableTime }: Principal, freezes: readonly Freeze[]): string {
  if (disableTime !== undefined) return 'disabled';
  const frozen = freezes.find(
    ({ scope, target }) => scope === FreezeScope.ALL || (scope === FreezeScope.AGENT && target === principal),
  );
  if (kind !== PrincipalKind.AGENT || frozen === undefined) return 'enabled';
  return `FROZEN by ${frozen.frozenBy}: ${frozen.reason}`;
}

function roleOf(name: string): OperatorRole {
  switch (name) {
    case 'admin':
      return OperatorRole.ADMIN;
    case 'approver':
      return OperatorRole.APPROVER;
    case 'auditor':
      return OperatorRole.AUDITOR;
    case 'policy':
      return OperatorRole.POLICY;
    default:
      throw new UsageError(`--role is admin, approver, auditor or policy; not ${name}`);
  }
}
