// Owns the questions that the configuration asks of the file system.
import { access, constants, lstat, readFile, stat } from 'node:fs/promises';

/** No secret is near this size. */
const MAX_SECRET_BYTES = 16_384;

export type SecretText =
  | { readonly kind: 'read'; readonly text: string }
  /** It is not there, or not for us. */
  | { readonly kind: 'unreadable'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string };

export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}

function refused(message: string): SecretText {
  return { kind: 'refused', message };
}

/** The text of a file without the line break at its end. */
export async function readSecretFile(file: string): Promise<SecretText> {
  try {
    const { mode, size } = await stat(file);
    if ((mode & 0o007) !== 0) return refused(`everybody on this machine may open ${file}; make it 0600 (chmod 600)`);
    if (size > MAX_SECRET_BYTES) return refused(`${file} has ${size} bytes; a secret has at most ${MAX_SECRET_BYTES}`);
    const text = (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
    return text === '' ? refused(`${file} is empty`) : { kind: 'read', text };
  } catch (error) {
    return { kind: 'unreadable', message: `${file} cannot be read (${errorCode(error)})` };
  }
}

/** What is wrong with a file that must be readable; `null`: nothing. */
export async function unreadable(file: string): Promise<string | null> {
  try {
    await access(file, constants.R_OK);
    return (await stat(file)).isFile() ? null : `${file} is not a file`;
  } catch (error) {
    return `${file} cannot be read (${errorCode(error)})`;
  }
}

/** What is wrong with a file that something else will judge and open; `null`: it is there. */
export async function absent(file: string): Promise<string | null> {
  try {
    await lstat(file);
    return null;
  } catch (error) {
    return `${file} cannot be found (${errorCode(error)})`;
  }
}

/** What is wrong with a path that a policy bundle must be at, unpacked or not; `null`: nothing. */
export async function notBundlePath(path: string): Promise<string | null> {
  try {
    const found = await stat(path);
    if (found.isDirectory() || (found.isFile() && path.endsWith('.tar.gz'))) return null;
    return `${path} must be a folder or a .tar.gz file`;
  } catch (error) {
    return `there is no folder or .tar.gz file ${path} (${errorCode(error)})`;
  }
}
