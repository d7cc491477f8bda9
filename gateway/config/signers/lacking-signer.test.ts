import { chmod, rm, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { GOOD, useConfigFolder } from '../testing/config-folder.ts';

const { loaded, problems, path } = useConfigFolder();

const ADDRESS = '7KqpRwzkkeweW5jQoETyLzhvs9rcCj9dVQ1MnzudirsM';
const VAULT = `{ name: vault, type: vault-transit, address: ${ADDRESS}, url: 'https://vault', key: k, key_version: 1, auth: token`;

it('a keystore that is not there does not stop the others', async () => {
  const { signers, lackingSigners } = await loaded(GOOD.replace('main.json', 'gone.json'));
  expect(signers).toEqual([]);
  expect(lackingSigners).toEqual([
    {
      kind: 'lacking',
      name: 'main',
      backend: 'local-keypair',
      address: null,
      keystoreFile: path('gone.json'),
      field: 'keystore_file',
      reason: expect.stringContaining('ENOENT'),
      again: expect.any(Function),
    },
  ]);
});

it.each([
  ['passphrase_file: passphrase', 'passphrase_file: gone', 'passphrase_file'],
  ['passphrase_file: passphrase', 'passphrase_env: NOT_SET', 'passphrase_env'],
])('a passphrase that is not there (%s → %s) is named by its key', async (now, then, field) => {
  const { lackingSigners } = await loaded(GOOD.replace(now, then));
  expect(lackingSigners).toMatchObject([{ name: 'main', field, keystoreFile: path('main.json') }]);
});

it('a remote signer without its secret keeps its address, and the others work', async () => {
  const text = GOOD.replace('relayers:', `  - ${VAULT}, token_env: NOT_SET }\nrelayers:`);
  const { signers, lackingSigners } = await loaded(text);
  expect(signers).toMatchObject([{ name: 'main' }]);
  expect(lackingSigners).toMatchObject([
    { name: 'vault', backend: 'vault-transit', address: ADDRESS, keystoreFile: null, field: 'token_env' },
  ]);
});

it('is read again with the files as they are then, and the environment as it was', async () => {
  const now = 'passphrase_file: passphrase';
  const { lackingSigners } = await loaded(GOOD.replace(now, 'passphrase_file: late'));
  const { lackingSigners: unset } = await loaded(GOOD.replace(now, 'passphrase_env: NOT_SET'), {});
  const again = () => lackingSigners[0]?.again();
  expect(await again()).toMatchObject({ kind: 'lacking', lack: { field: 'passphrase_file' } });
  await writeFile(path('late'), 'a passphrase', { mode: 0o644 });
  expect(await again()).toMatchObject({ kind: 'lacking', lack: { reason: expect.stringContaining('make it 0600') } });
  await chmod(path('late'), 0o600);
  expect(await again()).toMatchObject({ kind: 'complete', config: { kind: 'local-keypair', name: 'main' } });
  await rm(path('late'));
  expect(await again()).toMatchObject({ kind: 'lacking' });
  const lack = {
    field: 'passphrase_env',
    reason: 'the environment variable NOT_SET is not set; it is read at the start',
  };
  expect(await unset[0]?.again()).toEqual({ kind: 'lacking', lack });
});

it('what is written wrong is refused all the same, and then what is missing is said too', async () => {
  const text = GOOD.replace('main.json', 'gone.json').replace('passphrase_file: passphrase', 'passphrase_file: open');
  expect(await problems(text)).toEqual([
    expect.stringContaining('signers[0].keystore_file: '),
    expect.stringContaining('signers[0].passphrase_file: everybody on this machine may open'),
  ]);
  const { relayers } = await loaded(GOOD.replace("url: 'http://127.0.0.1:8899'", 'url_file: gone'));
  expect(relayers).toMatchObject([{ kind: 'lacking', name: 'node', backend: 'rpc', sender: null, field: 'url_file' }]);
});
