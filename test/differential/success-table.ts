// Owns counting which instructions really ran on chain: an oracle fed with failures proves nothing.
import type { DecodedInstruction } from '../../gateway/core/transaction/decoded-transaction.ts';
import type { Execution } from './execution.ts';

export class SuccessTable {
  readonly #instructions = new Map<string, Map<string, number>>();
  readonly #programs = new Map<string, number>();
  readonly #forms = new Map<string, { tried: number; succeeded: number }>();
  readonly #errors = new Map<string, number>();

  count({ decoded, error }: Execution, form: string): void {
    const counts = this.#forms.get(form) ?? { tried: 0, succeeded: 0 };
    this.#forms.set(form, counts);
    counts.tried++;
    if (error !== null) {
      add(this.#errors, error);
      return;
    }
    counts.succeeded++;
    const names = new Set(decoded.instructions.flatMap(namesOf));
    for (const program of new Set([...names].map((name) => name.split(' ')[0] ?? ''))) add(this.#programs, program);
    for (const name of names) {
      const [program = '', instruction = ''] = name.split(' ');
      const ofProgram = this.#instructions.get(program) ?? new Map<string, number>();
      this.#instructions.set(program, ofProgram);
      add(ofProgram, instruction);
    }
  }

  /** Transactions with an instruction of the program that succeeded. */
  ofProgram(program: string): number {
    return this.#programs.get(program) ?? 0;
  }

  get succeeded(): number {
    return [...this.#forms.values()].reduce((sum, counts) => sum + counts.succeeded, 0);
  }

  /** A line a program. */
  toString(): string {
    const forms = [...this.#forms].map(([form, { tried, succeeded }]) => `${form} ${succeeded} of ${tried}`);
    const lines = [...this.#instructions].sort().map(([program, instructions]) => {
      const parts = [...instructions].sort().map(([name, count]) => `${name} ${count}`);
      return `  ${program} ${this.ofProgram(program)}: ${parts.join(', ')}`;
    });
    return [`  by form: ${forms.join(', ')}`, ...lines].join('\n');
  }

  /** What failed, the most frequent first. */
  errors(): string {
    return [...this.#errors]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 12)
      .map(([error, count]) => `  ${count} × ${error}`)
      .join('\n');
  }
}

/** Program and instruction; the parts of a batch count too. */
function namesOf(instruction: DecodedInstruction): readonly string[] {
  if (instruction.kind === 'unknown') return ['unknown unknown'];
  const own = `${instruction.programName} ${instruction.name}`;
  const parts = instruction.kind === 'known' ? instruction.parts : [];
  return [own, ...parts.map((part) => `${part.programName} ${part.name}`)];
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
