// Owns what a redis:// URL says. ioredis would take settings of its own from the query of one.

export interface RedisTarget {
  readonly host: string;
  readonly port: number;
  readonly username: string | null;
  readonly password: string | null;
  readonly database: number;
  /** `null`: plaintext. `ca`: PEM text of the authorities to trust instead of those of the system. */
  readonly tls: { readonly ca: string | null } | null;
}

const DEFAULT_PORT = 6379;
const MAX_DATABASE = 1_000_000;

/** `null`: it is no `redis://` or `rediss://` URL, or says something that would not be heeded. */
export function parseRedisUrl(text: string, ca: string | null): RedisTarget | null {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'redis:' && url.protocol !== 'rediss:')) return null;
  if (url.hostname === '' || url.search !== '' || url.hash !== '') return null;
  const database = /^\/?$/.test(url.pathname) ? 0 : Number(/^\/([0-9]{1,7})$/.exec(url.pathname)?.[1] ?? Number.NaN);
  if (!(database <= MAX_DATABASE)) return null;
  const username = decoded(url.username);
  const password = decoded(url.password);
  if (username === null || password === null) return null;
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    username: username === '' ? null : username,
    password: password === '' ? null : password,
    database,
    tls: url.protocol === 'rediss:' ? { ca } : null,
  };
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
