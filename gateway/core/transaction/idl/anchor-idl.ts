// Owns Anchor IDLs: the old generation (up to 0.29, and Shank, which writes the same), and that of 0.30 and later (spec 0.1.0).
import { sha256 } from '../../sha256.ts';
import { anchorDefinitions } from './anchor-definitions.ts';
import { readAnchorRoles } from './anchor-roles.ts';
import { numberFormat, readAnchorType } from './anchor-types.ts';
import { integerBytes } from './integer-bytes.ts';
import { nameAt, requireDifferentNames, snakeCase } from './names.ts';
import { elements, flagAt, isPresent, member, optionalElements, type Place, refuse, shown, wholeAt } from './place.ts';
import type { ArgumentDescription, ArgumentType, InstructionDescription } from './program-description.ts';
import { closeTypeScope, LIMITS, openTypeScope } from './type-scope.ts';

export interface ReadInstructions {
  readonly instructions: readonly InstructionDescription[];
  readonly types: ReadonlyMap<string, ArgumentType>;
}

/** Longer than any that Anchor makes by itself. */
const LONGEST_DISCRIMINATOR = 32;
const NO_GENERICS = new Map();

/** How instructions of a generation say which bytes they begin with; `null`, and refused, where they do not. */
export type ReadDiscriminator = (instruction: Place) => Uint8Array | null;

export function readAnchorInstructions(document: Place, discriminatorOf: ReadDiscriminator): ReadInstructions {
  const scope = openTypeScope();
  const definitions = anchorDefinitions(document, scope, readAnchorType);
  const readType = (place: Place) => readAnchorType(definitions, place, NO_GENERICS);
  const instructions = elements(member(document, 'instructions'), LIMITS.instructions).map((instruction) =>
    readInstruction(instruction, readType, discriminatorOf),
  );
  closeTypeScope(scope);
  return { instructions, types: scope.types };
}

function readInstruction(
  place: Place,
  readType: (place: Place) => ArgumentType,
  discriminatorOf: ReadDiscriminator,
): InstructionDescription {
  const bytes = discriminatorOf(place) ?? new Uint8Array();
  return {
    name: nameAt(member(place, 'name')),
    place: place.path,
    discriminator: { bytes: [{ offset: 0, bytes }], size: null },
    roles: readAnchorRoles(member(place, 'accounts')),
    absentAccounts: flagAt(member(place, 'legacyOptionalAccountsStrategy')) ? 'left_out' : 'program_id',
    argumentsOffset: bytes.length,
    arguments: readArguments(member(place, 'args'), readType),
  };
}

function readArguments(place: Place, readType: (place: Place) => ArgumentType): readonly ArgumentDescription[] {
  const read = optionalElements(place, LIMITS.arguments).map((argument) => ({
    name: nameAt(member(argument, 'name')),
    type: readType(member(argument, 'type')),
    place: argument,
  }));
  requireDifferentNames('argument', read);
  return read.map(({ name, type }) => ({ name, type, shown: true }));
}

/** Anchor 0.30 and later write the bytes down. */
export const explicitDiscriminator: ReadDiscriminator = (instruction) => {
  const bytes = elements(member(instruction, 'discriminator'), LONGEST_DISCRIMINATOR);
  return Uint8Array.from(bytes, (byte) => wholeAt(byte, 255));
};

/** Before, they were the hash of the function's name: the first 8 bytes of SHA-256 over `global:<name>`. */
export const hashedDiscriminator: ReadDiscriminator = (instruction) => {
  if (isPresent(member(instruction, 'discriminator'))) return explicitDiscriminator(instruction);
  if (isPresent(member(instruction, 'discriminant'))) return nativeDiscriminant(instruction);
  const { value } = member(instruction, 'name');
  if (typeof value !== 'string') return null;
  return sha256(new TextEncoder().encode(`global:${snakeCase(value)}`)).subarray(0, 8);
};

/** Programs that Shank describes number their instructions: `{"type": "u8", "value": 3}`. */
export const nativeDiscriminant: ReadDiscriminator = (instruction) => {
  const discriminant = member(instruction, 'discriminant');
  if (!isPresent(discriminant)) {
    refuse(instruction, 'must have a discriminant: the IDL is of a program that is not written with Anchor');
    return null;
  }
  const type = member(discriminant, 'type');
  const format = typeof type.value === 'string' ? numberFormat(type.value) : null;
  if (format?.kind !== 'integer' || format.signed || format.bytes > 4) {
    refuse(type, `must be "u8", "u16" or "u32", not ${shown(type.value)}`);
    return null;
  }
  const value = wholeAt(member(discriminant, 'value'), 2 ** (8 * format.bytes) - 1);
  return integerBytes(BigInt(value), format);
};
