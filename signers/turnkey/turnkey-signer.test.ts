import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AskedBytes, askedBytes } from '../../test/conformance/asked-bytes.ts';
import { type FakeTurnkey, startFakeTurnkey } from '../../test/fakes/turnkey/fake-turnkey.ts';
import { statusOf } from '../../test/fakes/turnkey/faults.ts';
import type { SignContext, Signer, SignResult } from '../signer.ts';
import { walletTransaction } from '../testing/wallet-transaction.ts';
import { verifySignature } from '../verify.ts';
import { turnkeyOptions } from './testing/turnkey-under-test.ts';
import type { TurnkeyOptions } from './turnkey-options.ts';
import { createTurnkeySigner } from './turnkey-signer.ts';

let fake: FakeTurnkey;
const opened: Signer[] = [];
beforeEach(async () => {
  fake = await startFakeTurnkey();
});
afterEach(async () => {
  for (const signer of opened.splice(0)) await signer.close();
  await fake.close();
});

function open(changes: Partial<TurnkeyOptions> = {}): Signer {
  const signer = createTurnkeySigner(turnkeyOptions(fake, changes));
  opened.push(signer);
  return signer;
}

const transaction = (): AskedBytes => askedBytes({ address: fake.address, wantsTransactions: true }, 50);

type Bounds = Partial<Pick<SignContext, 'idempotencyKey' | 'signal'>>;

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

