// Owns the command line as a whole: which commands there are, and the exit code of a run.
import { Command, CommanderError } from 'commander';
import { VERSION } from '../core/version.ts';
import { addApprovalCommands } from './commands/approvals.ts';
import { addAuditExport } from './commands/audit-export.ts';
import { addAuditPrune } from './commands/audit-prune.ts';
import { addAuditShow } from './commands/audit-show.ts';
import { addAuditTail } from './commands/audit-tail.ts';
import { addAuditVerify } from './commands/audit-verify.ts';
import { addBackendCheckCommands } from './commands/backend-checks.ts';
import { addBudgetCommand } from './commands/budgets.ts';
import { addDevCommand } from './commands/dev.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addExplainCommand } from './commands/explain.ts';
import { addFreezeCommands } from './commands/freezes.ts';
import { addKeyCommands } from './commands/keys.ts';
import { addOperatorCommands } from './commands/operators.ts';
import { addPrincipalCommands } from './commands/principals.ts';
import { addRequestCommands } from './commands/requests.ts';
import { addServeCommands } from './commands/serve.ts';
import { addSessionKeyCommands } from './commands/session-keys.ts';
import { addVoteCommand, addWithdrawCommand } from './commands/vote.ts';
import { addWalletCommands } from './commands/wallets.ts';
import { addWatchCommand } from './commands/watch-approvals.ts';
import { type CliContext, createContext } from './context.ts';
import type { ExitCode } from './exit.ts';
import { addAuditReplay } from './policy/author/replay.ts';
import { addPolicyCommands } from './policy/policy-commands.ts';
import type { Terminal } from './terminal.ts';

/** Runs one command line (without `node` and the script). Never rejects. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = 0;
  const context = createContext(terminal, (ended) => {
    code = ended;
  });
  try {
    await createProgram(context).parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    terminal.warn(`countersign: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

export function createProgram(context: CliContext): Command {
  const { terminal } = context;
  const program = new Command('countersign')
    .description('Policy-as-code signing gateway for Solana')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.warn(text.trimEnd()),
    });
  addServeCommands(program, context);
  addDevCommand(program, context);
  const approvals = addApprovalCommands(program, context);
  addVoteCommand(approvals, context, 'approve');
  addVoteCommand(approvals, context, 'reject');
  addWithdrawCommand(approvals, context);
  addWatchCommand(approvals, context);
  const audit = program.command('audit').description('the hash chain of everything that happened');
  addAuditTail(audit, context);
  addAuditShow(audit, context);
  addAuditVerify(audit, context);
  addAuditExport(audit, context);
  addAuditPrune(audit, context);
  addAuditReplay(audit, context);
  addBudgetCommand(program, context);
  addExplainCommand(program, context);
  addFreezeCommands(program, context);
  addKeyCommands(program, context);
  addSessionKeyCommands(program, context);
  addRequestCommands(program, context);
  addWalletCommands(program, context);
  addBackendCheckCommands(program, context);
  addDoctorCommand(program, context);
  addPrincipalCommands(program, context);
  addOperatorCommands(program, context);
  addPolicyCommands(program, context);
  return program;
}
