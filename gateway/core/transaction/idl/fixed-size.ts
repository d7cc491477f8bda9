// Owns how many bytes a value of a type takes, where that is the same for every value.
import { assertNever } from '../../assert-never.ts';
import type { ArgumentType, Count, PrefixType } from './program-description.ts';

/** Deeper are only types that contain themselves, which have no fixed size. */
const DEEPEST = 64;

/** `null`: values differ in size. */
export function fixedSize(type: ArgumentType, types: ReadonlyMap<string, ArgumentType>): number | null {
  return sizeOf(type, { types, known: new Map(), depth: 0 });
}

interface Sizing {
  readonly types: ReadonlyMap<string, ArgumentType>;
  /** Of references: a type that stands twice in another is looked at once. */
  readonly known: Map<string, number | null>;
  readonly depth: number;
}

function sizeOf(type: ArgumentType, sizing: Sizing): number | null {
  const of = (inner: ArgumentType) => sizeOf(inner, sizing);
  switch (type.kind) {
    case 'integer':
    case 'float':
      return type.bytes;
    case 'short_u16':
      return null;
    case 'boolean':
      return of(type.size);
    case 'address':
      return 32;
    case 'bytes':
    case 'text':
    case 'sized':
      return fixedCount(type.count);
    case 'option':
      return type.fixed ? sum([of(type.prefix), of(type.item)]) : null;
    case 'zeroable_option':
      return of(type.item);
    case 'struct':
      return sum(type.fields.map((field) => of(field.type)));
    case 'tuple':
      return sum(type.items.map(of));
    case 'list':
      return times(fixedCount(type.count), of(type.item));
    case 'map':
      return times(fixedCount(type.count), sum([of(type.key), of(type.value)]));
    case 'enum':
      return enumSize(
        type.tag,
        type.variants.map(({ content }) => (content === null ? 0 : of(content))),
      );
    case 'framed':
      return sum([type.before.length, of(type.type), type.after.length]);
    case 'reference':
      return referenceSize(type.name, sizing);
    case 'remainder_option':
    case 'terminated':
      return null;
    default:
      return assertNever(type);
  }
}

function referenceSize(name: string, { types, known, depth }: Sizing): number | null {
  const target = types.get(name);
  if (target === undefined || depth > DEEPEST) return null;
  const found = known.get(name);
  if (found !== undefined) return found;
  const size = sizeOf(target, { types, known, depth: depth + 1 });
  known.set(name, size);
  return size;
}

/** Fixed when every variant takes the same bytes. */
function enumSize(tag: PrefixType, contents: readonly (number | null)[]): number | null {
  const [first = 0] = contents;
  if (tag.kind !== 'integer' || first === null || contents.some((size) => size !== first)) return null;
  return tag.bytes + first;
}

function fixedCount(count: Count): number | null {
  return count.kind === 'fixed' ? count.value : null;
}

function sum(sizes: readonly (number | null)[]): number | null {
  let total = 0;
  for (const size of sizes) {
    if (size === null) return null;
    total += size;
  }
  return total;
}

function times(count: number | null, size: number | null): number | null {
  return count === null || size === null ? null : count * size;
}
