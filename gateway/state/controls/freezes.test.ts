import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FreezeScope } from '../../core/controls/freeze.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { createAdmin, createOperator, sampleOperator } from '../testing/sample-principals.ts';
import { sampleEntry, sampleRequest, sampleSigned } from '../testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let database: TestDatabase;
let states: readonly [State, State];
/** Holds locks, and looks. */
let outsider: Client;
let admins: readonly Operator[];

beforeAll(async () => {
  database = await createTestDatabase();
  const open = (instanceId: string) => openState({ databaseUrl: database.url, instanceId });
  states = await Promise.all([open('one'), open('two')]);
  const names = ['ann', 'ben', 'cem'];
  admins = await Promise.all(names.map((id) => createAdmin(states[0], id)));
  await createOperator(states[0], sampleOperator('dan', { roles: ['approver'] }));
});

beforeEach(async () => {
  outsider = new Client({ connectionString: database.url });
  await outsider.connect();
});

afterEach(() => outsider.end());

afterAll(async () => {
  await Promise.all(states.map((state) => state.close()));
  await database.drop();
});

function freeze(state: State, scope: FreezeScope, target: string, frozenBy = 'ann') {
  const asked = { freezeId: randomUUID(), scope, target, reason: `because of ${target}`, frozenBy };
  return state.controls.freeze(asked, sampleEntry('freeze.set'));
}

function vote(freezeId: string, operatorId: string, quorum = 1) {
  const ask = { freezeId, operatorId, reason: 'it is over', quorum };
  return states[0].controls.voteToLift(ask, sampleEntry('freeze.lift_voted'), sampleEntry('freeze.lifted'));
}

/** A request in SIGNING under the controls that `state` knows. */
async function signing(state: State) {
  const { version } = state.controls.current();
  const request = sampleRequest({ terms: { charges: [], excess: [], controls: version } });
  const opened = await state.requests.open(request, sampleEntry('request.signing', request.requestId));
  return { requestId: request.requestId, opened, controls: version };
}

async function kindsAfter(sequence: bigint): Promise<readonly string[]> {
  const records = await states[0].audit.readAfter(sequence, 100);
  return records.map(({ body }) => JSON.parse(Buffer.from(body).toString()).kind);
}

async function count(sql: string): Promise<number> {
  const { rows } = await outsider.query<{ n: number }>(sql);
  return rows[0]?.n ?? 0;
}

describe('a freeze', () => {
  it('is in force at once where it was made, and soon everywhere', async () => {
    const target = randomUUID();
    const made = await freeze(states[0], 'agent', target);
    expect(made).toMatchObject({ kind: 'frozen', freeze: { target, frozenBy: 'ann', lifted: null, votes: [] } });
    expect(states[0].controls.current().freezes).toContainEqual(made.freeze);
    const started = performance.now();
    while (!states[1].controls.current().freezes.some((found) => found.target === target)) {
      if (performance.now() - started > 1_000) throw new Error('not known within a second');
      await new Promise((resolve) => setImmediate(resolve));
    }
  });

  it('is told to whoever listens, on the gateway where it was made and on others, until they stop', async () => {
    const told: string[] = [];
    const stops = states.map(({ controls }, gateway) =>
      controls.onChange(({ freezes }) => void told.push(...freezes.map(({ target }) => `${gateway} ${target}`))),
    );
    const [first, second] = [randomUUID(), randomUUID()];
    await freeze(states[0], 'agent', first);
    await expect.poll(() => told).toEqual(expect.arrayContaining([`0 ${first}`, `1 ${first}`]));
    for (const stop of stops) stop();
    await freeze(states[0], 'agent', second);
    await states[1].controls.refresh();
    expect(told).not.toContainEqual(expect.stringContaining(second));
  });

  it('of what is frozen already is the first one, and leaves no record', async () => {
    const target = randomUUID();
    const first = await freeze(states[0], 'mint', target);
    const { version } = await states[1].controls.refresh();
    const head = await states[1].audit.head();
    expect(await freeze(states[1], 'mint', target, 'ben')).toEqual({ kind: 'exists', freeze: first.freeze });
    expect(await states[1].controls.refresh()).toMatchObject({ version });
    expect(await states[1].audit.head()).toEqual(head);
  });

  it('made by many at once is one', async () => {
    const target = randomUUID();
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, n) => freeze(n % 2 === 0 ? states[0] : states[1], 'wallet', target)),
    );
    expect(made.filter(({ kind }) => kind === 'frozen')).toHaveLength(1);
    expect(new Set(made.map((each) => each.freeze.freezeId)).size).toBe(1);
  });

  it('refuses what a gateway that does not know of it would record', async () => {
    const { controls } = await signing(states[1]);
    await freeze(states[0], 'program', randomUUID());
    const request = sampleRequest({ terms: { charges: [], excess: [], controls } });
    const opened = await states[1].requests.open(request, sampleEntry('request.signing', request.requestId));
    expect(opened).toEqual({ kind: 'controls_changed' });
  });

  it('stands in the audit chain', async () => {
    const after = (await states[0].audit.head())?.sequence ?? 0n;
    const { freeze: made } = await freeze(states[0], 'agent', randomUUID());
    await vote(made.freezeId, 'ann');
    expect(await kindsAfter(after)).toEqual(['freeze.set', 'freeze.lift_voted', 'freeze.lifted']);
  });
});

