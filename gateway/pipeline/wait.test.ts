import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { GatewayError } from '../core/errors.ts';
import type { RequestState } from '../core/request/request-state.ts';
import { createSigningPipeline } from './pipeline.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';
import { follow, waitUntil } from './wait.ts';

let scene: PipelineScene;
let requestId: string;

beforeAll(async () => {
  scene = await openPipelineScene();
});

afterAll(() => scene.close());

beforeEach(async () => {
  const { deps, agent } = scene;
  const { signal } = new AbortController();
  const outcome = await createSigningPipeline(deps).signAndSendTransaction(agent, scene.ask(), 'SUBMITTED', signal);
  requestId = outcome.request.requestId;
});

it('yields the current record, then each that differs, and ends after a settled one', async () => {
  const states: RequestState[] = [];
  for await (const { state } of follow(scene.state.requests, requestId, new AbortController().signal)) {
    states.push(state);
    if (state === 'SUBMITTED') await move('SUBMITTED', 'SUBMITTED').then(() => move('SUBMITTED', 'CONFIRMED'));
    if (state === 'CONFIRMED') await move('CONFIRMED', 'FINALIZED');
  }
  expect(states).toEqual(['SUBMITTED', 'CONFIRMED', 'FINALIZED']);
});

it('ends after one that nobody will look at again, though its end is not known', async () => {
  const { requests } = scene.state;
  const open = { requestId, from: 'SUBMITTED', to: 'INDETERMINATE', dueAt: Date.now() + 60_000 } as const;
  await requests.advance(open, null);
  const states: string[] = [];
  for await (const { state, error } of follow(requests, requestId, AbortSignal.timeout(5_000))) {
    states.push(`${state} ${error}`);
    await requests.advance({ ...open, from: 'INDETERMINATE', error: 'it counts as used', dueAt: null }, null);
  }
  expect(states).toEqual(['INDETERMINATE null', 'INDETERMINATE it counts as used']);
});

it('misses no change that comes while a record is read', async () => {
  const { requests } = scene.state;
  let moved = false;
  let changed = (): void => undefined;
  // Told of each change once, and never by a later poll.
  const racing: typeof requests = {
    ...requests,
    onChange: (_id, callback) => {
      changed = callback;
      return () => undefined;
    },
    find: async (id) => {
      const request = await requests.find(id);
      if (!moved) {
        moved = true;
        await move('SUBMITTED', 'FINALIZED');
        changed();
      }
      return request;
    },
  };
  const last = await waitUntil(racing, requestId, () => false, AbortSignal.timeout(5_000));
  expect(last.state).toBe('FINALIZED');
});

it('ends with the call, names the request, and does not say that nothing was signed', async () => {
  const call = new AbortController();
  const waiting = waitUntil(scene.state.requests, requestId, () => false, call.signal);
  call.abort(new GatewayError('DEADLINE_EXCEEDED', 'too late'));
  const fault = await waiting.catch((error: unknown) => error);
  expect(fault).toMatchObject({ reason: 'DEADLINE_EXCEEDED', metadata: { request_id: requestId } });
  expect(String(fault)).toContain('SUBMITTED');
  expect(String(fault)).not.toContain('nothing was signed');
});

it('stops listening whichever way it ends', async () => {
  const { requests } = scene.state;
  let listeners = 0;
  const counted: typeof requests = {
    ...requests,
    onChange: (id, callback) => {
      listeners += 1;
      const stop = requests.onChange(id, callback);
      return () => {
        listeners -= 1;
        stop();
      };
    },
  };
  const { signal } = new AbortController();
  await waitUntil(counted, requestId, () => true, signal);
  await waitUntil(counted, requestId, () => false, AbortSignal.abort()).catch(() => undefined);
  await waitUntil(counted, crypto.randomUUID(), () => false, signal).catch(() => undefined);
  for await (const _record of follow(counted, requestId, signal)) break;
  expect(listeners).toBe(0);
});

async function move(from: RequestState, to: RequestState): Promise<void> {
  expect(await scene.state.requests.advance({ requestId, from, to, dueAt: null }, null)).toEqual({ kind: 'advanced' });
}