describe('a turnkey signer', () => {
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
      const { parameters } = JSON.parse(fake.bodies()[0] ?? '');
      expect(parameters.unsignedTransaction).toBe(Buffer.from(asked.wireTransaction).toString('hex'));
    },
  );

  it('signs messages as raw payloads, which Turnkey must not hash', async () => {
    const messageBytes = Buffer.from('Sign in to example.com');
    await expectSigned(await open().sign(messageBytes, { ...bounds({}), kind: 'message' }), messageBytes);
    expect(JSON.parse(fake.bodies()[0] ?? '')).toMatchObject({
      type: 'ACTIVITY_TYPE_SIGN_RAW_PAYLOAD_V2',
      parameters: { encoding: 'PAYLOAD_ENCODING_HEXADECIMAL', hashFunction: 'HASH_FUNCTION_NOT_APPLICABLE' },
    });
  });

  it('sends a call that is repeated byte for byte as before, and another one not', async () => {
    const [signer, asked] = [open(), transaction()];
    await fake.misbehave('signs_and_is_lost', 1);
    expect(await sign(signer, asked, { idempotencyKey: 'one' })).toMatchObject({
      kind: 'unavailable',
      ambiguous: true,
    });
    await vi.waitFor(() => expect(Date.now().toString()).not.toBe(JSON.parse(fake.bodies()[0] ?? '').timestampMs));
    await expectSigned(await sign(signer, asked, { idempotencyKey: 'one' }), asked.messageBytes);
    await expectSigned(await sign(signer, asked, { idempotencyKey: 'two' }), asked.messageBytes);
    const [first, second, third] = fake.bodies();
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(fake.activities.count()).toBe(2);
  });

  it('waits for an activity that is pending', async () => {
    fake.activities.setNextCourse({ ends: 'COMPLETED', pending: 2 });
    const asked = transaction();
    await expectSigned(await sign(open(), asked), asked.messageBytes);
  });

  it('leaves an activity that stays pending when the call ends, and may have been heard', async () => {
    fake.activities.setNextCourse({ ends: 'COMPLETED', pending: 1_000 });
    const result = await sign(open(), transaction(), { signal: AbortSignal.timeout(400) });
    expect(result).toMatchObject({
      kind: 'unavailable',
      ambiguous: true,
      reason: expect.stringMatching(/^activity [\w-]+:/),
    });
  });

  it('does not wait for people, and signs when it is asked again after they approved', async () => {
    const [signer, asked] = [open(), transaction()];
    fake.activities.setNextCourse({ ends: 'CONSENSUS_NEEDED' });
    const first = await sign(signer, asked, { idempotencyKey: 'one' });
    expect(first).toMatchObject({
      kind: 'unavailable',
      ambiguous: true,
      cause: 'open',
      reason: expect.stringContaining('waits for approvals'),
    });
    fake.activities.approveAll();
    await expectSigned(await sign(signer, asked, { idempotencyKey: 'one' }), asked.messageBytes);
    expect(fake.activities.count()).toBe(1);
  });

  it('is refused where people reject it', async () => {
    fake.activities.setNextCourse({ ends: 'REJECTED' });
    expect((await sign(open(), transaction())).kind).toBe('refused');
  });

  it.each([
    ['INVALID_TRANSACTION', 3, { kind: 'refused' }],
    ['REQUEST_NOT_AUTHORIZED', 7, { kind: 'refused' }],
    ['', 7, { kind: 'refused' }],
    ['INTERNAL', 13, { kind: 'unavailable', ambiguous: false }],
    ['', 14, { kind: 'unavailable', ambiguous: false }],
    ['SIGNING_QUOTA_EXCEEDED', 8, { kind: 'unavailable', ambiguous: false }],
  ])('takes an activity that failed with code %s (%i) for what it is', async (code, grpcCode, expected) => {
    fake.activities.setNextCourse({ ends: 'FAILED', failure: statusOf(grpcCode, code, 'something is wrong') });
    const result = await sign(open(), transaction());
    expect(result).toMatchObject(expected);
    expect(result.kind === 'signed' ? '' : result.reason).toContain('something is wrong');
  });

  it('asks for a new activity after one that failed without a signature', async () => {
    const [signer, asked] = [open(), transaction()];
    fake.activities.setNextCourse({ ends: 'FAILED', failure: statusOf(13, 'INTERNAL', 'internal server error') });
    expect((await sign(signer, asked, { idempotencyKey: 'one' })).kind).toBe('unavailable');
    await vi.waitFor(() => expect(Date.now().toString()).not.toBe(JSON.parse(fake.bodies()[0] ?? '').timestampMs));
    await expectSigned(await sign(signer, asked, { idempotencyKey: 'one' }), asked.messageBytes);
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

  it('signs with an API key that was rotated, without being opened anew', async () => {
    const keys = [fake.newApiKey(fake.organizationId), fake.newApiKey(fake.organizationId)];
    let current = keys[0] ?? '';
    const signer = open({ apiPrivateKey: { read: async () => current, field: 'api_private_key_file' } });
    const asked = transaction();
    await expectSigned(await sign(signer, asked, { idempotencyKey: 'one' }), asked.messageBytes);
    fake.revoke(current);
    expect(await sign(signer, asked)).toMatchObject({
      kind: 'unavailable',
      ambiguous: false,
      reason: expect.stringContaining('PUBLIC_KEY_NOT_FOUND'),
    });
    current = keys[1] ?? '';
    await expectSigned(await sign(signer, asked, { idempotencyKey: 'one' }), asked.messageBytes);
    expect(fake.bodies().at(-1)).toBe(fake.bodies()[0]);
  });

  it.each([
    ['is no key', async () => 'f'.repeat(63), '64 hex digits'],
    ['cannot be read', () => Promise.reject(new Error('/run/api-key: it cannot be read')), '/run/api-key'],
  ])('sends nothing while the secret %s', async (_name, read, reason) => {
    const result = await sign(open({ apiPrivateKey: { read, field: 'api_private_key_file' } }), transaction());
    expect(result).toMatchObject({ kind: 'unavailable', ambiguous: false, reason: expect.stringContaining(reason) });
    expect(fake.signCalls()).toBe(0);
  });

  it('signs in a sub-organization with a key of a user there, and with no key of the parent', async () => {
    const { subOrganizationId } = fake;
    const asked = transaction();
    await expectSigned(await sign(open({ subOrganizationId }), asked), asked.messageBytes);
    const ofParent = fake.newApiKey(fake.organizationId);
    const apiPrivateKey = { read: async () => ofParent, field: 'api_private_key_file' };
    const result = await sign(open({ subOrganizationId, apiPrivateKey }), asked);
    expect(result).toMatchObject({
      kind: 'unavailable',
      ambiguous: false,
      reason: expect.stringContaining('ORGANIZATION_MISMATCH'),
    });
  });

  it('signs with a private key by its id', async () => {
    const asked = transaction();
    await expectSigned(await sign(open({ signWith: fake.privateKeyId }), asked), asked.messageBytes);
    expect(fake.bodies()[0]).toContain(fake.privateKeyId);
  });

  it('is unavailable where Turnkey has no such key', async () => {
    const result = await sign(open({ signWith: '00000000-0000-0000-0000-000000000000' }), transaction());
    expect(result).toMatchObject({
      kind: 'unavailable',
      ambiguous: false,
      reason: expect.stringContaining('could not find'),
    });
  });
});
