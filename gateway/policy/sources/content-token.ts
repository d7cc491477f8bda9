// Owns the name of a content that has none of its own: its hash.
import { webcrypto } from 'node:crypto';
import type { FetchedContent } from './bundle-source.ts';

/** Hashed away from the thread that serves. */
export async function tokenOf(content: FetchedContent): Promise<string> {
  if (content.kind === 'archive') return `sha256:${await sha256(content.archive)}`;
  const files = [...content.files].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = await Promise.all(files.map(async ([path, bytes]) => JSON.stringify([path, await sha256(bytes)])));
  return `sha256:${await sha256(new TextEncoder().encode(lines.join('\n')))}`;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex');
}
