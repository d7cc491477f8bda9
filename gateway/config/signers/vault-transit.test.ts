import { describe, expect, it } from 'vitest';
import { GOOD, useConfigFolder } from '../testing/config-folder.ts';

const { path, loaded, problems } = useConfigFolder();

const ADDRESS = '4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T';

/** A configuration whose only signer is this entry: lines of YAML. */
function withVault(...lines: readonly string[]): string {
  const entry = ['name: main', 'type: vault-transit', `address: ${ADDRESS}`, 'key: wallet', 'key_version: 3', ...lines];
  return GOOD.replace(/signers:\n(?: {2}.*\n)+/, `signers:\n  - ${entry.join('\n    ')}\n`);
}

const URL_LINE = 'url: https://vault.example.com:8200';

describe('a signer of the type vault-transit', () => {
  it('logs in with the token of a file, in the root namespace', async () => {
    const { signers } = await loaded(withVault(URL_LINE, 'auth: token', 'token_file: passphrase'));
    expect(signers).toEqual([
      {
        kind: 'vault-transit',
        name: 'main',
        address: ADDRESS,
        timeoutMs: null,
        maxInFlight: 64,
        maxWaiting: 256,
        url: 'https://vault.example.com:8200',
        namespace: null,
        mount: 'transit',
        key: 'wallet',
        keyVersion: 3,
        login: { kind: 'token', token: { kind: 'file', path: path('passphrase') }, field: 'token_file' },
        tls: { ca: null, client: null },
      },
    ]);
  });

  it('logs in by AppRole, with certificates of its own', async () => {
    const login = ['auth: approle', 'role_id: gateway', 'secret_id_file: passphrase', 'auth_mount: teams/approle'];
    const tls = ['ca_file: cert.pem', 'client_cert_file: cert.pem', 'client_key_file: passphrase'];
    const { signers } = await loaded(withVault(URL_LINE, 'namespace: team/a', 'mount: keys/transit', ...login, ...tls));
    expect(signers).toMatchObject([
      {
        namespace: 'team/a',
        mount: 'keys/transit',
        login: { kind: 'approle', mount: 'teams/approle', roleId: 'gateway', field: 'secret_id_file' },
        tls: { ca: '', client: { cert: '' } },
      },
    ]);
  });

  it.each([
    ['secret_id', 'auth: approle'],
    ['token', 'auth: token'],
    ['Token', 'auth: token'],
  ])('is told where %s goes, which stands in no configuration', async (key, auth) => {
    const found = await problems(withVault(URL_LINE, auth, `${key}: hunter2`));
    const name = key.toLowerCase();
    expect(found).toContainEqual(
      expect.stringContaining(`signers[0].${key}: unknown key; did you mean ${name}_file or ${name}_env?`),
    );
    expect(found.join()).not.toContain('hunter2');
  });

  it('may have a slash behind its server', async () => {
    const { signers } = await loaded(withVault(`${URL_LINE}/`, 'auth: token', 'token_file: passphrase'));
    expect(signers).toMatchObject([{ url: 'https://vault.example.com:8200/' }]);
  });

  it('logs in by Kubernetes, with a token that others may read', async () => {
    const { signers } = await loaded(withVault(URL_LINE, 'auth: kubernetes', 'role: gateway', 'jwt_file: open'));
    const login = { kind: 'kubernetes', mount: 'kubernetes', role: 'gateway', jwtFile: path('open') };
    expect(signers).toMatchObject([{ login }]);
  });

  it.each([
    ['url: http://vault.example.com:8200', 'signers[0].url: would send credentials in the clear'],
    ['url: https://user:word@vault.example.com', 'signers[0].url: must be a URL without user, password'],
    ['url: vault.example.com', 'signers[0].url: is not a URL of the kind https://vault.example.com:8200'],
    [
      'url: https://vault.example.com:8200/v1',
      'signers[0].url: must be the URL of the server alone, without the path /v1: https://vault.example.com:8200',
    ],
  ])('is refused with %s', async (line, problem) => {
    const found = await problems(withVault(line, 'auth: token', 'token_file: passphrase'));
    expect(found).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    [['auth: token'], 'signers[0]: needs token_file or token_env'],
    [['auth: token', 'token_file: passphrase', 'role: x'], 'signers[0].role: is not for auth: token'],
    [['auth: token', 'token_file: passphrase', 'auth_mount: x'], 'signers[0].auth_mount: is not for auth: token'],
    [['auth: approle', 'secret_id_file: passphrase'], 'signers[0]: needs role_id with auth: approle'],
    [['auth: approle', 'role_id: x'], 'signers[0]: needs secret_id_file or secret_id_env'],
    [['auth: kubernetes', 'jwt_file: open'], 'signers[0]: needs role with auth: kubernetes'],
    [['auth: token', 'token_file: passphrase', 'mount: /transit'], 'signers[0].mount: must be a path in Vault'],
    [
      ['auth: token', 'token_file: passphrase', 'client_key_file: passphrase'],
      'signers[0]: needs client_cert_file and',
    ],
    [['auth: password'], 'signers[0].auth:'],
  ])('is refused with %j', async (lines, problem) => {
    const found = await problems(withVault(URL_LINE, ...lines));
    expect(found).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    [['auth: kubernetes', 'role: x'], 'jwt_file'],
    [['auth: token', 'token_file: passphrase', 'ca_file: gone.pem'], 'ca_file'],
    [['auth: token', 'token_file: gone'], 'token_file'],
  ])('is lacking, and nothing else is, with %j', async (lines, field) => {
    const { signers, lackingSigners } = await loaded(withVault(URL_LINE, ...lines));
    expect([signers, lackingSigners]).toMatchObject([[], [{ name: 'main', field }]]);
  });
});
