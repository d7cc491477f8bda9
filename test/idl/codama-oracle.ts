// Owns the independent reading of IDLs: random arguments, encoded by Codama's own codecs, and what our reader must say of them.
import { getNodeCodec } from '@codama/dynamic-codecs';
import { type AnchorIdl, rootNodeFromAnchorWithoutDefaultVisitor } from '@codama/nodes-from-anchor';
import { getBase58Decoder, getBase64Decoder } from '@solana/kit';
import type { ArgumentValue } from '../../gateway/core/transaction/decoded-transaction.ts';
import type { SeededRandom } from '../differential/seeded-random.ts';

export type Root = ReturnType<typeof rootNodeFromAnchorWithoutDefaultVisitor>;
export type Instruction = Root['program']['instructions'][number];
type TypeNode = Instruction['arguments'][number]['type'];
type EnumNode = Extract<TypeNode, { kind: 'enumTypeNode' }>;

/** What Codama makes of an Anchor IDL; `program` is put in where the IDL names none. */
export function codamaRoot(idl: Record<string, unknown>, program: string): Root {
  const metadata = typeof idl.metadata === 'object' ? idl.metadata : {};
  return rootNodeFromAnchorWithoutDefaultVisitor({
    ...idl,
    metadata: { ...metadata, address: program },
    types: [...listIn(idl.types), ...accountTypes(idl)],
  } as unknown as AnchorIdl);
}

/** Old IDLs use types of accounts as arguments too; Codama's conversion would leave those links without an end. */
function accountTypes(idl: Record<string, unknown>): readonly unknown[] {
  const names = listIn(idl.types).map(nameIn);
  return listIn(idl.accounts).filter((account) => 'type' in Object(account) && !names.includes(nameIn(account)));
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function nameIn(value: unknown): unknown {
  return Reflect.get(Object(value), 'name');
}

/** A value as the codec takes it, and as our reader must show it; a text is shown nowhere, but filed under its place. */
interface Drawn {
  readonly given: unknown;
  /** `undefined`: a text. */
  readonly shown: ArgumentValue | undefined;
}

export interface DrawnInstruction {
  readonly data: Uint8Array;
  readonly arguments: Readonly<Record<string, ArgumentValue>>;
  readonly texts: Readonly<Record<string, string>>;
}

/** Draws data of one instruction, again and again. */
export function instructionSource(root: Root, instruction: Instruction): (random: SeededRandom) => DrawnInstruction {
  // Two packages, each with types of its own version for the same nodes.
  const path = [withOnly(instruction, root), root.program, instruction] as unknown as Parameters<
    typeof getNodeCodec
  >[0];
  const codec = getNodeCodec(path);
  return (random) => {
    const given: Record<string, unknown> = {};
    const shown: Record<string, ArgumentValue> = {};
    const texts: Record<string, string> = {};
    for (const argument of instruction.arguments) {
      if (argument.defaultValueStrategy === 'omitted') {
        given[argument.name] = constant(argument.defaultValue);
        continue;
      }
      const drawn = draw(argument.type, { root, random, texts, path: [argument.name] });
      given[argument.name] = drawn.given;
      if (drawn.shown !== undefined) shown[argument.name] = drawn.shown;
    }
    return { data: Uint8Array.from(codec.encode(given)), arguments: shown, texts };
  };
}

/** The root with the types that the instruction leads to, and nothing else: a codec is made after a walk over all that is in it. */
function withOnly(instruction: Instruction, root: Root): Root {
  const { program } = root;
  const names = new Set<unknown>();
  const follow = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const inner of Object.values(node)) follow(inner);
    const name = nameIn(node);
    if (Reflect.get(node, 'kind') !== 'definedTypeLinkNode' || names.has(name)) return;
    names.add(name);
    follow(program.definedTypes.find((type) => type.name === name));
  };
  follow(instruction.arguments);
  const definedTypes = program.definedTypes.filter(({ name }) => names.has(name));
  return { ...root, program: { ...program, accounts: [], instructions: [], pdas: [], errors: [], definedTypes } };
}

function constant(value: Instruction['arguments'][number]['defaultValue']): unknown {
  if (value?.kind === 'bytesValueNode') return [value.encoding, value.data];
  if (value?.kind === 'numberValueNode') return value.number;
  throw new Error(`the oracle knows no default of the kind ${value?.kind}`);
}

interface Context {
  readonly root: Root;
  readonly random: SeededRandom;
  readonly texts: Record<string, string>;
  readonly path: readonly (string | number)[];
}

