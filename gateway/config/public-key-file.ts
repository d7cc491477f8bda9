// Owns the reading of the public keys that bundles are verified with.
import { readFile, stat } from 'node:fs/promises';
import { type BundleKey, publicKeyOf } from '../policy/bundle/bundle-key.ts';
import { errorCode } from './file-checks.ts';

/** No public key is near this size. */
const MAX_KEY_BYTES = 16_384;

/** The key, or what is wrong with its file. */
export async function readBundleKey(
  file: string,
  { id, algorithm, scope }: Omit<BundleKey, 'publicKeyPem'>,
): Promise<BundleKey | string> {
  const text = await readText(file);
  if ('problem' in text) return text.problem;
  try {
    const key = publicKeyOf({ id, algorithm, scope, publicKeyPem: text.pem });
    return { id, algorithm, scope, publicKeyPem: key.export({ type: 'spki', format: 'pem' }).toString() };
  } catch (error) {
    return error instanceof Error ? error.message : `${file} is not a public key`;
  }
}

async function readText(file: string): Promise<{ readonly pem: string } | { readonly problem: string }> {
  try {
    const { size } = await stat(file);
    if (size > MAX_KEY_BYTES)
      return { problem: `${file} has ${size} bytes; a public key has at most ${MAX_KEY_BYTES}` };
    return { pem: await readFile(file, 'utf8') };
  } catch (error) {
    return { problem: `${file} cannot be read (${errorCode(error)})` };
  }
}
