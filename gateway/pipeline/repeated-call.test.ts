import { beforeEach, describe, expect, it } from 'vitest';
import type { Limit } from '../core/decision/decision.ts';
import type { Outcome } from './outcome.ts';
import { createSigningPipeline } from './pipeline.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';

const NEVER = new AbortController().signal;
const FULL: Limit = {
  id: 'rate',
  scope: 'agent',
  measure: { kind: 'count' },
  window: { kind: 'rolling', seconds: 3600 },
  max: 0n,
  onExceed: { kind: 'deny' },
};

let scene: PipelineScene;

beforeEach(async () => {
  scene = await openPipelineScene();
  scene.script.verdict = { kind: 'allow', reasons: [], limits: [FULL] };
  return () => scene.close();
});

/** What each of many calls at once is told, once each. */
async function answers(calls: number, call: () => Promise<Outcome>): Promise<readonly string[]> {
  const told = ({ kind, request }: Outcome): string => `${kind} ${request.requestId}`;
  const all = await Promise.all(Array.from({ length: calls }, () => call().then(told, String)));
  return [...new Set(all)];
}

describe('many calls at once under one idempotency key, for which a limit has no room', () => {
  it('are told the same denial of a message', async () => {
    const message = { walletName: 'treasury', message: Buffer.from('hello'), idempotencyKey: 'k', context: {} };
    const pipeline = createSigningPipeline(scene.deps);
    const told = await answers(40, () => pipeline.signMessage(scene.agent, message, NEVER));
    expect(told).toEqual([expect.stringMatching(/^denied /)]);
  });

  it.each([false, true])(
    'are told the same denial of a transaction (with a blockhash of the gateway: %s)',
    async (setFreshBlockhash) => {
      const ask = scene.ask({ idempotencyKey: 'k', setFreshBlockhash });
      const pipeline = createSigningPipeline(scene.deps);
      const told = await answers(40, () => pipeline.signTransaction(scene.agent, ask, NEVER));
      expect(told).toEqual([expect.stringMatching(/^denied /)]);
      expect(scene.asked).toEqual([]);
    },
  );
});
