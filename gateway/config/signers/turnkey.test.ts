import { describe, expect, it } from 'vitest';
import { GOOD, useConfigFolder } from '../testing/config-folder.ts';

const { path, loaded, problems } = useConfigFolder();

const ADDRESS = '4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T';
const [PARENT, CHILD, OTHER] = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`);

/** A configuration whose only signer is this entry: lines of YAML. */
function withTurnkey(...lines: readonly string[]): string {
  const entry = ['name: main', 'type: turnkey', `address: ${ADDRESS}`, ...lines];
  return GOOD.replace(/signers:\n(?: {2}.*\n)+/, `signers:\n  - ${entry.join('\n    ')}\n`);
}

const ORGANIZATION = `organization_id: ${PARENT}`;
const KEY = 'api_private_key_file: passphrase';

describe('a signer of the type turnkey', () => {
  it('needs an organization and an API key', async () => {
    const { signers } = await loaded(withTurnkey(ORGANIZATION, KEY));
    expect(signers).toEqual([
      {
        kind: 'turnkey',
        name: 'main',
        address: ADDRESS,
        timeoutMs: null,
        maxInFlight: 64,
        maxWaiting: 256,
        url: 'https://api.turnkey.com',
        organizationId: PARENT,
        subOrganizationId: null,
        walletId: null,
        signWith: null,
        apiPrivateKey: { secret: { kind: 'file', path: path('passphrase') }, field: 'api_private_key_file' },
      },
    ]);
  });

  it('may be in a sub-organization, and have its API key in the environment', async () => {
    const more = [`sub_organization_id: ${CHILD}`, `sign_with: ${OTHER}`, 'api_private_key_env: TURNKEY_KEY'];
    const { signers } = await loaded(withTurnkey(ORGANIZATION, ...more), { TURNKEY_KEY: 'secret' });
    const apiPrivateKey = { secret: { kind: 'value' }, field: 'api_private_key_env' };
    expect(signers).toMatchObject([{ subOrganizationId: CHILD, signWith: OTHER, apiPrivateKey }]);
  });

  it.each([
    [[KEY], 'signers[0].organization_id: is missing'],
    [['organization_id: mine', KEY], 'signers[0].organization_id: must be an id of Turnkey: a UUID in lower case'],
    [[ORGANIZATION, KEY, 'url: http://api.turnkey.com'], 'signers[0].url: would send credentials in the clear'],
    [[ORGANIZATION, KEY, 'url: https://user:word@api.turnkey.com'], 'signers[0].url: must be a URL without user'],
    [[ORGANIZATION, KEY, 'sign_with: an address'], 'signers[0].sign_with: must be an id of Turnkey'],
    [[ORGANIZATION, KEY, 'api_private_key_env: X'], 'give api_private_key_file or api_private_key_env, not both'],
    [[ORGANIZATION, KEY, 'api_public_key: 02ab'], 'signers[0].api_public_key: unknown key'],
  ])('is refused with %j', async (lines, problem) => {
    expect((await problems(withTurnkey(...lines))).join('\n')).toContain(problem);
  });
});
