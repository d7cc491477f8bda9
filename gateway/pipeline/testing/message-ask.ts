// Owns a request to sign a message, for tests.
import type { MessageAsk, Outcome } from '../outcome.ts';
import { createSigningPipeline } from '../pipeline.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';
import type { PipelineScene } from './pipeline-scene.ts';

export const TEXT = 'Sign in to example.com\nnonce 17';

export function askToSign(
  scene: PipelineScene,
  change: Partial<MessageAsk> = {},
  deps: PipelineDeps = scene.deps,
): Promise<Outcome> {
  const asked = { walletName: 'treasury', message: bytesOf(TEXT), idempotencyKey: null, context: {}, ...change };
  return createSigningPipeline(deps).signMessage(scene.agent, asked, new AbortController().signal);
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
