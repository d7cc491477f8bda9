import { copyFile, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { createKeystore } from '../../signers/local-keypair/create-keystore.ts';
import { printProblem } from '../config/problem.ts';
import { GOOD, PASSPHRASE, useConfigFolder } from '../config/testing/config-folder.ts';
import { makeAuthority } from '../policy/sources/testing/certificates.ts';
import { startProblems } from './check-config.ts';

const { load, path } = useConfigFolder();
let key: string;

beforeAll(async () => {
  const create = (name: string) =>
    createKeystore({ path: path(name), passphrase: PASSPHRASE, scryptCost: 2 ** 14 }).then(({ address }) => address);
  key = await create('good.json');
  await create('another.json');
  await copyFile(path('good.json'), path('copy.json'));
  await writeFile(path('wrong'), 'not the passphrase', { mode: 0o600 });
});

async function check(text: string): Promise<readonly string[]> {
  const loaded = await load(text);
  if (loaded.kind !== 'loaded') throw new Error(loaded.problems.map((each) => printProblem('file', each)).join('\n'));
  return (await startProblems(loaded)).map((problem) => printProblem('file', problem));
}

function local(name: string, keystore: string, passphrase = 'passphrase_file: passphrase'): string {
  return `  - { name: ${name}, type: local-keypair, keystore_file: ${keystore}, ${passphrase} }\n`;
}

const vault = (name: string, more: string) =>
  `  - { name: ${name}, type: vault-transit, address: ${key}, url: 'https://vault', key: k, key_version: 1, auth: token, ${more} }\n`;

function configured(signers: string, wallets = '', relayers = ''): string {
  return GOOD.replace('main.json', 'good.json')
    .replace('relayers:\n', `${signers}relayers:\n${relayers}`)
    .replace(/$/, wallets);
}

describe('what a start would refuse, found without one', () => {
  it('is nothing where all is well', async () => {
    expect(await check(configured(local('spare', 'copy.json')))).toEqual([]);
  });

  it('is each secret and each keystore that is not there, and each that does not open, with its line', async () => {
    const signers = [
      local('a', 'gone.json'),
      local('b', 'other.json', 'passphrase_env: NOT_SET'),
      local('c', 'another.json', 'passphrase_file: wrong'),
      vault('d', 'token_file: gone'),
    ];
    expect(await check(configured(signers.join('')))).toEqual([
      expect.stringMatching(/^file:13: signers\[1\]\.keystore_file: .*gone\.json/),
      expect.stringMatching(/^file:14: signers\[2\]\.passphrase_env: .*NOT_SET is not set/),
      expect.stringMatching(/^file:15: signers\[3\]\.passphrase_file: .*its passphrase is another one/),
      expect.stringMatching(/^file:16: signers\[4\]\.token_file: .*gone/),
    ]);
  });

  it('is one key for two wallets, by whatever entries', async () => {
    const second = (signer: string) => `  - { id: second, signer: ${signer}, relayer: node }\n`;
    const twice = expect.stringMatching(/wallets\[1\]\.signer: .*treasury and second have the same key/);
    expect(await check(configured(local('copy', 'copy.json'), second('copy')))).toEqual([twice]);
    const lacking = vault('remote', 'token_env: NOT_SET');
    expect(await check(configured(lacking, second('remote')))).toContainEqual(twice);
  });

  it('is a fallback with another key', async () => {
    const wallet = 'signer_fallbacks: [other], relayer: node }';
    const text = configured(local('other', 'another.json')).replace('relayer: node }', wallet);
    expect(await check(text)).toEqual([
      expect.stringMatching(/^file:\d+: wallets\[0\]\.signer_fallbacks: .*other holds the key of .*, and main that of/),
    ]);
  });

  it('is a sponsor that pays with the key of a wallet, by another entry', async () => {
    const sponsor =
      "  - { name: gas, type: sponsor, signer: copy, relayer: node, max_per_transaction: '1 SOL', per_agent_per_day: '1 SOL', per_day: '1 SOL' }\n";
    expect(await check(configured(local('copy', 'copy.json'), '', sponsor))).toEqual([
      expect.stringMatching(/^file:\d+: relayers\[0\]\.signer: .*is that of main too/),
    ]);
  });

  it('is a key that is not of its certificate, and what is no certificate', async () => {
    const [one, two] = [makeAuthority(path(''), 'one'), makeAuthority(path(''), 'two')];
    const tls = (cert: string, keyFile: string) =>
      `token_file: passphrase, client_cert_file: ${cert}, client_key_file: ${keyFile}`;
    const kora = (cert: string, keyFile: string) =>
      `  - { name: kora, type: kora, urls: [https://k], relayer: node, client_cert_file: ${cert}, client_key_file: ${keyFile} }\n`;
    expect(
      await check(configured(vault('v', tls(one.certFile, one.keyFile)), '', kora(one.certFile, one.keyFile))),
    ).toEqual([]);
    const text = configured(vault('v', tls(one.certFile, two.keyFile)), '', kora(one.certFile, two.keyFile));
    expect(await check(text)).toEqual([
      expect.stringMatching(/signers\[1\]\.client_key_file: .*not of the certificate/),
      expect.stringMatching(/relayers\[0\]\.client_key_file: .*not of the certificate/),
    ]);
    const remote = (keyFile: string) =>
      `  - { name: r, type: remote, address: ${key}, target: 'h:1', key: k, ca_file: ${one.certFile}, client_cert_file: ${one.certFile}, client_key_file: ${keyFile} }\n`;
    expect(await check(configured(remote(one.keyFile)))).toEqual([]);
    expect(await check(configured(remote(two.keyFile)))).toEqual([
      expect.stringMatching(/signers\[1\]\.client_key_file: .*is not the key of/),
    ]);
    expect(await check(configured(vault('v', tls('passphrase', one.keyFile))))).toEqual([
      expect.stringMatching(/signers\[1\]\.client_cert_file: .*no certificate/),
    ]);
  });
});
