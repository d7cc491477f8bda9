// Owns `countersign budgets`: where limits over time stand, as a table.
import { toJson } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { Command } from 'commander';
import { AdminService } from '../../../proto/gen/countersign/v1/admin_pb.ts';
import { type Budget, BudgetSchema } from '../../../proto/gen/countersign/v1/budget_pb.ts';
import { CalendarUnit, type Limit, LimitScope } from '../../../proto/gen/countersign/v1/decision_pb.ts';
import { SigningService } from '../../../proto/gen/countersign/v1/signing_pb.ts';
import { durationText } from '../../core/budget/limit-text.ts';
import { printable } from '../../core/explanation/printable.ts';
import { didYouMean } from '../../core/nearest-name.ts';
import type { Connection } from '../connection.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { UsageError } from '../exit.ts';
import { limitAmount } from '../limit-amount.ts';
import { renderTable } from '../render-table.ts';
import { namesOf } from '../strange-names.ts';

interface BudgetOptions extends ConnectOptions {
  readonly mine?: true;
  readonly json?: true;
}

const UNITS: Readonly<Record<CalendarUnit, string>> = {
  [CalendarUnit.UNSPECIFIED]: 'NOT KNOWN',
  [CalendarUnit.DAY]: 'day',
  [CalendarUnit.WEEK]: 'week',
  [CalendarUnit.MONTH]: 'month',
};

export function addBudgetCommand(program: Command, context: CliContext): void {
  connectOptions(program.command('budgets'))
    .description(
      'where limits over time stand: used, reserved, left, when the next part frees itself, and what happens above them',
    )
    .argument('[name]', 'an agent or a wallet, with what it shares with others; all of them where absent')
    .option('--mine', "as an agent: the caller's own, asked of the data plane; the name is one of its wallets")
    .option('--json', 'one JSON document a line')
    .action((name: string | undefined, options: BudgetOptions) => list(context, name ?? '', options));
}

function list(context: CliContext, name: string, options: BudgetOptions): Promise<void> {
  const { terminal } = context;
  const show = async ({ budgets, hasMore }: Page): Promise<0> => {
    const lines = options.json
      ? budgets.map((budget) => JSON.stringify(toJson(BudgetSchema, budget)))
      : tableOf(budgets);
    for (const line of lines) await terminal.print(line);
    if (!options.json) for (const doubt of doubtsOf(budgets)) terminal.warn(`countersign: ${doubt}`);
    if (hasMore) terminal.warn('countersign: there are more; give an agent or a wallet');
    return 0;
  };
  return options.mine
    ? context.withDataPlane(options, async (gateway) =>
        show(await gateway.unary(SigningService.method.getBudgets, { wallet: name })),
      )
    : context.withGateway(options, async (gateway) => show(await budgetsOf(gateway, name)));
}

interface Page {
  readonly budgets: readonly Budget[];
  readonly hasMore: boolean;
}

/** Agents and wallets may have the same name: then it is the agent's. A slip would look like somebody who uses only what everybody does. */
async function budgetsOf(gateway: Connection, name: string): Promise<Page> {
  const { method } = AdminService;
  if (name === '') return gateway.unary(method.listBudgets, {});
  const agents = await namesOf(gateway, 'agent');
  if (agents.includes(name)) return gateway.unary(method.listBudgets, { agent: name });
  const wallets = await namesOf(gateway, 'wallet');
  if (wallets.includes(name)) return gateway.unary(method.listBudgets, { wallet: name });
  throw new UsageError(`there is no agent or wallet ${printable(name)}${didYouMean(name, [...agents, ...wallets])}`);
}

function tableOf(budgets: readonly Budget[]): readonly string[] {
  if (budgets.length === 0) {
    return ['nothing counts yet: a limit over time appears with the first request that reserves some of it'];
  }
  const header = [
    'WHOSE',
    'WHAT',
    'WINDOW',
    'AT MOST',
    'USED',
    'RESERVED',
    'LEFT',
    'NEXT FREED',
    'ABOVE IT',
    'STATED BY',
  ];
  return renderTable(header, budgets.map(rowOf));
}

