// Owns how scripts run the opa tool: where it is found, and what a failure says.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const LONGEST_OUTPUT = 64 * 1024 * 1024;

export const PROJECT = join(import.meta.dirname, '..', '..');

/** The opa to run: $OPA, else .tools/opa, else the one on PATH. */
export function findOpa(): string {
  const own = join(PROJECT, '.tools', 'opa');
  return env.OPA ?? (existsSync(own) ? own : 'opa');
}

/** Runs opa and resolves with what it printed; throws with everything it said when it fails. */
export async function runOpa(opa: string, args: readonly string[], directory = PROJECT): Promise<string> {
  try {
    const { stdout } = await execute(opa, [...args], { cwd: directory, maxBuffer: LONGEST_OUTPUT });
    return stdout;
  } catch (error) {
    throw new Error(`${opa} ${args[0]} failed:\n${saidBy(error)}`, { cause: error });
  }
}

function saidBy(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'ENOENT') return 'there is no such program; scripts/install.sh brings opa';
  const streams = ['stdout', 'stderr']
    .map((name) => Reflect.get(error, name))
    .filter((text) => typeof text === 'string');
  return streams.join('').trim() || error.message;
}
