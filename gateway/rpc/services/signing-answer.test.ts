import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Verdict } from '../../../proto/gen/countersign/v1/decision_pb.ts';
import { SigningService, WaitFor } from '../../../proto/gen/countersign/v1/signing_pb.ts';
import { RequestState } from '../../../proto/gen/countersign/v1/transaction_pb.ts';
import { encodeBase58 } from '../../core/base58.ts';
import type { Outcome } from '../../pipeline/outcome.ts';
import { dataPlane, type Plane } from '../testing/planes.ts';
import {
  AGENT,
  APPROVAL_ID,
  MINT,
  REQUEST_ID,
  STRANGER,
  SYSTEM,
  sampleApproval,
  sampleEffects,
  sampleRequest,
  sampleTransaction,
  WALLET,
} from '../testing/samples.ts';

const { method } = SigningService;

const SIGNATURE = encodeBase58(new Uint8Array(64).fill(5));
const ASK = { wallet: 'treasury', transaction: new Uint8Array([1, 2, 3]) };

let plane: Plane;
let outcome: Outcome = { kind: 'signed', request: sampleRequest() };
const asked: unknown[][] = [];

beforeAll(async () => {
  plane = await dataPlane({
    signTransaction: async () => outcome,
    signAndSendTransaction: async () => outcome,
    evaluateTransaction: async () => ({
      decision: sampleRequest().judgement.decision,
      transaction: sampleTransaction(),
      effects: sampleEffects(),
      budgets: [],
      messageDigest: new Uint8Array(32).fill(3),
      policyInput: new Uint8Array([123, 125]),
    }),
    getTransaction: async (agent, requestId) => {
      asked.push([agent, requestId]);
      return sampleRequest({ slot: 2n ** 63n, approvalId: APPROVAL_ID, state: 'FINALIZED' });
    },
    async *watchTransaction() {
      yield sampleRequest({ state: 'SIGNING', signedTransaction: null, transactionSignature: null });
      yield sampleRequest({ state: 'SIGNED' });
      yield sampleRequest({ state: 'SUBMITTED' });
    },
  });
});

afterAll(() => plane.close());

