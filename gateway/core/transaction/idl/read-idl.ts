// Owns reading an IDL of any generation into a program description, or into all that is wrong with it.
import type { Address } from '../../address.ts';
import { withAnchorEvent } from './anchor-event.ts';
import {
  explicitDiscriminator,
  hashedDiscriminator,
  nativeDiscriminant,
  type ReadInstructions,
  readAnchorInstructions,
} from './anchor-idl.ts';
import { readCodamaInstructions } from './codama-idl.ts';
import { kindAt } from './codama-node.ts';
import { overlap } from './discriminator.ts';
import { nameAt } from './names.ts';
import { isObject, isPresent, member, openDocument, type Place, refuse, shown } from './place.ts';
import type { InstructionDescription, ProgramDescription } from './program-description.ts';

export const LARGEST_IDL_BYTES = 4 * 1024 * 1024;

export type ReadIdl =
  | { readonly kind: 'read'; readonly program: ProgramDescription }
  /** Each problem with its place in the IDL, the first 20. */
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/** `json` is the parsed document; `address` the program that it is to describe: an IDL that names another is refused. */
export function readIdl(json: unknown, address: Address): ReadIdl {
  const document = openDocument(json);
  const generation = generationOf(document);
  if (generation === null) return { kind: 'refused', problems: document.problems };
  const { addressAt, name, instructions: read, emitsAnchorEvents } = generation;
  if (isPresent(addressAt) && addressAt.value !== '' && addressAt.value !== address) {
    refuse(addressAt, `is ${shown(addressAt.value)}, but the file is for ${address}`);
  }
  const { instructions: own, types } = read(document);
  checkInstructions(document, own);
  const instructions = emitsAnchorEvents ? withAnchorEvent(own) : own;
  const program = { address, name: nameAt(name), instructions, types };
  return document.problems.length === 0 ? { kind: 'read', program } : { kind: 'refused', problems: document.problems };
}

interface Generation {
  readonly addressAt: Place;
  readonly name: Place;
  readonly instructions: (document: Place) => ReadInstructions;
  readonly emitsAnchorEvents: boolean;
}

function generationOf(document: Place): Generation | null {
  if (!isObject(document.value)) {
    refuse(document, 'an IDL must be a JSON object');
    return null;
  }
  if (isPresent(member(document, 'kind'))) return codama(document);
  const metadata = member(document, 'metadata');
  if (isPresent(member(metadata, 'spec'))) return newAnchor(document, metadata);
  if (isPresent(member(document, 'instructions')) && isPresent(member(document, 'name'))) {
    const shank = member(metadata, 'origin').value === 'shank';
    return {
      addressAt: member(metadata, 'address'),
      name: member(document, 'name'),
      instructions: (at) => readAnchorInstructions(at, shank ? nativeDiscriminant : hashedDiscriminator),
      emitsAnchorEvents: !shank && hasElements(member(document, 'events')),
    };
  }
  refuse(
    document,
    'neither an Anchor IDL (name and instructions, or metadata.spec) nor a Codama IDL (kind "rootNode"); nothing else can be read',
  );
  return null;
}

function newAnchor(document: Place, metadata: Place): Generation | null {
  const spec = member(metadata, 'spec');
  if (spec.value !== '0.1.0') {
    refuse(spec, `must be "0.1.0", not ${shown(spec.value)}`);
    return null;
  }
  const addressAt = member(document, 'address');
  if (!isPresent(addressAt)) refuse(addressAt, 'must be the address of the program');
  return {
    addressAt,
    name: member(metadata, 'name'),
    instructions: (at) => readAnchorInstructions(at, explicitDiscriminator),
    emitsAnchorEvents: hasElements(member(document, 'events')),
  };
}

function codama(document: Place): Generation | null {
  const standard = member(document, 'standard');
  const version = member(document, 'version');
  if (kindAt(document) !== 'rootNode' || standard.value !== 'codama') {
    refuse(document, 'an IDL with a kind must be a rootNode of the standard "codama"');
    return null;
  }
  if (typeof version.value !== 'string' || !version.value.startsWith('1.')) {
    refuse(version, `must be a version 1 of Codama, not ${shown(version.value)}`);
    return null;
  }
  const program = member(document, 'program');
  const addressAt = member(program, 'publicKey');
  if (!isPresent(addressAt)) refuse(addressAt, 'must be the address of the program');
  const emitsAnchorEvents = member(program, 'origin').value === 'anchor' && hasElements(member(program, 'events'));
  return { addressAt, name: member(program, 'name'), instructions: readCodamaInstructions, emitsAnchorEvents };
}

function hasElements({ value }: Place): boolean {
  return Array.isArray(value) && value.length > 0;
}

function checkInstructions(document: Place, instructions: readonly InstructionDescription[]): void {
  if (instructions.length === 0) refuse(member(document, 'instructions'), 'the IDL describes no instruction');
  for (const instruction of instructions) {
    for (const { name } of instruction.roles) checkRole(document, instruction, name);
  }
  // What was refused has no discriminator, and would be like all others.
  if (document.problems.length > 0) return;
  instructions.forEach((one, i) => {
    for (const other of instructions.slice(0, i)) checkDifferent(document, one, other);
  });
}

function checkDifferent(document: Place, one: InstructionDescription, other: InstructionDescription): void {
  if (one.name === other.name) {
    refuse(at(document, one), `the instruction ${one.name} stands at ${other.place} already`);
  } else if (overlap(one.discriminator, other.discriminator)) {
    refuse(
      at(document, one),
      `${one.name} cannot be told from ${other.name} (${other.place}): data can begin like both`,
    );
  }
}

/** Names that the decoder gives to accounts that the IDL has no role for. */
function checkRole(document: Place, instruction: InstructionDescription, role: string): void {
  if (/^extra_\d+$|^omitted_/.test(role)) {
    refuse(
      at(document, instruction),
      `an account may not be called ${role}: that is what accounts without a role are called`,
    );
  }
}

function at({ value, problems }: Place, { place }: InstructionDescription): Place {
  return { value, path: place, problems };
}
