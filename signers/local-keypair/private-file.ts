// Owns how a file with a secret is read and written: by its owner only, never through a link, never half.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KeystoreError } from './keystore-error.ts';

/** No keystore is near this size. */
const MAX_BYTES = 65_536;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    // Judged on the open file, so that nobody can put another in its place between the look and the read.
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ELOOP') throw new KeystoreError(`${path} is a symbolic link; name the keystore file itself`);
    if (code === 'ENOENT') throw new KeystoreError(`there is no keystore at ${path}`);
    throw new KeystoreError(`the keystore ${path} cannot be opened (${code})`);
  }
}

/** Reads a regular file that nobody but its owner may read or write. Throws KeystoreError. */
export async function readPrivateFile(path: string): Promise<string> {
  const file = await openForReading(path);
  try {
    const { mode, size, uid } = await file.stat();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw new KeystoreError(`${path} is not a regular file`);
    if ((mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0');
      throw new KeystoreError(`${path} has mode ${shown}: others may open it. Make it 0600 (chmod 600 ${path})`);
    }
    const own = process.geteuid?.();
    if (own !== undefined && own !== 0 && uid !== own) {
      throw new KeystoreError(`${path} belongs to user ${uid}, but this process runs as user ${own}`);
    }
    if (size > MAX_BYTES) throw new KeystoreError(`${path} is no keystore: it has ${size} bytes, at most ${MAX_BYTES}`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** Writes a new file with mode 0600; whoever looks sees all of it or nothing. Throws KeystoreError where one is already. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const draft = join(folder, `.keystore-${randomBytes(8).toString('hex')}`);
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    // Unlike rename, link never replaces what is there.
    await link(draft, path);
    await syncFolder(folder);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') throw new KeystoreError(`${path} is there already; a keystore is never overwritten`);
    throw new KeystoreError(`the keystore ${path} cannot be written (${code})`);
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
