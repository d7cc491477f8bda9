// Proves what becomes of a request whose remote signer may have signed it, as the one who asks and the record see it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Signer, SignResult } from '../../signers/signer.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { addressFromBytes } from '../core/base58.ts';
import type { Limit } from '../core/decision/decision.ts';
import { GatewayError } from '../core/errors.ts';
import { sampleEntry } from '../state/testing/sample-request.ts';
import { createSigningPipeline } from './pipeline.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { askToSign } from './testing/message-ask.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';

const SCOPE = { scope: 'wallet', window: { kind: 'lifetime' }, onExceed: { kind: 'deny' } } as const;
const OUTFLOW: Limit = { ...SCOPE, id: 'sol', measure: { kind: 'outflow', asset: 'SOL' }, max: 1_000_000n };
const COUNT: Limit = { ...SCOPE, id: 'count', measure: { kind: 'count' }, max: 100n };
const LATE: SignResult = { kind: 'unavailable', reason: 'no answer within 5 s', ambiguous: true };
const STRANGER = addressFromBytes(new Uint8Array(32).fill(5));
const { signal } = new AbortController();

let scene: PipelineScene;

beforeEach(async () => {
  scene = await openPipelineScene();
  scene.script.verdict = { kind: 'allow', reasons: [], limits: [OUTFLOW, COUNT] };
});

afterEach(() => scene.close());

describe('a remote signer that may have signed', () => {
  it.each<[string, (signer: Signer) => Partial<Signer>, RegExp]>([
    ['answers that it cannot tell', () => ({ sign: async () => LATE }), /no answer within 5 s/],
    ['throws', () => ({ sign: () => Promise.reject(new Error('secret')) }), /it failed without an answer/],
    ['hangs', () => ({ sign: () => new Promise(() => undefined) }), /it did not answer in time/],
    [
      'signs something else',
      (signer) => ({ sign: (bytes, context) => signer.sign(bytes.toReversed(), context) }),
      /does not verify/,
    ],
  ])('and that %s: nothing is given out, and nothing given back', async (_case, behaviour, reason) => {
    const deps = signedBy((signer) => ({ custody: 'remote', ...behaviour(signer) }));
    const asked = ask('key-1');
    const fault = await send(deps, asked).catch((error: unknown) => error);
    expect(fault).toMatchObject({ reason: 'SIGNING_UNKNOWN', message: expect.stringMatching(reason) });
    expect(fault).toMatchObject({ message: expect.stringMatching(/none was given out.*stays reserved/) });
    const { name } = deps.routes.get('treasury')?.signer ?? {};
    expect(fault).toMatchObject({
      message: expect.stringContaining(`another key may be there now: \`countersign signers check ${name}\` tells`),
    });
    const requestId = requestOf(fault);
    expect(await scene.find(requestId)).toMatchObject({
      state: 'INDETERMINATE',
      error: expect.stringMatching(reason),
      walletSignature: null,
      signedTransaction: null,
      transactionSignature: null,
    });
    expect((await scene.auditOf(requestId)).at(-1)).toMatchObject({
      kind: 'request.indeterminate',
      facts: { code: 'SIGNING_UNKNOWN', message: expect.stringMatching(reason), signature_given_out: false },
    });
    expect(JSON.stringify(await scene.auditOf(requestId))).not.toContain('secret');
    expect(await standing(OUTFLOW)).toMatchObject({ used: 0n, reserved: 77n });
    expect(await standing(COUNT)).toMatchObject({ used: 1n, reserved: 0n });
    // Asked again: what is recorded, and no second signing.
    const before = scene.asked.length;
    const again = await send(deps, asked).catch((error: unknown) => error);
    expect(again).toMatchObject({
      reason: 'SIGNING_UNKNOWN',
      metadata: { request_id: requestId, state: 'INDETERMINATE' },
    });
    expect(scene.asked.length).toBe(before);
    expect(scene.relayer.sent).toEqual([]);
  });

  it('when its caller leaves', async () => {
    const leaving = new AbortController();
    scene.script.beforeSigning = async () => leaving.abort(new GatewayError('CANCELLED', 'gone'));
    const deps = signedBy(() => ({ custody: 'remote' }));
    await expect(send(deps, ask(), leaving.signal)).rejects.toMatchObject({ reason: 'SIGNING_UNKNOWN' });
    expect(await standing(OUTFLOW)).toMatchObject({ reserved: 77n });
  });

  it('when operators freeze it meanwhile: it is told so, and its signature is not known to be nowhere', async () => {
    scene.script.beforeSigning = () => freezeWallet();
    const fault = await send(
      signedBy(() => ({ custody: 'remote' })),
      ask('key-1'),
    ).catch((error: unknown) => error);
    expect(fault).toMatchObject({ reason: 'FROZEN', message: expect.stringContaining('stays reserved') });
    expect(await scene.find(requestOf(fault))).toMatchObject({ state: 'INDETERMINATE', walletSignature: null });
    expect(await standing(OUTFLOW)).toMatchObject({ reserved: 77n });
  });

  it.each<[Partial<Signer>, string]>([
    [{ custody: 'process', sign: async () => LATE }, 'SIGNER_UNAVAILABLE'],
    [{ custody: 'remote', sign: async () => ({ ...LATE, ambiguous: false }) }, 'SIGNER_UNAVAILABLE'],
    [{ custody: 'remote', sign: async () => ({ kind: 'refused', reason: 'no' }) }, 'SIGNER_REFUSED'],
  ])('is another thing than one that did not: %j gives everything back', async (behaviour, reason) => {
    const fault = await send(
      signedBy(() => behaviour),
      ask(),
    ).catch((error: unknown) => error);
    expect(fault).toMatchObject({ reason });
    expect((await scene.find(requestOf(fault))).state).toBe('SIGNING_FAILED');
    expect(await standing(OUTFLOW)).toMatchObject({ used: 0n, reserved: 0n });
    expect(await standing(COUNT)).toMatchObject({ used: 0n, reserved: 0n });
  });

  it('a message: it counts, nobody looks at it again, and nobody waits for it', async () => {
    scene.script.verdict = { kind: 'allow', reasons: [], limits: [COUNT] };
    const deps = signedBy(() => ({ custody: 'remote', sign: async () => LATE }));
    const fault = await askToSign(scene, { idempotencyKey: 'm' }, deps).catch((error: unknown) => error);
    expect(fault).toMatchObject({ reason: 'SIGNING_UNKNOWN', message: expect.stringContaining('counts as used') });
    expect(await standing(COUNT)).toMatchObject({ used: 1n, reserved: 0n });
    scene.script.time += 1_000_000;
    expect(await scene.state.requests.claimDue(10, 1)).toEqual([]);
    await expect(askToSign(scene, { idempotencyKey: 'm' }, deps)).rejects.toMatchObject({ reason: 'SIGNING_UNKNOWN' });
    const seen = [];
    const watched = createSigningPipeline(deps).watchTransaction(scene.agent, requestOf(fault), signal);
    for await (const { state } of watched) seen.push(state);
    expect(seen).toEqual(['INDETERMINATE']);
  });
});

