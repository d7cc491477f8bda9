// Owns writing the nodes that Codama IDLs are made of, for tests.
import { number } from './idl-samples.ts';

export const KEY = Array.from({ length: 32 }, (_, i) => i);
export const KEY_TEXT = '1thX6LZfHDZZKUs92febYZhYRcXddmzfzF2NvTkPNE';

export const bytes = { kind: 'bytesTypeNode' };
export const bool = { kind: 'booleanTypeNode', size: number('u8') };

export function fixed(type: unknown, size: number) {
  return { kind: 'fixedSizeTypeNode', type, size };
}

export function field(name: string, type: unknown) {
  return { kind: 'structFieldTypeNode', name, type };
}

export function struct(...fields: readonly unknown[]) {
  return { kind: 'structTypeNode', fields };
}

export function link(name: string, program?: string) {
  const elsewhere = program === undefined ? {} : { program: { kind: 'programLinkNode', name: program } };
  return { kind: 'definedTypeLinkNode', name, ...elsewhere };
}

export function constant(type: unknown, value: unknown) {
  return { kind: 'constantValueNode', type, value };
}

export function numberValue(value: number) {
  return { kind: 'numberValueNode', number: value };
}

/** An enum with a variant of each kind, one of them with a tag of its own. */
export const SIDE = {
  kind: 'definedTypeNode',
  name: 'orderSide',
  type: {
    kind: 'enumTypeNode',
    size: number('u8'),
    variants: [
      { kind: 'enumEmptyVariantTypeNode', name: 'buyIt' },
      { kind: 'enumEmptyVariantTypeNode', name: 'sellIt', discriminator: 7 },
      { kind: 'enumStructVariantTypeNode', name: 'limitOrder', struct: struct(field('maxPrice', number('u8'))) },
      { kind: 'enumTupleVariantTypeNode', name: 'pair', tuple: { kind: 'tupleTypeNode', items: [number('u8'), bool] } },
    ],
  },
};