function draw(type: TypeNode, context: Context): Drawn {
  const { root, random } = context;
  const inside = (name: string | number, inner: TypeNode) => draw(inner, { ...context, path: [...context.path, name] });
  switch (type.kind) {
    case 'numberTypeNode':
      return drawNumber(type.format, random);
    case 'booleanTypeNode': {
      const value = random.chance(50);
      return { given: value, shown: value };
    }
    case 'publicKeyTypeNode': {
      const text = getBase58Decoder().decode(random.bytes(32));
      return { given: text, shown: text };
    }
    case 'definedTypeLinkNode': {
      const found = root.program.definedTypes.find(({ name }) => name === type.name);
      if (found === undefined) throw new Error(`the oracle cannot follow the link to ${type.name}`);
      return draw(found.type, context);
    }
    case 'structTypeNode': {
      const fields = type.fields.map((field) => ({ name: field.name, ...inside(field.name, field.type) }));
      return {
        given: Object.fromEntries(fields.map(({ name, given }) => [name, given])),
        shown: present(fields.map(({ name, shown }) => [name, shown])),
      };
    }
    case 'tupleTypeNode': {
      const items = type.items.map((item, i) => inside(i, item));
      return { given: items.map(({ given }) => given), shown: items.map(({ shown }) => shown ?? null) };
    }
    case 'sizePrefixTypeNode':
      return drawPrefixed(type.type, context);
    case 'arrayTypeNode':
    case 'setTypeNode': {
      const count = type.count.kind === 'fixedCountNode' ? type.count.value : random.below(4);
      const items = Array.from({ length: count }, (_, i) => inside(i, type.item));
      const given = items.map((item) => item.given);
      const ofBytes = type.item.kind === 'numberTypeNode' && type.item.format === 'u8';
      return {
        given,
        shown: ofBytes ? base64(Uint8Array.from(given.map(Number))) : items.map(({ shown }) => shown ?? null),
      };
    }
    case 'mapTypeNode':
      return drawMap(type, inside, random);
    case 'optionTypeNode':
      return random.chance(40) ? { given: null, shown: null } : draw(type.item, context);
    case 'enumTypeNode':
      return drawVariant(type, inside, random);
    default:
      throw new Error(`the oracle draws no ${type.kind}`);
  }
}

const BITS = { u8: 8, u16: 16, u32: 32, u64: 64, u128: 128, i8: 8, i16: 16, i32: 32, i64: 64, i128: 128 } as const;

function drawNumber(format: string, random: SeededRandom): Drawn {
  if (format === 'f32' || format === 'f64') {
    const value = (random.below(2_000_001) - 1_000_000) / 64;
    return { given: value, shown: String(value) };
  }
  if (!Object.hasOwn(BITS, format)) throw new Error(`the oracle draws no ${format}`);
  const bits = BITS[format as keyof typeof BITS];
  const bytes = random.bytes(bits / 8);
  const edge = random.below(4);
  const raw = bytes.reduce((sum, byte) => sum * 256n + BigInt(edge === 0 ? 255 : edge === 1 ? 0 : byte), 0n);
  const value = format.startsWith('i') ? BigInt.asIntN(bits, raw) : raw;
  return { given: bits > 32 ? value : Number(value), shown: value };
}

function drawPrefixed(type: TypeNode, { random, texts, path }: Context): Drawn {
  if (type.kind === 'stringTypeNode') {
    const text = random.pick(['', 'a', 'https://example.com/ä.json', '"\\u0041{{', '日本語', 'x'.repeat(40)]);
    texts[path.join('.')] = text;
    return { given: text, shown: undefined };
  }
  if (type.kind !== 'bytesTypeNode') throw new Error(`the oracle draws no ${type.kind} behind a size`);
  const bytes = random.bytes(random.below(20));
  return { given: ['base64', base64(bytes)], shown: base64(bytes) };
}

function drawMap(
  type: Extract<TypeNode, { kind: 'mapTypeNode' }>,
  inside: (name: string | number, inner: TypeNode) => Drawn,
  random: SeededRandom,
): Drawn {
  if (random.chance(30)) return { given: {}, shown: [] };
  // The oracle's codec takes keys as names of an object: one entry has no order that it could change.
  const entry = (name: string, inner: TypeNode) => inside(`0.${name}`, inner);
  const [key, value] = [entry('key', type.key), entry('value', type.value)];
  return {
    given: { [String(key.given)]: value.given },
    shown: [
      present([
        ['key', key.shown],
        ['value', value.shown],
      ]),
    ],
  };
}

function drawVariant(
  type: EnumNode,
  inside: (name: string | number, inner: TypeNode) => Drawn,
  random: SeededRandom,
): Drawn {
  const position = random.below(type.variants.length);
  const variant = type.variants[position];
  if (variant === undefined) throw new Error('an enum without variants');
  const scalar = type.variants.every(({ kind }) => kind === 'enumEmptyVariantTypeNode');
  const kind = { __kind: variant.name.charAt(0).toUpperCase() + variant.name.slice(1) };
  switch (variant.kind) {
    case 'enumEmptyVariantTypeNode':
      return { given: scalar ? position : kind, shown: variantName(variant.name) };
    case 'enumStructVariantTypeNode': {
      const { given, shown } = inside(variant.name, variant.struct);
      return { given: { ...kind, ...Object(given) }, shown: { [variant.name]: shown ?? null } };
    }
    case 'enumTupleVariantTypeNode': {
      const { given, shown } = inside(variant.name, variant.tuple);
      return { given: { ...kind, fields: given }, shown: { [variant.name]: shown ?? null } };
    }
  }
}

/** Marked, because it is compared as a name is. */
export const NAME_MARK = '~';

function variantName(name: string): string {
  return NAME_MARK + name;
}

function present(entries: readonly (readonly [string, ArgumentValue | undefined])[]): Record<string, ArgumentValue> {
  const shown: Record<string, ArgumentValue> = {};
  for (const [name, value] of entries) if (value !== undefined) shown[name] = value;
  return shown;
}

function base64(bytes: Uint8Array): string {
  return getBase64Decoder().decode(bytes);
}
