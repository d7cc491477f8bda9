import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AskedBytes, askedBytes } from '../../test/conformance/asked-bytes.ts';
import { type FakePrivy, startFakePrivy } from '../../test/fakes/privy/fake-privy.ts';
import type { SignContext, Signer, SignResult } from '../signer.ts';
import { walletTransaction } from '../testing/wallet-transaction.ts';
import { verifySignature } from '../verify.ts';
import type { PrivyOptions } from './privy-options.ts';
import { createPrivySigner } from './privy-signer.ts';
import { privyOptions, withOwnKey } from './testing/privy-under-test.ts';

let fake: FakePrivy;
const opened: Signer[] = [];
beforeEach(async () => {
  fake = await startFakePrivy();
});
afterEach(async () => {
  for (const signer of opened.splice(0)) await signer.close();
  await fake.close();
});

function open(options: PrivyOptions = withOwnKey(fake)): Signer {
  const signer = createPrivySigner(options);
  opened.push(signer);
  return signer;
}

const transaction = (): AskedBytes => askedBytes({ address: fake.address, wantsTransactions: true }, 50);

type Bounds = Partial<Pick<SignContext, 'idempotencyKey' | 'deadline'>>;

let calls = 0;
function bounds(changes: Bounds) {
  calls += 1;
  const signal = new AbortController().signal;
  return { deadline: Date.now() + 60_000, idempotencyKey: `request-${calls}`, signal, ...changes };
}

function sign(
  signer: Signer,
  { messageBytes, wireTransaction }: AskedBytes,
  changes: Bounds = {},
): Promise<SignResult> {
  return signer.sign(messageBytes, { ...bounds(changes), kind: 'transaction', wireTransaction });
}

async function expectSigned(result: SignResult, messageBytes: Uint8Array): Promise<void> {
  expect(result.kind === 'signed' ? 'signed' : `${result.kind}: ${result.reason}`).toBe('signed');
  if (result.kind !== 'signed') return;
  expect(await verifySignature({ address: fake.address, messageBytes, signature: result.signature })).toBe(true);
}

