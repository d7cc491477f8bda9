import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SubmitResult } from '../../relayer/relayer.ts';
import type { Outcome, WaitFor } from './outcome.ts';
import { createSigningPipeline } from './pipeline.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';

let scene: PipelineScene;

beforeAll(async () => {
  scene = await openPipelineScene();
});

afterAll(() => scene.close());

beforeEach(() => {
  scene.relayer.sent.length = 0;
});

describe('a submission', () => {
  it.each<[string, SubmitResult]>([
    ['taken', { kind: 'accepted' }],
    ['without an answer', { kind: 'unknown', reason: 'the answer was lost' }],
    ['of what has landed already', { kind: 'rejected', code: 'ALREADY_PROCESSED', reason: 'it is known' }],
  ])('%s is SUBMITTED without an error: the chain decides', async (_case, result) => {
    const { request } = await send(result);
    expect(request).toMatchObject({ state: 'SUBMITTED', error: null });
    const { facts } = await lastRecord(request.requestId);
    expect(facts).toMatchObject({ relayer: 'scripted', relayer_backend: 'test', result: result.kind });
  });

  it('whose relayer fails counts as perhaps sent, and its text goes nowhere', async () => {
    scene.relayer.answer = () => Promise.reject(new Error('https://node.test/?key=hunter2'));
    const { request } = await send(null);
    expect(request).toMatchObject({ state: 'SUBMITTED', error: null });
    const { facts } = await lastRecord(request.requestId);
    expect(facts.result).toBe('unknown');
    expect(JSON.stringify(facts)).not.toContain('hunter2');
  });

  it('refused in preflight is answered at once whatever the caller waits for, and says that it was not broadcast', async () => {
    const refusal = { kind: 'rejected', code: 'OTHER', reason: 'too few lamports' } as const;
    const { kind, request } = await send(refusal, {}, 'FINALIZED');
    expect([kind, request.state, request.error]).toEqual([
      'submitted',
      'SUBMITTED',
      'not broadcast, and will not be sent: refused in preflight: too few lamports',
    ]);
  });

  it('refused for want of SOL says who lacks it: the wallet, where it pays itself', async () => {
    const { request } = await send({ kind: 'rejected', code: 'FEE_PAYER_LACKS_SOL', reason: '"AccountNotFound"' });
    expect(request).toMatchObject({ state: 'SUBMITTED' });
    expect(request.error).toBe(
      `not broadcast, and will not be sent: refused in preflight: the wallet treasury (${scene.wallet}) pays the fee and lacks SOL; send some to it, then make a new request ("AccountNotFound")`,
    );
  });

  it('to a node that does not know the blockhash that the gateway took is open: that node is behind', async () => {
    const { request } = await send({ kind: 'rejected', code: 'BLOCKHASH_NOT_FOUND', reason: 'x' });
    expect(request).toMatchObject({ state: 'SUBMITTED', error: null });
  });

  it('to a node that does not know the blockhash that the agent took is told to the agent', async () => {
    const refusal = { kind: 'rejected', code: 'BLOCKHASH_NOT_FOUND', reason: 'x' } as const;
    const { request } = await send(refusal, { setFreshBlockhash: false });
    expect(request.error).toBe('not broadcast, and will not be sent: refused in preflight: x');
  });
});

function send(
  result: SubmitResult | null,
  change: Parameters<PipelineScene['ask']>[0] = {},
  waitFor: WaitFor = 'SUBMITTED',
): Promise<Outcome> {
  if (result !== null) scene.relayer.answer = async () => result;
  const { signal } = new AbortController();
  return createSigningPipeline(scene.deps).signAndSendTransaction(scene.agent, scene.ask(change), waitFor, signal);
}

async function lastRecord(requestId: string) {
  const record = (await scene.auditOf(requestId)).at(-1);
  if (record?.kind !== 'request.submitted') throw new Error(`the last record is ${record?.kind}`);
  return record;
}
