// Owns how a message that is to be signed is shown to people: all of its text, and nothing in it that could pass for ours.
import { type Facts, shownAt, textAt, textsAt } from './facts.ts';
import { printableLines } from './printable.ts';

/** Shorter than a terminal is wide: what a terminal breaks by itself begins at its edge, like a line of ours. */
const COLUMNS = 72;

/** Of the `message` in a policy input. */
export function messageLines(message: Facts): readonly string[] {
  return [
    `A message, no transaction, ${shownAt(message, 'size')} bytes`,
    `  SHA-256          ${shownAt(message, 'sha256')}`,
    ...envelopeLines(message),
    ...textLines(message),
  ];
}

function envelopeLines(message: Facts): readonly string[] {
  switch (textAt(message, 'envelope')) {
    case 'none':
      return ['  without an envelope: its bytes alone are signed'];
    case 'offchain_v0':
      return [
        '  in the off-chain message format, version 0',
        `  for application  ${shownAt(message, 'application_domain')}`,
        ...textsAt(message, 'signers').map((signer) => `  signer           ${signer}`),
      ];
    default:
      return ['  its envelope: NOT KNOWN'];
  }
}

function textLines({ text }: Facts): readonly string[] {
  if (typeof text !== 'string') return ['What it says: NOT PLAIN TEXT, nobody can read what is signed'];
  return ['What it says', ...printableLines(text).flatMap(brokenLine)];
}

/** A line of the text begins with `|`; where it is long, it goes on behind `+`. */
function brokenLine(line: string): readonly string[] {
  const rows: string[] = [];
  let row = '';
  let columns = 0;
  for (const character of line) {
    // Beyond ASCII a character may be two columns wide.
    const width = character <= '~' ? 1 : 2;
    if (columns + width > COLUMNS) {
      rows.push(row);
      row = '';
      columns = 0;
    }
    row += character;
    columns += width;
  }
  return [...rows, row].map((part, i) => `  ${i === 0 ? '|' : '+'} ${part}`);
}
