import { afterEach, describe, expect, it } from 'vitest';
import { type FakeTurnkey, startFakeTurnkey } from '../../test/fakes/turnkey/fake-turnkey.ts';
import type { SignerCheck } from '../signer.ts';
import { turnkeyOptions } from './testing/turnkey-under-test.ts';
import type { TurnkeyOptions } from './turnkey-options.ts';
import { createTurnkeySigner } from './turnkey-signer.ts';

const OTHER_ID = '00000000-0000-0000-0000-000000000000';
const OTHER_ADDRESS = '4Nd1mYvQ2V9kYF1oVwXhT9vZ7sJm8Q3pL6rXcB5gDkHe';

let fake: FakeTurnkey;
afterEach(() => fake.close());

async function check(
  changes: (fake: FakeTurnkey) => Partial<TurnkeyOptions> = () => ({}),
  otherAccounts = 3,
): Promise<SignerCheck> {
  fake = await startFakeTurnkey({ otherAccounts });
  const signer = createTurnkeySigner(turnkeyOptions(fake, changes(fake)));
  const result = await signer.check(AbortSignal.timeout(5_000));
  await signer.close();
  expect(fake.signCalls()).toBe(0);
  return result;
}

describe('the check of a turnkey signer', () => {
  it.each([
    ['in the organization', () => ({}), 3, /wallet account m\/44'\/501'\/3'\/0'$/],
    ['behind many others', () => ({}), 250, /wallet account/],
    ['in the named wallet', ({ walletId }: FakeTurnkey) => ({ walletId }), 0, /wallet account/],
    ['in a sub-organization', ({ subOrganizationId }: FakeTurnkey) => ({ subOrganizationId }), 0, /wallet account/],
    ['as a private key', ({ privateKeyId }: FakeTurnkey) => ({ signWith: privateKeyId }), 0, /private key/],
  ])('finds the key %s', async (_name, changes, otherAccounts, detail) => {
    const result = await check(changes, otherAccounts);
    expect(result).toMatchObject({ kind: 'ready', detail: expect.stringMatching(detail) });
    expect(result.kind === 'ready' ? result.detail : '').toMatch(/^user countersign of organization /);
  });

  it.each([
    ['another address', 'address', () => ({ address: OTHER_ADDRESS })],
    ['another wallet', 'wallet_id', () => ({ walletId: OTHER_ID })],
    ['another private key', 'sign_with', () => ({ signWith: OTHER_ID })],
    [
      'a private key with another address',
      'sign_with',
      ({ privateKeyId }: FakeTurnkey) => ({ signWith: privateKeyId, address: OTHER_ADDRESS }),
    ],
    ['an organization that is not there', 'organization_id', () => ({ organizationId: OTHER_ID })],
    ['an organization id that is none', 'organization_id', () => ({ organizationId: 'x' })],
    ['a sub-organization that is not there', 'sub_organization_id', () => ({ subOrganizationId: OTHER_ID })],
    ['a key that nobody knows', 'api_private_key_file', () => withKey('7'.repeat(64))],
    ['a key that is none', 'api_private_key_file', () => withKey('7')],
    ['a service that is away', 'url', () => ({ url: 'http://127.0.0.1:1' })],
  ])('names the field for %s', async (_name, field, changes) => {
    expect(await check(changes)).toMatchObject({ kind: 'failed', field });
  });

  it('says that a user of the parent does not sign in a sub-organization', async () => {
    const result = await check(({ organizationId, subOrganizationId, newApiKey }) => ({
      subOrganizationId,
      ...withKey(newApiKey(organizationId)),
    }));
    expect(result).toMatchObject({
      field: 'api_private_key_file',
      reason: expect.stringContaining('parent organization'),
    });
  });

  it('fails once the signer is closed', async () => {
    fake = await startFakeTurnkey();
    const signer = createTurnkeySigner(turnkeyOptions(fake));
    await signer.close();
    expect(await signer.check(AbortSignal.timeout(5_000))).toMatchObject({ kind: 'failed', field: null });
  });
});

function withKey(key: string): Pick<TurnkeyOptions, 'apiPrivateKey'> {
  return { apiPrivateKey: { read: async () => key, field: 'api_private_key_file' } };
}
