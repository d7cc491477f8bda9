// Owns what the gateway keeps of an IDL, of whatever generation: a program's instructions, and how their bytes are laid out.
import type { Address } from '../../address.ts';

/** All names are in snake case. */
export interface ProgramDescription {
  readonly address: Address;
  readonly name: string;
  readonly instructions: readonly InstructionDescription[];
  /** What references among the argument types stand for. */
  readonly types: ReadonlyMap<string, ArgumentType>;
}

export interface InstructionDescription {
  readonly name: string;
  /** Where it stands in the IDL, for example `instructions[3]`. */
  readonly place: string;
  readonly discriminator: Discriminator;
  readonly roles: readonly RoleDescription[];
  /** What stands for an optional account that is not given: the program's own id, or nothing, so that later ones move up. */
  readonly absentAccounts: 'program_id' | 'left_out';
  /** Where the first argument begins. */
  readonly argumentsOffset: number;
  readonly arguments: readonly ArgumentDescription[];
}

/** Data are of this instruction when all bytes stand where they should and, where it is given, the size is right. */
export interface Discriminator {
  readonly bytes: readonly BytesAt[];
  readonly size: number | null;
}

export interface BytesAt {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface RoleDescription {
  readonly name: string;
  readonly optional: boolean;
}

export interface ArgumentDescription {
  readonly name: string;
  readonly type: ArgumentType;
  /** Not for discriminators: they are the instruction's name already. */
  readonly shown: boolean;
}

export interface IntegerType {
  readonly kind: 'integer';
  readonly bytes: 1 | 2 | 4 | 8 | 16 | 32;
  readonly signed: boolean;
  readonly bigEndian: boolean;
}

/** The compact u16 of Solana's own wire format: one to three bytes. */
export interface ShortU16Type {
  readonly kind: 'short_u16';
}

/** What a count, a length or a tag is written as: never signed. */
export type PrefixType = IntegerType | ShortU16Type;

export type Count =
  | { readonly kind: 'fixed'; readonly value: number }
  | { readonly kind: 'prefixed'; readonly prefix: PrefixType }
  | { readonly kind: 'remainder' };

export interface FieldType {
  readonly name: string;
  readonly type: ArgumentType;
}

export interface VariantType {
  readonly name: string;
  readonly tag: number;
  /** `null`: the variant has no values. */
  readonly content: ArgumentType | null;
}

export type ArgumentType =
  | IntegerType
  | ShortU16Type
  | { readonly kind: 'float'; readonly bytes: 4 | 8 }
  | { readonly kind: 'boolean'; readonly size: PrefixType }
  | { readonly kind: 'address' }
  /** Counts are of bytes. */
  | { readonly kind: 'bytes'; readonly count: Count }
  | { readonly kind: 'text'; readonly count: Count }
  /** `fixed`: none takes as many bytes as a value does. */
  | { readonly kind: 'option'; readonly prefix: PrefixType; readonly item: ArgumentType; readonly fixed: boolean }
  /** None is these bytes, or as many zeros as a value has bytes. */
  | { readonly kind: 'zeroable_option'; readonly item: ArgumentType; readonly none: Uint8Array | null }
  /** None is the end of the data. */
  | { readonly kind: 'remainder_option'; readonly item: ArgumentType }
  | { readonly kind: 'struct'; readonly fields: readonly FieldType[] }
  | { readonly kind: 'tuple'; readonly items: readonly ArgumentType[] }
  | { readonly kind: 'list'; readonly item: ArgumentType; readonly count: Count }
  | { readonly kind: 'map'; readonly key: ArgumentType; readonly value: ArgumentType; readonly count: Count }
  | { readonly kind: 'enum'; readonly tag: PrefixType; readonly variants: readonly VariantType[] }
  /** The value stands in as many bytes as the count says. */
  | { readonly kind: 'sized'; readonly type: ArgumentType; readonly count: Count }
  /** The value ends where these bytes stand for the first time. */
  | { readonly kind: 'terminated'; readonly type: ArgumentType; readonly end: Uint8Array }
  /** Constants of the format around a value. */
  | { readonly kind: 'framed'; readonly before: Uint8Array; readonly type: ArgumentType; readonly after: Uint8Array }
  | { readonly kind: 'reference'; readonly name: string };

export const U8: IntegerType = unsigned(1);
export const U32: IntegerType = unsigned(4);

function unsigned(bytes: IntegerType['bytes']): IntegerType {
  return { kind: 'integer', bytes, signed: false, bigEndian: false };
}

/** Bytes in a row are shown as bytes, however the IDL calls them. */
export function listOf(item: ArgumentType, count: Count): ArgumentType {
  const ofBytes = item.kind === 'integer' && item.bytes === 1 && !item.signed;
  return ofBytes ? { kind: 'bytes', count } : { kind: 'list', item, count };
}
