// Owns which single mistakes a table of instructions could hold: a wrong opcode, two roles or two arguments swapped.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

export interface Mutant {
  /** Path from the root of the project. */
  readonly file: string;
  readonly line: number;
  readonly what: string;
  /** Where the text is replaced, and by what. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Above every opcode of a table. */
const UNUSED = 100;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Every mutant of one file, in the order of the text. */
export function mutantsOf(file: string): readonly Mutant[] {
  const source = readFileSync(file, 'utf8');
  const mutants: Mutant[] = [];
  const textOf = ({ start, end }: Span) => source.slice(start, end);
  const replace = (what: string, span: Span, text: string): void => {
    const line = source.slice(0, span.start).split('\n').length;
    mutants.push({ file, line, what, start: span.start, end: span.end, text });
  };
  const swapNeighbours = (what: string, items: readonly Span[]): void => {
    items.slice(1).forEach((second, i) => {
      const first = items[i];
      if (first === undefined || textOf(first) === textOf(second)) return;
      const between = source.slice(first.end, second.start);
      const span = { start: first.start, end: second.end };
      replace(
        `${what}: ${flat(textOf(first))} and ${flat(textOf(second))} swapped`,
        span,
        textOf(second) + between + textOf(first),
      );
    });
  };
  new Visitor({
    Property(node) {
      if (node.key.type !== 'Identifier') return;
      const { name } = node.key;
      const { value } = node;
      if ((name === 'opcode' || name === 'subOpcode') && value.type === 'Literal' && typeof value.value === 'number') {
        // One that no other row has, so that the table itself does not refuse it.
        replace(`${name} ${value.value} is ${value.value + UNUSED}`, value, String(value.value + UNUSED));
      }
      if (name === 'roles' && value.type === 'ArrayExpression') {
        swapNeighbours(
          'roles',
          value.elements.filter((element) => element?.type === 'Literal').filter((e) => e !== null),
        );
      }
      if (name === 'arguments' && value.type === 'ObjectExpression') swapNeighbours('arguments', value.properties);
    },
  }).visit(parseSync(basename(file), source).program);
  return mutants;
}

/** The text of a file with one mutant in it. */
export function mutated(source: string, { start, end, text }: Mutant): string {
  return source.slice(0, start) + text + source.slice(end);
}

function flat(text: string): string {
  return text.replace(/\s+/g, ' ');
}
