// Owns `countersign approvals watch`: each approval that comes or changes, across interruptions.
import { toJson } from '@bufbuild/protobuf';
import type { Command } from 'commander';
import {
  type Approval,
  ApprovalSchema,
  ApprovalService,
  WatchApprovalsResponseSchema,
} from '../../../proto/gen/countersign/v1/approval_pb.ts';
import { printable } from '../../core/explanation/printable.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { expiryText, standingText, subjectText, votesText } from '../render-approval.ts';
import { resuming } from '../resume.ts';
import { sequenceOption } from '../sequence-option.ts';

/** Approvals whose last line is remembered. */
const MOST_REMEMBERED = 1_000;

interface WatchOptions extends ConnectOptions {
  readonly after?: string;
  readonly json?: true;
}

export function addWatchCommand(approvals: Command, context: CliContext): void {
  connectOptions(approvals.command('watch'))
    .description('what is pending, and each approval that comes or changes')
    .option('--after <sequence>', 'what changed since, by the audit chain, instead of what is pending')
    .option('--json', 'one JSON document a line')
    .action((options: WatchOptions) => watch(context, options));
}

function watch(context: CliContext, options: WatchOptions): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    let last = options.after === undefined ? 0n : sequenceOption('--after', options.after);
    const isNews = newsOf();
    const follow = async (came: () => void) => {
      for await (const change of gateway.stream(ApprovalService.method.watchApprovals, { afterSequence: last })) {
        const { approval, sequence } = change;
        const text = lineOf(approval, terminal.now());
        const line = options.json ? JSON.stringify(toJson(WatchApprovalsResponseSchema, change)) : text;
        const said = options.json && approval !== undefined ? JSON.stringify(toJson(ApprovalSchema, approval)) : text;
        if (isNews(approval?.approvalId ?? '', said)) await terminal.print(line);
        last = sequence;
        came();
      }
    };
    await resuming(terminal, follow, () => `after record ${last}`);
    return 0;
  });
}

/** The vote that decides and what comes of it are two records: where the same is to be said of the approval, it is said once. */
function newsOf(): (approvalId: string, said: string) => boolean {
  const told = new Map<string, string>();
  return (approvalId, said) => {
    if (told.get(approvalId) === said) return false;
    told.delete(approvalId);
    told.set(approvalId, said);
    const [oldest] = told.keys();
    if (told.size > MOST_REMEMBERED && oldest !== undefined) told.delete(oldest);
    return true;
  };
}

function lineOf(approval: Approval | undefined, now: number): string {
  if (approval === undefined) return 'an approval that the gateway did not tell';
  const { approvalId, agent, wallet, frozen } = approval;
  const parts = [
    printable(approvalId),
    standingText(approval),
    `${printable(agent)} for ${printable(wallet)}`,
    subjectText(approval),
    votesText(approval),
    expiryText(approval, now),
    ...(frozen === '' ? [] : ['FROZEN']),
  ];
  return parts.join('  ');
}
