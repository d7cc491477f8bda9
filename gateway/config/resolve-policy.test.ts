import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { GOOD, POLICY, useConfigFolder } from './testing/config-folder.ts';

const { path, loaded, problems } = useConfigFolder();

const EC = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const ED25519 = generateKeyPairSync('ed25519');

beforeAll(async () => {
  const pem = (key: typeof EC.publicKey) => key.export({ type: 'spki', format: 'pem' });
  await writeFile(path('ec.pub'), pem(EC.publicKey));
  await writeFile(path('ed25519.pub'), pem(ED25519.publicKey));
  await writeFile(path('small.pub'), pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey));
  await writeFile(path('k1.pub'), pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey));
  await writeFile(path('private.pem'), EC.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(path('huge.pub'), 'x'.repeat(20_000));
  for (const name of ['token', 'ssh-key', 'known-hosts', 'signers']) await writeFile(path(name), 'x', { mode: 0o600 });
  await writeFile(path('built.tar.gz'), '');
  await writeFile(path('built.zip'), '');
});

const config = (source: string, signatures: string) =>
  GOOD.replace(POLICY, `policy:\n  source: { ${source} }\n  signatures: { ${signatures} }\n`);
const KEYS = 'keys: [{ id: release, algorithm: ES256, public_key_file: ec.pub }]';
const policyOf = async (source: string, signatures: string) => (await loaded(config(source, signatures))).policy;

/** The problems, each without the name of the file. */
async function refusals(source: string, signatures: string): Promise<readonly string[]> {
  return (await problems(config(source, signatures))).map((problem) => problem.replace(/^file:\d+: policy\./, ''));
}

const HTTPS = 'type: git, url: "https://git.example.com/p.git", branch: main';
const SSH = 'type: git, url: "ssh://git@git.example.com/p.git", branch: main';
const BUILT = 'path: dist/policies.tar.gz';

