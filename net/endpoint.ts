// Owns what may be said of a remote service: its host. Paths, queries and credentials of the URL are often keys.

export interface Endpoint {
  readonly url: URL;
  /** Host and port: all that errors and logs may name. */
  readonly host: string;
  /** Replaces every part of the URL that may be secret in a remote text, drops control characters, cuts it. */
  readonly clean: (remoteText: string) => string;
  /** The URL with this path, which begins with a slash, behind its own. */
  readonly at: (path: string) => URL;
}

const MAX_REMOTE_CHARACTERS = 300;
/** Shorter parts (`v1`, `rpc`) are no keys and would garble every text. */
const MIN_SECRET_CHARACTERS = 6;

/** `what` is named in the error: `the RPC URL`. @throws Error that does not repeat the text: it may hold a key. */
export function parseEndpoint(text: string, what: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new Error(`${what} must be an absolute http:// or https:// URL`);
  }
  const secrets = [url.username, url.password, ...url.pathname.split('/'), ...url.searchParams.values()].flatMap(
    (part) => [part, decodeURIComponentOrSame(part)],
  );
  return {
    url,
    host: url.host,
    clean: (remoteText) => cleanText(remoteText, secrets),
    at: (path) => new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url),
  };
}

/** What a remote service said, as a log may hold it: without these secrets and control characters, and cut. */
export function cleanText(remoteText: string, secrets: readonly string[]): string {
  const redacted = secrets
    .filter((secret) => secret.length >= MIN_SECRET_CHARACTERS)
    .reduce((result, secret) => result.replaceAll(secret, '[redacted]'), remoteText);
  const printable = redacted.replace(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ').trim();
  return printable.length > MAX_REMOTE_CHARACTERS ? `${printable.slice(0, MAX_REMOTE_CHARACTERS)}…` : printable;
}

function decodeURIComponentOrSame(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
