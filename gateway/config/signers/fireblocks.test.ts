import { describe, expect, it } from 'vitest';
import { GOOD, useConfigFolder } from '../testing/config-folder.ts';

const { path, loaded, problems } = useConfigFolder();

const ADDRESS = '4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T';

/** A configuration whose only signer is this entry: lines of YAML. */
function withFireblocks(...lines: readonly string[]): string {
  const entry = ['name: main', 'type: fireblocks', `address: ${ADDRESS}`, ...lines];
  return GOOD.replace(/signers:\n(?: {2}.*\n)+/, `signers:\n  - ${entry.join('\n    ')}\n`);
}

const USER = 'api_key_env: FIREBLOCKS_API_KEY';
const KEY = 'api_private_key_file: passphrase';
const VAULT = "vault_account_id: '7'";
const ENV = { FIREBLOCKS_API_KEY: 'f1ac5a5c-0000-4000-8000-000000000001' };

describe('a signer of the type fireblocks', () => {
  it('needs an API user with its key, and a vault account', async () => {
    const { signers } = await loaded(withFireblocks(USER, KEY, VAULT), ENV);
    expect(signers).toMatchObject([
      {
        kind: 'fireblocks',
        name: 'main',
        address: ADDRESS,
        timeoutMs: null,
        maxInFlight: 64,
        maxWaiting: 256,
        url: 'https://api.fireblocks.io/v1',
        apiKey: { secret: { kind: 'value' }, field: 'api_key_env' },
        apiPrivateKey: { secret: { kind: 'file', path: path('passphrase') }, field: 'api_private_key_file' },
        vaultAccountId: '7',
        assetId: 'SOL',
      },
    ]);
  });

  it('may be in a workspace for tests', async () => {
    const url = 'https://sandbox-api.fireblocks.io/v1';
    const { signers } = await loaded(withFireblocks(USER, KEY, VAULT, `url: ${url}`, 'asset_id: SOL_TEST'), ENV);
    expect(signers).toMatchObject([{ url, assetId: 'SOL_TEST' }]);
  });

  it.each([
    [[USER, KEY], 'signers[0].vault_account_id: is missing'],
    [
      [USER, KEY, 'vault_account_id: Treasury'],
      'vault_account_id: must be the id of a vault account: a number, in quotes',
    ],
    [[USER, KEY, VAULT, 'asset_id: BTC'], 'signers[0].asset_id: must be one of SOL, SOL_TEST'],
    [[USER, VAULT], 'signers[0]: needs api_private_key_file or api_private_key_env'],
    [[KEY, VAULT], 'signers[0]: needs api_key_file or api_key_env'],
    [[USER, KEY, VAULT, 'api_key_file: passphrase'], 'give api_key_file or api_key_env, not both'],
    [[USER, KEY, VAULT, 'url: http://api.fireblocks.io/v1'], 'signers[0].url: would send credentials in the clear'],
    [[USER, KEY, VAULT, 'url: https://api.fireblocks.io'], 'signers[0].url: must end with the version of the API'],
    [[USER, KEY, VAULT, 'api_secret: x'], 'signers[0].api_secret: unknown key'],
  ])('is refused with %j', async (lines, problem) => {
    expect((await problems(withFireblocks(...lines), ENV)).join('\n')).toContain(problem);
  });
});
