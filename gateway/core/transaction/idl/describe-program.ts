// Owns decoding the instructions of a program that an IDL describes. Each instruction is compiled when it is first met.
import type { AccountInRole, ArgumentValue, DescribedInstruction, UnknownInstruction } from '../decoded-transaction.ts';
import { type DecodeProgram, type RawInstruction, unknown } from '../programs/instruction-table.ts';
import { openArguments } from './argument-reader.ts';
import { inPlace } from './compile-collection.ts';
import { type CompileType, typeCompiler } from './compile-type.ts';
import { instructionFinder } from './discriminator.ts';
import type { InstructionDescription, ProgramDescription, RoleDescription } from './program-description.ts';

/**
 * What is decoded is `described`; what does not fit the IDL in every byte that is read is unknown, with the reason. Bytes after
 * the last argument are allowed, as programs allow them.
 *
 * Beyond what ArgumentValue says: lists and arrays of u8 are bytes; a map is a list of `{key, value}`; a floating point number is
 * decimal text. A text is left out of structs and arguments, and null in lists and tuples; it is filed among the texts by its
 * place, for example `items.0.note`. Of an account that is optional and not given, the role begins with `omitted_`.
 */
export function describeProgram(program: ProgramDescription): DecodeProgram {
  const find = instructionFinder(program.instructions);
  const compile = typeCompiler(program.types);
  const decoders = new Map<InstructionDescription, DecodeProgram>();
  return (raw) => {
    const instruction = find(raw.data);
    if (instruction === null)
      return unknown(raw, program.name, `the IDL has no instruction that begins with ${begin(raw)}`);
    let decode = decoders.get(instruction);
    if (decode === undefined) {
      decode = instructionDecoder(program.name, instruction, compile);
      decoders.set(instruction, decode);
    }
    return decode(raw);
  };
}

function begin({ data }: RawInstruction): string {
  return data.length === 0
    ? 'no data'
    : `0x${Array.from(data.subarray(0, 8), (b) => b.toString(16).padStart(2, '0')).join('')}`;
}

type Decode = (raw: RawInstruction) => DescribedInstruction | UnknownInstruction;

function instructionDecoder(programName: string, instruction: InstructionDescription, compile: CompileType): Decode {
  const { name, argumentsOffset } = instruction;
  const readers = instruction.arguments.map((argument) => ({
    name: argument.name,
    shown: argument.shown,
    read: inPlace(argument.name, compile(argument.type)),
  }));
  const nameAccounts = accountNamer(instruction);
  return (raw) => {
    const { index, program, data } = raw;
    const accounts = nameAccounts(raw);
    if (typeof accounts === 'string') return unknown(raw, programName, `${name} ${accounts}`);
    const values: Record<string, ArgumentValue> = {};
    const reader = openArguments(data, argumentsOffset);
    for (const argument of readers) {
      const value = argument.read(reader);
      if (reader.failure !== null) return unknown(raw, programName, `${name}: ${argument.name}: ${reader.failure}`);
      if (value !== undefined && argument.shown) values[argument.name] = value;
    }
    return {
      kind: 'described',
      index,
      program,
      programName,
      name,
      accounts,
      arguments: values,
      texts: reader.texts,
      data,
    };
  };
}

/** The accounts by role, or why their roles cannot be told. */
type NameAccounts = (raw: RawInstruction) => readonly AccountInRole[] | string;

function accountNamer({ roles, absentAccounts }: InstructionDescription): NameAccounts {
  const required = roles.findLastIndex(({ optional }) => !optional) + 1;
  const optionalInFront = roles.slice(0, required).some(({ optional }) => optional);
  return ({ accounts, program }) => {
    if (accounts.length < required) return `needs ${required} accounts, not ${accounts.length}`;
    if (absentAccounts === 'left_out') {
      if (optionalInFront) return 'may leave out accounts in the middle, so that roles cannot be told';
      if (accounts.length > required && accounts.length < roles.length) {
        return 'leaves out one of several accounts that it may, so that roles cannot be told';
      }
    }
    return accounts.map(({ address, signer, writable }, i) => ({
      role: roleOf(roles[i], i - roles.length, absentAccounts === 'program_id' && address === program),
      address,
      signer,
      writable,
    }));
  };
}

/** The program's own id stands for an optional account that is not given. */
function roleOf(role: RoleDescription | undefined, beyond: number, isProgram: boolean): string {
  if (role === undefined) return `extra_${beyond}`;
  return role.optional && isProgram ? `omitted_${role.name}` : role.name;
}
