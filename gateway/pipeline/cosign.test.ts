// Proves that who pays is asked before the wallet's signer, and that nothing is signed or kept where it does not pay.
import { generateKeyPairSync, sign as signWith } from 'node:crypto';
import { createNoopSigner, type Instruction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cosigning, FeePayer } from '../../relayer/fee-payer.ts';
import { wireTransaction } from '../../tour/transactions.ts';
import { addressFromBytes, encodeBase58 } from '../core/base58.ts';
import { GatewayError } from '../core/errors.ts';
import type { SponsorTerms } from '../core/sponsor/sponsor-terms.ts';
import { parseTransaction } from '../core/transaction/parse.ts';
import { withSignature } from '../core/transaction/wire.ts';
import { sampleEntry, unsigned } from '../state/testing/sample-request.ts';
import { settleApproval } from './approval/approved.ts';
import { createSigningPipeline } from './pipeline.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { needsApproval, openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';
import { startTracker } from './tracking/tracker.ts';

const KEYS = generateKeyPairSync('ed25519');
const PAYER = addressFromBytes(new Uint8Array(KEYS.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)));
const TERMS: SponsorTerms = {
  name: 'gas-station',
  address: PAYER,
  maxPerTransaction: 10_000n,
  perAgentPerDay: 10_000n,
  perDay: 10_000n,
  accountRent: 'none',
  payment: null,
  alertBelow: 1n,
};
const NEVER = new AbortController().signal;

let scene: PipelineScene;
let deps: PipelineDeps;
/** Wire transactions that the fee payer was asked to sign. */
let cosigned: Uint8Array[];
let answer: (messageBytes: Uint8Array, signal: AbortSignal) => Promise<Cosigning>;
const events: string[] = [];

beforeEach(async () => {
  scene = await openPipelineScene();
  cosigned = [];
  events.length = 0;
  answer = async (messageBytes) => ({ kind: 'signed', signature: signatureOver(messageBytes) });
  const feePayer: FeePayer = {
    name: 'gas-station',
    backend: 'test',
    address: PAYER,
    custody: 'process',
    cosign: (messageBytes, wireTransaction, { signal }) => {
      cosigned.push(wireTransaction);
      return answer(messageBytes, signal);
    },
  };
  const route = scene.deps.routes.get('treasury');
  if (route === undefined) throw new Error('no route');
  const observer = {
    ...scene.deps.observer,
    feePayerCall: (...told: unknown[]) => void events.push(told.slice(0, 2).join()),
  };
  const routes = new Map([['treasury', { ...route, feePayer, sponsorship: TERMS }]]);
  deps = { ...scene.deps, routes, observer, signerTimeoutMs: 300 };
});

afterEach(() => scene.close());

