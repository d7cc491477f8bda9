// Owns how a command ends: its exit code, and one readable sentence where it could not do what it was asked.
import { GatewayError } from '../core/errors.ts';
import { printable } from '../core/explanation/printable.ts';
import { GatewayFault } from './gateway-fault.ts';

/** 0: done. 1: a negative result, or the gateway refused or could not. 2: the command was used wrongly. */
export type ExitCode = 0 | 1 | 2;

/** The command line is wrong; the message says what would be right. */
export class UsageError extends Error {}

/** The sentence for stderr, and the exit code. */
export function explain(error: unknown, address: string): { readonly message: string; readonly code: ExitCode } {
  if (error instanceof UsageError) return { message: printable(error.message), code: 2 };
  if (error instanceof GatewayFault) return { message: faultSentence(error, address), code: 1 };
  if (error instanceof GatewayError) return { message: printable(error.message), code: 1 };
  return { message: printable(error instanceof Error ? error.message : String(error)), code: 1 };
}

function faultSentence(fault: GatewayFault, address: string): string {
  const message = printable(fault.message).replace(/\. Resolution note: *$/, '');
  if (fault.reason === null) {
    const what = isAway(fault) ? 'the gateway cannot be reached at' : 'no answer from the gateway at';
    return `${what} ${address}: ${message} (${fault.status})`;
  }
  return `${message} (${printable(fault.reason)}; ${retryText(fault)})`;
}

/** What was asked to change something may have arrived all the same. */
function isAway({ status, onlyReads }: GatewayFault): boolean {
  return status === 'UNAVAILABLE' && onlyReads;
}

function retryText({ retry, onlyReads }: GatewayFault): string {
  switch (retry) {
    case 'safe':
      return 'it may be tried again';
    case 'ambiguous':
      return onlyReads ? 'it may be tried again' : 'it may have happened: look before trying again';
    default:
      return 'trying again does not help';
  }
}
