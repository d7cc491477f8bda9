// Owns URLs that may hold a secret: where they may stand, and what a good one looks like.
import type { KeyPath } from './problem.ts';
import { Secret } from './secret.ts';
import type { SectionReader } from './section-reader.ts';

interface UrlKind {
  readonly protocols: readonly string[];
  readonly example: string;
  /** What shows that it holds a secret; such a URL must not stand in the YAML file. */
  holdsSecret(url: URL): boolean;
}

export const POSTGRES_URL: UrlKind = {
  protocols: ['postgres:', 'postgresql:'],
  example: 'postgres://countersign@localhost:5432/countersign',
  holdsSecret: (url) => url.password !== '' || url.searchParams.has('password'),
};

export const RPC_URL: UrlKind = {
  protocols: ['http:', 'https:'],
  example: 'https://api.devnet.solana.com',
  holdsSecret: (url) => url.username !== '' || url.password !== '' || url.search !== '',
};

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
  const url = URL.parse(secret.reveal());
  if (url === null || !kind.protocols.includes(url.protocol)) {
    return reader.refuse(path, `${subject}is not a URL of the kind ${kind.example}`);
  }
  const inYaml = subject === '' && !reader.isFromEnvironment(path);
  if (inYaml && kind.holdsSecret(url)) {
    return reader.refuse(
      path,
      `seems to hold a secret: put it into a file and name that in ${String(path.at(-1))}_file`,
    );
  }
  return secret;
}
