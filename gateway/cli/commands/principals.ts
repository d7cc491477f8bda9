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
import { didYouMean } from '../../core/nearest-name.ts';
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

interface ChangeOptions extends ConnectOptions {
  readonly addRole?: readonly string[];
  readonly removeRole?: readonly string[];
  readonly addGroup?: readonly string[];
  readonly removeGroup?: readonly string[];
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
  connectOptions(principals.command('change'))
    .description(
      'give an operator other roles and groups; one without roles may do nothing until it is given some back',
    )
    .argument('<operator>', 'somebody else: nobody changes their own')
    .option('--add-role <role...>', 'admin, approver, auditor, policy')
    .option('--remove-role <role...>', 'votes by it count no more where nothing is decided yet')
    .option('--add-group <id...>', 'approval groups')
    .option('--remove-group <id...>', 'as with roles')
    .action((id: string, options: ChangeOptions) => change(context, id, options));
  connectOptions(principals.command('disable'))
    .description('shut a principal out with all its keys, for good; not the last admin that has a key')
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

function isIn(names: readonly string[]): (name: string) => boolean {
  return (name) => names.includes(name);
}

function change(
  context: CliContext,
  id: string,
  { addRole = [], removeRole = [], addGroup = [], removeGroup = [], ...options }: ChangeOptions,
): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    const asked = [...addRole, ...removeRole, ...addGroup, ...removeGroup];
    if (asked.length === 0) throw new UsageError('give --add-role, --remove-role, --add-group or --remove-group');
    const twice = [...addRole.filter(isIn(removeRole)), ...addGroup.filter(isIn(removeGroup))];
    if (twice.length > 0) throw new UsageError(`${twice.join(', ')} is to be added and to be removed: give it once`);
    const [gained, lost] = [addRole.map(roleOf), removeRole.map(roleOf)];
    const { principals } = await gateway.unary(method.listPrincipals, {});
    const found = principals.find(({ principal }) => principal === id);
    if (found !== undefined) refuseStrangeGroups(found, removeGroup);
    const { principal } = await gateway.unary(method.changeOperator, {
      principal: id,
      roles: edited(found?.roles ?? [], gained, lost),
      groups: edited(found?.groups ?? [], addGroup, removeGroup),
      revision: found?.revision ?? 0n,
    });
    const texts = [found, principal].map((each) => (each === undefined ? '' : rightsText(each)));
    await context.terminal.print(
      found?.revision === principal?.revision
        ? `nothing changed: ${printable(id)} has ${texts[0]}`
        : `${printable(id)} had ${texts[0]}; now it has ${texts[1]}`,
    );
    return 0;
  });
}

function refuseStrangeGroups({ principal, groups }: Principal, taken: readonly string[]): void {
  const strange = taken.find((group) => !groups.includes(group));
  if (strange === undefined) return;
  const meant = didYouMean(strange, groups);
  throw new UsageError(`${principal} is not in the group ${strange}${meant}; nothing was changed`);
}

function edited<T>(held: readonly T[], gained: readonly T[], lost: readonly T[]): T[] {
  return [...new Set([...held, ...gained])].filter((each) => !lost.includes(each));
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
  const { principal, kind, wallets } = listed;
  const isAgent = kind === PrincipalKind.AGENT;
  const may = isAgent ? `use ${wallets.join(', ') || 'no wallet'}` : rightsText(listed);
  return [principal, isAgent ? 'agent' : 'operator', may, stateText(listed, freezes)];
}

function rightsText({ roles, groups }: Principal): string {
  const names = roles.map(
    (role) => Object.entries(OperatorRole).find(([, value]) => value === role)?.[0] ?? String(role),
  );
  const rights = [...names.map((name) => name.toLowerCase()), ...groups.map((group) => `group ${group}`)];
  return rights.map(printable).join(', ') || 'nothing';
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
      throw new UsageError(`a role is admin, approver, auditor or policy; not ${name}`);
  }
}