describe('a freeze and what is just being committed', () => {
  it('waits for a signature that is being recorded, and returns only when that is decided', async () => {
    const { requestId, controls } = await signing(states[0]);
    await outsider.query('BEGIN');
    await outsider.query('SELECT FROM requests WHERE request_id = $1 FOR UPDATE', [requestId]);
    const recording = states[0].requests.advance({ ...sampleSigned(requestId), controls }, null);
    await waiting('transactionid');
    const frozen = freeze(states[1], 'agent', randomUUID()).then(() => states[1].requests.find(requestId));
    await waiting('relation');
    await outsider.query('COMMIT');
    expect((await frozen)?.state).toBe('SIGNED');
    expect(await recording).toEqual({ kind: 'advanced' });
  });

  it('lets no signature be recorded once it has returned, however many are under way on two gateways', async () => {
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(states.map((state) => state.controls.refresh()));
      const requests = await Promise.all(Array.from({ length: 40 }, (_, n) => signing(states[n % 2 === 0 ? 0 : 1])));
      for (const { opened } of requests) expect(opened.kind).toBe('opened');
      const recording = requests.map(({ requestId, controls }, n) =>
        states[n % 2 === 0 ? 0 : 1].requests.advance({ ...sampleSigned(requestId), controls }, null),
      );
      await recording[round * 3];
      await freeze(states[1], 'recipient', randomUUID());
      const signed = "SELECT count(*)::int AS n FROM requests WHERE state = 'SIGNED'";
      const atReturn = await count(signed);
      const results = await Promise.all(recording);
      expect(await count(signed)).toBe(atReturn);
      expect(new Set(results.map(({ kind }) => kind))).not.toContain('stale');
    }
  });

  /** Until somebody waits for a lock of this type. */
  async function waiting(type: 'transactionid' | 'relation'): Promise<void> {
    const sql = `SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND locktype = '${type}'`;
    while ((await count(sql)) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
});

describe('lifting a freeze', () => {
  it('takes the quorum of different admins, of whom the one who froze may be one', async () => {
    const { freeze: made } = await freeze(states[0], 'agent', randomUUID());
    const { version } = states[0].controls.current();
    const first = await vote(made.freezeId, 'ann', 2);
    expect(first).toMatchObject({ kind: 'recorded', freeze: { lifted: null } });
    expect(states[0].controls.current()).toMatchObject({ version });
    expect(await vote(made.freezeId, 'ann', 2)).toEqual({
      kind: 'refused',
      reason: 'ann has already voted to lift it; each admin counts once',
    });
    const second = await vote(made.freezeId, 'ben', 2);
    expect(second).toMatchObject({ kind: 'recorded', freeze: { lifted: { by: 'ben' } } });
    expect(states[0].controls.current()).toMatchObject({ version: version + 1n });
    expect(states[0].controls.current().freezes.map(({ freezeId }) => freezeId)).not.toContain(made.freezeId);
    expect(await vote(made.freezeId, 'cem', 2)).toMatchObject({ kind: 'refused' });
  });

  it('does not count who was disabled meanwhile', async () => {
    const { freeze: made } = await freeze(states[0], 'agent', randomUUID());
    const gone = await createOperator(states[0], sampleOperator(`gone-${randomUUID()}`, { roles: ['admin'] }));
    await vote(made.freezeId, gone.id, 2);
    await states[0].principals.disable(gone.id, sampleEntry('principal.disabled'));
    const voted = await vote(made.freezeId, 'ann', 2);
    expect(voted).toMatchObject({ kind: 'recorded', freeze: { lifted: null } });
    expect(voted.kind === 'recorded' && voted.freeze.votes.map(({ counts }) => counts)).toEqual([false, true]);
    expect(await vote(made.freezeId, 'ben', 2)).toMatchObject({ freeze: { lifted: { by: 'ben' } } });
  });

  it('is for admins that are enabled', async () => {
    const { freeze: made } = await freeze(states[0], 'agent', randomUUID());
    const refused = (id: string) => ({ kind: 'refused', reason: `${id} is no operator with the role admin` });
    expect(await vote(made.freezeId, 'dan')).toEqual(refused('dan'));
    const gone = await createOperator(states[0], sampleOperator(`gone-${randomUUID()}`, { roles: ['admin'] }));
    await states[0].principals.disable(gone.id, sampleEntry('principal.disabled'));
    expect(await vote(made.freezeId, gone.id)).toEqual(refused(gone.id));
    expect(await vote(randomUUID(), 'ann')).toEqual({ kind: 'not_found' });
  });

  it('by two votes at once that it takes is done once', async () => {
    const { freeze: made } = await freeze(states[0], 'agent', randomUUID());
    const voted = await Promise.all(admins.map(({ id }) => vote(made.freezeId, id, 2)));
    expect(voted.map(({ kind }) => kind).sort()).toEqual(['recorded', 'recorded', 'refused']);
  });

  it('lets the same thing be frozen again, and both are listed', async () => {
    const target = randomUUID();
    const { freeze: first } = await freeze(states[0], 'agent', target);
    await vote(first.freezeId, 'ann');
    const { freeze: second } = await freeze(states[0], 'agent', target);
    const listed = async (lifted: boolean) =>
      (await states[0].controls.list({ lifted })).filter((found) => found.target === target).map((f) => f.freezeId);
    expect(await listed(false)).toEqual([second.freezeId]);
    expect(await listed(true)).toEqual([second.freezeId, first.freezeId]);
  });
});

it('does not trust what it knew half a second ago', async () => {
  const own = await createTestDatabase();
  const state = await openState({ databaseUrl: own.url, instanceId: 'late' });
  await own.drop();
  await expect.poll(() => state.controls.recent().then(String, String)).toContain('database');
  expect(state.controls.current().version).toBe(1n);
  await state.close();
});
