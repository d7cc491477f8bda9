// Owns the resolution of what replicas share and may lose.
import { readFile } from 'node:fs/promises';
import { parseRedisUrl, type RedisTarget } from '../replicas/redis/redis-target.ts';
import { isLoopback } from '../rpc/listen-address.ts';
import type { Config, RedisConfig } from './config.ts';
import { unreadable } from './file-checks.ts';
import type { FileConfig } from './file-schema.ts';
import type { SectionReader } from './section-reader.ts';
import { REDIS_URL, resolveUrl } from './url-secrets.ts';

/** `null`: there is none. */
export async function resolveRedis(
  reader: SectionReader,
  section: FileConfig['redis'] | undefined,
): Promise<RedisConfig | null | undefined> {
  if (section === undefined) return undefined;
  const { url, url_file, ca_file, allow_plaintext, key_prefix } = section;
  if (url === undefined && url_file === undefined) {
    if (ca_file === undefined) return null;
    return reader.refuse(['redis', 'ca_file'], 'is of no use without url or url_file');
  }
  const secret = await resolveUrl(reader, REDIS_URL, { at: ['redis'], key: 'url', value: url, file: url_file });
  if (secret === undefined) return undefined;
  const ca = ca_file === undefined ? null : await authorities(reader, ca_file);
  const target = ca === undefined ? null : parseRedisUrl(secret.reveal(), ca);
  if (target === null) return undefined;
  const path = ['redis', url === undefined ? 'url_file' : 'url'];
  if (ca_file !== undefined && target.tls === null) {
    return reader.refuse(['redis', 'ca_file'], 'is of no use with redis://, which is plaintext; take rediss://');
  }
  if (isOpen(target) && !allow_plaintext) {
    return reader.refuse(
      path,
      'would carry its password in the clear: take rediss://, or set redis.allow_plaintext to true',
    );
  }
  return { url: secret, ca: ca ?? null, keyPrefix: key_prefix };
}

function isOpen({ tls, host }: RedisTarget): boolean {
  return tls === null && !isLoopback(host);
}

async function authorities(reader: SectionReader, file: string): Promise<string | undefined> {
  const path = ['redis', 'ca_file'];
  const absolute = reader.absolute(path, file);
  const problem = await unreadable(absolute);
  if (problem !== null) return reader.refuse(path, problem);
  return readFile(absolute, 'utf8');
}

export function resolveRateLimits(
  reader: SectionReader,
  section: FileConfig['rate_limits'] | undefined,
): Config['rateLimits'] | undefined {
  if (section === undefined) return undefined;
  const agents = new Map<string, { readonly perMinute: number; readonly burst: number }>();
  for (const [n, { agent, per_minute, burst }] of section.agents.entries()) {
    if (agents.has(agent)) {
      return reader.refuse(['rate_limits', 'agents', n, 'agent'], 'stands in this list before; it must be there once');
    }
    agents.set(agent, { perMinute: per_minute, burst });
  }
  const rate = (of: 'agent' | 'operator' | 'failed_attempts') => ({
    perMinute: section[of].per_minute,
    burst: section[of].burst,
  });
  return { agent: rate('agent'), agents, operator: rate('operator'), failedAttempts: rate('failed_attempts') };
}
