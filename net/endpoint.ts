// Owns what may be said of a remote service: its host. Paths, queries and credentials of the URL are often keys.

export interface Endpoint {
  readonly url: URL;
  /** Host and port: all that errors and logs may name. */
  readonly host: string;
  /** As `cleanText`: without every part of the URL that may be secret, and without `more`, which the call itself held. */
  readonly clean: (remoteText: string, more?: readonly string[]) => string;
  /** The URL with this path, which begins with a slash, behind its own. */
  readonly at: (path: string) => URL;
}

const MAX_REMOTE_CHARACTERS = 300;
/** Shorter parts of a URL (`v1`, `rpc`) are no keys, and other spellings of what is so short would garble every text. */
const MIN_SECRET_CHARACTERS = 6;
/** Less of a secret at the end of a text may be there by chance, and tells little. */
const MIN_BEGINNING_CHARACTERS = 8;
const REDACTED = '[redacted]';
/** What may stand behind a secret that the service itself has cut. */
const BEHIND_A_CUT = new Set('.…"\'`)]}> \t\r\n');

/** `what` is named in the error: `the RPC URL`. @throws Error that does not repeat the text: it may hold a key. */
export function parseEndpoint(text: string, what: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new Error(`${what} must be an absolute http:// or https:// URL`);
  }
  const queries = [...url.searchParams].map(([name, value]) => (value === '' ? name : value));
  const secrets = [url.username, url.password, ...url.pathname.split('/'), ...queries]
    .flatMap((part) => [part, decodeURIComponentOrSame(part)])
    .filter((part) => part.length >= MIN_SECRET_CHARACTERS);
  return {
    url,
    host: url.host,
    clean: (remoteText, more = []) => cleanText(remoteText, [...secrets, ...more]),
    at: (path) => new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url),
  };
}

/**
 * What a remote service said, as a log may hold it: without these secrets in their usual spellings (URL, JSON, hex, base64) and without
 * control characters, and cut. All secrets at once: a text that was cut may end within one that was not looked for yet.
 */
export function cleanText(remoteText: string, secrets: readonly string[]): string {
  const printable = redacted(remoteText, spellingsOf(secrets))
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ')
    .trim();
  return printable.length > MAX_REMOTE_CHARACTERS ? `${printable.slice(0, MAX_REMOTE_CHARACTERS)}…` : printable;
}

function redacted(text: string, spellings: readonly string[]): string {
  if (spellings.length === 0) return text;
  const any = new RegExp(spellings.map((spelling) => RegExp.escape(spelling)).join('|'), 'gi');
  return withoutBeginning(text.replace(any, REDACTED), spellings);
}

/** Services cut what they repeat, too: the text may end with the beginning of a secret. */
function withoutBeginning(text: string, spellings: readonly string[]): string {
  let end = text.length;
  while (BEHIND_A_CUT.has(text[end - 1] ?? '')) end -= 1;
  const longest = Math.max(0, ...spellings.map((spelling) => beginningAt(text.slice(0, end), spelling)));
  return longest === 0 ? text : `${text.slice(0, end - longest)}${REDACTED}${text.slice(end)}`;
}

/** Characters of the secret's beginning with which the text ends. */
function beginningAt(text: string, spelling: string): number {
  const [ending, whole] = [text.slice(-spelling.length).toLowerCase(), spelling.toLowerCase()];
  for (let length = whole.length; length >= MIN_BEGINNING_CHARACTERS; length -= 1) {
    if (ending.endsWith(whole.slice(0, length))) return length;
  }
  return 0;
}

/** The longest first: one may begin as another does. */
function spellingsOf(secrets: readonly string[]): readonly string[] {
  const spellings = secrets.flatMap((secret) => [
    secret,
    ...(secret.length < MIN_SECRET_CHARACTERS ? [] : encodingsOf(secret.toWellFormed())),
  ]);
  return [...new Set(spellings)].filter((each) => each !== '').toSorted((a, b) => b.length - a.length);
}

function encodingsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('hex'),
    ...[0, 1, 2].flatMap((before) => base64Within(bytes, before)),
  ];
}

/** Of the base64 of something that holds these bytes `before` bytes into three: the characters that depend on them alone. */
function base64Within(bytes: Buffer, before: number): readonly string[] {
  const whole = Buffer.concat([Buffer.alloc(before), bytes]);
  const [first, end] = [Math.ceil((before * 8) / 6), Math.floor((whole.length * 8) / 6)];
  return (['base64', 'base64url'] as const).map((alphabet) => whole.toString(alphabet).slice(first, end));
}

function decodeURIComponentOrSame(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
