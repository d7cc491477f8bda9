// Owns `countersign budgets`: where limits over time stand, as a table.
import { toJson } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { Command } from 'commander';
import { AdminService } from '../../../proto/gen/countersign/v1/admin_pb.ts';
import { type Budget, BudgetSchema } from '../../../proto/gen/countersign/v1/budget_pb.ts';
import { CalendarUnit, type Limit } from '../../../proto/gen/countersign/v1/decision_pb.ts';
import { SigningService } from '../../../proto/gen/countersign/v1/signing_pb.ts';
import { durationText } from '../../core/budget/limit-text.ts';
import { withDecimals } from '../../core/explanation/amounts.ts';
import type { Connection } from '../connection.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { renderTable } from '../render-table.ts';

interface BudgetOptions extends ConnectOptions {
  readonly mine?: true;
  readonly json?: true;
}

const SOL_DECIMALS = 9;
const UNITS: Readonly<Record<CalendarUnit, string>> = {
  [CalendarUnit.UNSPECIFIED]: 'NOT KNOWN',
  [CalendarUnit.DAY]: 'day',
  [CalendarUnit.WEEK]: 'week',
  [CalendarUnit.MONTH]: 'month',
};

export function addBudgetCommand(program: Command, context: CliContext): void {
  connectOptions(program.command('budgets'))
    .description('where limits over time stand: used, reserved, left, and when the next part frees itself')
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
      : renderTable(
          ['WHOSE', 'WHAT', 'WINDOW', 'AT MOST', 'USED', 'RESERVED', 'LEFT', 'NEXT FREED'],
          budgets.map(rowOf),
        );
    for (const line of lines) await terminal.print(line);
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

/** Agents and wallets may have the same name: then it is the agent's. */
async function budgetsOf(gateway: Connection, name: string): Promise<Page> {
  const { method } = AdminService;
  if (name === '') return gateway.unary(method.listBudgets, {});
  const { principals } = await gateway.unary(method.listPrincipals, {});
  const isAgent = principals.some(({ principal }) => principal === name);
  return gateway.unary(method.listBudgets, isAgent ? { agent: name } : { wallet: name });
}

function rowOf({ limit, agent, wallet, used, reserved, left, freeTime }: Budget): readonly string[] {
  const amount = (value: string) => amountOf(limit, value);
  return [
    whoseText(limit, agent, wallet),
    whatText(limit),
    windowText(limit),
    amount(limit?.max ?? ''),
    amount(used),
    amount(reserved),
    amount(left),
    freeTime === undefined ? '' : new Date(timestampMs(freeTime)).toISOString(),
  ];
}

function whoseText(limit: Limit | undefined, agent: string, wallet: string): string {
  if (agent !== '' && wallet !== '') return `${agent} with ${wallet}`;
  if (agent !== '') return agent;
  if (wallet !== '') return `all with ${wallet}`;
  return limit === undefined || limit.group === '' ? 'everybody' : `group ${limit.group}`;
}

function whatText(limit: Limit | undefined): string {
  const { measure } = limit ?? {};
  if (measure?.case === 'sponsored') return `fees and rent by ${measure.value.payer}`;
  const program = measure?.value?.program ? ` by ${measure.value.program}` : '';
  switch (measure?.case) {
    case 'outflow': {
      const { asset, recipient, net } = measure.value;
      return `${net ? 'net ' : ''}${asset}${recipient === '' ? '' : ` to ${recipient}`}${program}`;
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

/** Every digit: lamports as SOL, of other assets base units, because only the chain knows their decimals. */
function amountOf(limit: Limit | undefined, amount: string): string {
  const { measure } = limit ?? {};
  const isLamports =
    measure?.case === 'fee' ||
    measure?.case === 'rent' ||
    measure?.case === 'sponsored' ||
    (measure?.case === 'outflow' && measure.value.asset === 'SOL');
  return isLamports ? `${withDecimals(amount, SOL_DECIMALS)} SOL` : amount;
}
