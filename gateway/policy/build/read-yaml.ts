// Owns the reading of YAML 1.2 that people wrote, into the values of JSON: exact integers, keys that are text and stand once, and
// no more nodes by aliases than a person would write.
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { numberOf, OtherNumber, type SourceValue } from './source-value.ts';

/** What aliases add to a document. */
const MOST_REPEATED_NODES = 10_000;
const DEEPEST = 64;

/** Throws an Error that begins with `label` and says what is wrong, and where. */
export function readYaml(text: string, label: string): SourceValue {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    intAsBigInt: true,
    lineCounter: lines,
    prettyErrors: false,
    schema: 'core',
    stringKeys: true,
    uniqueKeys: true,
    version: '1.2',
  });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0]);
    throw new Error(`${label} cannot be read: line ${line}, column ${col}: ${problem.message}`);
  }
  return nodeValue(document.contents, { document, label, room: MOST_REPEATED_NODES, repeated: false, depth: 0 });
}

interface Walk {
  readonly document: Document.Parsed;
  readonly label: string;
  /** Nodes that aliases may still repeat. */
  room: number;
  repeated: boolean;
  depth: number;
}

function nodeValue(node: unknown, walk: Walk): SourceValue {
  if (node === null || node === undefined) return null;
  if (walk.repeated && --walk.room < 0) {
    throw new Error(`${walk.label} cannot be read: its aliases repeat more than ${MOST_REPEATED_NODES} values`);
  }
  if (isScalar(node)) return scalarOf(node.value, node.source, walk.label);
  if (walk.depth >= DEEPEST) throw new Error(`${walk.label} cannot be read: it is nested more than ${DEEPEST} deep`);
  walk.depth += 1;
  const value = isAlias(node) ? repeated(node.resolve(walk.document), walk) : collectionOf(node, walk);
  walk.depth -= 1;
  return value;
}

function repeated(node: Node | undefined, walk: Walk): SourceValue {
  const before = walk.repeated;
  walk.repeated = true;
  const value = nodeValue(node, walk);
  walk.repeated = before;
  return value;
}

function collectionOf(node: unknown, walk: Walk): SourceValue {
  if (isSeq(node)) return node.items.map((item) => nodeValue(item, walk));
  if (!isMap(node)) throw new Error(`${walk.label} cannot be read: it holds something that JSON has not`);
  return Object.fromEntries(
    node.items.map(({ key, value }) => {
      const name: unknown = isScalar(key) ? key.value : undefined;
      if (typeof name !== 'string') throw new Error(`${walk.label} cannot be read: a key must be text`);
      return [name, nodeValue(value, walk)];
    }),
  );
}

function scalarOf(value: unknown, source: string | undefined, label: string): SourceValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'bigint':
      return numberOf(source ?? value.toString());
    case 'number':
      return new OtherNumber(source ?? String(value));
    default:
      if (value === null) return null;
      throw new Error(`${label} cannot be read: it holds something that JSON has not`);
  }
}
