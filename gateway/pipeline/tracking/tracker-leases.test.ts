// Proves that two workers on one request, of which one is late, do no harm: whatever the late one saw, and whenever it writes.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SignatureStatus } from '../../../relayer/chain-reader.ts';
import type { SubmitResult } from '../../../relayer/relayer.ts';
import type { Limit } from '../../core/decision/decision.ts';
import { isFinal, type RequestState } from '../../core/request/request-state.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { confirm } from '../confirm.ts';
import { createSigningPipeline } from '../pipeline.ts';
import { submit } from '../relay.ts';
import { openPipelineScene, type PipelineScene } from '../testing/pipeline-scene.ts';
import { createLookup } from './lookup.ts';
import { openSight } from './sight.ts';
import { startTracker } from './tracker.ts';

const LIMIT: Limit = {
  id: 'all-time',
  scope: 'wallet',
  measure: { kind: 'fee' },
  window: { kind: 'lifetime' },
  max: 10n ** 12n,
  onExceed: { kind: 'deny' },
};
const FEE = 5_000n;
const { signal } = new AbortController();

let scene: PipelineScene;
let usedBefore = 0n;

beforeAll(async () => {
  scene = await openPipelineScene();
  scene.script.verdict = { kind: 'allow', reasons: [], limits: [LIMIT] };
  scene.script.time -= 120_000;
});

afterAll(() => scene.close());

beforeEach(async () => {
  Object.assign(scene.chain.heights, { confirmed: 100n, finalized: 100n });
  scene.chain.status = null;
  scene.relayer.sent.length = 0;
  scene.relayer.answer = async () => ({ kind: 'accepted' });
  usedBefore = (await standing()).used;
});

interface View {
  readonly status: SignatureStatus | null;
  readonly height: bigint;
}

const LIVING = 100n;
const PAST = 300n;
const VIEWS = {
  absent: { status: null, height: LIVING },
  confirmed: { status: { commitment: 'confirmed', slot: 7n, error: null }, height: LIVING },
  'failed on a fork': { status: { commitment: 'confirmed', slot: 8n, error: '"x"' }, height: LIVING },
} as const satisfies Record<string, View>;

const ENDS: readonly (readonly [RequestState, View, bigint])[] = [
  ['FINALIZED', { status: { commitment: 'finalized', slot: 7n, error: null }, height: PAST }, FEE],
  ['FAILED', { status: { commitment: 'finalized', slot: 7n, error: '"x"' }, height: PAST }, FEE],
  ['EXPIRED', { status: null, height: PAST }, 0n],
];

describe.each(ENDS)('a request that is %s', (state, view, used) => {
  it.each(Object.entries(VIEWS))('stays so when a late worker saw it %s before', async (_saw, late) => {
    const claimed = await submitted();
    await look(claimed, view);
    await look(claimed, late);
    expect(await scene.find(claimed.requestId)).toMatchObject({ state });
    expect(await standing()).toEqual({ used: usedBefore + used, reserved: 0n });
  });

  it('is settled once, and recorded once, by eight workers at once', async () => {
    const claimed = await submitted();
    await Promise.all(Array.from({ length: 8 }, () => look(claimed, view)));
    expect(await scene.find(claimed.requestId)).toMatchObject({ state });
    expect(await standing()).toEqual({ used: usedBefore + used, reserved: 0n });
    const kinds = (await scene.auditOf(claimed.requestId)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === `request.${state.toLowerCase()}`)).toHaveLength(1);
  });

  it('is so in the end whatever two workers saw before, in whatever order they write', async () => {
    for (const one of Object.values(VIEWS)) {
      for (const other of Object.values(VIEWS)) {
        const claimed = await submitted();
        await Promise.all([look(claimed, one), look(claimed, other)]);
        const bytes = new Set(scene.relayer.sent.map((sent) => Buffer.from(sent).toString('hex')));
        expect(bytes.size).toBeLessThanOrEqual(1);
        await end(claimed.requestId, view);
        expect(await scene.find(claimed.requestId)).toMatchObject({ state });
      }
    }
    expect((await standing()).reserved).toBe(0n);
  });
});

