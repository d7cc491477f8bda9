import { describe, expect, it } from 'vitest';
import { GOOD, useConfigFolder } from '../testing/config-folder.ts';

const { path, loaded, problems } = useConfigFolder();

const ADDRESS = '4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T';
const APP = 'app_id: cm4db8x9t000ccn87pctvcg9j';
const WALLET = 'wallet_id: fmfdj6yqly31huorjqzq38zc';
const SECRET = 'app_secret_file: passphrase';

/** A configuration whose only signer is this entry: lines of YAML. */
function withPrivy(...lines: readonly string[]): string {
  const entry = ['name: main', 'type: privy', `address: ${ADDRESS}`, ...lines];
  return GOOD.replace(/signers:\n(?: {2}.*\n)+/, `signers:\n  - ${entry.join('\n    ')}\n`);
}

describe('a signer of the type privy', () => {
  it('needs an app, its secret and a wallet', async () => {
    const { signers } = await loaded(withPrivy(APP, WALLET, SECRET));
    expect(signers).toEqual([
      {
        kind: 'privy',
        name: 'main',
        address: ADDRESS,
        timeoutMs: null,
        maxInFlight: 64,
        maxWaiting: 256,
        url: 'https://api.privy.io',
        appId: 'cm4db8x9t000ccn87pctvcg9j',
        appSecret: { secret: { kind: 'file', path: path('passphrase') }, field: 'app_secret_file' },
        walletId: 'fmfdj6yqly31huorjqzq38zc',
        authorizationKey: null,
      },
    ]);
  });

  it('may have an authorization key, in a file or in the environment', async () => {
    const [file, env] = ['authorization_key_file: passphrase', 'authorization_key_env: PRIVY_KEY'];
    expect((await loaded(withPrivy(APP, WALLET, SECRET, file))).signers).toMatchObject([
      { authorizationKey: { secret: { kind: 'file', path: path('passphrase') }, field: 'authorization_key_file' } },
    ]);
    expect((await loaded(withPrivy(APP, WALLET, SECRET, env), { PRIVY_KEY: 'secret' })).signers).toMatchObject([
      { authorizationKey: { secret: { kind: 'value' }, field: 'authorization_key_env' } },
    ]);
  });

  it.each([
    [[WALLET, SECRET], 'signers[0].app_id: is missing'],
    [[APP, SECRET], 'signers[0].wallet_id: is missing'],
    [[APP, 'wallet_id: ../users', SECRET], 'signers[0].wallet_id: must be an id of Privy'],
    [[APP, WALLET, SECRET, 'url: http://api.privy.io'], 'signers[0].url: would send credentials in the clear'],
    [[APP, WALLET, SECRET, 'app_secret: word'], 'signers[0].app_secret: unknown key'],
  ])('is refused with %j', async (lines, problem) => {
    expect((await problems(withPrivy(...lines))).join('\n')).toContain(problem);
  });
});
