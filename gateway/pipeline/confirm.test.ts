import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChainReader, Commitment, SignatureStatus } from '../../relayer/chain-reader.ts';
import type { RequestRecord } from '../state/contract/request-store.ts';
import { confirm } from './confirm.ts';
import { createSigningPipeline } from './pipeline.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';
import { createLookup } from './tracking/lookup.ts';
import { type Outlook, openSight, type Sight } from './tracking/sight.ts';

let scene: PipelineScene;
let requestId: string;
let start: number;
/** As the last look recorded it; Unix milliseconds. */
let nextLook: number | null = null;

beforeAll(async () => {
  scene = await openPipelineScene();
  start = scene.script.time;
});

afterAll(() => scene.close());

// A submitted transaction that dies above height 250; the relayer has it once.
beforeEach(async () => {
  const { chain, relayer, deps, agent, script } = scene;
  Object.assign(chain.heights, { processed: 100n, confirmed: 100n, finalized: 100n });
  Object.assign(chain, { status: null, onStatuses: () => undefined, statusSlot: 10_000n, oldestBlock: 0n });
  relayer.sent.length = 0;
  relayer.answer = async () => ({ kind: 'accepted' });
  script.time = start;
  const { signal } = new AbortController();
  const outcome = await createSigningPipeline(deps).signAndSendTransaction(agent, scene.ask(), 'SUBMITTED', signal);
  expect(outcome.request.state).toBe('SUBMITTED');
  requestId = outcome.request.requestId;
});

