// Owns how a message that is to be signed is shown to people: all of its text, and nothing in it that could pass for ours.
import { type Facts, shownAt, textAt, textsAt } from './facts.ts';
import { printableLines } from './printable.ts';

/** Shorter than a terminal is wide: what a terminal breaks by itself begins at its edge, like a line of ours. */
const WIDTH = 72;

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
  const characters = Array.from(line);
  const rows = Math.max(1, Math.ceil(characters.length / WIDTH));
  return Array.from({ length: rows }, (_, row) => {
    const part = characters.slice(row * WIDTH, (row + 1) * WIDTH).join('');
    return `  ${row === 0 ? '|' : '+'} ${part}`;
  });
}
