// Proves that what was only signed is followed until what it uses is decided, and is never sent.
import { generateKeyPairSync, sign as signWith } from 'node:crypto';
import { createNoopSigner } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SignatureStatus } from '../../../relayer/chain-reader.ts';
import { solTransfer, wireTransaction } from '../../../tour/transactions.ts';
import { addressFromBytes, encodeBase58 } from '../../core/base58.ts';
import type { Limit, Verdict } from '../../core/decision/decision.ts';
import { parseTransaction } from '../../core/transaction/parse.ts';
import { withSignature } from '../../core/transaction/wire.ts';
import { createSigningPipeline } from '../pipeline.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';
import { openPipelineScene, type PipelineScene } from '../testing/pipeline-scene.ts';
import { startTracker, type Tracker } from './tracker.ts';

const LIMIT: Limit = {
  id: 'all-time',
  scope: 'wallet',
  measure: { kind: 'outflow', asset: 'SOL' },
  window: { kind: 'lifetime' },
  max: 1_000n,
  onExceed: { kind: 'deny' },
};
const LIMITED: Verdict = { kind: 'allow', reasons: [], limits: [LIMIT] };
const PAYER = generateKeyPairSync('ed25519');
const PAYER_ADDRESS = addressFromBytes(
  new Uint8Array(PAYER.publicKey.export({ format: 'der', type: 'spki' }).slice(-32)),
);
const STRANGER = addressFromBytes(new Uint8Array(32).fill(5));
const { signal } = new AbortController();

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
  expect(scene.relayer.sent).toEqual([]);
  expect(scene.warnings).toEqual([]);
});

describe('a transaction that its agent sends', () => {
  it.each<[string, Partial<SignatureStatus>, string, { used: bigint; reserved: bigint }]>([
    ['landed', {}, 'FINALIZED', { used: 40n, reserved: 0n }],
    ['failed', { error: '"x"' }, 'FAILED', { used: 0n, reserved: 0n }],
  ])('and that %s settles what it has reserved', async (_case, status, state, expected) => {
    const requestId = await sign();
    expect(await standing()).toEqual({ used: 0n, reserved: 40n });
    scene.chain.status = { commitment: 'finalized', slot: 9n, error: null, ...status };
    track();
    await expect.poll(() => stateOf(requestId)).toBe(state);
    expect(await standing()).toEqual(expected);
  });

  it('and that nobody has seen yet is looked for again, and not sent', async () => {
    const requestId = await sign();
    track();
    const looks = () => scene.chain.asked.filter((method) => method === 'getSignatureStatuses').length;
    await expect.poll(looks).toBeGreaterThan(3);
    expect(await stateOf(requestId)).toBe('SIGNED');
    expect(scene.relayer.sent).toEqual([]);
  });

  it('gives back what it has reserved when it can never land', async () => {
    const requestId = await sign();
    Object.assign(scene.chain.heights, { confirmed: 300n, finalized: 300n });
    track();
    await expect.poll(() => stateOf(requestId)).toBe('EXPIRED');
    expect(await standing()).toEqual({ used: 0n, reserved: 0n });
  });

  it('keeps what it has reserved while nobody can tell', async () => {
    const requestId = await sign();
    Object.assign(scene.chain.heights, { confirmed: 900n, finalized: 900n });
    scene.chain.oldestBlock = 800n;
    track();
    await expect.poll(() => stateOf(requestId)).toBe('INDETERMINATE');
    expect(await standing()).toEqual({ used: 0n, reserved: 40n });
  });

  it('is answered as signed at once, whatever it has become, to callers that repeat, wait or watch', async () => {
    const requestId = await sign('key-1');
    for (const [commitment, state] of [
      ['confirmed', 'CONFIRMED'],
      [null, 'INDETERMINATE'],
      ['finalized', 'FINALIZED'],
    ] as const) {
      scene.chain.status = commitment === null ? null : { commitment, slot: 9n, error: null };
      track();
      await expect.poll(() => stateOf(requestId)).toBe(state);
      await tracker?.stop();
      const pipeline = createSigningPipeline(scene.deps);
      const again = await pipeline.signTransaction(scene.agent, asked('key-1'), AbortSignal.timeout(2_000));
      expect(again).toMatchObject({ kind: 'signed', request: { requestId, state } });
      const watched = [];
      for await (const seen of pipeline.watchTransaction(scene.agent, requestId, AbortSignal.timeout(2_000))) {
        watched.push(seen.state);
      }
      expect(watched).toEqual([state]);
    }
  });

  it('without limits is not looked at', async () => {
    scene.script.verdict = { kind: 'allow', reasons: [] };
    await sign();
    expect(await scene.state.requests.claimDue(10, 1)).toEqual([]);
  });
});

