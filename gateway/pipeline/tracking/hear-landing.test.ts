// Proves that a hint brings the next look forward and does nothing else, whenever and however often it comes.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createSigningPipeline } from '../pipeline.ts';
import { openPipelineScene, type PipelineScene } from '../testing/pipeline-scene.ts';

let scene: PipelineScene;

beforeAll(async () => {
  scene = await openPipelineScene();
});
afterAll(() => scene.close());

it('what was sent is listened for, and is due at once when it is heard', async () => {
  const listened: { readonly signature: string; readonly heard: () => void }[] = [];
  const wakeTracker = vi.fn();
  const landingHints = {
    listen: (signature: string, heard: () => void) => {
      // Nodes tell only what happens afterwards.
      expect(scene.relayer.sent).toHaveLength(0);
      listened.push({ signature, heard });
    },
    close: () => undefined,
  };
  // Nothing that is sent is due by itself within the test.
  const deps = { ...scene.deps, landingHints, wakeTracker, now: () => Date.now() + 60_000 };
  const { signal } = new AbortController();
  const outcome = await createSigningPipeline(deps).signAndSendTransaction(
    scene.agent,
    scene.ask(),
    'SUBMITTED',
    signal,
  );
  const { requestId, transactionSignature } = outcome.request;
  const [hint] = listened;
  expect(listened.map(({ signature }) => signature)).toEqual([transactionSignature]);
  expect(await due(requestId)).toBe(false);
  hint?.heard();
  await vi.waitFor(() => expect(wakeTracker).toHaveBeenCalledTimes(1));
  expect(await due(requestId)).toBe(true);
  expect(await scene.find(requestId)).toMatchObject({ state: 'SUBMITTED', slot: null });
  // It is claimed now: a second hint makes it due again, and once it has moved on no hint does.
  hint?.heard();
  await vi.waitFor(() => expect(wakeTracker).toHaveBeenCalledTimes(2));
  expect(await due(requestId)).toBe(true);
  const moved = { requestId, from: 'SUBMITTED', to: 'CONFIRMED', dueAt: Date.now() + 60_000 } as const;
  expect(await scene.state.requests.advance(moved, null)).toEqual({ kind: 'advanced' });
  hint?.heard();
  await vi.waitFor(() => expect(wakeTracker).toHaveBeenCalledTimes(3));
  expect(await due(requestId)).toBe(false);
});

/** Claims what is due. */
async function due(requestId: string): Promise<boolean> {
  const claimed = await scene.state.requests.claimDue(10, 60_000);
  return claimed.some((request) => request.requestId === requestId);
}
