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

/** What stands at a key of a value, whatever it is. */
function valueUnder(value: unknown, part: string | number): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined;
}

export function valueAt(root: unknown, path: KeyPath): unknown {
  return path.reduce(valueUnder, root);
}

/** Of several, the one that the value says it is; all where it says nothing that is known. */
function shapesFor(node: SchemaNode, value: unknown): readonly SchemaNode[] {
  const shapes = shapesOf(node);
  const type = valueUnder(value, 'type');
  const meant = shapes.filter((shape) => type !== undefined && shape.properties?.type?.const === type);
  return meant.length > 0 ? meant : shapes;
}

function nodesAt(path: KeyPath, root: unknown): readonly SchemaNode[] {
  return path.reduce<readonly SchemaNode[]>(
    (here, part, depth) =>
      here
        .flatMap((node) => shapesFor(node, valueAt(root, path.slice(0, depth))))
        .flatMap((node) => {
          const next = typeof part === 'number' ? node.items : node.properties?.[part];
          return next === undefined ? [] : [next];
        }),
    [ROOT],
  );
}

/** Keys that are known at a path of `root`; empty where there is no mapping. */
export function keysAt(path: KeyPath, root: unknown): readonly string[] {
  const shapes = nodesAt(path, root).flatMap((node) => shapesFor(node, valueAt(root, path)));
  return [...new Set(shapes.flatMap((node) => Object.keys(node.properties ?? {})))];
}

export function descriptionAt(path: KeyPath, root: unknown): string | undefined {
  return nodesAt(path, root)[0]?.description;
}

/** A key with a value of its own that stands in no list, and so can be given by an environment variable. */
export interface Scalar {
  readonly path: readonly string[];
  /** `COUNTERSIGN_DATA_PLANE_ADDRESS` for `data_plane.address`. */
  readonly variable: string;
  readonly type: 'string' | 'integer' | 'boolean';
}

function scalarsUnder(node: SchemaNode, path: readonly string[]): readonly Scalar[] {
  if (node.oneOf !== undefined) return withoutRepeats(node.oneOf.flatMap((shape) => scalarsUnder(shape, path)));
  if (node.properties !== undefined) {
    return Object.entries(node.properties).flatMap(([key, child]) => scalarsUnder(child, [...path, key]));
  }
  const { type } = node;
  if (type !== 'string' && type !== 'integer' && type !== 'boolean') return [];
  return [{ path, variable: `COUNTERSIGN_${path.join('_').toUpperCase()}`, type }];
}

/** A key that several shapes have is of the same type in all of them. */
function withoutRepeats(scalars: readonly Scalar[]): readonly Scalar[] {
  return [...new Map(scalars.map((scalar) => [scalar.variable, scalar])).values()];
}

export const SCALARS: readonly Scalar[] = scalarsUnder(ROOT, []);
