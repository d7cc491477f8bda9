// Owns how instructions are shown to a person: by name, accounts by role, arguments, and what they called below them.
import { type CanonicalValue, canonicalJson } from '../canonical-json.ts';
import { type Facts, integerAt, listAt, objectAt, shownAt, textAt } from './facts.ts';
import { printable } from './printable.ts';

const ROLE_WIDTH = 16;
const LONGEST_VALUE = 256;

/** `inner`: the instructions that a simulation ran below the top level; those of others are left out. */
export function instructionLines(instruction: Facts, inner: readonly Facts[]): readonly string[] {
  const index = integerAt(instruction, 'index');
  const below = inner.filter(
    (called) =>
      (integerAt(called, 'depth') ?? 0n) > 1n && integerAt(objectAt(called, 'instruction'), 'index') === index,
  );
  return [
    `${shownAt(instruction, 'index')}  ${instructionTitle(instruction)}`,
    ...indented(contentLines(instruction), 5),
    ...below.flatMap(innerLines),
  ];
}

function innerLines(called: Facts): readonly string[] {
  const depth = Number(integerAt(called, 'depth') ?? 2n);
  const instruction = objectAt(called, 'instruction');
  const indent = 2 + 3 * Math.min(depth - 1, 8);
  return indented([`└ calls ${instructionTitle(instruction)}`, ...indented(contentLines(instruction), 4)], indent);
}

export function instructionTitle(instruction: Facts): string {
  const program = shownAt(instruction, 'program');
  const programName = textAt(instruction, 'program_name');
  switch (textAt(instruction, 'kind')) {
    case 'known':
      return `${programName ?? '(unknown)'} ${shownAt(instruction, 'name')}  (${program})`;
    case 'described':
      return `${programName ?? '(unknown)'} ${shownAt(instruction, 'name')}  (${program}, named by its IDL; what it does is not in the message)`;
    default:
      return `UNREADABLE instruction of ${programName ?? 'an unknown program'}  (${program})`;
  }
}

function contentLines(instruction: Facts): readonly string[] {
  return [
    ...listAt(instruction, 'accounts').map(accountLine),
    ...Object.entries(objectAt(instruction, 'arguments')).map(
      ([name, value]) => `${label(printable(name))} = ${valueText(value)}`,
    ),
    ...Object.entries(objectAt(instruction, 'texts')).map(
      ([name, value]) => `${label(printable(name))} = text, anybody's words: ${valueText(value)}`,
    ),
    ...listAt(instruction, 'parts').map(
      (part) => `with ${instructionTitle(part)}: ${valueText(part.arguments ?? null)}`,
    ),
    ...(instruction.data === undefined ? [] : [`${label('data')} ${valueText(instruction.data)}`]),
  ];
}

function accountLine(account: Facts): string {
  const marks = `${account.signer === true ? ', signs' : ''}${account.writable === true ? ', writable' : ''}`;
  return `${label(textAt(account, 'role') ?? '-')} ${shownAt(account, 'address')}${marks}`;
}

function valueText(value: CanonicalValue): string {
  const text = printable(typeof value === 'object' ? canonicalJson(value) : String(value));
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}… (${text.length} characters)` : text;
}

function label(text: string): string {
  return text.padEnd(ROLE_WIDTH);
}

function indented(lines: readonly string[], width: number): readonly string[] {
  return lines.map((line) => `${' '.repeat(width)}${line}`);
}
