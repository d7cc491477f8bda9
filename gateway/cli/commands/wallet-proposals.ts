// Owns `countersign wallets proposals` and `vote`: what admins want done with wallets, and who agrees.
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Command } from 'commander';
import { type WalletProposal, WalletService } from '../../../proto/gen/countersign/v1/wallet_pb.ts';
import { printable } from '../../core/explanation/printable.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { renderTable } from '../render-table.ts';
import { actionText, commandText, countOf, timeText } from '../wallets/proposal-text.ts';

const { method } = WalletService;

interface ListOptions extends ConnectOptions {
  readonly all?: true;
}

interface VoteOptions extends ConnectOptions {
  readonly reason: string;
}

export function addWalletProposals(wallets: Command, context: CliContext): void {
  connectOptions(wallets.command('proposals'))
    .description('what admins propose to destroy, export or import, and who voted for it')
    .option('--all', 'those that were carried out or have expired too')
    .action((options: ListOptions) => list(context, options));
  connectOptions(wallets.command('vote'))
    .description('vote for a proposal about a wallet; who proposed it carries it out')
    .argument('<proposal>', 'its id')
    .requiredOption('--reason <text>', 'why it may be done')
    .action((proposalId: string, options: VoteOptions) => vote(context, proposalId, options));
}

function list(context: CliContext, { all, ...options }: ListOptions): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    const request = { includeClosed: all === true };
    const { proposals, quorum } = await gateway.unary(method.listWalletProposals, request);
    const rows = proposals.map((each) => [
      each.proposalId,
      actionText(each),
      each.proposedBy,
      each.votes.map(({ operator, counts }) => (counts ? operator : `${operator} (does not count)`)).join(', '),
      stateText(each, quorum, terminal.now()),
      each.reason,
    ]);
    const lines = renderTable(['PROPOSAL', 'TO', 'BY', 'VOTES', 'STATE', 'REASON'], rows);
    for (const line of rows.length === 0 ? ['nothing is proposed'] : lines) await terminal.print(line);
    return 0;
  });
}

function vote(context: CliContext, proposalId: string, options: VoteOptions): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    const request = { proposalId, reason: options.reason };
    const { proposal, quorum } = await gateway.unary(method.voteForWalletAction, request);
    if (proposal === undefined) throw new Error('the gateway answered without the proposal');
    const by = printable(proposal.proposedBy);
    const lines = [
      `voted: to ${actionText(proposal)} has ${countOf(proposal)} of ${quorum} votes`,
      ...(countOf(proposal) < quorum
        ? []
        : [`${by} can carry it out until ${timeText(proposal.expireTime)}:`, `  ${commandText(proposal)}`]),
    ];
    for (const line of lines) await terminal.print(line);
    return 0;
  });
}

function stateText(proposal: WalletProposal, quorum: number, now: number): string {
  const { carryOutTime, expireTime, proposedBy } = proposal;
  if (carryOutTime !== undefined) return `carried out ${timeText(carryOutTime)}`;
  if (expireTime !== undefined && timestampDate(expireTime).getTime() <= now) return `expired ${timeText(expireTime)}`;
  const until = `until ${timeText(expireTime)}`;
  if (countOf(proposal) < quorum) return `${countOf(proposal)} of ${quorum} votes, ${until}`;
  return `agreed: ${proposedBy} can carry it out ${until}`;
}
