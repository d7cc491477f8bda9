// Proves what becomes of a transaction that the cluster does not show.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Commitment, SignatureStatus } from '../../relayer/chain-reader.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';
import { type SubmittedScene, submitOne } from './testing/submitted-scene.ts';
import type { Outlook } from './tracking/sight.ts';

let scene: PipelineScene;
let start: number;
let submitted: SubmittedScene;

beforeAll(async () => {
  scene = await openPipelineScene();
  start = scene.script.time;
});
afterAll(() => scene.close());
beforeEach(async () => {
  submitted = await submitOne(scene, start);
});

const look: SubmittedScene['look'] = (...given) => submitted.look(...given);
const kinds = () => submitted.kinds();

describe('a transaction that the cluster does not know', () => {
  const ELEVEN_MINUTES_MS = 660_000;

  it('is sent again with the same bytes, not more often than the pace allows, and nothing else is signed', async () => {
    const before = scene.asked.length;
    await look();
    await look({ resendIsDue: () => false });
    await look();
    const [first, ...again] = scene.relayer.sent.map((bytes) => Buffer.from(bytes).toString('hex'));
    expect(again).toEqual([first, first]);
    expect(scene.asked.length).toBe(before);
  });

  it('at its last valid height may still land', async () => {
    Object.assign(scene.chain.heights, { confirmed: 250n, finalized: 250n });
    expect(await look()).toMatchObject({ state: 'SUBMITTED' });
    expect(scene.relayer.sent).toHaveLength(2);
  });

  it('past its last valid height, while finality is not, is INDETERMINATE however often one looks, and not sent any more', async () => {
    Object.assign(scene.chain.heights, { processed: 999n, confirmed: 999n, finalized: 250n });
    await look();
    await look();
    expect(await look()).toMatchObject({ state: 'INDETERMINATE' });
    expect(await kinds()).toEqual(['request.indeterminate']);
    expect(scene.relayer.sent).toHaveLength(1);
  });

  it('is sent again after ten minutes too, while the cluster stands still or its end was overstated', async () => {
    scene.script.time = start + ELEVEN_MINUTES_MS;
    expect(await look({ fate: async () => ({ kind: 'alive' }) })).toMatchObject({ state: 'SUBMITTED' });
    expect(scene.relayer.sent).toHaveLength(2);
  });

  it('is expired though its end was overstated, after ten minutes', async () => {
    Object.assign(scene.chain.heights, { confirmed: 300n, finalized: 300n });
    const overstated = { ...scene.chain, getBlockHeight: async () => 99n };
    overstated.getFinalizedBlock = async () => ({ slot: 300n, blockHeight: 100n });
    overstated.nodes = () => [overstated];
    expect(await look({}, overstated)).toMatchObject({ state: 'SUBMITTED' });
    scene.script.time = start + ELEVEN_MINUTES_MS;
    expect(await look({}, overstated)).toMatchObject({ state: 'EXPIRED' });
  });

  it('is expired once finality is past its last valid height', async () => {
    Object.assign(scene.chain.heights, { confirmed: 300n, finalized: 251n });
    expect(await look()).toMatchObject({ state: 'EXPIRED', slot: null });
    expect(await kinds()).toEqual(['request.expired']);
  });

  it('is not expired when it turns up in the look after the height was read', async () => {
    Object.assign(scene.chain.heights, { confirmed: 300n, finalized: 251n });
    let looks = 0;
    scene.chain.onStatuses = () => {
      looks += 1;
      if (looks === 2) scene.chain.status = seen('finalized');
    };
    expect(await look()).toMatchObject({ state: 'FINALIZED' });
  });

  it('is not expired by a height alone, when its status cannot be asked', async () => {
    Object.assign(scene.chain.heights, { confirmed: 300n, finalized: 251n });
    expect(await look({ statuses: async () => null })).toMatchObject({ state: 'SUBMITTED' });
  });

  it('is not expired by a node that prunes its history: what landed before is not there', async () => {
    Object.assign(scene.chain.heights, { confirmed: 900n, finalized: 900n });
    // It was signed at height 100, and could land from then on.
    scene.chain.oldestBlock = 101n;
    expect(await look()).toMatchObject({ state: 'INDETERMINATE' });
    expect(await look()).toMatchObject({ state: 'INDETERMINATE' });
    scene.chain.oldestBlock = 0n;
    expect(await look()).toMatchObject({ state: 'EXPIRED' });
  });

  it('is not expired by a node that is behind the one that told the height', async () => {
    Object.assign(scene.chain.heights, { confirmed: 300n, finalized: 251n });
    scene.chain.statusSlot = 250n;
    expect(await look()).toMatchObject({ state: 'INDETERMINATE' });
    scene.chain.statusSlot = 251n;
    expect(await look()).toMatchObject({ state: 'EXPIRED' });
  });

  it('is not expired by an oldest block that was told before the signature was looked up', async () => {
    Object.assign(scene.chain.heights, { confirmed: 900n, finalized: 900n });
    let looks = 0;
    // The node prunes while it searches.
    scene.chain.onStatuses = () => {
      looks += 1;
      if (looks === 2) scene.chain.oldestBlock = 101n;
    };
    expect(await look()).toMatchObject({ state: 'INDETERMINATE' });
  });

  it('is looked at less often the older it is, and stays open', async () => {
    const pauses: number[] = [];
    for (const age of [0, 60_000, 3_600_000]) {
      scene.script.time = start + age;
      await look();
      pauses.push(submitted.pause() ?? 0);
    }
    expect(pauses).toEqual([400, 2_000, 30_000]);
  });
});

