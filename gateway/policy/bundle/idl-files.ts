// Owns the IDLs of a policy bundle, `idls/<program id>.json`: taken as files, and turned into the programs that they describe.
import type { Address } from '../../core/address.ts';
import { parseAddress } from '../../core/base58.ts';
import { describedPrograms, readProgramDescriptions } from '../../core/transaction/idl/described-programs.ts';
import type { ProgramDescription } from '../../core/transaction/idl/program-description.ts';
import { LARGEST_IDL_BYTES } from '../../core/transaction/idl/read-idl.ts';
import type { DescribedPrograms } from '../../core/transaction/programs/decode-instruction.ts';
import type { BundleFiles } from './bundle.ts';
import { malformed, parseBundleJson } from './malformed.ts';

export const IDL_DIRECTORY = 'idls';
const MOST_IDLS = 64;
const LARGEST_TOGETHER = 32 * 1024 * 1024;

export interface IdlFile {
  readonly program: Address;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Sorted by file name; empty where the bundle has no IDLs. Throws an Error that names the file and what is wrong with it. */
export function idlFilesIn(files: BundleFiles, label: string): readonly IdlFile[] {
  const paths = [...files.keys()].filter((path) => path.startsWith(`${IDL_DIRECTORY}/`)).sort();
  if (paths.length > MOST_IDLS) {
    throw malformed(label, IDL_DIRECTORY, `it holds ${paths.length} files; at most ${MOST_IDLS} are read`);
  }
  let room = LARGEST_TOGETHER;
  return paths.map((path) => {
    const program = programOf(path.slice(IDL_DIRECTORY.length + 1));
    const bytes = files.get(path);
    if (program === null || bytes === undefined) {
      throw malformed(label, path, 'a file here must be called <program id>.json');
    }
    if (bytes.length === 0) throw malformed(label, path, 'it is empty');
    if (bytes.length > LARGEST_IDL_BYTES) {
      throw malformed(label, path, `it has ${bytes.length} bytes; at most ${LARGEST_IDL_BYTES} are read`);
    }
    room -= bytes.length;
    if (room < 0) throw malformed(label, IDL_DIRECTORY, `together they may have ${LARGEST_TOGETHER} bytes`);
    return { program, bytes };
  });
}

/** Throws an Error that names each file and place where an IDL is wrong. */
export function describePrograms(label: string, files: readonly IdlFile[]): DescribedPrograms {
  return describedPrograms(readIdlDescriptions(label, files));
}

/** As `describePrograms`, as plain values. */
export function readIdlDescriptions(label: string, files: readonly IdlFile[]): readonly ProgramDescription[] {
  const pathOf = (program: Address) => `${IDL_DIRECTORY}/${program}.json`;
  const read = readProgramDescriptions(
    files.map(({ program, bytes }) => ({
      address: program,
      json: parseBundleJson(bytes, label, pathOf(program)),
    })),
  );
  if (read.kind === 'read') return read.descriptions;
  const lines = read.problems.map(({ address, problem }) => `${pathOf(address)}: ${problem}`);
  throw new Error(`policy bundle ${label}: ${lines.join('\n')}`);
}

function programOf(name: string): Address | null {
  return name.endsWith('.json') ? parseAddress(name.slice(0, -'.json'.length)) : null;
}
