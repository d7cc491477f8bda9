import { AccountRole, createNoopSigner, type Instruction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { beforeEach, describe, expect, it } from 'vitest';
import { solTransfer, wireTransaction } from '../../tour/transactions.ts';
import type { FreezeScope } from '../core/controls/freeze.ts';
import { keyAddress } from '../core/transaction/testing/wire-builder.ts';
import type { ControlStore } from '../state/contract/control-store.ts';
import { createOperator, sampleOperator } from '../state/testing/sample-principals.ts';
import { sampleEntry, unsigned } from '../state/testing/sample-request.ts';
import { createSigningPipeline } from './pipeline.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { needsApproval, openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';
import { startTracker, type Tracker } from './tracking/tracker.ts';

const RECIPIENT = keyAddress(7);
const NEVER = new AbortController().signal;

let scene: PipelineScene;
let tracker: Tracker | null;

beforeEach(async () => {
  scene = await openPipelineScene();
  await createOperator(scene.state, sampleOperator('olga', { roles: ['admin'] }));
  tracker = null;
  return async () => {
    await tracker?.stop();
    await scene.close();
  };
});

async function freeze(scope: FreezeScope, target: string): Promise<string> {
  const asked = { freezeId: crypto.randomUUID(), scope, target, reason: 'stolen', frozenBy: 'olga' };
  return (await scene.state.controls.freeze(asked, sampleEntry('freeze.set'))).freeze.freezeId;
}

async function lift(freezeId: string): Promise<void> {
  const ask = { freezeId, operatorId: 'olga', reason: 'found', quorum: 1 };
  await scene.state.controls.voteToLift(ask, sampleEntry('freeze.lift_voted'), sampleEntry('freeze.lifted'));
}

/** A gateway with these controls instead of the ones that follow the record. */
function withControls(controls: Partial<ControlStore>): PipelineDeps {
  return { ...scene.deps, state: { ...scene.state, controls: { ...scene.state.controls, ...controls } } };
}

function payment(instructions?: readonly Instruction[]) {
  return scene.ask(
    instructions === undefined
      ? { transaction: solTransfer(scene.wallet, RECIPIENT, 5n) }
      : { transaction: wireTransaction(scene.wallet, instructions) },
  );
}

function sign(deps = scene.deps, ask = payment()) {
  return createSigningPipeline(deps).signTransaction(scene.agent, ask, NEVER);
}

function send(deps = scene.deps) {
  return createSigningPipeline(deps).signAndSendTransaction(scene.agent, payment(), 'CONFIRMED', NEVER);
}

describe('a request for what is frozen', () => {
  it.each<[FreezeScope, string]>([
    ['all', ''],
    ['agent', 'trader'],
    ['wallet', 'treasury'],
    ['program', '11111111111111111111111111111111'],
    ['recipient', RECIPIENT],
    ['mint', 'SOL'],
  ])('is denied, and no signer asked: %s %s', async (scope, target) => {
    await freeze(scope, target);
    expect(await sign()).toMatchObject({ kind: 'denied', reasons: [{ code: 'FROZEN', facts: { scope, target } }] });
    expect(scene.asked).toEqual([]);
  });

  it.each<[FreezeScope, string]>([
    ['agent', 'treasury'],
    ['wallet', 'trader'],
    ['program', RECIPIENT.replace(/.$/, 'x')],
    ['recipient', keyAddress(8)],
    ['mint', keyAddress(8)],
  ])('is another one: a freeze of %s %s stops nothing here', async (scope, target) => {
    await freeze(scope, target);
    expect(await sign()).toMatchObject({ kind: 'signed' });
  });

  it.each<[FreezeScope, string, string]>([
    ['all', '', 'denied'],
    ['agent', 'trader', 'denied'],
    ['wallet', 'treasury', 'denied'],
    ['recipient', RECIPIENT, 'signed'],
  ])('is a message too: frozen %s %s, it is %s', async (scope, target, outcome) => {
    await freeze(scope, target);
    const message = { walletName: 'treasury', message: Buffer.from('hello'), idempotencyKey: null, context: {} };
    expect(await createSigningPipeline(scene.deps).signMessage(scene.agent, message, NEVER)).toMatchObject({
      kind: outcome,
    });
  });

  it('is denied where a frozen program is merely named: whoever gets it may call it', async () => {
    const named = keyAddress(9);
    const pay = getTransferSolInstruction({
      source: createNoopSigner(scene.wallet),
      destination: RECIPIENT,
      amount: 1n,
    });
    const extra = { address: named, role: AccountRole.READONLY } as const;
    await freeze('program', named);
    expect(await sign(scene.deps, payment([pay]))).toMatchObject({ kind: 'signed' });
    const denied = await sign(scene.deps, payment([{ ...pay, accounts: [...pay.accounts, extra] }]));
    expect(denied).toMatchObject({ kind: 'denied', reasons: [{ code: 'FROZEN' }] });
  });

  it('is denied by a gateway that does not know of the freeze: the record refuses what it would sign', async () => {
    let known = scene.state.controls.current();
    const late = withControls({
      current: () => known,
      refresh: async () => {
        known = await scene.state.controls.refresh();
        return known;
      },
    });
    await freeze('agent', 'trader');
    expect(await sign(late)).toMatchObject({ kind: 'denied', reasons: [{ code: 'FROZEN' }] });
    expect(scene.asked).toEqual([]);
  });

  it('is denied where its approval was granted before', async () => {
    scene.script.verdict = needsApproval();
    const waiting = await sign();
    if (waiting.kind !== 'pending_approval') throw new Error(waiting.kind);
    const { approvalId, intentDigest } = waiting.approval;
    await scene.state.approvals.vote(
      { approvalId, approver: scene.ann, approve: true, intentDigest, comment: '', ...unsigned(scene.state) },
      sampleEntry('approval.vote', waiting.request.requestId),
    );
    await freeze('wallet', 'treasury');
    tracker = startTracker(scene.deps);
    await expect.poll(() => stateOf(waiting.request.requestId)).toBe('DENIED');
    const { judgement } = await scene.find(waiting.request.requestId);
    expect(judgement.decision.verdict.reasons[0]?.code).toBe('FROZEN');
    expect(scene.asked).toEqual([]);
  });

  it('is signed again once the freeze is lifted', async () => {
    const freezeId = await freeze('agent', 'trader');
    expect(await sign()).toMatchObject({ kind: 'denied' });
    await lift(freezeId);
    expect(await sign()).toMatchObject({ kind: 'signed' });
  });
});

describe('a freeze while the signer works', () => {
  it('keeps the signature in the gateway', async () => {
    scene.script.beforeSigning = async () => void (await freeze('recipient', RECIPIENT));
    await expect(sign()).rejects.toMatchObject({ reason: 'FROZEN', message: expect.stringContaining('stolen') });
    expect(scene.asked).toHaveLength(1);
    const [failed] = await scene.state.requests.readJudged(ALL, null, 10);
    expect(failed).toMatchObject({ state: 'SIGNING_FAILED', signedTransaction: null, walletSignature: null });
  });

  it('of something else lets it out', async () => {
    scene.script.beforeSigning = async () => void (await freeze('recipient', keyAddress(8)));
    expect(await sign()).toMatchObject({ kind: 'signed' });
  });
});

describe('a transaction that was signed before the freeze', () => {
  /** Frozen between the signature and the submission. */
  const frozenMeanwhile = () =>
    withControls({
      recent: async () => {
        await freeze('recipient', RECIPIENT);
        return scene.state.controls.current();
      },
    });

  it('is not sent, and its caller is told so; the same call again says the same', async () => {
    const ask = { ...payment(), idempotencyKey: 'once' };
    const pipeline = createSigningPipeline(frozenMeanwhile());
    const call = () => pipeline.signAndSendTransaction(scene.agent, ask, 'CONFIRMED', NEVER);
    const told = {
      reason: 'FROZEN',
      message: `signed, not sent, and will not be: operators have frozen the recipient ${RECIPIENT}: stolen`,
    };
    await expect(call()).rejects.toMatchObject(told);
    const [request] = await scene.state.requests.readJudged(ALL, null, 10);
    expect(request).toMatchObject({ state: 'SIGNED', error: told.message });
    expect((await scene.auditOf(request?.requestId ?? '')).map(({ kind }) => kind)).toEqual([
      'request.signing',
      'request.signed',
      'request.held',
    ]);
    await expect(call()).rejects.toBeDefined();
    expect(scene.relayer.sent).toEqual([]);
  });

  it('is not sent later either, and ends when it can land no more', async () => {
    scene.script.time -= 120_000;
    await expect(send(frozenMeanwhile())).rejects.toMatchObject({ reason: 'FROZEN' });
    const [request] = await scene.state.requests.readJudged(ALL, null, 10);
    const [frozen] = scene.state.controls.current().freezes;
    await lift(frozen?.freezeId ?? '');
    Object.assign(scene.chain.heights, { confirmed: 300n, finalized: 300n });
    tracker = startTracker(scene.deps);
    await expect.poll(() => stateOf(request?.requestId ?? '')).toBe('EXPIRED');
    expect(scene.relayer.sent).toEqual([]);
  });

  it('and sent is not sent again while it is frozen', async () => {
    scene.script.time -= 120_000;
    const sent = createSigningPipeline(scene.deps).signAndSendTransaction(scene.agent, payment(), 'SUBMITTED', NEVER);
    const { request } = await sent;
    expect(scene.relayer.sent).toHaveLength(1);
    const freezeId = await freeze('recipient', RECIPIENT);
    let looks = 0;
    const recent = async () => {
      looks += 1;
      return scene.state.controls.recent();
    };
    tracker = startTracker(withControls({ recent }));
    await expect.poll(() => looks).toBeGreaterThan(0);
    expect(scene.relayer.sent).toHaveLength(1);
    expect(await scene.find(request.requestId)).toMatchObject({ state: 'SUBMITTED', error: null });
    await lift(freezeId);
    scene.script.time += 60_000;
    await expect.poll(() => scene.relayer.sent.length).toBeGreaterThan(1);
  });

  it('is not sent while nobody can tell what is frozen', async () => {
    const blind = withControls({ recent: () => Promise.reject(new Error('away')) });
    await expect(send(blind)).rejects.toThrow('away');
    expect(scene.relayer.sent).toEqual([]);
  });
});

describe('a gateway that only reads', () => {
  const reading = () => ({ ...scene.deps, readOnly: true });

  it('judges, and signs nothing', async () => {
    const pipeline = createSigningPipeline(reading());
    const dryRun = await pipeline.evaluateTransaction(scene.agent, payment(), NEVER);
    expect(dryRun.decision.verdict.kind).toBe('allow');
    await expect(sign(reading())).rejects.toMatchObject({ reason: 'READ_ONLY' });
    await expect(send(reading())).rejects.toMatchObject({ reason: 'READ_ONLY' });
    const message = { walletName: 'treasury', message: Buffer.from('hello'), idempotencyKey: null, context: {} };
    await expect(pipeline.signMessage(scene.agent, message, NEVER)).rejects.toMatchObject({ reason: 'READ_ONLY' });
    expect(scene.asked).toEqual([]);
    expect(await scene.state.requests.readJudged(ALL, null, 10)).toEqual([]);
  });

  it('sends nothing that was signed before, and looks at what becomes of it', async () => {
    scene.script.time -= 120_000;
    const blind = withControls({ recent: () => Promise.reject(new Error('away')) });
    await expect(send(blind)).rejects.toThrow('away');
    const [request] = await scene.state.requests.readJudged(ALL, null, 10);
    Object.assign(scene.chain.heights, { confirmed: 300n, finalized: 300n });
    tracker = startTracker(reading());
    await expect.poll(() => stateOf(request?.requestId ?? '')).toBe('EXPIRED');
    expect(scene.relayer.sent).toEqual([]);
  });

  it('leaves what people approved to be signed later', async () => {
    scene.script.verdict = needsApproval();
    const waiting = await sign();
    if (waiting.kind !== 'pending_approval') throw new Error(waiting.kind);
    const { approvalId, intentDigest } = waiting.approval;
    await scene.state.approvals.vote(
      { approvalId, approver: scene.ann, approve: true, intentDigest, comment: '', ...unsigned(scene.state) },
      sampleEntry('approval.vote', waiting.request.requestId),
    );
    let looked = false;
    const approvals = {
      ...scene.state.approvals,
      find: async (id: string) => {
        looked = true;
        return scene.state.approvals.find(id);
      },
    };
    tracker = startTracker({ ...reading(), state: { ...scene.state, approvals } });
    await expect.poll(() => looked).toBe(true);
    await tracker.stop();
    expect(await stateOf(waiting.request.requestId)).toBe('AWAITING_APPROVAL');
    expect(scene.asked).toEqual([]);
    expect(scene.warnings).toEqual([]);
  });
});

const ALL = { from: null, to: null, agentId: null, walletId: null };

async function stateOf(requestId: string) {
  return (await scene.find(requestId)).state;
}
