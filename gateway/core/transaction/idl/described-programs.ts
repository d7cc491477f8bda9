// Owns the step from the IDLs of a bundle to the programs that they describe: together they must not be mistaken for one another.
import type { Address } from '../../address.ts';
import { type DescribedPrograms, isNativeProgram, NATIVE_PROGRAMS } from '../programs/decode-instruction.ts';
import { describeProgram } from './describe-program.ts';
import type { ProgramDescription } from './program-description.ts';
import { readIdl } from './read-idl.ts';

export interface IdlDocument {
  readonly address: Address;
  /** The parsed JSON. */
  readonly json: unknown;
}

export type ReadPrograms =
  | { readonly kind: 'read'; readonly programs: DescribedPrograms }
  | { readonly kind: 'refused'; readonly problems: readonly ProgramProblem[] };

/** As ReadPrograms, before anything was compiled: plain values, which may be sent to another thread. */
export type ReadDescriptions =
  | { readonly kind: 'read'; readonly descriptions: readonly ProgramDescription[] }
  | { readonly kind: 'refused'; readonly problems: readonly ProgramProblem[] };

export interface ProgramProblem {
  readonly address: Address;
  readonly problem: string;
}

/** All of them, or what is wrong with any. */
export function readDescribedPrograms(documents: readonly IdlDocument[]): ReadPrograms {
  const read = readProgramDescriptions(documents);
  return read.kind === 'read' ? { kind: 'read', programs: describedPrograms(read.descriptions) } : read;
}

/** Quick: what instructions look like is compiled when one is met. */
export function describedPrograms(descriptions: readonly ProgramDescription[]): DescribedPrograms {
  return new Map(descriptions.map((description) => [description.address, describeProgram(description)]));
}

/** All of them, or what is wrong with any. */
export function readProgramDescriptions(documents: readonly IdlDocument[]): ReadDescriptions {
  const descriptions: ProgramDescription[] = [];
  const names = new Map<string, string>(
    NATIVE_PROGRAMS.map(({ name }) => [name, 'a program that the gateway decodes itself']),
  );
  const problems: ProgramProblem[] = [];
  for (const { address, json } of documents) {
    if (isNativeProgram(address)) {
      problems.push({ address, problem: 'this program is decoded by the gateway itself; it takes no IDL' });
      continue;
    }
    const read = readIdl(json, address);
    if (read.kind === 'refused') {
      problems.push(...read.problems.map((problem) => ({ address, problem })));
      continue;
    }
    const { name } = read.program;
    const other = names.get(name);
    if (other !== undefined) {
      problems.push({ address, problem: `its name ${name} is also that of ${other}; change the name in the IDL` });
    }
    names.set(name, address);
    descriptions.push(read.program);
  }
  return problems.length === 0 ? { kind: 'read', descriptions } : { kind: 'refused', problems };
}