describe('who pays', () => {
  it('is asked once the intent is recorded, before the signer, who is given what it signed', async () => {
    const recorded: string[] = [];
    const last = async () => {
      const { sequence } = (await scene.state.audit.head()) ?? { sequence: 0n };
      const record = await scene.state.audit.get(sequence);
      recorded.push(JSON.parse(Buffer.from(record?.body ?? []).toString()).kind);
    };
    answer = async (messageBytes) => {
      await last();
      expect(scene.asked).toEqual([]);
      return { kind: 'signed', signature: signatureOver(messageBytes) };
    };
    const { request } = await sign();
    expect(recorded).toEqual(['request.signing']);
    expect(signaturesOf(cosigned[0])).toEqual([null, null]);
    const [first, second] = signaturesOf(request.signedTransaction);
    expect(request.transactionSignature).toBe(encodeBase58(first ?? new Uint8Array()));
    expect(request.walletSignature).toBe(encodeBase58(second ?? new Uint8Array()));
    expect((await scene.find(request.requestId)).custody).toEqual({ wallet: 'process', feePayer: 'process' });
    expect((await scene.auditOf(request.requestId)).at(-1)).toMatchObject({
      kind: 'request.signed',
      facts: { fee_payer: 'gas-station', fee_payer_address: PAYER, fee_payer_signature: request.transactionSignature },
    });
    expect(events).toEqual(['test,signed']);
  });

  it('is not asked where the agent brings its signature, or names another', async () => {
    const signed = parsed(paid());
    const brought = withSignature(signed, 0, signatureOver(signed.messageBytes));
    const custody = { wallet: 'process', feePayer: 'remote' };
    expect(await ask(brought, false)).toMatchObject({ kind: 'signed', request: { custody } });
    expect(await ask(wireTransaction(scene.wallet, [pay()]))).toMatchObject({ kind: 'signed' });
    const stranger = wireTransaction(addressFromBytes(new Uint8Array(32).fill(9)), [pay()]);
    const sent = createSigningPipeline(deps).signAndSendTransaction(scene.agent, asking(stranger), 'SUBMITTED', NEVER);
    await expect(sent).rejects.toMatchObject({ reason: 'SIGNATURES_MISSING' });
    expect(cosigned).toEqual([]);
  });

  it('is unavailable while its address is not known, but not to who pays itself', async () => {
    const route = deps.routes.get('treasury');
    if (route?.feePayer == null) throw new Error('no fee payer');
    const untold = { ...route, feePayer: { ...route.feePayer, address: null }, sponsorship: null };
    const pipeline = createSigningPipeline({ ...deps, routes: new Map([['treasury', untold]]) });
    const send = (transaction: Uint8Array) =>
      pipeline.signAndSendTransaction(scene.agent, asking(transaction), 'SUBMITTED', NEVER);
    await expect(send(paid())).rejects.toMatchObject({
      reason: 'FEE_PAYER_UNAVAILABLE',
      message: expect.stringContaining('the address of the fee payer gas-station is not known yet'),
    });
    expect(await send(wireTransaction(scene.wallet, [pay()]))).toMatchObject({ kind: 'submitted' });
    expect(cosigned).toEqual([]);
  });

  it.each<[string, () => Promise<Cosigning>, string, string]>([
    ['refuses', async () => ({ kind: 'refused', reason: 'not this one' }), 'FEE_PAYER_REFUSED', 'refused'],
    ['is away', async () => ({ kind: 'unavailable', reason: 'down' }), 'FEE_PAYER_UNAVAILABLE', 'unavailable'],
    ['throws', () => Promise.reject(new Error('hunter2')), 'FEE_PAYER_UNAVAILABLE', 'unavailable'],
    ['never answers', () => new Promise(() => undefined), 'FEE_PAYER_UNAVAILABLE', 'unavailable'],
    [
      'signs something else',
      async () => ({ kind: 'signed', signature: signatureOver(new Uint8Array([1])) }),
      'FEE_PAYER_UNAVAILABLE',
      'unavailable',
    ],
    [
      'answers no signature',
      async () => ({ kind: 'signed', signature: new Uint8Array(3) }),
      'FEE_PAYER_UNAVAILABLE',
      'unavailable',
    ],
  ])('and %s: nothing is signed, and what it would have cost is given back', async (_what, does, reason, result) => {
    answer = does;
    const fault = await sign().catch((error: unknown) => error);
    if (!(fault instanceof GatewayError)) throw fault;
    expect(fault).toMatchObject({ reason });
    expect(fault.message).not.toContain('hunter2');
    expect(await scene.find(fault.metadata.request_id ?? '')).toMatchObject({
      state: 'SIGNING_FAILED',
      signedTransaction: null,
    });
    expect(scene.asked).toEqual([]);
    expect(events).toEqual([`test,${result}`]);
    answer = async (messageBytes) => ({ kind: 'signed', signature: signatureOver(messageBytes) });
    await expect(sign()).resolves.toMatchObject({ kind: 'signed' });
    await expect(sign()).resolves.toMatchObject({ kind: 'denied', reasons: [over('agent'), over('all')] });
  });

  it('and the caller leaves meanwhile: that is what is recorded', async () => {
    const call = new AbortController();
    answer = () => {
      call.abort(new GatewayError('CANCELLED', 'gone'));
      return new Promise(() => undefined);
    };
    await expect(ask(paid(), true, call.signal)).rejects.toMatchObject({ reason: 'CANCELLED' });
    expect(scene.asked).toEqual([]);
  });
});

