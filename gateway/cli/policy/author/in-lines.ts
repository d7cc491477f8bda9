// Owns how a fault of many lines reaches the author: what is wrong with a policy is seldom one thing.
import { printableLines } from '../../../core/explanation/printable.ts';
import type { CliContext } from '../../context.ts';
import { type ExitCode, UsageError } from '../../exit.ts';
import { GatewayFault } from '../../gateway-fault.ts';
import type { Terminal } from '../../terminal.ts';

/** Runs a command whose errors may have several lines; each is shown on its own. */
export function runInLines({ run, terminal }: CliContext, work: () => Promise<ExitCode>): Promise<void> {
  return run(() => inLines(terminal, work));
}

/** The same within a command that is run already. */
export async function inLines(terminal: Terminal, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError || error instanceof GatewayFault || !(error instanceof Error)) throw error;
    const [first = '', ...more] = printableLines(error.message);
    terminal.warn(`countersign: ${first}`);
    for (const line of more) terminal.warn(`  ${line}`);
    return 1;
  }
}