describe('what a signing call answers', () => {
  const sign = () => plane.caller.unary(method.signTransaction, ASK);
  const send = () => plane.caller.unary(method.signAndSendTransaction, { ...ASK, waitFor: WaitFor.SUBMITTED });
  const ids = {
    requestId: REQUEST_ID,
    decisionId: '1c9f4dbe-52f8-4a57-8a3f-6f1f5b8f0a10',
    bundleRevision: 'rev-1',
    messageDigest: new Uint8Array(32).fill(3),
  };

  it('a signed transaction', async () => {
    outcome = { kind: 'signed', request: sampleRequest() };
    const value = { transaction: new Uint8Array([9, 9]), signature: 'walletSig' };
    expect(plain(await sign())).toEqual(plain({ ...ids, outcome: { case: 'signed', value } }));
  });

  it('a submitted transaction, with the slot and the error of the runtime', async () => {
    const request = sampleRequest({ state: 'FAILED', slot: 2n ** 64n - 1n, error: 'custom program error: 0x1' });
    outcome = { kind: 'submitted', request };
    const value = {
      transaction: new Uint8Array([9, 9]),
      signature: 'txSig',
      state: RequestState.FAILED,
      slot: 2n ** 64n - 1n,
      error: 'custom program error: 0x1',
    };
    expect(plain(await send())).toEqual(plain({ ...ids, outcome: { case: 'submitted', value } }));
  });

  it('a pending approval, with its reasons and the time it has', async () => {
    const request = sampleRequest({ state: 'AWAITING_APPROVAL', signedTransaction: null });
    outcome = { kind: 'pending_approval', request, approval: sampleApproval() };
    for (const response of [await sign(), await send()]) {
      expect(response.outcome).toMatchObject({
        case: 'pendingApproval',
        value: {
          approvalId: APPROVAL_ID,
          expiresAt: { seconds: 1_700_003_600n },
          requirement: { quorum: 2, groups: ['finance'], timeoutSeconds: 3600 },
          reasons: [{ code: 'AMOUNT_NEEDS_APPROVAL', facts: { amount: '18446744073709551615' } }],
        },
      });
    }
  });

  it('a denial, as an answer and not as an error', async () => {
    const reasons = [
      { code: 'RECIPIENT_NOT_ALLOWED', rule: 'address_allowlist', message: 'not listed', facts: { a: 'b' } },
    ];
    outcome = { kind: 'denied', request: sampleRequest({ state: 'DENIED' }), reasons };
    for (const response of [await sign(), await send()]) {
      expect(response.outcome).toMatchObject({ case: 'denied', value: { reasons } });
    }
  });

  it('never a half-signed answer', async () => {
    outcome = { kind: 'signed', request: sampleRequest({ signedTransaction: null }) };
    await expect(sign()).rejects.toMatchObject({ status: 'INTERNAL' });
    outcome = { kind: 'submitted', request: sampleRequest() };
    await expect(sign()).rejects.toMatchObject({ status: 'INTERNAL' });
    outcome = { kind: 'signed', request: sampleRequest() };
    await expect(send()).rejects.toMatchObject({ status: 'INTERNAL' });
  });

  it('a dry run with transaction, effects and input, amounts exact', async () => {
    const run = await plane.caller.unary(method.evaluateTransaction, ASK);
    expect(run.decision).toMatchObject({
      verdict: Verdict.ALLOW,
      bundleRevision: 'rev-1',
      reasons: [{ code: 'ALLOWED' }],
    });
    expect(run.transaction).toMatchObject({
      version: '0',
      feePayer: WALLET,
      size: 215,
      signers: [{ address: WALLET, signed: false }],
      lifetime: { kind: { case: 'recentBlockhash', value: SYSTEM } },
      instructions: [
        {
          known: true,
          programName: 'system',
          name: 'transfer_sol',
          accounts: [{ role: 'source', address: WALLET, signer: true, writable: true }, { role: 'destination' }],
          arguments: { amount: '18446744073709551615', memo: 'none', flag: 'true' },
        },
        { known: false, program: STRANGER, programName: '', name: '', accounts: [{ role: '' }, { role: '' }] },
      ],
    });
    expect(run.effects).toMatchObject({
      transfers: [
        { asset: 'SOL', amount: '18446744073709551615', decimals: 9, recipient: STRANGER },
        { asset: MINT, amount: '1500000', sourceOwner: '', recipient: '' },
      ],
      outflows: [{ asset: 'SOL', amount: '36893488147419103230', decimals: 9 }],
      fee: { payer: WALLET, totalLamports: '5000' },
      rentLamports: '2039280',
      approvals: [{ delegate: STRANGER, asset: '', amount: '5' }],
      authorityChanges: [{ kind: 'close_account', to: '' }],
      closes: [{ destination: STRANGER }],
      missing: [{ fact: 'mint', detail: 'the mint could not be read' }],
    });
    expect(run.effects?.transfers[1]?.decimals).toBeUndefined();
    expect(run.effects?.missing[0]?.instruction).toBeUndefined();
    expect(Buffer.from(run.policyInput).toString()).toBe('{}');
  });

  it('a recorded request', async () => {
    asked.length = 0;
    const { request, policyInput } = await plane.caller.unary(method.getTransaction, {
      requestId: REQUEST_ID.toUpperCase(),
    });
    expect(asked).toEqual([[expect.objectContaining(AGENT), { kind: 'request_id', requestId: REQUEST_ID }]]);
    expect(policyInput).toEqual(Buffer.from(sampleRequest().judgement.policyInput));
    expect(request).toMatchObject({
      requestId: REQUEST_ID,
      agent: 'shopper',
      wallet: 'treasury',
      state: RequestState.FINALIZED,
      signature: 'txSig',
      slot: 2n ** 63n,
      approvalId: APPROVAL_ID,
      createTime: { seconds: 1_700_000_000n },
    });
  });

  it('a recorded request by its signature', async () => {
    asked.length = 0;
    await plane.caller.unary(method.getTransaction, { signature: SIGNATURE });
    expect(asked).toEqual([[expect.objectContaining(AGENT), { kind: 'signature', signature: SIGNATURE }]]);
  });

  it('each state of a watched request, in order, and then the end', async () => {
    const states = await collect(plane.caller.stream(method.watchTransaction, { requestId: REQUEST_ID }));
    expect(states.map(({ request }) => request?.state)).toEqual([
      RequestState.SIGNING,
      RequestState.SIGNED,
      RequestState.SUBMITTED,
    ]);
  });
});

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(values);
}

/** Without type names, and with bytes as hex, whatever kind of array holds them. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== '$typeName');
  return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner)]));
}
