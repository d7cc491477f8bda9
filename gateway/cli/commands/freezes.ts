// Owns `countersign freeze`, `unfreeze` and `freezes`: what is stopped, by whom and why, and who wants it to go on.
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { type Command, Option } from 'commander';
import { AdminService, type Freeze, FreezeScope } from '../../../proto/gen/countersign/v1/admin_pb.ts';
import { printable } from '../../core/explanation/printable.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { UsageError } from '../exit.ts';
import { renderTable } from '../render-table.ts';

const { method } = AdminService;

const SCOPES: Readonly<Record<string, FreezeScope>> = {
  all: FreezeScope.ALL,
  agent: FreezeScope.AGENT,
  wallet: FreezeScope.WALLET,
  program: FreezeScope.PROGRAM,
  mint: FreezeScope.MINT,
  recipient: FreezeScope.RECIPIENT,
};
const SCOPE_NAMES = Object.keys(SCOPES).join(', ');
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface ReasonOptions extends ConnectOptions {
  readonly reason: string;
}

interface ListOptions extends ConnectOptions {
  readonly lifted?: true;
}

const reason = (why: string) => new Option('--reason <text>', why).makeOptionMandatory();

export function addFreezeCommands(program: Command, context: CliContext): void {
  connectOptions(program.command('freeze'))
    .description('stop new signatures on every gateway, and that what is signed is sent')
    .argument('<scope>', SCOPE_NAMES)
    .argument('[target]', 'id of an agent, id or address of a wallet, or another address; nothing for all')
    .addOption(reason('shown to whoever is denied'))
    .action((scope: string, target: string | undefined, options: ReasonOptions) =>
      freeze(context, scope, target ?? '', options),
    );
  connectOptions(program.command('unfreeze'))
    .description('vote to lift a freeze; the last vote that it takes lifts it')
    .argument('<freeze>', `its id, or its scope: ${SCOPE_NAMES}`)
    .argument('[target]', 'with a scope')
    .addOption(reason('why it may be lifted'))
    .action((name: string, target: string | undefined, options: ReasonOptions) =>
      unfreeze(context, name, target ?? '', options),
    );
  connectOptions(program.command('freezes'))
    .description('what is frozen, and who voted to lift it')
    .option('--lifted', 'those that were lifted too')
    .action((options: ListOptions) => list(context, options));
}

function freeze(context: CliContext, scope: string, target: string, options: ReasonOptions): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    const request = { scope: scopeOf(scope), target, reason: options.reason };
    const { freeze: made, alreadyFrozen } = await gateway.unary(method.freeze, request);
    if (made === undefined) throw new Error('the gateway answered without the freeze');
    await context.terminal.print(
      alreadyFrozen
        ? `${subjectOf(made)} was frozen before, by ${printable(made.frozenBy)} at ${timeOf(made)}: ${printable(made.reason)} (${made.freezeId})`
        : `frozen: ${subjectOf(made)} (${made.freezeId})`,
    );
    return 0;
  });
}

function unfreeze(context: CliContext, name: string, target: string, options: ReasonOptions): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    const named =
      UUID.test(name) && target === '' ? { freezeId: name } : { scope: scopeOf(name, 'the id of a freeze'), target };
    const { freeze: voted, quorum } = await gateway.unary(method.unfreeze, { ...named, reason: options.reason });
    if (voted === undefined) throw new Error('the gateway answered without the freeze');
    await context.terminal.print(
      voted.liftTime === undefined
        ? `voted: ${subjectOf(voted)} stays frozen, with ${countOf(voted)} of ${quorum} votes to lift it`
        : `lifted: ${subjectOf(voted)} is not frozen any more`,
    );
    return 0;
  });
}

function list(context: CliContext, options: ListOptions): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    const { freezes, unfreezeQuorum, readOnly } = await gateway.unary(method.listFreezes, {
      includeLifted: options.lifted === true,
    });
    if (readOnly) await terminal.print('this gateway only reads: it judges, and neither signs nor sends');
    const rows = freezes.map((each) => [
      each.freezeId,
      subjectOf(each),
      each.frozenBy,
      timeOf(each),
      each.liftTime === undefined ? `${countOf(each)} of ${unfreezeQuorum} votes` : `by ${each.liftedBy}`,
      each.reason,
    ]);
    const lines = renderTable(['FREEZE', 'WHAT', 'BY', 'SINCE', 'LIFTED', 'REASON'], rows);
    for (const line of rows.length === 0 ? ['nothing is frozen'] : lines) await terminal.print(line);
    return 0;
  });
}

function scopeOf(name: string, other?: string): FreezeScope {
  const scope = Object.hasOwn(SCOPES, name) ? SCOPES[name] : undefined;
  if (scope === undefined) {
    const or = other === undefined ? '' : `, or ${other}`;
    throw new UsageError(`what is frozen is one of ${SCOPE_NAMES}${or}; not ${printable(name)}`);
  }
  return scope;
}

function subjectOf({ scope, target }: Freeze): string {
  if (scope === FreezeScope.ALL) return 'all';
  const name = Object.keys(SCOPES).find((each) => SCOPES[each] === scope) ?? 'unknown';
  return `${name} ${printable(target)}`;
}

function countOf({ votes }: Freeze): number {
  return votes.filter(({ counts }) => counts).length;
}

function timeOf({ freezeTime }: Freeze): string {
  return freezeTime === undefined ? '-' : timestampDate(freezeTime).toISOString();
}