it('sends the same bytes again, and records one submission, when the first submitter hangs beyond its lease', async () => {
  const request = await signedAndClaimed();
  const hang = Promise.withResolvers<SubmitResult>();
  scene.relayer.answer = () => hang.promise;
  const { relayer } = scene;
  const late = submit(scene.deps, relayer, { ...request, signedTransaction: bytesOf(request) }, signal);
  await expect.poll(() => relayer.sent.length).toBe(1);
  relayer.answer = async () => ({ kind: 'accepted' });
  const { requestId } = request;
  // Its lease ran out.
  await scene.state.requests.advance({ requestId, from: 'SIGNED', to: 'SIGNED', dueAt: 0 }, null);
  const tracker = startTracker(scene.deps);
  await expect.poll(async () => (await scene.find(requestId)).state).toBe('SUBMITTED');
  await tracker.stop();
  hang.resolve({ kind: 'rejected', code: 'OTHER', reason: 'late' });
  await late;
  expect(await scene.find(requestId)).toMatchObject({ state: 'SUBMITTED', error: null });
  expect(new Set(relayer.sent.map((sent) => Buffer.from(sent).toString('hex'))).size).toBe(1);
  const kinds = (await scene.auditOf(requestId)).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'request.submitted')).toHaveLength(1);
});

/** Looks as a worker that claimed the request when it was as it says, and that sees the chain like this. */
async function look(claimed: RequestRecord, { status, height }: View): Promise<void> {
  const { chain } = scene;
  const seen: typeof chain = {
    ...chain,
    nodes: () => [seen],
    isBlockhashValid: async () => ({ slot: height, isValid: height < PAST }),
    getSignatureStatuses: async (signatures) => ({ slot: 10_000n, statuses: signatures.map(() => status) }),
    getBlockHeight: async () => height,
    getFinalizedBlock: async () => ({ slot: height, blockHeight: height }),
  };
  const deps = { ...scene.deps, chain: seen };
  const sight = openSight(deps, [claimed], {
    resendIsDue: () => true,
    patienceIsOver: () => false,
    unusedUntil: () => new Map(),
    lookup: createLookup(deps, signal),
    signal,
  });
  await confirm(deps, claimed, sight);
}

/** As often as it takes; what is final is not due. */
async function end(requestId: string, view: View): Promise<void> {
  for (let looks = 0; looks < 3; looks++) {
    const request = await scene.find(requestId);
    if (isFinal(request.state)) return;
    await look(request, view);
  }
}

async function submitted(): Promise<RequestRecord> {
  const pipeline = createSigningPipeline(scene.deps);
  const { request } = await pipeline.signAndSendTransaction(scene.agent, scene.ask(), 'SUBMITTED', signal);
  scene.relayer.sent.length = 0;
  return scene.find(request.requestId);
}

/** Signed by a gateway that died before it sent it. */
async function signedAndClaimed(): Promise<RequestRecord> {
  const { state } = scene;
  let requestId = '';
  const advance: typeof state.requests.advance = async (change, audit) => {
    const result = await state.requests.advance(change, audit);
    requestId = change.requestId;
    if (change.to === 'SIGNED') throw new Error('the gateway died');
    return result;
  };
  const dying = { ...scene.deps, state: { ...state, requests: { ...state.requests, advance } } };
  const call = createSigningPipeline(dying).signAndSendTransaction(scene.agent, scene.ask(), 'SUBMITTED', signal);
  await expect(call).rejects.toThrow('the gateway died');
  return scene.find(requestId);
}

function bytesOf({ signedTransaction }: RequestRecord): Uint8Array {
  if (signedTransaction === null) throw new Error('it is not signed');
  return signedTransaction;
}

async function standing() {
  const charge = { limit: LIMIT, budget: 'wallet:treasury|fee', amount: 0n, settlement: 'fee' } as const;
  const [found] = await scene.state.budgets.standings([charge]);
  if (found === undefined) throw new Error('no standing');
  return { used: found.used, reserved: found.reserved };
}
