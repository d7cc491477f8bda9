// Owns `countersign approvals approve` and `reject`: a vote for exactly what was shown.
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type Approval,
  ApprovalService,
  ApprovalState,
  type ApproveRequest,
} from '../../../proto/gen/countersign/v1/approval_pb.ts';
import { type ApproverKey, readApproverKey } from '../approver-key.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { UsageError } from '../exit.ts';
import { digestText, renderApproval, stateName, votesText } from '../render-approval.ts';
import { fetchApproval } from './approvals.ts';

interface VoteOptions extends ConnectOptions {
  readonly digest?: string;
  readonly comment?: string;
  readonly reason?: string;
  readonly signWith?: string;
  readonly yes?: true;
}

/** Names the file, never the key. */
const KEY_VARIABLE = 'COUNTERSIGN_APPROVER_KEY_FILE';

type Choice = 'approve' | 'reject';

const DESCRIPTIONS: Readonly<Record<Choice, string>> = {
  approve: 'show one approval and vote for it',
  reject: 'show one approval and refuse it for good',
};

export function addVoteCommand(approvals: Command, context: CliContext, choice: Choice): void {
  const command = connectOptions(approvals.command(choice))
    .description(DESCRIPTIONS[choice])
    .argument('<approval-id>')
    .option('--digest <digest>', 'vote only if this is still what it asks for: hex as shown, or base64 as in --json')
    .option('--sign-with <file>', `sign the vote: a keypair file of the Solana CLI, or PEM (${KEY_VARIABLE})`)
    .option('--yes', 'do not ask')
    .action((approvalId: string, options: VoteOptions) => vote(context, choice, approvalId, options));
  if (choice === 'approve') {
    command.option('--comment <text>', 'stands in the audit chain').addOption(misplaced('--reason', '--comment'));
    return;
  }
  command
    .requiredOption('--reason <text>', 'stands in the audit chain, and the agent is told')
    .addOption(misplaced('--comment', '--reason'));
}

/** The other choice has it: refused with the name that it has here. */
function misplaced(option: string, right: string): Option {
  return new Option(`${option} <text>`).hideHelp().argParser(() => {
    throw new InvalidArgumentError(`There is no ${option} here: the option is ${right}; nothing was voted.`);
  });
}

export function addWithdrawCommand(approvals: Command, context: CliContext): void {
  connectOptions(approvals.command('withdraw'))
    .description('take your vote back, while it has decided nothing')
    .argument('<approval-id>')
    .action((approvalId: string, options: ConnectOptions) =>
      context.withGateway(options, async (gateway) => {
        const { approval } = await gateway.unary(ApprovalService.method.withdraw, { approvalId });
        await context.terminal.print(`withdrawn; ${approval === undefined ? '' : votesText(approval)}`);
        return 0;
      }),
    );
}

function vote(context: CliContext, choice: Choice, approvalId: string, options: VoteOptions): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    const pinned = pinnedDigest(options.digest);
    const keyFile = options.signWith ?? terminal.env[KEY_VARIABLE];
    const key = keyFile === undefined ? null : readApproverKey(keyFile);
    const { approval, policyInput, caller } = await fetchApproval(gateway, approvalId);
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
    const comment = options.reason ?? options.comment ?? '';
    const request = { approvalId: approval.approvalId, intentDigest: approval.intentDigest, comment };
    const signed = { ...request, ...signatureOf(key, caller, choice, request, terminal.now()) };
    const { approval: after } =
      choice === 'approve'
        ? await gateway.unary(ApprovalService.method.approve, signed)
        : await gateway.unary(ApprovalService.method.reject, signed);
    await terminal.print(afterText(choice, after));
    return 0;
  });
}

/** What is signed is what was shown: this approval, this digest. */
function signatureOf(
  key: ApproverKey | null,
  approver: string,
  choice: Choice,
  { approvalId, intentDigest, comment }: Pick<ApproveRequest, 'approvalId' | 'intentDigest' | 'comment'>,
  time: number,
) {
  if (key === null) return {};
  const intentSha256 = digestText(intentDigest);
  const signature = key.sign({ approvalId, approver, approve: choice === 'approve', comment, intentSha256, time });
  return { signature: { key: key.publicKey, signature, time: timestampFromMs(time) } };
}

function pinnedDigest(digest: string | undefined): string | null {
  if (digest === undefined) return null;
  if (/^[0-9a-fA-F]{64}$/.test(digest)) return digest.toLowerCase();
  if (/^[A-Za-z0-9+/]{43}=$/.test(digest)) return Buffer.from(digest, 'base64').toString('hex');
  throw new UsageError(
    '--digest is 64 hex characters, as approvals show prints it, or 44 of base64, as intentDigest of its JSON',
  );
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
  const done = choice === 'approve' ? `approved: ${votesText(approval)}` : 'rejected';
  return `${done}; the approval is ${stateName(approval.state)}`;
}
