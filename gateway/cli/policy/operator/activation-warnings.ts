// Owns how it is said what an operator has to see to who let a revision decide.
import { printable } from '../../../core/explanation/printable.ts';
import type { Terminal } from '../../terminal.ts';

export function warnOf(terminal: Pick<Terminal, 'warn'>, warnings: readonly string[]): void {
  for (const warning of warnings) terminal.warn(`countersign: warning: ${printable(warning)}`);
}
