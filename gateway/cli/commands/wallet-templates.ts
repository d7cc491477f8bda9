// Owns `countersign wallets create`, `templates` and `managed`: wallets whose keys are made through the gateway, and what they are made from.
import type { Command } from 'commander';
import {
  type ManagedWallet,
  ManagedWalletState,
  WalletService,
  type WalletTemplate,
} from '../../../proto/gen/countersign/v1/wallet_pb.ts';
import { printable } from '../../core/explanation/printable.ts';
import type { Connection } from '../connection.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { renderTable } from '../render-table.ts';
import { keyFateText } from '../wallets/key-fate-text.ts';
import { timeText } from '../wallets/proposal-text.ts';

const { method } = WalletService;

interface CreateOptions extends ConnectOptions {
  readonly template: string;
}

interface TemplateOptions extends ConnectOptions {
  readonly check: boolean;
}

export function addWalletTemplates(wallets: Command, context: CliContext): void {
  connectOptions(wallets.command('create'))
    .description(
      'make a wallet, with a new key at the backend of a template; the same command again goes on where it ended',
    )
    .argument('<wallet>', 'its id, 1 to 64 of a-z, 0-9 and dash: of no other wallet, ever')
    .requiredOption('--template <name>', 'one of the configuration: see wallets templates')
    .action((wallet: string, options: CreateOptions) => create(context, wallet, options));
  connectOptions(wallets.command('templates'))
    .description('what wallets can be made from, how full each is, and whether its backend is ready to make keys')
    .option('--no-check', 'do not ask the backends')
    .action((options: TemplateOptions) => templates(context, options));
  connectOptions(wallets.command('managed'))
    .description('the wallets that were made through the gateway, also those that are not finished or destroyed')
    .action((options: ConnectOptions) => managed(context, options));
}

function create(context: CliContext, id: string, { template, ...options }: CreateOptions): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    const { wallet } = await gateway.unary(method.createWallet, { wallet: id, template });
    if (wallet === undefined) throw new Error('the gateway answered without the wallet');
    const name = printable(wallet.wallet);
    const lines = [
      `created: ${name} has the address ${printable(wallet.address)}; its key is called ${printable(wallet.label)} at the backend`,
      'nobody can use it before an agent may, and the policy says what for:',
      `  countersign principals bind AGENT ${name}`,
    ];
    for (const line of lines) await context.terminal.print(line);
    return 0;
  });
}

function templates(context: CliContext, { check, ...options }: TemplateOptions): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    const found = (await gateway.unary(method.listWalletTemplates, { check })).templates;
    const rows = found.map((each) => [
      each.name,
      each.type,
      `${each.wallets} of ${each.maxWallets}`,
      mayText(each),
      checkText(each),
    ]);
    const none = ['the configuration has no wallet_templates'];
    const lines = renderTable(['TEMPLATE', 'TYPE', 'WALLETS', 'MAY ALSO', 'BACKEND'], rows);
    for (const line of rows.length === 0 ? none : lines) await context.terminal.print(line);
    return found.some(({ lastCheck }) => lastCheck?.ready === false) ? 1 : 0;
  });
}

function managed(context: CliContext, options: ConnectOptions): Promise<void> {
  return context.withGateway(options, async (gateway) => {
    const rows = (await allManaged(gateway)).map((each) => [
      each.wallet,
      each.address,
      each.template,
      each.label,
      each.createdBy,
      stateText(each),
    ]);
    const lines = renderTable(['WALLET', 'ADDRESS', 'TEMPLATE', 'KEY', 'BY', 'STATE'], rows);
    const none = ['no wallet was made through the gateway'];
    for (const line of rows.length === 0 ? none : lines) await context.terminal.print(line);
    return 0;
  });
}

async function allManaged(gateway: Connection): Promise<readonly ManagedWallet[]> {
  const found: ManagedWallet[] = [];
  let pageToken = '';
  do {
    const page = await gateway.unary(method.listManagedWallets, { pageSize: 200, pageToken });
    found.push(...page.wallets);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return found;
}

function mayText({ canExport, canImport, canDestroyKey, notOpen }: WalletTemplate): string {
  if (notOpen) return 'not known yet';
  const may = [
    ...(canDestroyKey ? ['destroy keys'] : []),
    ...(canExport ? ['export'] : []),
    ...(canImport ? ['import'] : []),
  ];
  return may.join(', ');
}

function checkText({ lastCheck }: WalletTemplate): string {
  if (lastCheck === undefined) return 'not asked yet';
  const { ready, detail, field, checkTime } = lastCheck;
  const look = field === '' ? '' : `; look at ${field}`;
  return `${ready ? 'ready' : 'NOT READY'}: ${detail}${look} (${timeText(checkTime)})`;
}

function stateText(wallet: ManagedWallet): string {
  const { state, address, type, createTime, destroyTime } = wallet;
  switch (state) {
    case ManagedWalletState.CREATING:
      return `NOT FINISHED since ${timeText(createTime)}: the command that began it, again, goes on; wallets destroy gives it up`;
    case ManagedWalletState.ACTIVE:
      return `active since ${timeText(createTime)}`;
    case ManagedWalletState.DESTROYED: {
      const isUnfinished = address === '';
      const where = type === '' ? 'THERE' : `AT ${type}`;
      const left = `ITS KEY ${isUnfinished ? 'MAY BE' : 'IS STILL'} ${where}`;
      return `destroyed ${timeText(destroyTime)}${isUnfinished ? ', never finished' : ''}; ${keyFateText(wallet) ?? left}`;
    }
    default:
      return 'of a state that this version does not know';
  }
}
