// Owns URLs that may hold a secret: where they may stand, and what a good one looks like.
import { parseRedisUrl } from '../replicas/redis/redis-target.ts';
import { parseDatabaseUrl } from '../state/sql/database-url.ts';
import type { KeyPath } from './problem.ts';
import { Secret } from './secret.ts';
import type { SectionReader } from './section-reader.ts';

interface UrlKind {
  /** What is wrong with it, without repeating it; `null`: nothing. */
  problem(text: string): string | null;
  /** What shows that it holds a secret; such a URL must not stand in the YAML file. */
  holdsSecret(text: string): boolean;
}

export const POSTGRES_URL: UrlKind = {
  problem(text) {
    const parsed = parseDatabaseUrl(text);
    return 'problem' in parsed ? parsed.problem : null;
  },
  holdsSecret(text) {
    const parsed = parseDatabaseUrl(text);
    return 'target' in parsed && parsed.target.password !== undefined;
  },
};

export const REDIS_URL: UrlKind = {
  problem(text) {
    if (parseRedisUrl(text, null) !== null) return null;
    return 'is not a URL of the kind rediss://user@redis.example.com:6379/0, without anything behind the number of the database';
  },
  holdsSecret(text) {
    const target = parseRedisUrl(text, null);
    return target !== null && target.password !== null;
  },
};

export const RPC_URL = webUrl(['http:', 'https:'], 'https://api.devnet.solana.com');

export const WEBSOCKET_URL = webUrl(['ws:', 'wss:'], 'wss://api.devnet.solana.com');

function webUrl(protocols: readonly string[], example: string): UrlKind {
  return {
    problem(text) {
      const url = URL.parse(text);
      if (url !== null && protocols.includes(url.protocol)) return null;
      return `is not a URL of the kind ${example}`;
    },
    holdsSecret(text) {
      const url = URL.parse(text);
      return url !== null && (url.username !== '' || url.password !== '' || url.search !== '');
    },
  };
}

interface UrlKeys {
  /** The section. */
  readonly at: KeyPath;
  readonly key: string;
  readonly value: string | undefined;
  readonly file: string | undefined;
}

/** Exactly one of `key` and `key_file` must be given, and hold a URL of the kind. */
export async function resolveUrl(
  reader: SectionReader,
  kind: UrlKind,
  { at, key, value, file }: UrlKeys,
): Promise<Secret | undefined> {
  const fileKey = `${key}_file`;
  if (value !== undefined && file !== undefined)
    return reader.refuse([...at, key], `give ${key} or ${fileKey}, not both`);
  if (value !== undefined) return checkedUrl(reader, kind, [...at, key], new Secret(value));
  if (file === undefined) return reader.refuse(at, `needs ${key} or ${fileKey}`);
  const secret = await reader.secretFrom([...at, fileKey], file);
  return secret === undefined ? undefined : checkedUrl(reader, kind, [...at, fileKey], secret, 'the URL in the file ');
}

function checkedUrl(
  reader: SectionReader,
  kind: UrlKind,
  path: KeyPath,
  secret: Secret,
  subject = '',
): Secret | undefined {
  const problem = kind.problem(secret.reveal());
  if (problem !== null) return reader.refuse(path, `${subject}${problem}`);
  const inYaml = subject === '' && !reader.isFromEnvironment(path);
  if (inYaml && kind.holdsSecret(secret.reveal())) {
    return reader.refuse(
      path,
      `seems to hold a secret: put it into a file and name that in ${String(path.at(-1))}_file`,
    );
  }
  return secret;
}
