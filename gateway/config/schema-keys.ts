// Owns what can be told of the schema without a configuration: its keys, their types, defaults, bounds and descriptions.
import * as z from 'zod';
import { fileSchema } from './file-schema.ts';
import type { KeyPath } from './problem.ts';

/** What we use of JSON Schema. */
const schemaNode = z.object({
  type: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  const: z.string().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  required: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), schemaNode).optional();
  },
  get items() {
    return schemaNode.optional();
  },
  get oneOf() {
    return z.array(schemaNode).optional();
  },
});

export type SchemaNode = z.output<typeof schemaNode>;

export const ROOT: SchemaNode = schemaNode.parse(z.toJSONSchema(fileSchema, { io: 'input' }));

/** The objects that may stand here: one, or one for each `type` of an entry. */
export function shapesOf(node: SchemaNode): readonly SchemaNode[] {
  return node.oneOf ?? [node];
}

function nodesAt(path: KeyPath): readonly SchemaNode[] {
  return path.reduce<readonly SchemaNode[]>(
    (here, part) =>
      here.flatMap(shapesOf).flatMap((node) => {
        const next = typeof part === 'number' ? node.items : node.properties?.[part];
        return next === undefined ? [] : [next];
      }),
    [ROOT],
  );
}

/** Keys that are known at a path; empty where there is no mapping. */
export function keysAt(path: KeyPath): readonly string[] {
  const shapes = nodesAt(path).flatMap(shapesOf);
  return [...new Set(shapes.flatMap((node) => Object.keys(node.properties ?? {})))];
}

export function descriptionAt(path: KeyPath): string | undefined {
  return nodesAt(path)[0]?.description;
}

/** A key with a value of its own that stands in no list, and so can be given by an environment variable. */
export interface Scalar {
  readonly path: readonly string[];
  /** `COUNTERSIGN_DATA_PLANE_ADDRESS` for `data_plane.address`. */
  readonly variable: string;
  readonly type: 'string' | 'integer' | 'boolean';
}

function scalarsUnder(node: SchemaNode, path: readonly string[]): readonly Scalar[] {
  if (node.properties !== undefined) {
    return Object.entries(node.properties).flatMap(([key, child]) => scalarsUnder(child, [...path, key]));
  }
  const { type } = node;
  if (type !== 'string' && type !== 'integer' && type !== 'boolean') return [];
  return [{ path, variable: `COUNTERSIGN_${path.join('_').toUpperCase()}`, type }];
}

export const SCALARS: readonly Scalar[] = scalarsUnder(ROOT, []);
