import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakePrivy, startFakePrivy } from '../../test/fakes/privy/fake-privy.ts';
import type { SignerCheck } from '../signer.ts';
import type { PrivyOptions } from './privy-options.ts';
import { createPrivySigner } from './privy-signer.ts';
import { POLICY_ID, privyOptions, withOwnKey } from './testing/privy-under-test.ts';

const OTHER_ADDRESS = '4Nd1mYvQ2V9kYF1oVwXhT9vZ7sJm8Q3pL6rXcB5gDkHe';

let fake: FakePrivy;
beforeEach(async () => {
  fake = await startFakePrivy();
});
afterEach(() => fake.close());

async function check(options: PrivyOptions): Promise<SignerCheck> {
  const signer = createPrivySigner(options);
  const result = await signer.check(AbortSignal.timeout(5_000));
  await signer.close();
  expect(fake.signCalls()).toBe(0);
  return result;
}

/** An owner with this quorum, and its key as ours. */
function owned(quorum: (publicKey: string) => string): PrivyOptions {
  const { publicKey, privateKey } = fake.newAuthorizationKey();
  fake.changeWallet({ owner_id: quorum(publicKey) });
  return privyOptions(fake, { authorizationKey: { read: async () => privateKey, field: 'authorization_key_env' } });
}

describe('the check of a privy signer', () => {
  it('says that the key is a signer, and under which policies', async () => {
    const detail = `wallet ${fake.walletId}: the key is one of its signers, under the policy ${POLICY_ID}`;
    expect(await check(withOwnKey(fake))).toEqual({ kind: 'ready', detail });
  });

  it('says that the key is the owner, without policies, of a wallet that was exported', async () => {
    fake.changeWallet({ exported_at: 1_750_000_000_000 });
    const result = await check(owned((publicKey) => fake.newQuorum({ publicKeys: [publicKey] })));
    const detail = `wallet ${fake.walletId}: the key is its owner, without policies; its private key was exported`;
    expect(result).toEqual({ kind: 'ready', detail });
  });

  it('finds the key in a quorum that is part of the owner', async () => {
    const result = await check(
      owned((publicKey) => {
        const inner = fake.newQuorum({ publicKeys: [publicKey] });
        return fake.newQuorum({ publicKeys: [], nested: [inner] });
      }),
    );
    expect(result).toMatchObject({ kind: 'ready', detail: expect.stringContaining('the key is its owner') });
  });

  it('says what a wallet without an owner means', async () => {
    const result = await check(privyOptions(fake));
    expect(result).toMatchObject({
      kind: 'ready',
      detail: expect.stringContaining('whoever has the app secret signs'),
    });
  });

  it.each([
    [
      'a key that nobody appointed',
      () => owned(() => fake.newQuorum({ publicKeys: [fake.newAuthorizationKey().publicKey] })),
    ],
    [
      'a quorum that wants more signatures',
      () => owned((key) => fake.newQuorum({ publicKeys: [key, fake.newAuthorizationKey().publicKey], threshold: 2 })),
    ],
    [
      'a quorum in one that wants more signatures',
      () =>
        owned((key) =>
          fake.newQuorum({ publicKeys: [], threshold: 2, nested: [fake.newQuorum({ publicKeys: [key] })] }),
        ),
    ],
  ])('names the authorization key for %s', async (_name, options) => {
    expect(await check(options())).toMatchObject({ kind: 'failed', field: 'authorization_key_env' });
  });

  it('names the authorization key where there is none, and the wallet has an owner', async () => {
    fake.changeWallet({ owner_id: fake.newQuorum({ publicKeys: [fake.newAuthorizationKey().publicKey] }) });
    expect(await check(privyOptions(fake))).toMatchObject({ kind: 'failed', field: 'authorization_key_file' });
  });

  it.each([
    ['another address', 'address', () => privyOptions(fake, { address: OTHER_ADDRESS })],
    ['another wallet', 'wallet_id', () => privyOptions(fake, { walletId: 'another-wallet' })],
    ['another app', 'app_secret_file', () => privyOptions(fake, { appId: 'another-app' })],
    ['a service that is away', 'url', () => privyOptions(fake, { url: 'http://127.0.0.1:1' })],
  ])('names the field for %s', async (_name, field, options) => {
    expect(await check(options())).toMatchObject({ kind: 'failed', field });
  });

  it.each([
    ['is for another chain', { chain_type: 'ethereum' }, 'wallet_id'],
    ['is shown in no shape of Privy', { policy_ids: 'none' }, 'url'],
    ['has an owner that is not there', { owner_id: 'cnobody' }, 'wallet_id'],
  ])('fails where the wallet %s', async (_name, changes, field) => {
    const options = owned((publicKey) => fake.newQuorum({ publicKeys: [publicKey] }));
    fake.changeWallet(changes);
    expect(await check(options)).toMatchObject({ kind: 'failed', field });
  });

  it('fails once the signer is closed', async () => {
    const signer = createPrivySigner(withOwnKey(fake));
    await signer.close();
    expect(await signer.check(AbortSignal.timeout(5_000))).toMatchObject({ kind: 'failed', field: null });
  });
});
