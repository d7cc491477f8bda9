import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TransactionAsk } from './outcome.ts';
import { createSigningPipeline } from './pipeline.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';

const NEVER = new AbortController().signal;

let scene: PipelineScene;
let payment: TransactionAsk;

beforeEach(async () => {
  scene = await openPipelineScene();
  payment = scene.ask({ idempotencyKey: 'one' });
});

afterEach(() => scene.close());

function lack(reason: string | null): void {
  scene.relayer.lack = () => reason;
}

/** The same each time, under the key `one`. */
function send() {
  return createSigningPipeline(scene.deps).signAndSendTransaction(scene.agent, payment, 'SUBMITTED', NEVER);
}

describe('while the relayer of a wallet is not open', () => {
  it('what is to be sent is refused with what is missing, before anything is recorded, reserved or signed', async () => {
    lack('the file of its URL cannot be read');
    await expect(send()).rejects.toMatchObject({
      reason: 'RELAYER_UNAVAILABLE',
      message:
        'the relayer scripted is unavailable: the file of its URL cannot be read; nothing was signed. SignTransaction signs without sending',
    });
    expect([scene.asked, scene.relayer.sent]).toEqual([[], []]);
    expect(await scene.state.requests.findByIdempotencyKey(scene.agent.id, 'one')).toBeNull();
  });

  it('what is only to be signed is signed', async () => {
    lack('no URL');
    const outcome = await createSigningPipeline(scene.deps).signTransaction(scene.agent, scene.ask(), NEVER);
    expect(outcome.kind).toBe('signed');
  });

  it('what was asked before has its recorded answer', async () => {
    const sent = await send();
    expect(sent.kind).toBe('submitted');
    lack('no URL');
    expect(await send()).toMatchObject({ kind: 'submitted' });
    expect(scene.relayer.sent).toHaveLength(1);
  });

  it('the same ask is signed and sent once it is open', async () => {
    lack('no URL');
    await expect(send()).rejects.toMatchObject({ reason: 'RELAYER_UNAVAILABLE' });
    lack(null);
    expect(await send()).toMatchObject({ kind: 'submitted' });
  });
});
