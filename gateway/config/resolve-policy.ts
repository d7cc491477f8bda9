// Owns the resolution of the policy's source, and of whose signature its bundles need.
import type { BundleKey } from '../policy/bundle/bundle-key.ts';
import type { GitSourceConfig, HttpSourceConfig, PolicySourceConfig } from '../policy/sources/source-config.ts';
import type { PolicyConfig } from './config.ts';
import { notBundlePath, unreadable } from './file-checks.ts';
import type { PolicySection } from './policy-schema.ts';
import type { KeyPath } from './problem.ts';
import { readBundleKey } from './public-key-file.ts';
import { checkSourceUrl, isOpenPlaintext, resolveGitLogin } from './resolve-git-login.ts';
import type { SectionReader } from './section-reader.ts';

type Source = PolicySection['source'];
type GitSection = Extract<Source, { type: 'git' }>;
type HttpSection = Extract<Source, { type: 'http' }>;

const SOURCE = ['policy', 'source'];
const SIGNATURES = ['policy', 'signatures'];

export async function resolvePolicy(
  reader: SectionReader,
  { source: section, signatures }: PolicySection,
): Promise<PolicyConfig | undefined> {
  const source = await resolveSource(reader, section);
  const keys = await resolveKeys(reader, signatures.keys);
  refuseUnguarded(reader, section, signatures);
  if (source === undefined || keys === undefined) return undefined;
  return { source, signatures: { keys, allowUnsigned: signatures.allow_unsigned } };
}

async function resolveSource(reader: SectionReader, source: Source): Promise<PolicySourceConfig | undefined> {
  switch (source.type) {
    case 'directory': {
      const path = reader.absolute([...SOURCE, 'path'], source.path);
      reader.note([...SOURCE, 'path'], await notBundlePath(path));
      return { kind: 'directory', path };
    }
    case 'git':
      return resolveGit(reader, source);
    case 'http':
      return resolveHttpSource(reader, source);
  }
}

async function resolveGit(reader: SectionReader, source: GitSection): Promise<GitSourceConfig | undefined> {
  const { branch, tag, path, poll_interval_ms } = source;
  if (branch !== undefined && tag !== undefined) {
    return reader.refuse([...SOURCE, 'tag'], 'give branch or tag, not both');
  }
  const name = branch ?? tag;
  if (name === undefined) return reader.refuse(SOURCE, 'needs branch or tag, such as branch: main');
  const login = await resolveGitLogin(reader, SOURCE, source);
  const caFile = await optionalFile(reader, 'ca_file', source.ca_file);
  const allowedSignersFile = await optionalFile(reader, 'allowed_signers_file', source.allowed_signers_file);
  if (login === undefined) return undefined;
  return {
    kind: 'git',
    url: source.url,
    ref: { kind: branch === undefined ? 'tag' : 'branch', name },
    path: path === '.' ? '' : path,
    holds: holdsSources(source) ? 'sources' : 'bundle',
    pollIntervalMs: poll_interval_ms,
    login,
    caFile,
    allowedSignersFile,
  };
}

async function resolveHttpSource(reader: SectionReader, source: HttpSection): Promise<HttpSourceConfig | undefined> {
  const { client_cert_file, client_key_file } = source;
  const url = checkSourceUrl(
    reader,
    SOURCE,
    source,
    ['https:', 'http:'],
    'https://bundles.example.com/policies.tar.gz',
  );
  const tokenFile = await optionalSecret(reader, 'token_file', source.token_file);
  const certFile = await optionalFile(reader, 'client_cert_file', client_cert_file);
  const keyFile = await optionalSecret(reader, 'client_key_file', client_key_file);
  const caFile = await optionalFile(reader, 'ca_file', source.ca_file);
  if ((certFile === null) !== (keyFile === null)) {
    return reader.refuse(SOURCE, 'needs client_cert_file and client_key_file, both or neither');
  }
  if (url === undefined) return undefined;
  return {
    kind: 'http',
    url: source.url,
    longPollSeconds: source.long_poll_seconds,
    pollIntervalMs: source.poll_interval_ms,
    tokenFile,
    client: certFile === null || keyFile === null ? null : { certFile, keyFile },
    caFile,
  };
}

async function optionalFile(reader: SectionReader, key: string, file: string | undefined): Promise<string | null> {
  if (file === undefined) return null;
  const path = [...SOURCE, key];
  const absolute = reader.absolute(path, file);
  reader.note(path, await unreadable(absolute));
  return absolute;
}

/** The file is read when it is used; that it can be is seen here. */
async function optionalSecret(reader: SectionReader, key: string, file: string | undefined): Promise<string | null> {
  if (file === undefined) return null;
  await reader.secretFrom([...SOURCE, key], file);
  return reader.absolute([...SOURCE, key], file);
}

async function resolveKeys(
  reader: SectionReader,
  keys: PolicySection['signatures']['keys'],
): Promise<readonly BundleKey[] | undefined> {
  const resolved: BundleKey[] = [];
  for (const [n, { id, algorithm, public_key_file, scope }] of keys.entries()) {
    const path = [...SIGNATURES, 'keys', n];
    const first = keys.findIndex((other) => other.id === id);
    if (first < n) reader.refuse([...path, 'id'], `is that of keys[${first}] too; it must be of one only`);
    const filePath: KeyPath = [...path, 'public_key_file'];
    const file = reader.absolute(filePath, public_key_file);
    const read = await readBundleKey(file, { id, algorithm, scope: scope ?? null });
    if (typeof read === 'string') reader.refuse(filePath, read);
    else resolved.push(read);
  }
  return resolved.length === keys.length ? resolved : undefined;
}

function holdsSources(source: Source): boolean {
  return source.type === 'git' && !source.path.endsWith('.tar.gz');
}

/** Every way in must be guarded by a signature, or be said in so many words to be open. */
function refuseUnguarded(
  reader: SectionReader,
  source: Source,
  { keys, allow_unsigned }: PolicySection['signatures'],
): undefined {
  const allowUnsigned = [...SIGNATURES, 'allow_unsigned'];
  if (allow_unsigned && keys.length > 0) {
    return reader.refuse(allowUnsigned, 'lets in what none of the keys signed; take it away, or the keys');
  }
  if (allow_unsigned && isOpenPlaintext(source)) {
    return reader.refuse(
      allowUnsigned,
      'is true and the source is plain http: anybody on the way could write the policy; give keys',
    );
  }
  const commitsAreSigned = source.type === 'git' && source.allowed_signers_file !== undefined;
  if (allow_unsigned || (holdsSources(source) && commitsAreSigned)) return undefined;
  if (holdsSources(source) && keys.length > 0) {
    return reader.refuse(
      SOURCE,
      'holds sources, and the signature of sources is that of their commit: give allowed_signers_file; or let path name a built bundle',
    );
  }
  if (keys.length > 0) return undefined;
  const more = holdsSources(source)
    ? 'needs policy.source.allowed_signers_file, so that commits need a signature;'
    : 'needs keys, one of which each bundle must be signed by;';
  return reader.refuse(
    SIGNATURES,
    `${more} or allow_unsigned: true, if whoever can write to the source may decide what is signed`,
  );
}