describe('a transaction that landed', () => {
  it.each<[Commitment, string]>([
    ['processed', 'SUBMITTED'],
    ['confirmed', 'CONFIRMED'],
    ['finalized', 'FINALIZED'],
  ])('and is %s becomes %s, with its slot', async (commitment, state) => {
    scene.chain.status = seen(commitment);
    expect(await look()).toMatchObject({ state, slot: 77n, error: null });
  });

  it('is finalized after it was confirmed, and is then due no more', async () => {
    scene.chain.status = seen('confirmed');
    await look();
    scene.chain.status = seen('finalized');
    expect(await look()).toMatchObject({ state: 'FINALIZED' });
    expect(await kinds()).toEqual(['request.confirmed', 'request.finalized']);
    expect(nextLook).toBeNull();
  });

  it('with an error and is finalized has failed, and says why', async () => {
    scene.chain.status = { ...seen('finalized'), error: ERROR };
    expect(await look()).toMatchObject({ state: 'FAILED', error: ERROR });
    expect((await scene.auditOf(requestId)).at(-1)).toMatchObject({
      kind: 'request.failed',
      actor: 'gateway',
      facts: { error: ERROR, slot: 77 },
    });
  });

  it('with an error, as one of several nodes tells, has not failed while another tells the opposite', async () => {
    const { chain } = scene;
    const truthful = { ...chain, getSignatureStatuses: async () => ({ slot: 10_000n, statuses: [seen('finalized')] }) };
    const several = { ...chain, nodes: () => [chain, truthful], witnesses: 2 };
    chain.status = { ...seen('finalized'), error: ERROR };
    expect(await look({}, several)).toMatchObject({ state: 'SUBMITTED' });
    expect(nextLook).not.toBeNull();
    const agreeing = { ...chain, nodes: () => [chain, chain], witnesses: 2 };
    expect(await look({}, agreeing)).toMatchObject({ state: 'FAILED', error: ERROR });
  });

  it('with an error and is confirmed has not failed yet, says the error, and is watched and not sent', async () => {
    scene.chain.status = { ...seen('confirmed'), error: ERROR };
    expect(await look()).toMatchObject({ state: 'SUBMITTED', error: ERROR, slot: 77n });
    scene.chain.status = null;
    expect(await look()).toMatchObject({ state: 'SUBMITTED', error: ERROR, slot: null });
    expect(scene.relayer.sent).toHaveLength(1);
    expect(nextLook).not.toBeNull();
  });

  it('with an error on one fork and without on another did not fail: the error does not hold any more', async () => {
    scene.chain.status = { ...seen('confirmed'), error: ERROR };
    await look();
    scene.chain.status = seen('confirmed');
    expect(await look()).toMatchObject({ state: 'CONFIRMED', error: null });
    scene.chain.status = seen('finalized');
    expect(await look()).toMatchObject({ state: 'FINALIZED', error: null });
  });

  it('without an error on one fork and with one on another is INDETERMINATE until that is final', async () => {
    scene.chain.status = seen('confirmed');
    await look();
    scene.chain.status = { ...seen('confirmed'), error: ERROR };
    expect(await look()).toMatchObject({ state: 'INDETERMINATE', error: ERROR });
    scene.chain.status = { ...seen('finalized'), error: ERROR };
    expect(await look()).toMatchObject({ state: 'FAILED', error: ERROR });
  });

  it('with an error that is only processed has not failed yet: the fork may die', async () => {
    scene.chain.status = { ...seen('processed'), error: '"AccountInUse"' };
    expect(await look()).toMatchObject({ state: 'SUBMITTED', error: null });
  });

  it('on a fork that died is looked for again, without the slot of that fork', async () => {
    scene.chain.status = seen('processed');
    await look();
    scene.chain.status = null;
    expect(await look()).toMatchObject({ state: 'SUBMITTED', slot: null });
  });

  it('and is no longer there is INDETERMINATE, and may still be confirmed', async () => {
    scene.chain.status = seen('confirmed');
    await look();
    scene.chain.status = null;
    expect(await look()).toMatchObject({ state: 'INDETERMINATE', slot: null });
    scene.chain.status = seen('confirmed');
    expect(await look()).toMatchObject({ state: 'CONFIRMED', slot: 77n });
  });

  it('and is confirmed is not lost to a node that is behind, but to one that is so far behind that the slot was never true', async () => {
    scene.chain.status = seen('confirmed');
    await look();
    Object.assign(scene.chain, { status: null, statusSlot: 76n });
    expect(await look()).toMatchObject({ state: 'CONFIRMED', slot: 77n });
    scene.chain.statusSlot = 77n;
    expect(await look()).toMatchObject({ state: 'INDETERMINATE' });
    scene.chain.status = { ...seen('confirmed'), slot: 1_000_000n };
    expect(await look()).toMatchObject({ state: 'CONFIRMED' });
    Object.assign(scene.chain, { status: null, statusSlot: 10_000n });
    expect(await look()).toMatchObject({ state: 'INDETERMINATE' });
  });

  it('and is no longer there is sent again, with the same bytes, while its blockhash lives', async () => {
    scene.chain.status = seen('confirmed');
    await look();
    scene.chain.status = null;
    await look();
    expect(scene.relayer.sent).toHaveLength(1);
    await look();
    const [first, ...again] = scene.relayer.sent.map((bytes) => Buffer.from(bytes).toString('hex'));
    expect(again).toEqual([first]);
    Object.assign(scene.chain.heights, { confirmed: 251n });
    expect(await look()).toMatchObject({ state: 'INDETERMINATE' });
    expect(scene.relayer.sent).toHaveLength(2);
  });

  it('and is then only processed, in another slot, is not confirmed any more', async () => {
    scene.chain.status = seen('confirmed');
    await look();
    scene.chain.status = seen('processed');
    expect(await look()).toMatchObject({ state: 'CONFIRMED', slot: 77n });
    scene.chain.status = { ...seen('processed'), slot: 78n };
    expect(await look()).toMatchObject({ state: 'INDETERMINATE', slot: 78n });
  });
});

