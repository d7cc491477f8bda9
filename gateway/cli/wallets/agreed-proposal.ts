// Owns the way from what an admin wants done with a wallet to a proposal that enough admins agreed to.
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type ProposeWalletActionRequestSchema,
  type WalletProposal,
  WalletService,
} from '../../../proto/gen/countersign/v1/wallet_pb.ts';
import { printable } from '../../core/explanation/printable.ts';
import type { Connection } from '../connection.ts';
import type { Terminal } from '../terminal.ts';
import { actionText, countOf, timeText } from './proposal-text.ts';

const { method } = WalletService;

export interface WantedAction {
  readonly wallet: string;
  readonly action: NonNullable<MessageInitShape<typeof ProposeWalletActionRequestSchema>['action']>;
  readonly reason: string;
  /** Whether a proposal for this wallet is to do exactly this. */
  readonly isThis: (proposal: WalletProposal) => boolean;
  /** What the caller has to see to before it is carried out. */
  readonly before: () => Promise<readonly string[]>;
}

/**
 * The caller's own proposal with votes enough. `null`: there is none yet, and the person was told who must do what; where it is the caller's
 * turn to wait, by an open proposal of the caller's.
 */
export async function agreedProposal(
  gateway: Connection,
  terminal: Terminal,
  wanted: WantedAction,
): Promise<WalletProposal | null> {
  const { proposals, quorum, caller } = await gateway.unary(method.listWalletProposals, {});
  const same = proposals.filter((each) => each.wallet === wanted.wallet && wanted.isThis(each));
  const mine = same.find(({ proposedBy }) => proposedBy === caller);
  if (mine === undefined && same[0] !== undefined) {
    await tellOfOthers(terminal, same[0], quorum);
    return null;
  }
  const proposal = mine ?? (await propose(gateway, wanted));
  if (countOf(proposal) >= quorum) return proposal;
  await tellOfVotes(terminal, wanted, { proposal, quorum, isNew: mine === undefined });
  return null;
}

async function propose(gateway: Connection, { wallet, action, reason }: WantedAction): Promise<WalletProposal> {
  const { proposal } = await gateway.unary(method.proposeWalletAction, { wallet, reason, action });
  if (proposal === undefined) throw new Error('the gateway answered without the proposal');
  return proposal;
}

async function tellOfVotes(
  terminal: Terminal,
  { before }: WantedAction,
  told: { readonly proposal: WalletProposal; readonly quorum: number; readonly isNew: boolean },
): Promise<void> {
  const { proposal, quorum, isNew } = told;
  const missing = quorum - countOf(proposal);
  const others = missing === 1 ? 'one other admin' : `${missing} other admins`;
  const lines = [
    `${isNew ? 'proposed' : 'proposed before, and not agreed yet'}: ${actionText(proposal)} (${countOf(proposal)} of ${quorum} votes, until ${timeText(proposal.expireTime)})`,
    `nothing is done yet; ${others} must vote for it:`,
    `  ${voteCommand(proposal)}`,
    ...(await before()),
    'then run this command again, to carry it out',
  ];
  for (const line of lines) await terminal.print(line);
}

async function tellOfOthers(terminal: Terminal, proposal: WalletProposal, quorum: number): Promise<void> {
  const by = printable(proposal.proposedBy);
  const lines = [
    `${by} has proposed this already: ${actionText(proposal)} (${countOf(proposal)} of ${quorum} votes, until ${timeText(proposal.expireTime)})`,
    'nothing was proposed anew; to vote for it:',
    `  ${voteCommand(proposal)}`,
    `once it is agreed, ${by} carries it out`,
  ];
  for (const line of lines) await terminal.print(line);
}

function voteCommand({ proposalId }: WalletProposal): string {
  return `countersign wallets vote ${printable(proposalId)} --reason TEXT`;
}
