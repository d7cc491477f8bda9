import { afterEach, describe, expect, it } from 'vitest';
import { type FakeFireblocks, startFakeFireblocks } from '../../test/fakes/fireblocks/fake-fireblocks.ts';
import type { SignerCheck } from '../signer.ts';
import type { FireblocksOptions } from './fireblocks-options.ts';
import { createFireblocksSigner } from './fireblocks-signer.ts';
import { fireblocksOptions } from './testing/fireblocks-under-test.ts';

const OTHER_ADDRESS = '4Nd1mYvQ2V9kYF1oVwXhT9vZ7sJm8Q3pL6rXcB5gDkHe';

let fake: FakeFireblocks;
afterEach(() => fake.close());

async function check(changes: (fake: FakeFireblocks) => Partial<FireblocksOptions> = () => ({})): Promise<SignerCheck> {
  fake = await startFakeFireblocks();
  const signer = createFireblocksSigner(fireblocksOptions(fake, changes(fake)));
  const result = await signer.check(AbortSignal.timeout(5_000));
  await signer.close();
  expect(fake.signCalls()).toBe(0);
  return result;
}

const secret = (text: string, field: string) => ({ read: async () => text, field });

describe('the check of a fireblocks signer', () => {
  it('finds the wallet of the vault account', async () => {
    expect(await check()).toEqual({ kind: 'ready', detail: 'wallet SOL_TEST of the vault account 7' });
  });

  it.each([
    ['another address', 'address', () => ({ address: OTHER_ADDRESS })],
    ['a vault account that is not there', 'vault_account_id', () => ({ vaultAccountId: '99' })],
    [
      'a vault account without the wallet',
      'asset_id',
      ({ emptyVaultAccountId }: FakeFireblocks) => ({ vaultAccountId: emptyVaultAccountId }),
    ],
    ['another asset', 'asset_id', () => ({ assetId: 'SOL' })],
    ['an API key that nobody knows', 'api_key_env', () => ({ apiKey: secret('nobody', 'api_key_env') })],
    ['an API key that is none', 'api_key_file', () => ({ apiKey: secret('two\nlines', 'api_key_file') })],
    ['no API key', 'api_key_file', () => ({ apiKey: secret(' ', 'api_key_file') })],
    [
      'the private key of another API user',
      'api_private_key_file',
      ({ newApiUser }: FakeFireblocks) => ({
        apiPrivateKey: secret(newApiUser().privateKey, 'api_private_key_file'),
      }),
    ],
    [
      'a private key that is none',
      'api_private_key_file',
      () => ({ apiPrivateKey: secret('my secret', 'api_private_key_file') }),
    ],
    ['a service that is away', 'url', () => ({ url: 'http://127.0.0.1:1/v1' })],
  ])('names the field for %s', async (_name, field, changes) => {
    expect(await check(changes)).toMatchObject({ kind: 'failed', field });
  });

  it('fails once the signer is closed', async () => {
    fake = await startFakeFireblocks();
    const signer = createFireblocksSigner(fireblocksOptions(fake));
    await signer.close();
    expect(await signer.check(AbortSignal.timeout(5_000))).toMatchObject({ kind: 'failed', field: null });
  });
});
