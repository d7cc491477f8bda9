// Owns the reading of the YAML text: plain values on one side, the line of each on the other.
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { KeyPath, Problem } from './problem.ts';

export interface YamlSource {
  readonly root: unknown;
  /** Line of a value, or of the nearest thing around it that is there. */
  lineOf(path: KeyPath): number | undefined;
  /** Line of a key; for keys that no schema knows. */
  lineOfKey(path: KeyPath, key: string): number | undefined;
}

export type YamlResult =
  | { readonly kind: 'parsed'; readonly source: YamlSource }
  | { readonly kind: 'malformed'; readonly problems: readonly Problem[] };

export function parseYaml(text: string): YamlResult {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const problems = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    path: '',
    line: lineAt(pos[0]),
    message:
      code === 'MULTIPLE_DOCS' ? 'there must be one YAML document only' : `not valid YAML: ${firstSentence(message)}`,
  }));
  if (problems.length > 0) return { kind: 'malformed', problems };

  const root = plainValues(() => document.toJS());
  if (root === undefined) return malformed('an alias in it names nothing, or grows without end');

  const lineOfNode = (node: unknown) => (isNode(node) && node.range ? lineAt(node.range[0]) : undefined);
  const source: YamlSource = {
    root,
    lineOf(path) {
      for (let length = path.length; length > 0; length -= 1) {
        const line = lineOfNode(document.getIn(path.slice(0, length), true));
        if (line !== undefined) return line;
      }
      return undefined;
    },
    lineOfKey(path, key) {
      const map = path.length === 0 ? document.contents : document.getIn(path, true);
      const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
      return lineOfNode(pair?.key);
    },
  };
  return { kind: 'parsed', source };
}

function malformed(message: string): YamlResult {
  return { kind: 'malformed', problems: [{ path: '', message }] };
}

/** `undefined` where aliases name nothing, or would make too much of it. */
function plainValues(convert: () => unknown): unknown {
  try {
    return convert();
  } catch {
    return undefined;
  }
}

/** Of the parser's words only what it says of the syntax: the rest may quote the text, and so a secret. */
function firstSentence(message: string): string {
  return (message.split(/[.:\n]/)[0] ?? '').replace(/"[^"]*"/g, '…').trim();
}
