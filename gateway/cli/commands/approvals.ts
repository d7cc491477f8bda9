// Owns `countersign approvals`: what waits for a person, and that person's vote.
import { toJson } from '@bufbuild/protobuf';
import type { Command } from 'commander';
import {
  type Approval,
  ApprovalSchema,
  ApprovalService,
  ApprovalState,
} from '../../../proto/gen/countersign/v1/approval_pb.ts';
import type { Connection } from '../connection.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { UsageError } from '../exit.ts';
import { expiryText, renderApproval, standingText, subjectText, votesText } from '../render-approval.ts';
import { renderTable } from '../render-table.ts';

const { method } = ApprovalService;

export function addApprovalCommands(program: Command, context: CliContext): Command {
  const approvals = program.command('approvals').description('what waits for a person');
  connectOptions(approvals.command('list'))
    .description('approvals, newest first; pending ones unless --state says otherwise')
    .option('--state <state...>', 'pending, approved, rejected, timed_out, superseded')
    .option('--json', 'one JSON document a line')
    .action((options: ListOptions) => list(context, options));
  connectOptions(approvals.command('show'))
    .description('one approval with all that is needed to decide')
    .argument('<approval-id>')
    .option('--json', 'as JSON')
    .action((approvalId: string, options: ShowOptions) => show(context, approvalId, options));
  return approvals;
}

interface ListOptions extends ConnectOptions {
  readonly state?: readonly string[];
  readonly json?: true;
}

interface ShowOptions extends ConnectOptions {
  readonly json?: true;
}

function list(context: CliContext, options: ListOptions): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    const approvals = await allApprovals(gateway, (options.state ?? []).map(stateOf));
    if (options.json) {
      for (const approval of approvals) await terminal.print(JSON.stringify(toJson(ApprovalSchema, approval)));
      return 0;
    }
    const rows = approvals.map((approval) => [
      approval.approvalId,
      standingText(approval),
      approval.agent,
      approval.wallet,
      subjectText(approval),
      votesText(approval),
      expiryText(approval, terminal.now()),
    ]);
    const lines = renderTable(['APPROVAL', 'STATE', 'AGENT', 'WALLET', 'LEAVES THE WALLET', 'VOTES', 'TIME'], rows);
    for (const line of rows.length === 0 ? [nothingFound(options)] : lines) await terminal.print(line);
    return 0;
  });
}

function nothingFound({ state }: ListOptions): string {
  return state === undefined ? 'nothing waits for a vote' : `no approval is ${state.join(' or ')}`;
}

function show(context: CliContext, approvalId: string, options: ShowOptions): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    const { approval, policyInput } = await fetchApproval(gateway, approvalId);
    const lines = options.json
      ? [JSON.stringify(toJson(ApprovalSchema, approval))]
      : renderApproval(approval, policyInput, terminal.now());
    for (const line of lines) await terminal.print(line);
    return 0;
  });
}

export async function fetchApproval(gateway: Connection, approvalId: string): Promise<ShownApproval> {
  const { approval, policyInput, caller } = await gateway.unary(method.getApproval, { approvalId });
  if (approval === undefined) throw new Error('the gateway answered without the approval');
  return { approval, policyInput, caller };
}

export interface ShownApproval {
  readonly approval: Approval;
  /** Of the transaction as it stands: canonical JSON. */
  readonly policyInput: Uint8Array;
  /** Principal id of who asks. */
  readonly caller: string;
}

async function allApprovals(gateway: Connection, states: readonly ApprovalState[]): Promise<readonly Approval[]> {
  const found: Approval[] = [];
  let pageToken = '';
  do {
    const page = await gateway.unary(method.listApprovals, { states: [...states], pageToken });
    found.push(...page.approvals);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return found;
}

function stateOf(name: string): ApprovalState {
  const found = Object.entries(ApprovalState).find(([key]) => key.toLowerCase() === name.toLowerCase());
  if (found === undefined || found[1] === ApprovalState.UNSPECIFIED) {
    throw new UsageError(`--state is one of pending, approved, rejected, timed_out, superseded; not ${name}`);
  }
  return found[1];
}