describe('a privy signer', () => {
  it.each([
    ['legacy', 1, 0],
    ['legacy', 2, 1],
    [0, 3, 2],
    [1, 2, 1],
  ] as const)(
    'signs a transaction of version %s with %i signers in slot %i, signed by the others',
    async (version, signers, slot) => {
      const asked = walletTransaction(fake.address, { version, signers, slot, signedByOthers: true });
      await expectSigned(await sign(open(), asked), asked.messageBytes);
    },
  );

  it('signs messages', async () => {
    const messageBytes = Buffer.from('Sign in to example.com');
    await expectSigned(await open().sign(messageBytes, { ...bounds({}), kind: 'message' }), messageBytes);
  });

  it('asks with the same idempotency key when a call is repeated, and with another one for other bytes', async () => {
    const [signer, asked] = [open(), transaction()];
    await fake.misbehave('signs_and_is_lost', 1);
    expect(await sign(signer, asked, { idempotencyKey: 'one' })).toMatchObject({
      kind: 'unavailable',
      ambiguous: true,
    });
    await expectSigned(await sign(signer, asked, { idempotencyKey: 'one' }), asked.messageBytes);
    expect(fake.executed()).toBe(1);
    const other = transaction();
    await expectSigned(await sign(signer, other, { idempotencyKey: 'one' }), other.messageBytes);
    const keys = fake.headers().map((headers) => headers['privy-idempotency-key']);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it('lets a request expire soon after the deadline, also by a clock that differs', async () => {
    const [asked, deadline] = [transaction(), Date.now() + 5_000];
    await expectSigned(await sign(open(), asked, { deadline }), asked.messageBytes);
    expect(Number(fake.headers()[0]?.['privy-request-expiry'])).toBe(deadline + 60_000);
  });

  it('does not hide, over a kept connection either, that a call may have been heard', async () => {
    const [signer, asked] = [open(), transaction()];
    await expectSigned(await sign(signer, asked), asked.messageBytes);
    await fake.misbehave('signs_and_is_lost', 1);
    expect(await sign(signer, transaction())).toMatchObject({ kind: 'unavailable', ambiguous: true });
    expect(fake.signCalls()).toBe(2);
  });

  it('takes no signature out of another transaction', async () => {
    fake.forgeNext('other_transaction');
    const result = await sign(open(), transaction());
    expect(result).toMatchObject({
      kind: 'unavailable',
      ambiguous: true,
      reason: expect.stringContaining('another transaction'),
    });
  });

  it.each([
    ['the wallet does not sign', () => walletTransaction(fake.address, { version: 0, signers: 1 })],
    ['is not round the message', () => ({ ...transaction(), messageBytes: transaction().messageBytes })],
    ['is none', () => ({ ...transaction(), wireTransaction: new Uint8Array() })],
  ])('refuses a transaction that %s, and asks nobody', async (_name, asked) => {
    expect((await sign(open(), asked())).kind).toBe('refused');
    expect(fake.signCalls()).toBe(0);
  });

  it('signs with secrets that were rotated, without being opened anew', async () => {
    const [first, second] = [fake.newAuthorizationKey(), fake.newAuthorizationKey()];
    const ownerOf = (publicKeys: readonly string[]) => fake.changeWallet({ owner_id: fake.newQuorum({ publicKeys }) });
    ownerOf([first.publicKey]);
    let current = first.privateKey;
    const authorizationKey = { read: async () => current, field: 'authorization_key_file' };
    let secret = fake.appSecret();
    const appSecret = { read: async () => secret, field: 'app_secret_file' };
    const signer = open(privyOptions(fake, { authorizationKey, appSecret }));
    const signNow = async () => {
      const asked = transaction();
      return { asked, result: await sign(signer, asked) };
    };
    fake.rotateAppSecret();
    expect((await signNow()).result).toMatchObject({ kind: 'unavailable', ambiguous: false });
    secret = fake.appSecret();
    ownerOf([second.publicKey]);
    expect((await signNow()).result).toMatchObject({
      kind: 'unavailable',
      ambiguous: false,
      reason: expect.stringContaining('zero_correct_authorization_signatures'),
    });
    current = second.privateKey;
    const { asked, result } = await signNow();
    await expectSigned(result, asked.messageBytes);
  });

  it('signs without an authorization key where the wallet has no owner, and only there', async () => {
    const [signer, asked] = [open(privyOptions(fake)), transaction()];
    await expectSigned(await sign(signer, asked), asked.messageBytes);
    fake.changeWallet({ owner_id: fake.newQuorum({ publicKeys: [fake.newAuthorizationKey().publicKey] }) });
    expect(await sign(signer, transaction())).toMatchObject({
      kind: 'unavailable',
      ambiguous: false,
      reason: expect.stringContaining('missing_or_empty_authorization_header'),
    });
  });

  it.each([
    ['is no key', async () => 'my secret', 'PKCS8'],
    ['is empty', async () => ' ', 'empty'],
    ['cannot be read', () => Promise.reject(new Error('/run/key: it cannot be read')), '/run/key'],
  ])('sends nothing while the authorization key %s', async (_name, read, reason) => {
    const result = await sign(open(privyOptions(fake, { authorizationKey: { read, field: 'x' } })), transaction());
    expect(result).toMatchObject({ kind: 'unavailable', ambiguous: false, reason: expect.stringContaining(reason) });
    expect(fake.signCalls()).toBe(0);
  });

  it('is unavailable where Privy has no such wallet', async () => {
    const result = await sign(open(privyOptions(fake, { walletId: 'another-wallet' })), transaction());
    expect(result).toMatchObject({
      kind: 'unavailable',
      ambiguous: false,
      reason: expect.stringContaining('not found'),
    });
  });
});