describe('a transaction that one of several nodes shows as not final for ever', () => {
  const LONG_MS = 660_000;
  const HOUR_MS = 3_600_000;

  /** Two must agree; the first shows it as confirmed. */
  function among(...others: readonly (SignatureStatus | null)[]): ChainReader {
    const { chain } = scene;
    chain.status = seen('confirmed');
    const nodes = others.map((status) => ({
      ...chain,
      getSignatureStatuses: async () => ({ slot: 10_000n, statuses: [status] }),
    }));
    return { ...chain, nodes: () => [chain, ...nodes], witnesses: 2 };
  }

  it('is final where two others show that', async () => {
    const several = among(seen('finalized'), seen('finalized'));
    expect(await look({}, several)).toMatchObject({ state: 'CONFIRMED' });
    scene.script.time = start + LONG_MS;
    expect(await look({}, several)).toMatchObject({ state: 'FINALIZED' });
  });

  it('counts as used where the others never find it', async () => {
    const several = among(null, null);
    for (const minutes of [0, 11, 20, 29, 38, 47, 56, 65]) {
      scene.script.time = start + minutes * 60_000;
      expect(await look({}, several)).toMatchObject({ state: 'CONFIRMED' });
    }
    scene.script.time = start + LONG_MS + HOUR_MS;
    expect(await look({}, several)).toMatchObject({
      state: 'INDETERMINATE',
      error: expect.stringContaining('counts as used'),
    });
    expect(nextLook).toBeNull();
  });

  it('stays so where all show the same: the cluster stands still', async () => {
    for (let minutes = 0; minutes < 120; minutes += 9) {
      scene.script.time = start + minutes * 60_000;
      expect(await look({}, among(seen('confirmed'), seen('processed')))).toMatchObject({ state: 'CONFIRMED' });
    }
  });
});

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
      pauses.push((nextLook ?? 0) - scene.script.time);
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
      expect((nextLook ?? 0) - scene.script.time).toBe(30_000);
    }
    const settled = await lookAfter(DAY_MS + 60_000, fate, true);
    expect(settled).toMatchObject({ state: 'INDETERMINATE', error: expect.stringContaining('it counts as used') });
    expect(nextLook).toBeNull();
    expect((await scene.auditOf(requestId)).at(-1)).toMatchObject({ facts: { error: settled.error } });
  });

  it('and for which a history is being searched is as it was, and looked at again when that may have ended', async () => {
    expect(await lookAfter(DAY_MS, { kind: 'searching' }, true)).toMatchObject({ state: 'SUBMITTED', error: null });
    expect((nextLook ?? 0) - scene.script.time).toBe(5_000);
    expect(scene.relayer.sent).toHaveLength(1);
  });

  it('stays open where its signature is the only one: whoever adds a node with all of the history is told', async () => {
    const fate = { kind: 'unproven', isNamed: true } as const;
    expect(await lookAfter(30 * DAY_MS, fate, true)).toMatchObject({ state: 'INDETERMINATE', error: null });
    expect(nextLook).not.toBeNull();
  });
});

describe('a transaction that was refused in preflight', () => {
  it('is not sent again, and expires like any other', async () => {
    await scene.state.requests.advance(
      {
        requestId,
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

/** One look, with statuses and heights as the chain says them now. */
async function look(change: Partial<Sight> = {}, chain: ChainReader = scene.chain): Promise<RequestRecord> {
  const { state } = scene;
  const request = await scene.find(requestId);
  const { signal } = new AbortController();
  const advance: typeof state.requests.advance = (changed, audit) => {
    nextLook = changed.dueAt;
    return state.requests.advance(changed, audit);
  };
  const deps = { ...scene.deps, chain, state: { ...state, requests: { ...state.requests, advance } } };
  const sight = openSight(deps, [request], {
    resendIsDue: () => true,
    patienceIsOver: () => false,
    unusedUntil: () => new Map(),
    lookup: createLookup(deps, signal),
    signal,
  });
  await confirm(deps, request, { ...sight, ...change });
  return scene.find(requestId);
}

const ERROR = '{"InstructionError":[0,"Custom"]}';

function seen(commitment: Commitment): SignatureStatus {
  return { commitment, slot: 77n, error: null };
}

/** What was recorded after the submission. */
async function kinds(): Promise<readonly string[]> {
  return (await scene.auditOf(requestId)).map(({ kind }) => kind).slice(3);
}
