import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AskedBytes, askedBytes } from '../../test/conformance/asked-bytes.ts';
import { type FakeFireblocks, startFakeFireblocks } from '../../test/fakes/fireblocks/fake-fireblocks.ts';
import { jsonReply } from '../../test/fakes/fireblocks/faults.ts';
import type { SignContext, Signer, SignResult } from '../signer.ts';
import { walletTransaction } from '../testing/wallet-transaction.ts';
import { verifySignature } from '../verify.ts';
import type { FireblocksOptions } from './fireblocks-options.ts';
import { createFireblocksSigner } from './fireblocks-signer.ts';
import { fireblocksOptions } from './testing/fireblocks-under-test.ts';

let fake: FakeFireblocks;
const opened: Signer[] = [];
beforeEach(async () => {
  fake = await startFakeFireblocks();
});
afterEach(async () => {
  for (const signer of opened.splice(0)) await signer.close();
  await fake.close();
});

function open(changes: Partial<FireblocksOptions> = {}): Signer {
  const signer = createFireblocksSigner(fireblocksOptions(fake, changes));
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

const secret = (read: () => Promise<string>) => ({ read, field: 'api_private_key_file' });

describe('a fireblocks signer', () => {
  it.each([
    ['legacy', 1, 0],
    [0, 3, 2],
    [1, 2, 1],
  ] as const)('signs the message of a transaction of version %s', async (version, signers, slot) => {
    const asked = walletTransaction(fake.address, { version, signers, slot, signedByOthers: true });
    await expectSigned(await sign(open(), asked), asked.messageBytes);
    expect(JSON.parse(fake.bodies()[0] ?? '')).toEqual({
      operation: 'RAW',
      externalTxId: expect.stringMatching(/^countersign-[0-9a-f]{64}$/),
      assetId: 'SOL_TEST',
      source: { type: 'VAULT_ACCOUNT', id: '7' },
      note: 'Countersign: treasury-key',
      extraParameters: {
        rawMessageData: { messages: [{ content: Buffer.from(asked.messageBytes).toString('hex') }] },
      },
    });
  });

  it('signs messages', async () => {
    const messageBytes = Buffer.from('Sign in to example.com');
    await expectSigned(await open().sign(messageBytes, { ...bounds({}), kind: 'message' }), messageBytes);
  });

  it('finds the signature of a call whose answer was lost, also after a restart', async () => {
    const asked = transaction();
    await fake.misbehave('signs_and_is_lost', 1);
    expect(await sign(open(), asked, { idempotencyKey: 'one' })).toMatchObject({
      kind: 'unavailable',
      ambiguous: true,
    });
    await expectSigned(await sign(open(), asked, { idempotencyKey: 'one' }), asked.messageBytes);
    expect(fake.transactions.count()).toBe(1);
    const other = transaction();
    await expectSigned(await sign(open(), other, { idempotencyKey: 'one' }), other.messageBytes);
    expect(fake.transactions.count()).toBe(2);
  });

  it('waits for a transaction that others work on or must approve', async () => {
    fake.transactions.setNextCourse({ ends: 'COMPLETED', through: ['PENDING_AUTHORIZATION', 'PENDING_SIGNATURE'] });
    const asked = transaction();
    await expectSigned(await sign(open(), asked), asked.messageBytes);
  });

  it('leaves one that stays pending when the call ends, and signs when it is asked again after it was approved', async () => {
    const [signer, asked] = [open(), transaction()];
    fake.transactions.setNextCourse({ ends: 'COMPLETED', through: new Array(100).fill('PENDING_AUTHORIZATION') });
    expect(await sign(signer, asked, { idempotencyKey: 'one', signal: AbortSignal.timeout(500) })).toMatchObject({
      kind: 'unavailable',
      ambiguous: true,
      reason: expect.stringMatching(/^transaction [\w-]+: .*PENDING_AUTHORIZATION/),
    });
    fake.transactions.finishAll('COMPLETED');
    await expectSigned(await sign(signer, asked, { idempotencyKey: 'one' }), asked.messageBytes);
    expect(fake.transactions.count()).toBe(1);
  });

  it.each([
    ['BLOCKED', 'BLOCKED_BY_POLICY', { kind: 'refused' }],
    ['REJECTED', 'REJECTED_BY_USER', { kind: 'refused' }],
    ['CANCELLED', 'CANCELLED_BY_USER', { kind: 'refused' }],
    ['FAILED', 'BLOCKED_BY_POLICY', { kind: 'refused' }],
    ['FAILED', 'INTERNAL_ERROR', { kind: 'unavailable', ambiguous: false }],
    ['TIMEOUT', undefined, { kind: 'unavailable', ambiguous: false }],
  ])('takes a transaction that ended %s (%s) for what it is', async (ends, subStatus, expected) => {
    fake.transactions.setNextCourse(subStatus === undefined ? { ends } : { ends, subStatus });
    const result = await sign(open(), transaction());
    expect(result).toMatchObject({ ...expected, reason: expect.stringContaining(subStatus ?? ends) });
  });

  it('asks for a new transaction after one that failed without a signature', async () => {
    const [signer, asked] = [open(), transaction()];
    fake.transactions.setNextCourse({ ends: 'FAILED', subStatus: 'INTERNAL_ERROR' });
    expect((await sign(signer, asked, { idempotencyKey: 'one' })).kind).toBe('unavailable');
    await expectSigned(await sign(signer, asked, { idempotencyKey: 'one' }), asked.messageBytes);
    expect(new Set(fake.transactions.externalIds()).size).toBe(2);
  });

  it('takes no second signature for one, and none of another key', async () => {
    const shown = (signedMessages: readonly object[]) => {
      const externalTxId = fake.transactions.externalIds()[0];
      fake.answerReads(jsonReply(200, { id: 't-1', externalTxId, status: 'COMPLETED', signedMessages }));
    };
    const [signer, asked] = [open(), transaction()];
    await expectSigned(await sign(signer, asked, { idempotencyKey: 'one' }), asked.messageBytes);
    const own = { publicKey: 'ab'.repeat(32), signature: { fullSig: '00'.repeat(64) } };
    shown([own]);
    expect(await sign(signer, asked, { idempotencyKey: 'one' })).toMatchObject({
      kind: 'unavailable',
      ambiguous: true,
      reason: expect.stringContaining('another key'),
    });
    shown([own, own]);
    expect(await sign(signer, asked, { idempotencyKey: 'one' })).toMatchObject({
      ambiguous: true,
      reason: expect.stringContaining('one signature'),
    });
  });

  it('is unsure where its API user is taken away after the request', async () => {
    fake.answerReads(jsonReply(401, { message: 'invalid signature', code: -1 }));
    expect(await sign(open(), transaction())).toMatchObject({ kind: 'unavailable', ambiguous: true });
  });

  it('does not hide, over a kept connection either, that a call may have been heard', async () => {
    const [signer, asked] = [open(), transaction()];
    await expectSigned(await sign(signer, asked), asked.messageBytes);
    await fake.misbehave('signs_and_is_lost', 1);
    expect(await sign(signer, transaction())).toMatchObject({ kind: 'unavailable', ambiguous: true });
    expect(fake.signCalls()).toBe(2);
  });

  it('signs with a private key that was replaced, without being opened anew', async () => {
    const user = fake.newApiUser();
    let current = user.privateKey;
    const apiKey = { read: async () => user.apiKey, field: 'api_key_file' };
    const signer = open({ apiKey, apiPrivateKey: secret(async () => current) });
    const asked = transaction();
    await expectSigned(await sign(signer, asked), asked.messageBytes);
    const next = fake.replaceKey(user.apiKey);
    expect(await sign(signer, asked)).toMatchObject({
      kind: 'unavailable',
      ambiguous: false,
      reason: expect.stringContaining('-1: invalid signature'),
    });
    current = next;
    await expectSigned(await sign(signer, asked), asked.messageBytes);
  });

  it.each([
    ['is no key', async () => 'my secret', 'RSA key'],
    ['is empty', async () => ' ', 'empty'],
    ['cannot be read', () => Promise.reject(new Error('/run/key: it cannot be read')), '/run/key'],
  ])('sends nothing while the private key %s', async (_name, read, reason) => {
    const result = await sign(open({ apiPrivateKey: secret(read) }), transaction());
    expect(result).toMatchObject({ kind: 'unavailable', ambiguous: false, reason: expect.stringContaining(reason) });
    expect(fake.signCalls()).toBe(0);
  });

  it.each([
    ['vault account', { vaultAccountId: '99' }, '1004'],
    ['asset', { assetId: 'SOL' }, '1503'],
  ])('is unavailable where Fireblocks has no such %s', async (_name, changes, code) => {
    const result = await sign(open(changes), transaction());
    expect(result).toMatchObject({ kind: 'unavailable', ambiguous: false, reason: expect.stringContaining(code) });
  });
});
