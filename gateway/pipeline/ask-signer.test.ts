// Proves what is known of a call whose caller left or whose time was over: the signer's own word, where it has one.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type GuardedSigner, guardSigner } from '../../signers/guard/guard-signer.ts';
import type { SignResult } from '../../signers/signer.ts';
import { type ScriptedAnswer, scriptedSigner, unavailable } from '../../signers/testing/scripted-signer.ts';
import { encodeBase58 } from '../core/base58.ts';
import { createSigningPipeline } from './pipeline.ts';
import type { WalletRoute } from './pipeline-deps.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';

let scene: PipelineScene;
beforeAll(async () => {
  scene = await openPipelineScene();
});
afterAll(() => scene.close());

/** A service that hangs, asked by a backend that says so of an aborted call. */
const hung: ScriptedAnswer = ({ signal }) =>
  new Promise<SignResult>((resolve) => {
    signal.addEventListener('abort', () => resolve(unavailable(true)), { once: true });
  });

function guarded(answer: ScriptedAnswer): GuardedSigner {
  const inside = scriptedSigner('inside', [answer], { address: scene.wallet });
  return guardSigner(inside, { timeoutMs: 20_000, maxInFlight: 1, maxWaiting: 10 });
}

function send(signer: WalletRoute['signer'], signal: AbortSignal, signerTimeoutMs = 20_000): Promise<unknown> {
  const routes = [...scene.deps.routes].map(([id, route]) => [id, { ...route, signer }] as const);
  const deps = { ...scene.deps, now: Date.now, signerTimeoutMs, routes: new Map(routes) };
  return createSigningPipeline(deps)
    .signTransaction(scene.agent, scene.ask(), signal)
    .catch((error: unknown) => error);
}

describe('a call whose caller leaves', () => {
  it('is lost where it was with the service, and not where it still waited for its turn', async () => {
    const signer = guarded(hung);
    const [one, other] = [new AbortController(), new AbortController()];
    const begun = send(signer, one.signal);
    await vi.waitFor(() => expect(signer.guardState().inFlight).toBe(1));
    const queued = send(signer, other.signal);
    await vi.waitFor(() => expect(signer.guardState().waiting).toBe(1));
    other.abort();
    expect(await queued).toMatchObject({ reason: 'CANCELLED' });
    one.abort();
    expect(await begun).toMatchObject({ reason: 'SIGNING_UNKNOWN' });
  });

  it('is lost where the signer says nothing, and does not wait long for that', async () => {
    const signer = guarded(() => new Promise<never>(() => undefined));
    const leaving = new AbortController();
    const answer = send(signer, leaving.signal);
    await vi.waitFor(() => expect(signer.guardState().inFlight).toBe(1));
    const left = performance.now();
    leaving.abort();
    expect(await answer).toMatchObject({ reason: 'SIGNING_UNKNOWN' });
    expect(performance.now() - left).toBeLessThan(1_500);
  });
});

it('a call is for the agent that asked, who takes turns with others', async () => {
  const callers: unknown[] = [];
  const signer = guarded(async ({ caller }) => {
    callers.push(caller);
    return { kind: 'refused', reason: 'no' };
  });
  await send(signer, new AbortController().signal);
  expect(callers).toEqual([scene.agent.id]);
});

it('a call that waited for its turn until its time was over was never with the service', async () => {
  const signer = guarded(hung);
  const first = send(signer, new AbortController().signal, 600);
  await vi.waitFor(() => expect(signer.guardState().inFlight).toBe(1));
  const second = send(signer, new AbortController().signal, 150);
  expect(await second).toMatchObject({
    reason: 'SIGNER_UNAVAILABLE',
    message: expect.stringContaining('while it waited for its turn'),
  });
  expect(await first).toMatchObject({ reason: 'SIGNING_UNKNOWN' });
});

it('what a backend does to its answer once it was given changes nothing', async () => {
  const own = scene.deps.routes.get('treasury')?.signer;
  if (own === undefined) throw new Error('the scene has no signer');
  let answered = '';
  const signer: WalletRoute['signer'] = {
    ...own,
    sign: async (messageBytes, context) => {
      const result = await own.sign(messageBytes, context);
      if (result.kind !== 'signed') return result;
      const signature = new Uint8Array(result.signature);
      answered = encodeBase58(signature);
      setImmediate(() => signature.fill(7));
      return { kind: 'signed', signature };
    },
  };
  const signed = await send(signer, new AbortController().signal);
  expect(answered).toMatch(/^\w{80,90}$/);
  expect(signed).toMatchObject({ kind: 'signed', request: { walletSignature: answered } });
});