describe('people who approve', () => {
  it('let it be paid for, and no more than its budgets: one of two', async () => {
    scene.script.verdict = needsApproval();
    const asked = await Promise.all([ask(paid()), ask(paid())]);
    const states: string[] = [];
    for (const { request } of asked) {
      expect(request.state).toBe('AWAITING_APPROVAL');
      const { requestId, approvalId } = request;
      const { intentDigest } = request.judgement;
      const vote = { approvalId: approvalId ?? '', approver: scene.ann, approve: true, intentDigest, comment: '' };
      await scene.state.approvals.vote({ ...vote, ...unsigned(scene.state) }, sampleEntry('approval.vote', requestId));
      await settleApproval(deps, request, NEVER);
      states.push((await scene.find(request.requestId)).state);
    }
    expect(states).toEqual(['SIGNED', 'DENIED']);
    expect(cosigned).toHaveLength(1);
  });
});

describe('a wallet’s signer that is remote', () => {
  it('and whose answer is lost leaves the signature by which the transaction can be found, and what it may cost', async () => {
    const route = deps.routes.get('treasury');
    if (route === undefined) throw new Error('no route');
    const lost = { kind: 'unavailable', reason: 'no answer', ambiguous: true } as const;
    const signer = { ...route.signer, custody: 'remote', sign: async () => lost } as const;
    deps = { ...deps, routes: new Map([['treasury', { ...route, signer }]]) };
    const fault = await sign().catch((error: unknown) => error);
    if (!(fault instanceof GatewayError)) throw fault;
    expect(fault).toMatchObject({ reason: 'SIGNING_UNKNOWN' });
    const request = await scene.find(fault.metadata.request_id ?? '');
    const { messageBytes } = parsed(cosigned[0]);
    expect(request).toMatchObject({
      state: 'INDETERMINATE',
      custody: { wallet: 'remote', feePayer: 'process' },
      walletSignature: null,
      transactionSignature: encodeBase58(signatureOver(messageBytes)),
    });
    await expect(sign()).resolves.toMatchObject({ kind: 'denied', reasons: [over('agent'), over('all')] });
  });
});

describe('between the signature of who pays and the wallet’s', () => {
  it('a crash leaves nothing that can land, and what it would have cost is given back', async () => {
    const crash = Promise.withResolvers<void>();
    scene.script.beforeSigning = () => crash.promise;
    // The gateway's clock is behind the database's: whatever the pipeline puts off is due at once.
    scene.script.time -= 120_000;
    const late = sign().catch((error: unknown) => error);
    await expect.poll(() => scene.asked.length).toBe(1);
    const tracker = startTracker(deps);
    await expect.poll(async () => (await open()).length).toBe(0);
    await tracker.stop();
    crash.resolve();
    expect(await late).not.toMatchObject({ kind: 'signed' });
    scene.script.beforeSigning = async () => undefined;
    await expect(sign()).resolves.toMatchObject({ kind: 'signed' });
  });
});

function over(whose: string) {
  return { code: 'BUDGET_EXCEEDED', facts: { limit: `@sponsor/gas-station/${whose}` } };
}

async function open() {
  const { agent } = scene;
  const filter = { states: ['SIGNING'], since: null } as const;
  return createSigningPipeline(deps).listTransactions(agent, null, { filter, limit: 5, after: null });
}

let amount = 0n;

function pay(): Instruction {
  amount += 1n;
  const source = createNoopSigner(scene.wallet);
  return getTransferSolInstruction({ source, destination: addressFromBytes(new Uint8Array(32).fill(7)), amount });
}

function paid(): Uint8Array {
  return wireTransaction(PAYER, [pay()]);
}

function asking(transaction: Uint8Array, setFreshBlockhash = true) {
  return scene.ask({ transaction, setFreshBlockhash });
}

async function sign() {
  const outcome = await ask(paid());
  if (outcome.kind !== 'signed' && outcome.kind !== 'denied') throw new Error(outcome.kind);
  return outcome;
}

function ask(transaction: Uint8Array, setFreshBlockhash = true, signal = NEVER) {
  return createSigningPipeline(deps).signTransaction(scene.agent, asking(transaction, setFreshBlockhash), signal);
}

function signatureOver(messageBytes: Uint8Array): Uint8Array {
  return new Uint8Array(signWith(null, messageBytes, KEYS.privateKey));
}

function parsed(wire: Uint8Array | null | undefined) {
  const read = parseTransaction(wire ?? new Uint8Array());
  if (read.kind === 'malformed') throw new Error('malformed');
  return read.value;
}

function signaturesOf(wire: Uint8Array | null | undefined) {
  return parsed(wire).signatures;
}
