// Owns the reading of a key policy of AWS: what is plainly none is refused before AWS is asked.
import { readFile, stat } from 'node:fs/promises';
import * as z from 'zod';
import { errorCode } from '../file-checks.ts';
import type { KeyPath } from '../problem.ts';
import type { SectionReader } from '../section-reader.ts';

/** AWS's own limit. */
const MAX_POLICY_BYTES = 32_768;

const keyPolicy = z.object({ Version: z.literal('2012-10-17'), Statement: z.array(z.object({})).min(1) });

/** Its text. `undefined`, with a problem, where it cannot be used. */
export async function readKeyPolicy(reader: SectionReader, at: KeyPath, file: string): Promise<string | undefined> {
  const found = reader.absolute(at, file);
  const text = await textOf(found);
  if (text instanceof Error) return reader.lacks(at, `${found} cannot be read (${errorCode(text)})`);
  if (text === null) return reader.refuse(at, `${found}: a key policy has at most ${MAX_POLICY_BYTES} bytes`);
  if (keyPolicy.safeParse(jsonOf(text)).success) return text;
  return reader.refuse(at, `${found} is no key policy: JSON with "Version": "2012-10-17" and a list of "Statement"`);
}

/** `null`: it is too large. */
async function textOf(file: string): Promise<string | Error | null> {
  try {
    return (await stat(file)).size > MAX_POLICY_BYTES ? null : await readFile(file, 'utf8');
  } catch (error) {
    return error instanceof Error ? error : new Error('it cannot be read');
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
