import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApprovalService } from '../../../proto/gen/countersign/v1/approval_pb.ts';
import { SigningService } from '../../../proto/gen/countersign/v1/signing_pb.ts';
import { GatewayError } from '../../core/errors.ts';
import type { MessageFacts } from '../../core/message/classify-message.ts';
import type { Outcome } from '../../pipeline/outcome.ts';
import { controlPlane, dataPlane, type Plane } from '../testing/planes.ts';
import { AGENT, REQUEST_ID, sampleApproval, sampleRequest, sampleView, WALLET } from '../testing/samples.ts';

const { signMessage, getTransaction } = SigningService.method;

const MESSAGE = new TextEncoder().encode('Sign in to example.com');
const ASK = { wallet: 'treasury', message: MESSAGE, idempotencyKey: 'once', context: { purpose: 'log in' } };

let plane: Plane;
let outcome: () => Outcome = () => ({ kind: 'signed', request: signedMessage() });
const asked: unknown[][] = [];

beforeAll(async () => {
  plane = await dataPlane({
    signMessage: async (agent, ask) => {
      asked.push([agent, ask]);
      return outcome();
    },
    getTransaction: async () => signedMessage(),
  });
});

afterAll(() => plane.close());

function hex(bytes: Uint8Array | undefined): string | null {
  return bytes === undefined ? null : Buffer.from(bytes).toString('hex');
}

function signedMessage() {
  const { ask, judgement } = sampleRequest();
  return sampleRequest({
    ask: { ...ask, method: 'sign_message', received: MESSAGE },
    judgement: { ...judgement, transaction: MESSAGE, lastValidBlockHeight: null },
    signedTransaction: null,
    transactionSignature: null,
  });
}

describe('SignMessage', () => {
  it('asks the pipeline for the bytes as they are', async () => {
    asked.length = 0;
    await plane.caller.unary(signMessage, ASK);
    const { context, idempotencyKey } = ASK;
    expect(asked).toEqual([
      [
        expect.objectContaining(AGENT),
        { walletName: 'treasury', message: Buffer.from(MESSAGE), idempotencyKey, context },
      ],
    ]);
  });

  it('answers the signature alone: there is no transaction', async () => {
    const answer = await plane.caller.unary(signMessage, ASK);
    expect(answer).toMatchObject({ requestId: REQUEST_ID, bundleRevision: 'rev-1' });
    expect(hex(answer.messageDigest)).toBe('03'.repeat(32));
    expect(answer.outcome).toMatchObject({ case: 'signed', value: { signature: 'walletSig' } });
    expect(answer.outcome.value).not.toHaveProperty('transaction');
  });

  it('answers a denial, and what waits for people, as the other methods do', async () => {
    const reasons = [{ code: 'MESSAGE_NOT_NAMED', rule: 'message_guard', message: 'no rule names it', facts: {} }];
    outcome = () => ({ kind: 'denied', request: signedMessage(), reasons });
    expect((await plane.caller.unary(signMessage, ASK)).outcome).toMatchObject({ case: 'denied', value: { reasons } });
    outcome = () => ({ kind: 'pending_approval', request: signedMessage(), approval: sampleApproval() });
    const { approvalId } = sampleApproval();
    const pending = { case: 'pendingApproval', value: { approvalId } };
    expect((await plane.caller.unary(signMessage, ASK)).outcome).toMatchObject(pending);
  });

  it('never answers that a message was submitted', async () => {
    outcome = () => ({ kind: 'submitted', request: signedMessage() });
    await expect(plane.caller.unary(signMessage, ASK)).rejects.toMatchObject({ reason: 'INTERNAL' });
  });

  it.each(['MESSAGE_IS_A_TRANSACTION', 'MALFORMED_MESSAGE', 'WALLET_NOT_A_SIGNER'] as const)(
    'answers %s as INVALID_ARGUMENT, never to be tried again',
    async (reason) => {
      outcome = () => {
        throw new GatewayError(reason, 'message: no');
      };
      const fault = { reason, status: 'INVALID_ARGUMENT', retry: 'never' };
      await expect(plane.caller.unary(signMessage, ASK)).rejects.toMatchObject(fault);
    },
  );

  it.each<[string, object, string, string]>([
    ['no message', { message: new Uint8Array() }, 'message', '1 to 4096 bytes; found nothing'],
    ['a large message', { message: new Uint8Array(4097) }, 'message', 'at most 4096 bytes; found 4097 bytes'],
    ['no wallet', { wallet: '' }, 'wallet', '1 to 64 characters; found nothing'],
    ['an idempotency key with a space', { idempotencyKey: 'a b' }, 'idempotency_key', 'visible ASCII'],
    ['a context value with NUL', { context: { a: 'x\0' } }, 'context[a]', 'without control characters'],
  ])('refuses %s before the pipeline is asked, and names the field', async (_case, change, field, text) => {
    asked.length = 0;
    const fault = { status: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD', metadata: { field } };
    const call = plane.caller.unary(signMessage, { ...ASK, ...change });
    await expect(call).rejects.toMatchObject(fault);
    await expect(call).rejects.toThrow(text);
    expect(asked).toEqual([]);
  });

  it('takes 4096 bytes', async () => {
    outcome = () => ({ kind: 'signed', request: signedMessage() });
    await plane.caller.unary(signMessage, { ...ASK, message: new Uint8Array(4096).fill(0x61) });
  });
});

describe('a recorded message', () => {
  it('is told with its bytes and the signature of the wallet', async () => {
    const { request } = await plane.caller.unary(getTransaction, { requestId: REQUEST_ID });
    expect(request?.signature).toBe('walletSig');
    expect([hex(request?.message), hex(request?.transaction)]).toEqual([hex(MESSAGE), '']);
  });
});

describe('an approval of a message', () => {
  it.each<[string, Partial<MessageFacts>, object]>([
    ['plain text', {}, { envelope: 'none', text: 'Sign in to example.com', applicationDomain: '', signers: [] }],
    [
      'an envelope',
      { envelope: 'offchain_v0', applicationDomain: WALLET, signers: [WALLET] },
      { envelope: 'offchain_v0', applicationDomain: WALLET, signers: [WALLET] },
    ],
  ])('shows %s in full, and no transaction', async (_case, change, shown) => {
    const facts = { envelope: 'none', text: 'Sign in to example.com', applicationDomain: null, signers: null } as const;
    const message = { ...facts, sha256: '00', size: MESSAGE.length, ...change };
    const view = { ...sampleView(), request: signedMessage(), transaction: null, effects: null, message };
    const control = await controlPlane({ approvals: { getApproval: async () => view } });
    try {
      const { approvalId } = view.approval;
      const { approval } = await control.caller.unary(ApprovalService.method.getApproval, { approvalId });
      expect(approval?.message).toMatchObject(shown);
      expect(hex(approval?.message?.message)).toBe(hex(MESSAGE));
      expect([approval?.transaction, approval?.effects]).toEqual([undefined, undefined]);
    } finally {
      await control.close();
    }
  });

  it('has no text where there is none, which is not the same as an empty one', async () => {
    const facts = { envelope: 'none', text: null, applicationDomain: null, signers: null } as const;
    const view = { ...sampleView(), transaction: null, effects: null, message: { ...facts, sha256: '00', size: 3 } };
    const control = await controlPlane({ approvals: { getApproval: async () => view } });
    try {
      const { approvalId } = view.approval;
      const { approval } = await control.caller.unary(ApprovalService.method.getApproval, { approvalId });
      expect(approval?.message?.text).toBeUndefined();
    } finally {
      await control.close();
    }
  });
});
