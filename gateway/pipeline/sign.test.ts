import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../core/errors.ts';
import { createSigningPipeline } from './pipeline.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';

let scene: PipelineScene;

beforeAll(async () => {
  scene = await openPipelineScene();
});

afterAll(() => scene.close());

beforeEach(() => {
  scene.asked.length = 0;
  scene.script.beforeSigning = async () => undefined;
});

describe('a caller that leaves', () => {
  it('before the intent is recorded leaves nothing behind', async () => {
    const before = await scene.state.audit.head();
    await expect(sign(AbortSignal.abort())).rejects.toMatchObject({ reason: 'CANCELLED' });
    expect(await scene.state.audit.head()).toEqual(before);
    expect(scene.asked).toHaveLength(0);
  });

  it.each(['CANCELLED', 'DEADLINE_EXCEEDED'] as const)(
    'while the signer works (%s) is recorded as what it is, not as a signer that is away',
    async (reason) => {
      const call = new AbortController();
      scene.script.beforeSigning = () => {
        call.abort(new GatewayError(reason, 'gone'));
        return new Promise(() => undefined);
      };
      const fault = await sign(call.signal).catch((error: unknown) => error);
      expect(fault).toMatchObject({ reason });
      if (!(fault instanceof GatewayError)) throw fault;
      const requestId = fault.metadata.request_id ?? '';
      expect((await scene.find(requestId)).error).toBe(`${reason}: the caller left before the signer answered`);
      expect((await scene.auditOf(requestId)).at(-1)).toMatchObject({
        kind: 'request.signing_failed',
        facts: { code: reason },
      });
    },
  );
});

it('records the intent before the signer is asked, and the signature before it is answered', async () => {
  let recorded: readonly string[] = [];
  scene.script.beforeSigning = async () => {
    const head = await scene.state.audit.head();
    const last = await scene.state.audit.get(head?.sequence ?? 0n);
    recorded = [JSON.parse(Buffer.from(last?.body ?? []).toString()).kind];
  };
  const { request } = await sign(new AbortController().signal);
  expect(recorded).toEqual(['request.signing']);
  expect(await scene.find(request.requestId)).toMatchObject({
    state: 'SIGNED',
    walletSignature: request.walletSignature,
    signedTransaction: request.signedTransaction,
  });
});

it('answers nothing when the signature cannot be recorded', async () => {
  const { state, deps, agent } = scene;
  const advance = () => Promise.reject(new GatewayError('STORE_UNAVAILABLE', 'the test took it away'));
  const without = { ...deps, state: { ...state, requests: { ...state.requests, advance } } };
  const call = createSigningPipeline(without).signTransaction(agent, scene.ask(), new AbortController().signal);
  await expect(call).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' });
  expect(scene.asked).toHaveLength(1);
});

function sign(signal: AbortSignal) {
  return createSigningPipeline(scene.deps).signTransaction(scene.agent, scene.ask(), signal);
}