describe('policy.source', () => {
  it('may be a folder or an archive', async () => {
    const { source } = await policyOf('type: directory, path: built.tar.gz', KEYS);
    expect(source).toEqual({ kind: 'directory', path: path('built.tar.gz') });
  });

  it('may be a branch of a Git repository with sources, whose commits are signed', async () => {
    const { source, signatures } = await policyOf(`${HTTPS}, token_file: token, allowed_signers_file: signers`, '');
    expect(source).toEqual({
      kind: 'git',
      url: 'https://git.example.com/p.git',
      ref: { kind: 'branch', name: 'main' },
      path: '',
      holds: 'sources',
      pollIntervalMs: 5_000,
      login: { kind: 'token', username: 'x-access-token', tokenFile: path('token') },
      caFile: null,
      allowedSignersFile: path('signers'),
    });
    expect(signatures).toEqual({ keys: [], allowUnsigned: false });
  });

  it('may be a built bundle at a tag, reached by ssh', async () => {
    const keys = 'ssh_key_file: ssh-key, known_hosts_file: known-hosts';
    const { source } = await policyOf(`${SSH.replace('branch: main', 'tag: live')}, ${BUILT}, ${keys}`, KEYS);
    expect(source).toMatchObject({
      ref: { kind: 'tag', name: 'live' },
      path: 'dist/policies.tar.gz',
      holds: 'bundle',
      login: { kind: 'ssh', keyFile: path('ssh-key'), knownHostsFile: path('known-hosts') },
    });
  });

  it('may be a repository on this machine', async () => {
    const { source } = await policyOf(`type: git, url: "file:///srv/p.git", branch: release/1.x, ${BUILT}`, KEYS);
    expect(source).toMatchObject({ ref: { name: 'release/1.x' }, login: { kind: 'none' } });
  });

  it('may be a bundle server that the gateway shows a certificate to', async () => {
    const files = 'client_cert_file: cert.pem, client_key_file: passphrase, ca_file: cert.pem, token_file: token';
    const { source } = await policyOf(`type: http, url: "https://b.example.com/p.tar.gz", ${files}`, KEYS);
    expect(source).toEqual({
      kind: 'http',
      url: 'https://b.example.com/p.tar.gz',
      longPollSeconds: 30,
      pollIntervalMs: 5_000,
      tokenFile: path('token'),
      client: { certFile: path('cert.pem'), keyFile: path('passphrase') },
      caFile: path('cert.pem'),
    });
  });

  it('may be plain http on loopback, and elsewhere where the file says so and bundles are signed', async () => {
    for (const host of ['127.0.0.1:8181', 'localhost', '[::1]:80']) {
      expect(await refusals(`type: http, url: "http://${host}/p"`, 'allow_unsigned: true')).toEqual([]);
    }
    expect(await refusals('type: http, url: "http://bundles/p", allow_plain_http: true', KEYS)).toEqual([]);
  });

  it('can be given by the environment', async () => {
    const env = {
      COUNTERSIGN_POLICY_SOURCE_PATH: path('built.tar.gz'),
      COUNTERSIGN_POLICY_SIGNATURES_ALLOW_UNSIGNED: 'true',
    };
    const { policy } = await loaded(config('type: directory', ''), env);
    expect(policy).toMatchObject({ source: { path: path('built.tar.gz') }, signatures: { allowUnsigned: true } });
  });

  it.each([
    ['path: bundle', 'source.type: is missing: must be one of directory, git, http'],
    ['type: ftp', 'source.type: must be one of directory, git, http'],
    ['type: directory', 'source.path: is missing: The bundle: a .tar.gz file'],
    ['type: directory, path: gone', 'source.path: there is no folder or .tar.gz file'],
    ['type: directory, path: built.zip', 'must be a folder or a .tar.gz file'],
    ['type: directory, path: bundle, url: x', 'source.url: unknown key; known here are type, path'],
    ['type: http', 'source.url: is missing: URL of the bundle'],
    ['type: http, url: "https://u:p@h/b"', 'source.url: seems to hold a secret'],
    ['type: http, url: "https://h/b?sig=abc"', 'source.url: seems to hold a secret'],
    ['type: http, url: "ftp://h/b"', 'source.url: is not a URL of the kind https://bundles.example.com'],
    ['type: http, url: "http://bundles/b"', 'source.url: would carry the policy in the clear'],
    ['type: http, url: "http://127.0.0.1.example.com/b"', 'source.url: would carry the policy in the clear'],
    [
      'type: http, url: "https://h/b", client_cert_file: cert.pem',
      'source: needs client_cert_file and client_key_file',
    ],
    ['type: http, url: "https://h/b", token_file: open', 'source.token_file: everybody on this machine may open'],
    ['type: http, url: "https://h/b", token_file: gone', 'source.token_file: '],
    ['type: http, url: "https://h/b", ca_file: gone', 'source.ca_file: '],
    ['type: http, url: "https://h/b", poll_interval_ms: 100', 'source.poll_interval_ms: must be at least 200'],
    ['type: http, url: "https://h/b", poll_intervall_ms: 9000', 'unknown key; did you mean poll_interval_ms?'],
    [`type: git, url: "git@git.example.com:p.git", branch: main, ${BUILT}`, '(for git@git.example.com:policies.git)'],
    [`type: git, url: "https://h/p.git", ${BUILT}`, 'source: needs branch or tag'],
    [`${HTTPS}, tag: v1, ${BUILT}`, 'source.tag: give branch or tag, not both'],
    [`${HTTPS.replace('https://', 'https://token@')}, ${BUILT}`, 'source.url: seems to hold a secret'],
    [`${HTTPS.replace('https', 'http')}, ${BUILT}`, 'source.url: would carry the policy in the clear'],
    [`${HTTPS}, ${BUILT}, ssh_key_file: ssh-key`, 'source.ssh_key_file: is for ssh; the URL is https'],
    [`${SSH}, ${BUILT}`, 'source: needs ssh_key_file, and known_hosts_file'],
    [`${SSH}, ${BUILT}, ssh_key_file: open, known_hosts_file: known-hosts`, 'source.ssh_key_file: everybody'],
    [
      `${SSH}, ${BUILT}, ssh_key_file: ssh-key, known_hosts_file: known-hosts, token_file: token`,
      'source.token_file: is for https; the URL is ssh',
    ],
    [
      `${SSH.replace('git.example.com', '-oProxyCommand=x')}, ${BUILT}, ssh_key_file: ssh-key, known_hosts_file: signers`,
      'source.url: is not a URL of the kind ssh://',
    ],
    [`type: git, url: "file://srv/p.git", branch: main, ${BUILT}`, 'source.url: must have three slashes'],
    [
      `type: git, url: "file:///p", branch: main, ${BUILT}, token_file: token`,
      'is not for a repository on this machine',
    ],
    ...['-x', 'a..b', 'a/', 'a.lock', 'a b', 'a^', '@{u}', '', 'a//b', 'refs~1'].map((name): [string, string] => [
      `${HTTPS.replace('main', JSON.stringify(name))}, ${BUILT}`,
      'source.branch: must be the name of a branch or tag alone',
    ]),
    ...['/etc', '../x', 'a/../b', 'a//b', 'a\\\\b', './a', 'a/'].map((name): [string, string] => [
      `${HTTPS}, path: "${name}"`,
      'source.path: must be a path in the repository',
    ]),
  ])('is refused with %s', async (source, message) => {
    const found = await refusals(source, KEYS);
    expect(found[0]).toContain(message);
    expect(found).toHaveLength(1);
  });
});

