// Owns where the public IDLs stand on this machine: beside the tools, and never in the repository.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../gateway/policy/build/opa.ts';
import { PACKAGES } from './sources.ts';

export const PUBLIC_IDLS = join(PROJECT, '.tools', 'idls');

/** What the directory was made from: other sources, or another way of reading them, and it is made anew. */
export function sourcesDigest(): string {
  const hash = createHash('sha256').update(JSON.stringify(PACKAGES));
  return hash.update(readFileSync(join(import.meta.dirname, 'idl-literal.ts'))).digest('hex');
}
