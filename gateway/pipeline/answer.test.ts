import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayDenial } from '../core/decision/decision.ts';
import type { RequestState } from '../core/request/request-state.ts';
import type { RequestMethod, RequestRecord } from '../state/contract/request-store.ts';
import { sampleJudgement, sampleRecord } from '../state/testing/sample-request.ts';
import { answerOf } from './answer.ts';
import { createSigningPipeline } from './pipeline.ts';
import { needsApproval, openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';

const SIGNED = new Uint8Array([1]);

let scene: PipelineScene;

beforeAll(async () => {
  scene = await openPipelineScene();
});

afterAll(() => scene.close());

describe('what a recorded request means to the one who asked', () => {
  it.each<[RequestState, RequestMethod, string]>([
    ['SIGNED', 'sign', 'signed'],
    ['SIGNED', 'sign_message', 'signed'],
    ['SIGNED', 'sign_and_send', 'submitted'],
    ['SUBMITTED', 'sign_and_send', 'submitted'],
    ['CONFIRMED', 'sign_and_send', 'submitted'],
    ['FINALIZED', 'sign_and_send', 'submitted'],
    ['FAILED', 'sign_and_send', 'submitted'],
    ['INDETERMINATE', 'sign_and_send', 'submitted'],
    ['EXPIRED', 'sign_and_send', 'submitted'],
  ])('%s of %s is answered as %s', async (state, method, kind) => {
    const request = record(state, { signedTransaction: SIGNED, walletSignature: 'w' }, method);
    expect(await answerOf(scene.state, request)).toEqual({ kind, request });
  });

  it('DENIED is a denial with the reasons that are recorded', async () => {
    const decision = { ...sampleJudgement().decision, verdict: gatewayDenial('APPROVAL_REJECTED', 'rejected by ann') };
    const request = record('DENIED', { judgement: sampleJudgement({ decision }) });
    const reasons = [{ code: 'APPROVAL_REJECTED', rule: 'gateway', message: 'rejected by ann', facts: {} }];
    expect(await answerOf(scene.state, request)).toEqual({ kind: 'denied', request, reasons });
  });

  it('EXPIRED before anything was signed is a denial, not something that was handed over', async () => {
    const request = record('EXPIRED', { error: 'its blockhash died' });
    expect(await answerOf(scene.state, request)).toMatchObject({
      kind: 'denied',
      reasons: [{ code: 'LIFETIME_EXPIRED', message: 'its blockhash died' }],
    });
  });

  it('AWAITING_APPROVAL is answered with the approval', async () => {
    scene.script.verdict = needsApproval();
    const { signal } = new AbortController();
    const { request } = await createSigningPipeline(scene.deps).signTransaction(scene.agent, scene.ask(), signal);
    const recorded = await scene.find(request.requestId);
    expect(await answerOf(scene.state, recorded)).toMatchObject({
      kind: 'pending_approval',
      approval: { approvalId: recorded.approvalId, state: 'PENDING' },
    });
  });

  it.each([null, randomUUID()])('AWAITING_APPROVAL without its approval (%s) is a fault', async (approvalId) => {
    const request = record('AWAITING_APPROVAL', { approvalId });
    await expect(answerOf(scene.state, request)).rejects.toMatchObject({ reason: 'INTERNAL' });
  });

  it.each([
    [
      'SIGNER_REFUSED: the signer x refused: no: never',
      'SIGNER_REFUSED',
      'the signer x refused: no: never; nothing was signed',
    ],
    ['CANCELLED: the caller left', 'CANCELLED', 'the caller left; nothing was signed'],
    ['constructor: odd', 'SIGNING_INTERRUPTED', 'no signature left the gateway; nothing was signed'],
    [null, 'SIGNING_INTERRUPTED', 'no signature left the gateway; nothing was signed'],
  ])('SIGNING_FAILED with %j recorded throws %s, and names the request', async (error, reason, message) => {
    const request = record('SIGNING_FAILED', { error });
    const metadata = { request_id: request.requestId };
    await expect(answerOf(scene.state, request)).rejects.toMatchObject({ reason, message, metadata });
  });

  it.each<[RequestState, string, string, RegExp]>([
    [
      'INDETERMINATE',
      'SIGNING_UNKNOWN: the signer x gave no signature: late',
      'SIGNING_UNKNOWN',
      /late.*stays reserved/,
    ],
    ['INDETERMINATE', 'FROZEN: operators froze it', 'FROZEN', /stays reserved/],
    ['CONFIRMED', '', 'SIGNING_UNKNOWN', /it is CONFIRMED/],
    ['FAILED', '{"InstructionError":[0,"x"]}', 'SIGNING_UNKNOWN', /it is FAILED/],
    ['EXPIRED', 'SIGNING_UNKNOWN: the signer x gave no signature: late', 'SIGNING_INTERRUPTED', /given back.*new key/],
    ['EXPIRED', 'FROZEN: operators froze it', 'FROZEN', /given back/],
  ])('%s of a signature that was lost (%j) throws %s, and names the state', async (state, error, reason, message) => {
    const request = record(state, { error });
    const metadata = { request_id: request.requestId, state };
    const answer = answerOf(scene.state, request);
    await expect(answer).rejects.toMatchObject({ reason, message: expect.stringMatching(message), metadata });
  });

  it.each<RequestState>(['RECEIVED', 'EVALUATED', 'SIGNING'])('%s is not answered at all', async (state) => {
    await expect(answerOf(scene.state, record(state))).rejects.toMatchObject({ reason: 'INTERNAL' });
  });
});

function record(
  state: RequestState,
  change: Partial<RequestRecord> = {},
  method: RequestMethod = 'sign',
): RequestRecord {
  return sampleRecord({ state, ...change }, { method });
}
