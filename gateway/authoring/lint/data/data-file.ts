// Owns the reading of policy data, JSON or YAML, with the place of every value.
import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Place } from '../../rego/syntax-tree.ts';

/** A value of the data and where it stands. Numbers are as the file writes them. */
export type DataNode =
  | { readonly kind: 'text'; readonly at: Place; readonly value: string }
  | { readonly kind: 'number'; readonly at: Place; readonly literal: string }
  | { readonly kind: 'other'; readonly at: Place; readonly value: boolean | null }
  | { readonly kind: 'list'; readonly at: Place; readonly items: readonly DataNode[] }
  | { readonly kind: 'object'; readonly at: Place; readonly entries: ReadonlyMap<string, DataEntry> };

export interface DataEntry {
  readonly keyAt: Place;
  readonly value: DataNode;
}

export interface DataFile {
  readonly file: string;
  readonly root: DataNode;
  readonly comments: readonly { readonly row: number; readonly text: string }[];
}

/** Throws with file and line where the text is neither JSON nor YAML. */
export function dataFileOf(file: string, text: string): DataFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: false, uniqueKeys: true });
  const [problem] = document.errors;
  if (problem !== undefined) throw new Error(`${file}: ${problem.message.trim()}`);
  return { file, root: rootOf(document, file, lines), comments: commentsIn(text) };
}

function rootOf(document: Document, file: string, lines: LineCounter): DataNode {
  function place(node: unknown): Place {
    const range = typeof node === 'object' && node !== null ? Reflect.get(node, 'range') : null;
    const { line, col } = lines.linePos(Array.isArray(range) ? Number(range[0]) : 0);
    return { file, row: line, col, text: '' };
  }
  function node(value: unknown): DataNode {
    const at = place(value);
    if (isMap(value)) {
      const entries = value.items.map(({ key, value: inner }): readonly [string, DataEntry] => [
        isScalar(key) ? String(key.value) : String(key),
        { keyAt: place(key), value: node(inner) },
      ]);
      return { kind: 'object', at, entries: new Map(entries) };
    }
    if (isSeq(value)) return { kind: 'list', at, items: value.items.map(node) };
    if (!isScalar(value)) return { kind: 'other', at, value: null };
    if (typeof value.value === 'string') return { kind: 'text', at, value: value.value };
    if (typeof value.value === 'number') return { kind: 'number', at, literal: value.source ?? String(value.value) };
    return { kind: 'other', at, value: typeof value.value === 'boolean' ? value.value : null };
  }
  return node(document.contents);
}

/** Of YAML; a # within a text is taken for one too, and then says nothing to the linter. */
function commentsIn(text: string): readonly { readonly row: number; readonly text: string }[] {
  return text.split('\n').flatMap((line, index) => {
    const start = line.indexOf('# countersign-lint:');
    return start < 0 ? [] : [{ row: index + 1, text: line.slice(start + 1).trim() }];
  });
}
