// Owns where a place that opa names stands in the text of a file.
import type { Place } from '../rego/syntax-tree.ts';

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface SourceMap {
  /** `null` where the text of the place does not stand there: opa cuts it short for some terms. */
  spanOf(at: Place): Span | null;
  /** Row and column, from 1. */
  placeOf(offset: number): { readonly row: number; readonly col: number };
  /** The whole lines that a span touches. */
  linesAround(span: Span): Span;
}

export function sourceMap(source: string): SourceMap {
  const starts = [0];
  for (let index = source.indexOf('\n'); index >= 0; index = source.indexOf('\n', index + 1)) starts.push(index + 1);

  return {
    spanOf({ row, col, text }) {
      const lineStart = starts[row - 1];
      if (lineStart === undefined || text === '') return null;
      const line = source.slice(lineStart, starts[row] ?? source.length);
      // opa counts characters, JavaScript halves of some of them.
      const start = lineStart + [...line].slice(0, col - 1).join('').length;
      return source.startsWith(text, start) ? { start, end: start + text.length } : null;
    },
    placeOf(offset) {
      const row = starts.findLastIndex((start) => start <= offset);
      return { row: row + 1, col: [...source.slice(starts[row], offset)].length + 1 };
    },
    linesAround({ start, end }) {
      const first = source.lastIndexOf('\n', start - 1) + 1;
      const last = source.indexOf('\n', Math.max(start, end - 1));
      return { start: first, end: last < 0 ? source.length : last };
    },
  };
}
