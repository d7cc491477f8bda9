// Owns the URLs that policies are fetched from, and how the gateway shows a Git server who it is.
import type { GitLogin } from '../policy/sources/source-config.ts';
import { isLoopback } from '../rpc/listen-address.ts';
import { unreadable } from './file-checks.ts';
import type { PolicySection } from './policy-schema.ts';
import type { KeyPath } from './problem.ts';
import type { SectionReader } from './section-reader.ts';

type Remote = Exclude<PolicySection['source'], { type: 'directory' }>;
type GitSection = Extract<Remote, { type: 'git' }>;

/** What may stand beside a URL of each kind. */
const KEYS_OF_HTTPS = ['token_file', 'ca_file', 'allow_plain_http'] as const;
const KEYS_OF_SSH = ['ssh_key_file', 'known_hosts_file'] as const;

/** `undefined`, with a problem, where the URL cannot be used. */
export function checkSourceUrl(
  reader: SectionReader,
  at: KeyPath,
  source: Remote,
  protocols: readonly string[],
  example: string,
): URL | undefined {
  const path = [...at, 'url'];
  const url = /^[\x21-\x5b\x5d-\x7e]+$/.test(source.url) ? URL.parse(source.url) : null;
  if (url === null || !protocols.includes(url.protocol)) {
    return reader.refuse(path, `is not a URL of the kind ${example}`);
  }
  const userMayStandThere = url.protocol === 'ssh:';
  if (url.password !== '' || url.search !== '' || url.hash !== '' || (url.username !== '' && !userMayStandThere)) {
    return reader.refuse(path, 'seems to hold a secret: put it into a file and name that in token_file');
  }
  if (isOpenPlaintext(source) && !source.allow_plain_http) {
    return reader.refuse(
      path,
      'would carry the policy in the clear: take https; or set allow_plain_http to true where only signed bundles come and the network is yours',
    );
  }
  return url;
}

/** Whether others could listen in, and answer. */
export function isOpenPlaintext(source: PolicySection['source']): boolean {
  const url = source.type === 'directory' ? null : URL.parse(source.url);
  return url !== null && url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1'));
}

export async function resolveGitLogin(
  reader: SectionReader,
  at: KeyPath,
  source: GitSection,
): Promise<GitLogin | undefined> {
  const url = checkSourceUrl(
    reader,
    at,
    source,
    ['https:', 'http:', 'ssh:', 'file:'],
    'https://git.example.com/policies.git, ssh://git@git.example.com/policies.git (for git@git.example.com:policies.git) or file:///srv/policies.git',
  );
  if (url === undefined) return undefined;
  switch (url.protocol) {
    case 'ssh:':
      refuseKeys(reader, at, source, KEYS_OF_HTTPS, 'is for https; the URL is ssh');
      return sshLogin(reader, at, source, url);
    case 'file:':
      refuseKeys(reader, at, source, [...KEYS_OF_HTTPS, ...KEYS_OF_SSH], 'is not for a repository on this machine');
      if (url.host !== '')
        return reader.refuse([...at, 'url'], 'must have three slashes, such as file:///srv/policies.git');
      return { kind: 'none' };
    default:
      refuseKeys(reader, at, source, KEYS_OF_SSH, 'is for ssh; the URL is https');
      return tokenLogin(reader, at, source);
  }
}

function refuseKeys(
  reader: SectionReader,
  at: KeyPath,
  source: GitSection,
  keys: readonly (keyof GitSection)[],
  message: string,
): void {
  for (const key of keys) {
    if (source[key] !== undefined && source[key] !== false) reader.refuse([...at, key], message);
  }
}

async function sshLogin(
  reader: SectionReader,
  at: KeyPath,
  { ssh_key_file, known_hosts_file }: GitSection,
  { hostname, username }: URL,
): Promise<GitLogin | undefined> {
  if (ssh_key_file === undefined || known_hosts_file === undefined) {
    return reader.refuse(
      at,
      'needs ssh_key_file, and known_hosts_file with the keys of the server (ssh-keyscan prints them)',
    );
  }
  // What begins with a dash would be an option of ssh.
  if (hostname === '' || hostname.startsWith('-') || username.startsWith('-')) {
    return reader.refuse([...at, 'url'], 'is not a URL of the kind ssh://git@git.example.com/policies.git');
  }
  const keyFile = reader.absolute([...at, 'ssh_key_file'], ssh_key_file);
  const knownHostsFile = reader.absolute([...at, 'known_hosts_file'], known_hosts_file);
  reader.note([...at, 'known_hosts_file'], await unreadable(knownHostsFile));
  const key = await reader.secretFrom([...at, 'ssh_key_file'], ssh_key_file);
  return key === undefined ? undefined : { kind: 'ssh', keyFile, knownHostsFile };
}

async function tokenLogin(
  reader: SectionReader,
  at: KeyPath,
  { token_file, username }: GitSection,
): Promise<GitLogin | undefined> {
  if (token_file === undefined) return { kind: 'none' };
  const token = await reader.secretFrom([...at, 'token_file'], token_file);
  if (token === undefined) return undefined;
  return { kind: 'token', username, tokenFile: reader.absolute([...at, 'token_file'], token_file) };
}
