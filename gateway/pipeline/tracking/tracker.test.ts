import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { SubmitResult } from '../../../relayer/relayer.ts';
import { sampleEntry, unsigned } from '../../state/testing/sample-request.ts';
import { createSigningPipeline } from '../pipeline.ts';
import { needsApproval, openPipelineScene, type PipelineScene } from '../testing/pipeline-scene.ts';
import { startTracker, type Tracker } from './tracker.ts';

const LANDED = { commitment: 'finalized', slot: 9n, error: null } as const;

let scene: PipelineScene;
let tracker: Tracker | null;

// The gateway's clock is behind the database's: whatever the pipeline puts off is due at once.
beforeEach(async () => {
  scene = await openPipelineScene();
  scene.script.time -= 120_000;
  tracker = null;
  return async () => {
    await tracker?.stop();
    await scene.close();
  };
});

it('carries a submitted transaction on until it is final', async () => {
  const requestId = await submitted();
  scene.chain.status = LANDED;
  tracker = startTracker(scene.deps);
  await expect.poll(() => stateOf(requestId)).toBe('FINALIZED');
});

it('submits a signed transaction that was never sent, with the signature that is recorded', async () => {
  const requestId = await signedAndAbandoned();
  expect(scene.relayer.sent).toHaveLength(0);
  tracker = startTracker(scene.deps);
  await expect.poll(() => scene.relayer.sent.length).toBeGreaterThan(0);
  const { signedTransaction } = await scene.find(requestId);
  expect(scene.relayer.sent[0]).toEqual(signedTransaction);
  expect(scene.asked).toHaveLength(1);
});

it('leaves nothing open for a wallet that has no relayer any more: the chain decides', async () => {
  const requestId = await signedAndAbandoned();
  Object.assign(scene.chain.heights, { confirmed: 300n, finalized: 300n });
  tracker = startTracker({ ...scene.deps, routes: new Map() });
  await expect.poll(() => stateOf(requestId)).toBe('EXPIRED');
});

it('gives up what was interrupted while it was signed, and a late signature does not leave', async () => {
  let requestId = '';
  scene.script.beforeSigning = async () => {
    requestId = await newestRequest();
    tracker = startTracker(scene.deps);
    await expect.poll(() => stateOf(requestId)).toBe('SIGNING_FAILED');
  };
  await expect(sign()).rejects.toMatchObject({ reason: 'SIGNING_INTERRUPTED' });
  expect(await scene.find(requestId)).toMatchObject({ state: 'SIGNING_FAILED', signedTransaction: null });
});

it.each([
  ['behind', -3_600_000],
  ['ahead', 3_600_000],
])('rests while the clock of its machine is an hour %s, and says so once', async (_, offMs) => {
  const requestId = await signedAndAbandoned();
  const right = scene.script.time;
  scene.script.time = Date.now() + offMs;
  const asked = vi.spyOn(scene.state, 'time');
  tracker = startTracker(scene.deps);
  await expect.poll(() => asked.mock.calls.length).toBeGreaterThan(1);
  expect(await stateOf(requestId)).toBe('SIGNED');
  expect(scene.relayer.sent).toHaveLength(0);
  expect(scene.warnings).toEqual([expect.stringContaining('clock')]);
  scene.script.time = right;
  // That it looks again by itself was seen above.
  tracker.wake();
  await expect.poll(() => scene.relayer.sent.length).toBeGreaterThan(0);
});

it('lets no request wait for another one whose relayer hangs', async () => {
  const hanging = await signedAndAbandoned();
  const hang = Promise.withResolvers<SubmitResult>();
  scene.relayer.answer = () => hang.promise;
  tracker = startTracker(scene.deps);
  await expect.poll(() => scene.relayer.sent.length).toBe(1);
  scene.script.verdict = needsApproval();
  const waiting = await sign();
  if (waiting.kind !== 'pending_approval') throw new Error(waiting.kind);
  const { approvalId, intentDigest } = waiting.approval;
  await scene.state.approvals.vote(
    { approvalId, approver: scene.ann, approve: true, intentDigest, comment: '', ...unsigned(scene.state) },
    sampleEntry('approval.vote', waiting.request.requestId),
  );
  tracker.wake();
  await expect.poll(() => stateOf(waiting.request.requestId)).toBe('SIGNED');
  expect(await stateOf(hanging)).toBe('SIGNED');
  hang.resolve({ kind: 'accepted' });
  await expect.poll(() => stateOf(hanging)).toBe('SUBMITTED');
});

describe('stopping', () => {
  it('waits for what is under way', async () => {
    const requestId = await signedAndAbandoned();
    const hang = Promise.withResolvers<SubmitResult>();
    scene.relayer.answer = () => hang.promise;
    tracker = startTracker(scene.deps);
    await expect.poll(() => scene.relayer.sent.length).toBe(1);
    const stopped = tracker.stop();
    hang.resolve({ kind: 'accepted' });
    await stopped;
    expect(await stateOf(requestId)).toBe('SUBMITTED');
  });
});

it('goes on after the chain was away', async () => {
  const requestId = await submitted();
  scene.chain.status = LANDED;
  scene.chain.isAway = true;
  tracker = startTracker(scene.deps);
  await expect.poll(() => scene.chain.asked.filter((method) => method === 'getSignatureStatuses').length).toBe(2);
  expect(await stateOf(requestId)).toBe('SUBMITTED');
  scene.chain.isAway = false;
  await expect.poll(() => stateOf(requestId)).toBe('FINALIZED');
});

it('asks the chain for statuses and height once for many', async () => {
  await Promise.all(Array.from({ length: 20 }, submitted));
  scene.chain.asked.length = 0;
  tracker = startTracker(scene.deps);
  await expect.poll(() => scene.relayer.sent.length).toBe(40);
  await tracker.stop();
  const rounds = scene.chain.asked.filter((method) => method === 'getSignatureStatuses').length;
  const heights = scene.chain.asked.filter((method) => method === 'getBlockHeight confirmed').length;
  expect(rounds).toBeLessThan(10);
  expect(heights).toBeLessThanOrEqual(rounds);
});

function sign() {
  return createSigningPipeline(scene.deps).signTransaction(scene.agent, scene.ask(), new AbortController().signal);
}

async function submitted(): Promise<string> {
  const { deps, agent } = scene;
  const { signal } = new AbortController();
  const outcome = await createSigningPipeline(deps).signAndSendTransaction(agent, scene.ask(), 'SUBMITTED', signal);
  return outcome.request.requestId;
}

/** As a gateway leaves it that dies between the signature and the submission. */
async function signedAndAbandoned(): Promise<string> {
  const { deps, agent, state } = scene;
  let requestId = '';
  const advance: typeof state.requests.advance = async (change, audit) => {
    const result = await state.requests.advance(change, audit);
    if (change.to === 'SIGNED') {
      requestId = change.requestId;
      throw new Error('the gateway died');
    }
    return result;
  };
  const dying = { ...deps, state: { ...state, requests: { ...state.requests, advance } } };
  const { signal } = new AbortController();
  const call = createSigningPipeline(dying).signAndSendTransaction(agent, scene.ask(), 'SUBMITTED', signal);
  await expect(call).rejects.toThrow('the gateway died');
  return requestId;
}

async function stateOf(requestId: string): Promise<string> {
  return (await scene.find(requestId)).state;
}

async function newestRequest(): Promise<string> {
  const head = await scene.state.audit.head();
  const record = await scene.state.audit.get(head?.sequence ?? 0n);
  return JSON.parse(Buffer.from(record?.body ?? []).toString()).request_id;
}
