// Owns `countersign doctor`: what is stuck, why, and what to do. Its exit code says whether somebody must act.
import { toJson } from '@bufbuild/protobuf';
import type { Command } from 'commander';
import {
  type Finding,
  FindingSeverity,
  type GetStatusResponse,
  GetStatusResponseSchema,
  OperationsService,
} from '../../../proto/gen/countersign/v1/operations_pb.ts';
import { printable } from '../../core/explanation/printable.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import { requestStateName } from '../request-state-name.ts';

interface DoctorOptions extends ConnectOptions {
  readonly json?: true;
}

export function addDoctorCommand(program: Command, context: CliContext): void {
  connectOptions(program.command('doctor'))
    .description('what is stuck, why, and what to do; ends with 1 when somebody must act')
    .option('--json', 'as JSON')
    .action((options: DoctorOptions) => examine(context, options));
}

function examine(context: CliContext, options: DoctorOptions): Promise<void> {
  const { terminal } = context;
  return context.withGateway(options, async (gateway) => {
    const status = await gateway.unary(OperationsService.method.getStatus, {});
    const lines = options.json ? [JSON.stringify(toJson(GetStatusResponseSchema, status))] : render(status);
    for (const line of lines) await terminal.print(line);
    return status.findings.some(isProblem) ? 1 : 0;
  });
}

function render(status: GetStatusResponse): readonly string[] {
  const { version, bundleRevision, openRequests, pendingApprovals, openReservations, replicas } = status;
  const open = openRequests.map(({ state, count }) => `${count} ${requestStateName(state)}`).join(', ');
  return [
    `gateway ${printable(version)}, one of ${replicas} on this database, decides by ${printable(bundleRevision)}`,
    `open: ${open || 'no request'}; ${pendingApprovals} awaiting votes; ${openReservations} reservations`,
    ...status.findings.flatMap(findingLines),
    status.findings.some(isProblem) ? 'Somebody must act.' : `Nothing is stuck.${waitingText(pendingApprovals)}`,
  ];
}

/** Votes are no fault, and yet wait for people. */
function waitingText(pendingApprovals: number): string {
  if (pendingApprovals === 0) return '';
  const waits = pendingApprovals === 1 ? '1 approval waits' : `${pendingApprovals} approvals wait`;
  return ` ${waits} for votes: countersign approvals list`;
}

function findingLines(finding: Finding): readonly string[] {
  const { code, what, remedy, subjects } = finding;
  return [
    `${isProblem(finding) ? 'PROBLEM' : 'notice'}  ${printable(code)}: ${printable(what)}`,
    `  what to do: ${printable(remedy)}`,
    ...(subjects.length === 0 ? [] : [`  see: ${subjects.map(printable).join(', ')}`]),
  ];
}

/** What a newer gateway calls by a name that is not known here counts as one. */
function isProblem({ severity }: Finding): boolean {
  return severity !== FindingSeverity.NOTICE;
}
