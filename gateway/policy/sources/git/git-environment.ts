// Owns what git may see and do: no configuration but this, no prompt, no hook, one protocol, and secrets only where others cannot see
// them.
import type { GitSourceConfig } from '../source-config.ts';
import { readToken } from '../token-file.ts';

export interface GitEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** What git was given and must not be shown. */
  readonly secrets: readonly string[];
}

type Settings = readonly (readonly [key: string, value: string])[];

/** Blobs above it are never held in memory as a whole while a pack is checked. */
const STREAMED_ABOVE = '32m';

const ALWAYS: Settings = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.symlinks', 'false'],
  ['core.attributesFile', '/dev/null'],
  ['core.bigFileThreshold', STREAMED_ABOVE],
  ['credential.helper', ''],
  // One file for all that is fetched: its size has a bound.
  ['fetch.unpackLimit', '1'],
  ['fetch.recurseSubmodules', 'false'],
  ['fetch.writeCommitGraph', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['http.followRedirects', 'false'],
  // Bytes a second, and seconds.
  ['http.lowSpeedLimit', '100'],
  ['http.lowSpeedTime', '20'],
  ['pack.threads', '1'],
  ['protocol.version', '2'],
  ['submodule.recurse', 'false'],
  ['transfer.bundleURI', 'false'],
  ['transfer.fsckObjects', 'true'],
];

/** `work`: a folder of the source's own. Throws an Error where the token cannot be read. */
export async function gitEnvironment(source: GitSourceConfig, work: string): Promise<GitEnvironment> {
  const token = source.login.kind === 'token' ? await readToken(source.login.tokenFile) : null;
  const login = token === null || source.login.kind !== 'token' ? null : basic(source.login.username, token);
  const settings: Settings = [
    ...ALWAYS,
    ...signatureSettings(source.allowedSignersFile),
    ...(source.caFile === null ? [] : [['http.sslCAInfo', source.caFile] as const]),
    ...(login === null
      ? []
      : [[`http.${new URL(source.url).origin}/.extraHeader`, `Authorization: Basic ${login}`] as const]),
  ];
  const variables = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: work,
    TMPDIR: work,
    LC_ALL: 'C',
    GIT_ALLOW_PROTOCOL: new URL(source.url).protocol.replace(':', ''),
    GIT_ASKPASS: 'false',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_SSH_COMMAND: sshCommand(source.login),
    GIT_TERMINAL_PROMPT: '0',
    ...asVariables(settings),
  };
  return { variables, secrets: [token, login].filter((secret) => secret !== null) };
}

/** Commits that are signed in another way count as not signed. */
function signatureSettings(allowedSignersFile: string | null): Settings {
  return [
    ['gpg.program', 'false'],
    ['gpg.x509.program', 'false'],
    ['gpg.ssh.program', 'ssh-keygen'],
    ['gpg.minTrustLevel', 'fully'],
    ['gpg.ssh.allowedSignersFile', allowedSignersFile ?? '/dev/null'],
  ];
}

function basic(username: string, token: string): string {
  return Buffer.from(`${username}:${token}`).toString('base64');
}

/** In the environment, because arguments are shown to everybody on the machine. */
function asVariables(settings: Settings): Readonly<Record<string, string>> {
  const pairs = settings.flatMap(([key, value], n) => [
    [`GIT_CONFIG_KEY_${n}`, key],
    [`GIT_CONFIG_VALUE_${n}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(pairs) };
}

function sshCommand(login: GitSourceConfig['login']): string {
  // git would run it for URLs that are not ssh too; there it must do nothing.
  if (login.kind !== 'ssh') return 'false';
  const options = [
    'BatchMode=yes',
    'ClearAllForwardings=yes',
    'ConnectTimeout=10',
    'GlobalKnownHostsFile=/dev/null',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'PasswordAuthentication=no',
    'ServerAliveCountMax=2',
    'ServerAliveInterval=10',
    'StrictHostKeyChecking=yes',
    'UpdateHostKeys=no',
    `IdentityFile=${sshPath(login.keyFile)}`,
    `UserKnownHostsFile=${sshPath(login.knownHostsFile)}`,
  ];
  return ['ssh', '-F', '/dev/null', ...options.flatMap((option) => ['-o', option])].map(shellWord).join(' ');
}

/** In quotes and without a pattern, as in ssh_config(5). */
function sshPath(file: string): string {
  return `"${file.replaceAll('%', '%%').replace(/["\\]/g, '\\$&')}"`;
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