function rowOf(budget: Budget): readonly string[] {
  const { limit, unit, agent, wallet, used, reserved, left, freeTime, fromEarlierRevision } = budget;
  const amount = (value: string) => limitAmount(limit, unit, value);
  return [
    whoseText(limit, agent, wallet),
    whatText(budget),
    windowText(limit),
    amount(limit?.max ?? ''),
    amount(used),
    amount(reserved),
    fromEarlierRevision ? '' : amount(left),
    freeTime === undefined ? '' : new Date(timestampMs(freeTime)).toISOString(),
    aboveText(limit),
    statedBy(budget),
  ];
}

function aboveText(limit: Limit | undefined): string {
  if (limit === undefined) return 'NOT KNOWN';
  const { approval } = limit;
  if (approval === undefined) return 'denied';
  return `approval: ${approval.quorum}${approval.groups.length === 0 ? '' : ` of ${approval.groups.join(' or ')}`}`;
}

/** Whether it holds now: nothing is left of a limit that the active revision does not state, because it restrains nothing. */
function statedBy({ limit, fromEarlierRevision, bundleRevision }: Budget): string {
  if (limit?.scope === LimitScope.SESSION) return fromEarlierRevision ? 'session key, ended' : 'session key';
  if (!fromEarlierRevision) return 'active policy';
  return `earlier policy ${bundleRevision}; not by the active one: restrains nothing unless that states it`;
}

function whoseText(limit: Limit | undefined, agent: string, wallet: string): string {
  if (agent !== '' && wallet !== '') return `${agent} with ${wallet}`;
  if (agent !== '') return agent;
  if (wallet !== '') return `all with ${wallet}`;
  if (limit?.scope === LimitScope.SESSION) return `session key ${limit.sessionKeyId}`;
  return limit === undefined || limit.group === '' ? 'everybody' : `group ${limit.group}`;
}

function whatText({ limit, unit }: Budget): string {
  const { measure } = limit ?? {};
  if (measure?.case === 'sponsored') return `fees and rent by ${measure.value.payer}`;
  const program = measure?.value?.program ? ` by ${measure.value.program}` : '';
  switch (measure?.case) {
    case 'outflow': {
      const { asset, recipient, net } = measure.value;
      const named = unit === undefined || unit.symbol === '' ? asset : `${unit.symbol} (${asset})`;
      return `${net ? 'net ' : ''}${named}${recipient === '' ? '' : ` to ${recipient}`}${program}`;
    }
    case 'fee':
      return `fees${program}`;
    case 'rent':
      return `rent${program}`;
    case 'count':
      return `signatures${program}`;
    default:
      return 'NOT KNOWN';
  }
}

function windowText(limit: Limit | undefined): string {
  const { window } = limit ?? {};
  switch (window?.case) {
    case 'rollingSeconds':
      return durationText(window.value);
    case 'calendar':
      return `${UNITS[window.value.unit]} of ${window.value.timeZone}`;
    case 'lifetime':
      return 'for ever';
    default:
      return 'NOT KNOWN';
  }
}

/** What is not sure of the decimals by which amounts are shown. */
function doubtsOf(budgets: readonly Budget[]): readonly string[] {
  const doubts = budgets.flatMap(({ limit, unit }) => {
    const { measure } = limit ?? {};
    if (measure?.case !== 'outflow' || measure.value.asset === 'SOL' || unit?.fromChain === true) return [];
    const asset = printable(measure.value.asset);
    return unit === undefined
      ? [`nobody could tell the decimals of ${asset}: its amounts are in base units`]
      : [`the chain did not tell the decimals of ${asset}: they are those of the policy's assets (${unit.decimals})`];
  });
  return [...new Set(doubts)];
}
