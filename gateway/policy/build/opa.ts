// Owns how the opa tool is run: where it is found, what it may use, and what a failure says.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { withRemedies } from './remedies.ts';

const execute = promisify(execFile);
const LONGEST_OUTPUT = 64 * 1024 * 1024;
const LONGEST_RUN_MS = 120_000;
/** Of addresses: Go asks for more of them than it uses. What it should keep within is its own memory limit. */
const MOST_MEMORY_KIB = 4 * 1024 * 1024;
/** Of Go's collector. At the default of 100 it takes a fifth of the time of `opa build`, and a third of that of `opa test`. */
const MEMORY = { GOMEMLIMIT: '1GiB', GOGC: '400' };
const LARGEST_FILE_BYTES = 256 * 1024 * 1024;

const SHELL = '/bin/sh';
/**
 * Bounds that the system holds it to; the shell then becomes opa. One that is narrower already stays, and one that the system does not
 * know (macOS has none of memory) is left out. A file is counted in blocks of 512 bytes.
 */
const BOUNDED = `{ ulimit -v ${MOST_MEMORY_KIB}; ulimit -f ${LARGEST_FILE_BYTES / 512}; ulimit -c 0; } 2>/dev/null; exec "$0" "$@"`;
/** Of a shell that finds no such program. */
const NOT_FOUND = 127;

/** Where the tool itself stands, with the library of policies that comes with it. */
export const PROJECT = join(import.meta.dirname, '..', '..', '..');

/** The opa to run: $OPA, else .tools/opa, else the one on PATH. */
export function findOpa(): string {
  const own = join(PROJECT, '.tools', 'opa');
  return env.OPA ?? (existsSync(own) ? own : 'opa');
}

/** Runs opa and resolves with what it printed; throws with everything it said when it fails. */
export async function runOpa(opa: string, args: readonly string[], directory = PROJECT): Promise<string> {
  const { code, output, problem } = await opaAnswer(opa, args, directory);
  if (code !== 0) throw new Error(`${opa} ${args[0]} failed:\n${withRemedies(problem)}`);
  return output;
}

export interface OpaAnswer {
  /** `null`: it was ended before it ended by itself. */
  readonly code: number | null;
  readonly output: string;
  /** What it said, for people, where it failed. */
  readonly problem: string;
}

/** The same for commands whose failure is an answer. Throws where there is no opa. */
export async function opaAnswer(opa: string, args: readonly string[], directory = PROJECT): Promise<OpaAnswer> {
  try {
    const { stdout } = await execute(SHELL, ['-c', BOUNDED, opa, ...args], {
      cwd: directory,
      env: environment(),
      killSignal: 'SIGKILL',
      maxBuffer: LONGEST_OUTPUT,
      timeout: LONGEST_RUN_MS,
    });
    return { code: 0, output: stdout, problem: '' };
  } catch (error) {
    return failed(opa, args, error);
  }
}

function failed(opa: string, args: readonly string[], error: unknown): OpaAnswer {
  if (!(error instanceof Error)) throw error;
  const code: unknown = Reflect.get(error, 'code');
  if (code === NOT_FOUND) {
    throw new Error(`${opa} ${args[0]} failed:\nthere is no such program; scripts/install.sh brings opa`, {
      cause: error,
    });
  }
  const [output = '', said = ''] = ['stdout', 'stderr'].map((name) => String(Reflect.get(error, name) ?? ''));
  const problem = `${output}${said}`.trim() || error.message;
  return { code: typeof code === 'number' ? code : null, output, problem };
}

/** Only what opa needs: its own variables could change what it builds, and secrets are no concern of it. */
function environment(): Record<string, string> {
  const kept = ['HOME', 'PATH', 'TMPDIR'].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), ...MEMORY };
}
