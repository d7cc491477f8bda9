// Owns `countersign approvals approve` and `reject`: a vote for exactly what was shown.
import type { Command } from 'commander';
import { type Approval, ApprovalService, ApprovalState } from '../../../proto/gen/countersign/v1/approval_pb.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { UsageError } from '../exit.ts';
import { digestText, renderApproval, stateName } from '../render-approval.ts';
import { fetchApproval } from './approvals.ts';

interface VoteOptions extends ConnectOptions {
  readonly digest?: string;
  readonly comment?: string;
  readonly yes?: true;
}

type Choice = 'approve' | 'reject';

const DESCRIPTIONS: Readonly<Record<Choice, string>> = {
  approve: 'show one approval and vote for it',
  reject: 'show one approval and refuse it for good',
};

export function addVoteCommand(approvals: Command, context: CliContext, choice: Choice): void {
  connectOptions(approvals.command(choice))
    .description(DESCRIPTIONS[choice])
    .argument('<approval-id>')
    .option('--digest <hex>', 'vote only if this is still what it asks for')
    .option('--comment <text>', 'stands in the audit chain')
    .option('--yes', 'do not ask')
    .action((approvalId: string, options: VoteOptions) => vote(context, choice, approvalId, options));
}

function vote(context: CliContext, choice: Choice, approvalId: string, options: VoteOptions): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    const pinned = pinnedDigest(options.digest);
    const { approval, policyInput } = await fetchApproval(gateway, approvalId);
    for (const line of renderApproval(approval, policyInput, terminal.now())) await terminal.print(line);
    const refusal = whyNot(approval, pinned);
    if (refusal !== null) {
      terminal.warn(`countersign: ${refusal}`);
      return 1;
    }
    if (!(await confirmed(context, choice, options))) {
      terminal.warn('countersign: not voted');
      return 1;
    }
    const request = { approvalId, intentDigest: approval.intentDigest, comment: options.comment ?? '' };
    const { approval: after } =
      choice === 'approve'
        ? await gateway.unary(ApprovalService.method.approve, request)
        : await gateway.unary(ApprovalService.method.reject, request);
    await terminal.print(afterText(choice, after));
    return 0;
  });
}

function pinnedDigest(digest: string | undefined): string | null {
  if (digest === undefined) return null;
  if (!/^[0-9a-fA-F]{64}$/.test(digest))
    throw new UsageError('--digest is 64 hex characters, as approvals show prints it');
  return digest.toLowerCase();
}

function whyNot({ state, intentDigest }: Approval, pinned: string | null): string | null {
  if (state !== ApprovalState.PENDING) return `no vote is awaited: the approval is ${stateName(state)}`;
  if (pinned !== null && pinned !== digestText(intentDigest))
    return 'not voted: the approval asks for another digest now';
  return null;
}

async function confirmed({ terminal }: CliContext, choice: Choice, options: VoteOptions): Promise<boolean> {
  if (options.yes) return true;
  if (!terminal.interactive)
    throw new UsageError('nobody can be asked here: look at it first, then give --yes (and --digest)');
  const answer = await terminal.ask(`\nType ${choice} to ${choice} this: `);
  return answer.trim() === choice;
}

function afterText(choice: Choice, approval: Approval | undefined): string {
  if (approval === undefined) return 'voted';
  const votes = approval.votes.filter(({ approve }) => approve).length;
  const needed = approval.requirement?.quorum ?? 0;
  const done = choice === 'approve' ? `approved: ${votes} of ${needed} votes` : 'rejected';
  return `${done}; the approval is ${stateName(approval.state)}`;
}