function signedBy(behaviour: (signer: Signer) => Partial<Signer>): PipelineDeps {
  const routes = [...scene.deps.routes].map(
    ([id, route]) => [id, { ...route, signer: { ...route.signer, ...behaviour(route.signer) } }] as const,
  );
  return { ...scene.deps, signerTimeoutMs: 300, routes: new Map(routes) };
}

function ask(idempotencyKey: string | null = null) {
  return scene.ask({ idempotencyKey, transaction: solTransfer(scene.wallet, STRANGER, 77n) });
}

function send(deps: PipelineDeps, asked: ReturnType<typeof ask>, until = signal) {
  return createSigningPipeline(deps).signAndSendTransaction(scene.agent, asked, 'SUBMITTED', until);
}

function requestOf(fault: unknown): string {
  return fault instanceof GatewayError ? (fault.metadata.request_id ?? '') : '';
}

async function freezeWallet(): Promise<void> {
  const freeze = {
    freezeId: crypto.randomUUID(),
    scope: 'wallet',
    target: 'treasury',
    reason: 'r',
    frozenBy: 'ann',
  } as const;
  await scene.state.controls.freeze(freeze, sampleEntry('freeze.set'));
}

async function standing(limit: Limit) {
  const budget = limit.id === 'sol' ? 'wallet:treasury|outflow:SOL' : 'wallet:treasury|count';
  const settlement = limit.id === 'sol' ? 'landing' : 'signature';
  const [found] = await scene.state.budgets.standings([{ limit, budget, amount: 0n, settlement }]);
  return { used: found?.used, reserved: found?.reserved };
}
