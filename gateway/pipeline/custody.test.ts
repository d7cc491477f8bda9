// Proves that what becomes of a request after a crash goes by where its keys were when they were asked, and not by the configuration alone.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { solTransfer } from '../../tour/transactions.ts';
import { addressFromBytes } from '../core/base58.ts';
import type { Limit, Verdict } from '../core/decision/decision.ts';
import type { RequestState } from '../core/request/request-state.ts';
import type { RequestRecord } from '../state/contract/request-store.ts';
import { sampleEntry, unsigned } from '../state/testing/sample-request.ts';
import { settleApproval } from './approval/approved.ts';
import { createSigningPipeline } from './pipeline.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { needsApproval, openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';
import { startTracker, type Tracker } from './tracking/tracker.ts';

const OUTFLOW: Limit = {
  id: 'sol',
  scope: 'wallet',
  measure: { kind: 'outflow', asset: 'SOL' },
  window: { kind: 'lifetime' },
  max: 1_000n,
  onExceed: { kind: 'deny' },
};
const LIMITED: Verdict = { kind: 'allow', reasons: [], limits: [OUTFLOW] };
const STRANGER = addressFromBytes(new Uint8Array(32).fill(5));
const { signal } = new AbortController();

type Held = 'process' | 'remote';

let scene: PipelineScene;
let tracker: Tracker | null = null;

// The gateway's clock is behind the database's: whatever the pipeline puts off is due at once.
beforeEach(async () => {
  scene = await openPipelineScene();
  scene.script.time -= 120_000;
  scene.script.verdict = LIMITED;
});

afterEach(async () => {
  await tracker?.stop();
  await scene.close();
});

describe('a request that is found in SIGNING after a crash', () => {
  it.each<[Held | 'nowhere', Readonly<Record<Held, RequestState>>, bigint]>([
    ['process', { process: 'SIGNING_FAILED', remote: 'INDETERMINATE' }, 60n],
    ['remote', { process: 'INDETERMINATE', remote: 'INDETERMINATE' }, 77n],
    ['nowhere', { process: 'INDETERMINATE', remote: 'INDETERMINATE' }, 77n],
  ])('by a gateway whose key is %s: by where the key was, %j, with %s reserved', async (now, becomes, reserved) => {
    const [here, elsewhere] = [await interrupted('process', 17n), await interrupted('remote', 60n)];
    track(now);
    await expect.poll(() => stateOf(here.requestId)).toBe(becomes.process);
    await expect.poll(() => stateOf(elsewhere.requestId)).toBe(becomes.remote);
    expect(await standing()).toEqual({ used: 0n, reserved });
  });

  it('asked of a remote key that is local now keeps what it has reserved until the chain proves that it is dead', async () => {
    const { requestId } = await interrupted('remote');
    Object.assign(scene.chain.heights, { confirmed: 999n, finalized: 250n });
    track('process');
    await expect.poll(() => stateOf(requestId)).toBe('INDETERMINATE');
    const looks = () => scene.chain.asked.length;
    const before = looks();
    await expect.poll(looks).toBeGreaterThan(before + 5);
    expect(await standing()).toEqual({ used: 0n, reserved: 77n });
    scene.chain.heights.finalized = 400n;
    await expect.poll(() => stateOf(requestId)).toBe('EXPIRED');
    expect(await standing()).toEqual({ used: 0n, reserved: 0n });
  });

  it('asked of a remote key that is local now has landed where the service signed it and somebody sent it', async () => {
    const { requestId, signed } = await interrupted('remote');
    scene.history.landed = [{ ...signed, slot: 200n, error: null }];
    Object.assign(scene.chain.heights, { confirmed: 999n, finalized: 400n });
    track('process');
    await expect.poll(() => stateOf(requestId)).toBe('FINALIZED');
    expect(await standing()).toEqual({ used: 77n, reserved: 0n });
  });

  it.each<[Held, Held, RequestState]>([
    ['remote', 'process', 'SIGNING_FAILED'],
    ['process', 'remote', 'INDETERMINATE'],
  ])(
    'asked for by a gateway with a %s key, and carried out after the approval by one with a %s key: %s',
    async (opened, settled, state) => {
      scene.script.verdict = needsApproval();
      const waiting = await createSigningPipeline(keyIs(opened)).signTransaction(scene.agent, ask(), signal);
      if (waiting.kind !== 'pending_approval') throw new Error(waiting.kind);
      const { approvalId, intentDigest } = waiting.approval;
      await scene.state.approvals.vote(
        { approvalId, approver: scene.ann, approve: true, intentDigest, comment: '', ...unsigned(scene.state) },
        sampleEntry('approval.vote', waiting.request.requestId),
      );
      const request = await scene.find(waiting.request.requestId);
      const { deps, died } = dying(keyIs(settled));
      await expect(settleApproval(deps, request, signal)).rejects.toThrow('the gateway died');
      expect(died()).toMatchObject({ requestId: request.requestId });
      track('process');
      await expect.poll(() => stateOf(request.requestId)).toBe(state);
    },
  );
});

