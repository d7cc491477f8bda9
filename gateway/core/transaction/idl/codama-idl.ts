// Owns Codama IDLs: a rootNode of the standard "codama", version 1, with the program that the file is named after.
import type { ReadInstructions } from './anchor-idl.ts';
import { encodeConstant } from './codama-constants.ts';
import { kindAt, requireKind } from './codama-node.ts';
import { type CodamaDefinitions, readCodamaType, readConstant } from './codama-types.ts';
import { fixedSize } from './fixed-size.ts';
import { nameAt, requireDifferentNames } from './names.ts';
import {
  elements,
  flagAt,
  isPresent,
  member,
  optionalElements,
  type Place,
  refuse,
  shown,
  textAt,
  wholeAt,
} from './place.ts';
import type {
  ArgumentDescription,
  ArgumentType,
  BytesAt,
  Discriminator,
  InstructionDescription,
  RoleDescription,
} from './program-description.ts';
import { closeTypeScope, LIMITS, openTypeScope } from './type-scope.ts';

const MOST_PROGRAMS = 64;
const MOST_DISCRIMINATORS = 16;

export function readCodamaInstructions(document: Place): ReadInstructions {
  const scope = openTypeScope();
  const program = member(document, 'program');
  const definitions: CodamaDefinitions = {
    scope,
    program: textAt(member(program, 'name')) ?? '',
    byName: definedTypes([program, ...optionalElements(member(document, 'additionalPrograms'), MOST_PROGRAMS)]),
  };
  const read = elements(member(program, 'instructions'), LIMITS.instructions).map((instruction) => ({
    place: instruction,
    found: readArguments(instruction, definitions),
  }));
  closeTypeScope(scope);
  // Only now: a discriminator can be of a type that is defined elsewhere.
  const instructions = read.map(({ place, found }) => readInstruction(place, found, definitions));
  return { instructions, types: scope.types };
}

function definedTypes(programs: readonly Place[]): ReadonlyMap<string, Place> {
  const byName = new Map<string, Place>();
  for (const program of programs) {
    if (!requireKind(program, 'programNode')) continue;
    const owner = textAt(member(program, 'name'));
    for (const definition of optionalElements(member(program, 'definedTypes'), LIMITS.types)) {
      const key = `${owner}.${textAt(member(definition, 'name'))}`;
      const first = byName.get(key);
      if (first === undefined) byName.set(key, definition);
      else refuse(definition, `the type ${shown(key)} stands at ${first.path} already`);
    }
  }
  return byName;
}

interface FoundArgument {
  /** As the IDL writes it, because discriminators name it so. */
  readonly written: unknown;
  readonly name: string;
  readonly type: ArgumentType;
  readonly place: Place;
}

function readArguments(instruction: Place, definitions: CodamaDefinitions): readonly FoundArgument[] {
  if (!requireKind(instruction, 'instructionNode')) return [];
  const found = optionalElements(member(instruction, 'arguments'), LIMITS.arguments)
    .filter((argument) => requireKind(argument, 'instructionArgumentNode'))
    .map((argument) => ({
      written: member(argument, 'name').value,
      name: nameAt(member(argument, 'name')),
      type: readCodamaType(definitions, member(argument, 'type')),
      place: argument,
    }));
  requireDifferentNames('argument', found);
  return found;
}

function readInstruction(
  place: Place,
  found: readonly FoundArgument[],
  definitions: CodamaDefinitions,
): InstructionDescription {
  if (optionalElements(member(place, 'subInstructions'), LIMITS.instructions).length > 0) {
    refuse(member(place, 'subInstructions'), 'sub-instructions cannot be read; list them as instructions');
  }
  const { discriminator, hidden } = readDiscriminator(place, found, definitions);
  const described = found.map(
    (argument): ArgumentDescription => ({
      name: argument.name,
      type: argument.type,
      shown: !hidden.has(argument),
    }),
  );
  return {
    name: nameAt(member(place, 'name')),
    place: place.path,
    discriminator,
    roles: readRoles(member(place, 'accounts')),
    absentAccounts: readStrategy(member(place, 'optionalAccountStrategy')),
    argumentsOffset: 0,
    arguments: described,
  };
}

function readStrategy(place: Place): InstructionDescription['absentAccounts'] {
  if (place.value === 'omitted') return 'left_out';
  if (isPresent(place) && place.value !== 'programId') {
    refuse(place, `must be "programId" or "omitted", not ${shown(place.value)}`);
  }
  return 'program_id';
}

function readRoles(place: Place): readonly RoleDescription[] {
  const roles = optionalElements(place, LIMITS.accounts)
    .filter((account) => requireKind(account, 'instructionAccountNode'))
    .map((account) => ({
      name: nameAt(member(account, 'name')),
      optional: flagAt(member(account, 'isOptional')),
      place: account,
    }));
  requireDifferentNames('account', roles);
  return roles.map(({ name, optional }) => ({ name, optional }));
}

function readDiscriminator(place: Place, found: readonly FoundArgument[], definitions: CodamaDefinitions) {
  const bytes: BytesAt[] = [];
  const hidden = new Set<FoundArgument>();
  let size: number | null = null;
  for (const node of optionalElements(member(place, 'discriminators'), MOST_DISCRIMINATORS)) {
    switch (kindAt(node)) {
      case 'fieldDiscriminatorNode': {
        const argument = found.find(({ written }) => written === member(node, 'name').value);
        if (argument === undefined) {
          refuse(node, `the instruction has no argument ${shown(member(node, 'name').value)}`);
          break;
        }
        hidden.add(argument);
        bytes.push(fieldBytes(node, argument, found, definitions));
        break;
      }
      case 'constantDiscriminatorNode':
        bytes.push({
          offset: wholeAt(member(node, 'offset'), LIMITS.count),
          bytes: readConstant(member(node, 'constant'), (inner) => readCodamaType(definitions, inner)),
        });
        break;
      case 'sizeDiscriminatorNode':
        size = wholeAt(member(node, 'size'), LIMITS.count);
        break;
      default:
        refuse(node, `the discriminator node ${shown(member(node, 'kind').value)} cannot be read`);
    }
  }
  const discriminator: Discriminator = { bytes, size };
  return { discriminator, hidden };
}

function fieldBytes(
  node: Place,
  argument: FoundArgument,
  found: readonly FoundArgument[],
  { scope }: CodamaDefinitions,
): BytesAt {
  const offset = wholeAt(member(node, 'offset'), LIMITS.count);
  const before = found.slice(0, found.indexOf(argument)).map(({ type }) => type);
  const stands = fixedSize({ kind: 'tuple', items: before }, scope.types);
  if (stands !== offset) {
    const where = stands === null ? 'after arguments of no fixed size' : `at byte ${stands}`;
    refuse(member(node, 'offset'), `is ${offset}, but the argument stands ${where}`);
  }
  const type = argument.type.kind === 'reference' ? scope.types.get(argument.type.name) : argument.type;
  const value = member(argument.place, 'defaultValue');
  return { offset, bytes: encodeConstant(type ?? argument.type, value) ?? new Uint8Array() };
}