describe('a transaction whose fee payer signs later, so that nobody knows its signature', () => {
  it('keeps what it has reserved until its lifetime is over, and then gives it back where no history shows it', async () => {
    const requestId = await sign(null, paidByAnother());
    Object.assign(scene.chain.heights, { confirmed: 999n, finalized: 250n });
    track();
    await expect.poll(() => stateOf(requestId)).toBe('INDETERMINATE');
    expect(await standing()).toEqual({ used: 0n, reserved: 40n });
    expect((await scene.find(requestId)).error).toBeNull();
    scene.chain.heights.finalized = 400n;
    await expect.poll(() => stateOf(requestId)).toBe('EXPIRED');
    expect(await standing()).toEqual({ used: 0n, reserved: 0n });
  });

  it('has landed where the history shows its message', async () => {
    const requestId = await sign(null, paidByAnother());
    const { signedTransaction } = await scene.find(requestId);
    const landed = withFeePayerSignature(signedTransaction);
    scene.history.landed = [{ ...landed, slot: 200n, error: null }];
    Object.assign(scene.chain.heights, { confirmed: 999n, finalized: 400n });
    track();
    await expect.poll(() => stateOf(requestId)).toBe('FINALIZED');
    expect(await scene.find(requestId)).toMatchObject({ transactionSignature: landed.signature, signedTransaction });
    expect(await standing()).toEqual({ used: 40n, reserved: 0n });
  });

  it('keeps what it has reserved for a day where no history tells, and counts as used then', async () => {
    scene.history.oldestHeight = 1n;
    const requestId = await sign(null, paidByAnother());
    Object.assign(scene.chain.heights, { confirmed: 999n, finalized: 400n });
    track();
    await expect.poll(() => stateOf(requestId)).toBe('INDETERMINATE');
    expect(await standing()).toEqual({ used: 0n, reserved: 40n });
    await tracker?.stop();
    scene.script.time += 90_000_000;
    vi.spyOn(scene.state, 'time').mockImplementation(async () => scene.script.time);
    track(dueAtOnce());
    await expect.poll(async () => (await scene.find(requestId)).error).toContain('it counts as used');
    expect(await stateOf(requestId)).toBe('INDETERMINATE');
    expect((await scene.auditOf(requestId)).at(-1)).toMatchObject({
      kind: 'request.indeterminate',
      facts: { error: expect.stringContaining('it counts as used') },
    });
    expect(await scene.state.requests.claimDue(10, 1)).toEqual([]);
    await tracker?.stop();
    // Its next round, which comes once a minute, and at the start.
    track();
    await expect.poll(standing).toEqual({ used: 40n, reserved: 0n });
  });
});

/** As it lands. */
function withFeePayerSignature(signedTransaction: Uint8Array | null) {
  const parsed = parseTransaction(signedTransaction ?? new Uint8Array());
  if (parsed.kind === 'malformed') throw new Error('nothing was signed');
  const signature = new Uint8Array(signWith(null, parsed.value.messageBytes, PAYER.privateKey));
  return { signature: encodeBase58(signature), wire: withSignature(parsed.value, 0, signature) };
}

function track(deps = scene.deps): void {
  tracker = startTracker(deps);
}

/** Though the gateway's clock is far ahead of the database's. */
function dueAtOnce(): PipelineDeps {
  const { state } = scene;
  const advance: typeof state.requests.advance = (change, audit) =>
    state.requests.advance(change.dueAt === null ? change : { ...change, dueAt: 0 }, audit);
  return { ...scene.deps, state: { ...state, requests: { ...state.requests, advance } } };
}

function asked(idempotencyKey: string | null, transaction = solTransfer(scene.wallet, STRANGER, 40n)) {
  return scene.ask({ idempotencyKey, transaction, setFreshBlockhash: true });
}

async function sign(idempotencyKey: string | null = null, transaction?: Uint8Array): Promise<string> {
  const outcome = await createSigningPipeline(scene.deps).signTransaction(
    scene.agent,
    asked(idempotencyKey, transaction),
    signal,
  );
  expect(outcome).toMatchObject({ kind: 'signed', request: { state: 'SIGNED' } });
  return outcome.request.requestId;
}

function paidByAnother(): Uint8Array {
  const source = createNoopSigner(scene.wallet);
  return wireTransaction(PAYER_ADDRESS, [getTransferSolInstruction({ source, destination: STRANGER, amount: 40n })]);
}

async function standing() {
  const budget = 'wallet:treasury|outflow:SOL';
  const [found] = await scene.state.budgets.standings([{ limit: LIMIT, budget, amount: 0n, settlement: 'landing' }]);
  return { used: found?.used, reserved: found?.reserved };
}

async function stateOf(requestId: string): Promise<string> {
  return (await scene.find(requestId)).state;
}
