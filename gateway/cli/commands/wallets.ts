// Owns `countersign wallets`: which there are, who may use each, and what it holds; and the commands about single ones, which stand elsewhere.
import { toJson } from '@bufbuild/protobuf';
import type { Command } from 'commander';
import { type WalletState, WalletStateSchema } from '../../../proto/gen/countersign/v1/operations_pb.ts';
import { amountText } from '../../core/explanation/amounts.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { renderTable } from '../render-table.ts';
import { allWallets } from '../wallets/all-wallets.ts';
import { addWalletActions } from './wallet-actions.ts';
import { addWalletProposals } from './wallet-proposals.ts';
import { addWalletTemplates } from './wallet-templates.ts';

interface ListOptions extends ConnectOptions {
  readonly balances: boolean;
  readonly json?: true;
}

export function addWalletCommands(program: Command, context: CliContext): void {
  const wallets = program
    .command('wallets')
    .description('the wallets that agents can be allowed to use')
    .addHelpText('after', '\nTo stop a wallet at once: countersign freeze wallet <wallet> --reason <text>');
  connectOptions(wallets.command('list'))
    .description(
      'each with its address, who may use it, what it holds, whether it is served, and whether something else moved it',
    )
    .option('--no-balances', 'do not ask the chain')
    .option('--json', 'one JSON document a line')
    .action((options: ListOptions) => list(context, options));
  addWalletTemplates(wallets, context);
  addWalletActions(wallets, context);
  addWalletProposals(wallets, context);
}

function list(context: CliContext, options: ListOptions): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    const wallets = await allWallets(gateway, options.balances);
    if (options.json) {
      for (const wallet of wallets) await terminal.print(JSON.stringify(toJson(WalletStateSchema, wallet)));
      return 0;
    }
    const header = ['WALLET', 'ADDRESS', 'SIGNER', 'RELAYER', 'AGENTS', 'HOLDS', 'STATE'];
    const rows = wallets.map((wallet) => rowOf(wallet, options.balances));
    for (const line of renderTable(header, rows)) await terminal.print(line);
    return 0;
  });
}

function rowOf(state: WalletState, isAsked: boolean): readonly string[] {
  const { wallet, address, signer, relayer, agents } = state;
  return [
    wallet,
    address,
    signer,
    relayer,
    agents.join(', '),
    isAsked ? holdingText(state) : 'not asked',
    stateText(state),
  ];
}

function holdingText({ balances, balancesProblem }: WalletState): string {
  if (balancesProblem !== '') return `NOT KNOWN: ${balancesProblem}`;
  return balances.map(({ asset, amount, decimals }) => amountText(asset, amount, decimals)).join(' + ');
}

function stateText({ frozen, notServed, foreignTransactions, foreignSignature, checkedTime }: WalletState): string {
  const moved = `MOVED ELSEWHERE ${foreignTransactions} times, last by ${foreignSignature}`;
  return [
    ...(notServed === '' ? [] : [`NOT SERVED: ${notServed}`]),
    ...(frozen === '' ? [] : [`FROZEN: ${frozen}`]),
    ...(notServed === '' && frozen === '' ? ['in use'] : []),
    ...(foreignTransactions > 0n ? [moved] : []),
    ...(checkedTime === undefined ? ['not compared with the chain'] : []),
  ].join('; ');
}
