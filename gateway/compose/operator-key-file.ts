// Owns the file that holds the first operator's API key.
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ApiKey, formatApiKey, parseApiKey } from '../core/principal/api-key.ts';
import { newApiKey } from '../pipeline/administration/administration.ts';

/** The key in the file; where there is no file, a new key, written so that only the owner can read it. Throws for any other file. */
export function readOrMakeKey(file: string): ApiKey {
  mkdirSync(dirname(file), { recursive: true });
  const fresh = newApiKey();
  try {
    writeFileSync(file, `${formatApiKey(fresh)}\n`, { mode: 0o600, flag: 'wx' });
    return fresh;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  if ((statSync(file).mode & 0o007) !== 0) {
    throw new Error(`the operator key file ${file} is open to every user of this machine; chmod 600 it`);
  }
  const key = parseApiKey(readFileSync(file, 'utf8').trim());
  if (key === null) {
    throw new Error(`the operator key file ${file} does not hold an API key (csk_<16 hex>_<43 base64url>)`);
  }
  return key;
}
