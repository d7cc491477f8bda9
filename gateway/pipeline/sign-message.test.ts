import { beforeEach, describe, expect, it } from 'vitest';
import type { SignContext, Signer } from '../../signers/signer.ts';
import { verifySignature } from '../../signers/verify.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { decodeBase58 } from '../core/base58.ts';
import { mintSigningPermit } from '../core/permit/signing-permit.ts';
import { permitBasis, termsOf } from './admit.ts';
import { hex, sha256 } from './digest.ts';
import { judge } from './evaluate.ts';
import type { MessageAsk } from './outcome.ts';
import { createSigningPipeline } from './pipeline.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { sign } from './sign.ts';
import { askToSign, bytesOf, TEXT } from './testing/message-ask.ts';
import { ALLOW, DENY, openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';
import { startTracker } from './tracking/tracker.ts';

let scene: PipelineScene;

beforeEach(async () => {
  scene = await openPipelineScene();
  return () => scene.close();
});

describe('a message that the policy allows', () => {
  it('is signed as it is: the signature holds over its bytes', async () => {
    const { kind, request } = await ask();
    expect(kind).toBe('signed');
    expect(scene.asked).toEqual([bytesOf(TEXT)]);
    const signature = decodeBase58(request.walletSignature ?? '') ?? new Uint8Array();
    expect(await verifySignature({ address: scene.wallet, messageBytes: bytesOf(TEXT), signature })).toBe(true);
  });

  it('is recorded before and after the signer, as a message', async () => {
    const { request } = await ask({ context: { purpose: 'log in' } });
    const records = await scene.auditOf(request.requestId);
    expect(records.map(({ kind, actor }) => [kind, actor])).toEqual([
      ['request.signing', 'trader'],
      ['request.signed', 'gateway'],
    ]);
    expect(records[0]?.facts).toMatchObject({
      method: 'sign_message',
      message: Buffer.from(TEXT).toString('base64'),
      message_sha256: hex(sha256(bytesOf(TEXT))),
      intent_sha256: hex(sha256(bytesOf(TEXT))),
    });
    expect(records[0]?.facts).not.toHaveProperty('transaction');
    expect(records[1]?.facts).toMatchObject({ signature: request.walletSignature });
  });

  it('ends as signed: there is no transaction, and nothing is due', async () => {
    const { request } = await ask();
    expect(await scene.find(request.requestId)).toMatchObject({
      state: 'SIGNED',
      walletSignature: request.walletSignature,
      signedTransaction: null,
      transactionSignature: null,
      judgement: { transaction: bytesOf(TEXT), lastValidBlockHeight: null },
    });
    expect(await scene.state.requests.claimDue(10, 1)).toEqual([]);
  });

  it('is judged from its bytes alone: the chain is not asked', async () => {
    const { request } = await ask();
    expect(scene.chain.asked).toEqual([]);
    const { policyInput } = (await scene.find(request.requestId)).judgement;
    const document = JSON.parse(new TextDecoder().decode(policyInput));
    expect(Object.keys(document)).toEqual(['agent', 'context', 'message', 'request', 'v', 'wallet']);
    expect(document.message).toMatchObject({ envelope: 'none', text: TEXT });
  });

  it('reaches the signer without a wire transaction, and says that it is a message', async () => {
    const contexts: SignContext[] = [];
    const watched = withSigner((honest, bytes, context) => {
      contexts.push(context);
      return honest.sign(bytes, context);
    });
    await ask({}, watched);
    expect(contexts).toMatchObject([{ kind: 'message' }]);
    expect(contexts[0]).not.toHaveProperty('wireTransaction');
  });

  it('is signed twice where it is asked for twice without a key', async () => {
    const [first, second] = [await ask(), await ask()];
    expect([first.kind, second.kind]).toEqual(['signed', 'signed']);
    expect(first.request.requestId).not.toBe(second.request.requestId);
  });

  it('is found by its signature, and only by its agent', async () => {
    const { request } = await ask();
    const by = { kind: 'signature', signature: request.walletSignature ?? '' } as const;
    const pipeline = createSigningPipeline(scene.deps);
    expect((await pipeline.getTransaction(scene.agent, by)).requestId).toBe(request.requestId);
    await expect(pipeline.getTransaction({ ...scene.agent, id: 'other' }, by)).rejects.toMatchObject({
      reason: 'REQUEST_NOT_FOUND',
    });
  });

  it('ends a stream of its states when it is signed', async () => {
    const { request } = await ask();
    const states: string[] = [];
    const { signal } = new AbortController();
    const pipeline = createSigningPipeline(scene.deps);
    for await (const { state } of pipeline.watchTransaction(scene.agent, request.requestId, signal)) states.push(state);
    expect(states).toEqual(['SIGNED']);
  });
});

describe('bytes that are no message', () => {
  it.each([
    ['a wire transaction', 'MESSAGE_IS_A_TRANSACTION', () => solTransfer(scene.wallet, scene.wallet, 1n)],
    ['the message of one', 'MESSAGE_IS_A_TRANSACTION', () => solTransfer(scene.wallet, scene.wallet, 1n).slice(65)],
    ['a broken envelope', 'MALFORMED_MESSAGE', () => new Uint8Array(Buffer.from('\xffsolana offchain\x00', 'latin1'))],
    ['nothing', 'MALFORMED_MESSAGE', () => new Uint8Array()],
  ])('%s: refused before the policy is asked, and not recorded', async (_case, reason, bytes) => {
    const before = await scene.state.audit.head();
    const unasked = { ...scene.deps, policy: { current: () => ({ ...scene.deps.policy.current(), evaluate: never }) } };
    await expect(ask({ message: bytes() }, unasked)).rejects.toMatchObject({ reason });
    expect(await scene.state.audit.head()).toEqual(before);
    expect(scene.asked).toEqual([]);
  });

  it('get no signature by a permit that was minted for something else', async () => {
    const asked = { id: crypto.randomUUID(), agent: scene.agent, wallet: { id: 'treasury', address: scene.wallet } };
    const { signal } = new AbortController();
    const message = {
      method: 'sign_message',
      agentId: 'trader',
      walletId: 'treasury',
      received: bytesOf(TEXT),
    } as const;
    const ask = { ...message, setFreshBlockhash: false, idempotencyKey: null, context: {} };
    const judged = await judge(scene.deps, { ...asked, ask }, signal);
    const minting = mintSigningPermit(permitBasis(judged, scene.agent, asked.wallet), null);
    if (minting.kind === 'refused') throw new Error(minting.reason);
    const { requestId, judgement, subject } = judged;
    const as = {
      requestId,
      askDigest: new Uint8Array(32),
      judgement,
      state: 'SIGNING',
      approval: null,
      terms: termsOf(judged, []),
      dueAt: null,
    } as const;
    const intent = { kind: 'new', request: { ...as, ask: { ...ask, method: 'sign' } }, subject } as const;
    const route = scene.deps.routes.get('treasury');
    if (route === undefined) throw new Error('no signer');
    await expect(sign(scene.deps, route, minting.permit, intent, signal)).rejects.toMatchObject({
      reason: 'INTERNAL',
    });
    expect(scene.asked).toEqual([]);
  });
});

describe('a signer of messages', () => {
  it('that signs other bytes gets nothing past the gateway', async () => {
    const faithless = withSigner((honest, _bytes, context) => honest.sign(bytesOf('I owe you all'), context));
    const fault = await ask({}, faithless).catch((error: unknown) => error);
    expect(fault).toMatchObject({ reason: 'SIGNER_UNAVAILABLE' });
  });

  it('that refuses what it cannot judge is final', async () => {
    const strict = withSigner(async () => ({ kind: 'refused', reason: 'only transactions' }));
    await expect(ask({}, strict)).rejects.toMatchObject({ reason: 'SIGNER_REFUSED' });
  });
});

describe('an idempotency key', () => {
  it('gives the same signature again, and the signer is asked once', async () => {
    const first = await ask({ idempotencyKey: 'k' });
    const second = await ask({ idempotencyKey: 'k' });
    expect(second.request.requestId).toBe(first.request.requestId);
    expect(second.request.walletSignature).toBe(first.request.walletSignature);
    expect(scene.asked).toHaveLength(1);
  });

  it('gives the recorded denial again', async () => {
    scene.script.verdict = DENY;
    const first = await ask({ idempotencyKey: 'k' });
    scene.script.verdict = ALLOW;
    const second = await ask({ idempotencyKey: 'k' });
    expect([first.kind, second.kind, second.request.requestId]).toEqual(['denied', 'denied', first.request.requestId]);
  });

  it('is refused for another message, and across methods in both directions', async () => {
    await ask({ idempotencyKey: 'k' });
    const reused = { reason: 'IDEMPOTENCY_KEY_REUSED' };
    await expect(ask({ idempotencyKey: 'k', message: bytesOf('another') })).rejects.toMatchObject(reused);
    const pipeline = createSigningPipeline(scene.deps);
    const { signal } = new AbortController();
    const transfer = (key: string) => pipeline.signTransaction(scene.agent, scene.ask({ idempotencyKey: key }), signal);
    await expect(transfer('k')).rejects.toMatchObject(reused);
    await transfer('t');
    await expect(ask({ idempotencyKey: 't' })).rejects.toMatchObject(reused);
  });
});

describe('the tracker', () => {
  it('gives a message up whose signing was interrupted', async () => {
    scene.script.time -= 120_000;
    let requestId = '';
    scene.script.beforeSigning = async () => {
      const head = await scene.state.audit.head();
      const last = await scene.state.audit.get(head?.sequence ?? 0n);
      requestId = JSON.parse(Buffer.from(last?.body ?? []).toString()).request_id;
      const tracker = startTracker(scene.deps);
      await expect.poll(async () => (await scene.find(requestId)).state).toBe('SIGNING_FAILED');
      await tracker.stop();
    };
    await expect(ask()).rejects.toMatchObject({ reason: 'SIGNING_INTERRUPTED' });
    expect(await scene.find(requestId)).toMatchObject({ state: 'SIGNING_FAILED', walletSignature: null });
  });

  it('leaves a signed message as it is, even where somebody made it due', async () => {
    const { request } = await ask();
    const due = { requestId: request.requestId, from: 'SIGNED', to: 'SIGNED', dueAt: 1 } as const;
    await scene.state.requests.advance(due, null);
    let claimed = 0;
    const { requests } = scene.state;
    const claimDue: typeof requests.claimDue = async (...bounds) => {
      const found = await requests.claimDue(...bounds);
      claimed += found.length;
      return found;
    };
    const tracker = startTracker({ ...scene.deps, state: { ...scene.state, requests: { ...requests, claimDue } } });
    await expect.poll(() => claimed).toBe(1);
    await tracker.stop();
    expect(await scene.find(request.requestId)).toMatchObject({ state: 'SIGNED' });
    expect([scene.relayer.sent, scene.warnings, scene.chain.asked]).toEqual([[], [], []]);
  });
});

function ask(change: Partial<MessageAsk> = {}, deps: PipelineDeps = scene.deps) {
  return askToSign(scene, change, deps);
}

function withSigner(
  how: (honest: Signer, ...asked: Parameters<Signer['sign']>) => ReturnType<Signer['sign']>,
): PipelineDeps {
  const routes = [...scene.deps.routes].map(([id, route]) => {
    const sign: Signer['sign'] = (bytes, context) => how(route.signer, bytes, context);
    return [id, { ...route, signer: { ...route.signer, sign } }] as const;
  });
  return { ...scene.deps, routes: new Map(routes) };
}

function never(): never {
  throw new Error('nobody should ask the policy');
}