describe('a signature that was given out', () => {
  it.each<[Held, RequestState]>([
    ['remote', 'FINALIZED'],
    ['process', 'EXPIRED'],
  ])(
    'by a %s key, which is local now: nodes that do not find it, while a history shows it: %s',
    async (asked, state) => {
      const pipeline = createSigningPipeline(keyIs(asked));
      const { request } = await pipeline.signTransaction(scene.agent, ask(), signal);
      expect(request.custody).toEqual((await scene.find(request.requestId)).custody);
      scene.history.landed = [{ ...landing(request), slot: 200n, error: null }];
      Object.assign(scene.chain.heights, { confirmed: 999n, finalized: 400n });
      track('process');
      await expect.poll(() => stateOf(request.requestId)).toBe(state);
    },
  );
});

function keyIs(custody: Held | 'nowhere', deps: PipelineDeps = scene.deps): PipelineDeps {
  if (custody === 'nowhere') return { ...deps, routes: new Map() };
  const routes = [...deps.routes].map(
    ([id, route]) => [id, { ...route, signer: { ...route.signer, custody } }] as const,
  );
  return { ...deps, routes: new Map(routes) };
}

type Landing = ReturnType<typeof landing>;

/** Dies with the signature in its hands. */
function dying(deps: PipelineDeps) {
  const { state } = deps;
  let last: { readonly requestId: string; readonly signed: Landing } | null = null;
  const advance: typeof state.requests.advance = async (change, audit) => {
    if (change.to !== 'SIGNED') return state.requests.advance(change, audit);
    last = { requestId: change.requestId, signed: landing(change) };
    throw new Error('the gateway died');
  };
  const died = () => {
    if (last === null) throw new Error('nothing was signed');
    return last;
  };
  return { deps: { ...deps, state: { ...state, requests: { ...state.requests, advance } } }, died };
}

function landing({
  transactionSignature,
  signedTransaction,
}: Partial<Pick<RequestRecord, 'transactionSignature' | 'signedTransaction'>>) {
  if (!transactionSignature || !signedTransaction) throw new Error('nothing was signed');
  return { signature: transactionSignature, wire: signedTransaction };
}

async function interrupted(custody: Held, amount = 77n) {
  const { deps, died } = dying(keyIs(custody));
  const call = createSigningPipeline(deps).signAndSendTransaction(scene.agent, ask(amount), 'SUBMITTED', signal);
  await expect(call).rejects.toThrow('the gateway died');
  expect(await stateOf(died().requestId)).toBe('SIGNING');
  return died();
}

function ask(amount = 77n) {
  return scene.ask({ transaction: solTransfer(scene.wallet, STRANGER, amount) });
}

function track(custody: Held | 'nowhere'): void {
  tracker = startTracker(keyIs(custody));
}

async function standing() {
  const budget = 'wallet:treasury|outflow:SOL';
  const [found] = await scene.state.budgets.standings([{ limit: OUTFLOW, budget, amount: 0n, settlement: 'landing' }]);
  return { used: found?.used, reserved: found?.reserved };
}

async function stateOf(requestId: string): Promise<string> {
  return (await scene.find(requestId)).state;
}
