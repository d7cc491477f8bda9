// Owns the IDLs of a policy bundle, `idls/<program id>.json`: read as files, and turned into the programs that they describe.
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Address } from '../../core/address.ts';
import { parseAddress } from '../../core/base58.ts';
import { readDescribedPrograms } from '../../core/transaction/idl/described-programs.ts';
import { LARGEST_IDL_BYTES } from '../../core/transaction/idl/read-idl.ts';
import type { DescribedPrograms } from '../../core/transaction/programs/decode-instruction.ts';
import { malformed, parseBundleJson, readBundleFile } from './bundle-file.ts';

export const IDL_DIRECTORY = 'idls';
const MOST_IDLS = 64;
const LARGEST_TOGETHER = 32 * 1024 * 1024;

export interface IdlFile {
  readonly program: Address;
  readonly bytes: Uint8Array;
}

/** By program id; empty where the bundle has no IDLs. Throws an Error that names the file and what is wrong with it. */
export async function readIdlFiles(directory: string): Promise<readonly IdlFile[]> {
  const names = await namesIn(directory);
  if (names.length > MOST_IDLS) {
    throw malformed(directory, IDL_DIRECTORY, `it holds ${names.length} files; at most ${MOST_IDLS} are read`);
  }
  const files: IdlFile[] = [];
  let room = LARGEST_TOGETHER;
  for (const name of names) {
    const program = programOf(name);
    const path = `${IDL_DIRECTORY}/${name}`;
    if (program === null) throw malformed(directory, path, 'a file here must be called <program id>.json');
    const bytes = await readBundleFile(directory, path, LARGEST_IDL_BYTES);
    room -= bytes.length;
    if (room < 0) throw malformed(directory, IDL_DIRECTORY, `together they may have ${LARGEST_TOGETHER} bytes`);
    files.push({ program, bytes });
  }
  return files;
}

/** Throws an Error that names each file and place where an IDL is wrong. */
export function describePrograms(directory: string, files: readonly IdlFile[]): DescribedPrograms {
  const pathOf = (program: Address) => `${IDL_DIRECTORY}/${program}.json`;
  const read = readDescribedPrograms(
    files.map(({ program, bytes }) => ({
      address: program,
      json: parseBundleJson(bytes, directory, pathOf(program)),
    })),
  );
  if (read.kind === 'read') return read.programs;
  const lines = read.problems.map(({ address, problem }) => `${pathOf(address)}: ${problem}`);
  throw new Error(`policy bundle ${directory}: ${lines.join('\n')}`);
}

async function namesIn(directory: string): Promise<readonly string[]> {
  const path = join(directory, IDL_DIRECTORY);
  const found = await lstat(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (found === null) return [];
  if (!found.isDirectory()) throw malformed(directory, IDL_DIRECTORY, 'it must be a directory');
  return (await readdir(path)).sort();
}

function programOf(name: string): Address | null {
  return name.endsWith('.json') ? parseAddress(name.slice(0, -'.json'.length)) : null;
}