describe('policy.signatures', () => {
  const DIRECTORY = 'type: directory, path: bundle';

  it('holds keys, of which several may be in force at once', async () => {
    const more =
      'keys: [{ id: old, algorithm: ES256, public_key_file: ec.pub }, { id: new, algorithm: EdDSA, public_key_file: ed25519.pub, scope: write }]';
    const { signatures } = await policyOf(DIRECTORY, more);
    expect(signatures).toEqual({
      keys: [
        {
          id: 'old',
          algorithm: 'ES256',
          publicKeyPem: EC.publicKey.export({ type: 'spki', format: 'pem' }),
          scope: null,
        },
        {
          id: 'new',
          algorithm: 'EdDSA',
          publicKeyPem: ED25519.publicKey.export({ type: 'spki', format: 'pem' }),
          scope: 'write',
        },
      ],
      allowUnsigned: false,
    });
  });

  it('must name keys, or say in so many words that there are none', async () => {
    const [problem, ...others] = await refusals(DIRECTORY, '');
    expect(problem).toBe(
      'signatures: needs keys, one of which each bundle must be signed by; or allow_unsigned: true, if whoever can write to the source may decide what is signed',
    );
    expect(others).toEqual([]);
    expect(await refusals(DIRECTORY, 'allow_unsigned: true')).toEqual([]);
    expect(await refusals(DIRECTORY, 'allow_unsigned: "true"')).toEqual([
      'signatures.allow_unsigned: must be true or false; it is text',
    ]);
  });

  it('is never left to the keys of bundles where there are only sources', async () => {
    expect((await refusals(HTTPS, KEYS))[0]).toContain('give allowed_signers_file');
    expect((await refusals(HTTPS, ''))[0]).toContain('needs policy.source.allowed_signers_file');
    expect(await refusals(HTTPS, 'allow_unsigned: true')).toEqual([]);
    expect((await refusals(`${HTTPS}, ${BUILT}, allowed_signers_file: signers`, ''))[0]).toContain('needs keys');
  });

  it('is refused where keys stand and need not be used, or anybody on the way could write the policy', async () => {
    expect((await refusals(DIRECTORY, `${KEYS}, allow_unsigned: true`))[0]).toContain('lets in what none of the keys');
    const open = 'type: http, url: "http://bundles/p", allow_plain_http: true';
    expect((await refusals(open, 'allow_unsigned: true'))[0]).toContain('anybody on the way could write the policy');
  });

  it.each([
    ['ES256', 'gone.pub', 'cannot be read (ENOENT)'],
    ['ES256', 'huge.pub', 'has 20000 bytes'],
    ['ES256', 'private.pem', 'it is a private key'],
    ['ES256', 'token', 'it cannot be read as PEM'],
    ['ES256', 'ed25519.pub', 'ES256 needs a key of the curve P-256'],
    ['ES256', 'k1.pub', 'ES256 needs a key of the curve P-256'],
    ['EdDSA', 'ec.pub', 'EdDSA needs an Ed25519 key'],
    ['RS256', 'small.pub', 'RS256 needs an RSA key of at least 2048 bits'],
    ['HS256', 'ec.pub', 'algorithm: must be one of ES256, EdDSA, RS256'],
  ])('refuses for %s the key of %s', async (algorithm, file, message) => {
    const found = await refusals(DIRECTORY, `keys: [{ id: k, algorithm: ${algorithm}, public_key_file: ${file} }]`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('signatures.keys[0].');
    expect(found[0]).toContain(message);
  });

  it('refuses an id that is given twice', async () => {
    const twice =
      'keys: [{ id: k, algorithm: ES256, public_key_file: ec.pub }, { id: k, algorithm: EdDSA, public_key_file: ed25519.pub }]';
    expect(await refusals(DIRECTORY, twice)).toEqual([
      'signatures.keys[1].id: is that of keys[0] too; it must be of one only',
    ]);
  });
});