describe('a transaction of which nothing can be proved', () => {
  const DAY_MS = 86_400_000;

  async function lookAfter(ageMs: number, fate: Outlook, isOver: boolean) {
    Object.assign(scene.chain.heights, { confirmed: 900n, finalized: 900n });
    scene.script.time = start + ageMs;
    return look({ fate: async () => fate, patienceIsOver: () => isOver });
  }

  it('and under whose message another signature may be, counts as used after a day, and after some patience', async () => {
    const fate = { kind: 'unproven', isNamed: false } as const;
    for (const [age, isOver] of [
      [DAY_MS - 60_000, true],
      [DAY_MS + 60_000, false],
    ] as const) {
      expect(await lookAfter(age, fate, isOver)).toMatchObject({ state: 'INDETERMINATE', error: null });
      expect(submitted.pause()).toBe(30_000);
    }
    const settled = await lookAfter(DAY_MS + 60_000, fate, true);
    expect(settled).toMatchObject({ state: 'INDETERMINATE', error: expect.stringContaining('it counts as used') });
    expect(submitted.pause()).toBeNull();
    expect((await scene.auditOf(submitted.requestId)).at(-1)).toMatchObject({ facts: { error: settled.error } });
  });

  it('and for which a history is being searched is as it was, and looked at again when that may have ended', async () => {
    expect(await lookAfter(DAY_MS, { kind: 'searching' }, true)).toMatchObject({ state: 'SUBMITTED', error: null });
    expect(submitted.pause()).toBe(5_000);
    expect(scene.relayer.sent).toHaveLength(1);
  });

  it('stays open where its signature is the only one: whoever adds a node with all of the history is told', async () => {
    const fate = { kind: 'unproven', isNamed: true } as const;
    expect(await lookAfter(30 * DAY_MS, fate, true)).toMatchObject({ state: 'INDETERMINATE', error: null });
    expect(submitted.pause()).not.toBeNull();
  });
});

describe('a transaction that was refused in preflight', () => {
  it('is not sent again, and expires like any other', async () => {
    await scene.state.requests.advance(
      {
        requestId: submitted.requestId,
        from: 'SUBMITTED',
        to: 'SUBMITTED',
        error: 'not broadcast, and will not be sent: refused in preflight: x',
        dueAt: 1,
      },
      null,
    );
    await look();
    expect(scene.relayer.sent).toHaveLength(1);
    Object.assign(scene.chain.heights, { confirmed: 300n, finalized: 251n });
    expect(await look()).toMatchObject({
      state: 'EXPIRED',
      error: 'not broadcast, and will not be sent: refused in preflight: x',
    });
  });
});

function seen(commitment: Commitment): SignatureStatus {
  return { commitment, slot: 77n, error: null };
}
