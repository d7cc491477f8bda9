// Owns where a new key goes that is shown once: to a file of its owner only, or to stdout.
import { type FileHandle, open } from 'node:fs/promises';
import { printable } from '../core/explanation/printable.ts';
import { UsageError } from './exit.ts';
import type { Terminal } from './terminal.ts';

export interface NewKey {
  readonly keyId: string;
  readonly owner: string;
  readonly secret: string;
}

/** Throws UsageError where there is one already: it may hold a key that is nowhere else. */
async function newFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new UsageError(`--output must be a new file, and there is a file ${path} already; no key was made`);
  }
}

/** `output` is opened before the key is made: a key whose secret cannot be kept must not come to be. */
export async function keepNewKey(
  terminal: Terminal,
  output: string | undefined,
  make: () => Promise<NewKey>,
): Promise<void> {
  const file = output === undefined ? null : await newFile(output);
  try {
    const { keyId, owner, secret } = await make();
    const about = `key ${printable(keyId)} of ${printable(owner)}`;
    terminal.warn(file === null ? `${about}; it is not shown again:` : `${about} is in ${output}`);
    await (file === null ? terminal.print(secret) : file.write(`${secret}\n`));
  } finally {
    await file?.close();
  }
}
