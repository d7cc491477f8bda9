import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { State } from '../../state/contract/state.ts';
import { createTestDatabase, type TestDatabase } from '../../state/testing/test-database.ts';
import { writeArchive } from '../bundle/write-archive.ts';
import { minutesAfterNoon, tinyBundle } from '../preparation/testing/tiny-bundles.ts';
import { OPERATOR, openRecord, openReplica, policyRecords, type Replica } from './testing/replica-scene.ts';
import { type ScriptedSource, scriptedSource } from './testing/scripted-source.ts';

const PROGRAM = join(import.meta.dirname, 'testing', 'replica-process.ts');
const SOON = { timeout: 20_000, interval: 10 };

let database: TestDatabase;
let state: State;
let source: ScriptedSource;
let here: Replica;
let there: ChildProcess;
/** What the other process said, the oldest first. */
const said: Record<string, unknown>[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  state = await openRecord(database.url);
  source = scriptedSource();
  source.bring(await built(1));
  here = await openReplica(state, source, { replica: 'here' });
  there = fork(PROGRAM, [database.url, 'there'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  there.on('message', (message) => said.push(Object(message)));
});

afterAll(async () => {
  there.disconnect();
  await once(there, 'exit');
  await here.policy.close();
  await state.close();
  await database.drop();
});

function built(minutes: number) {
  return tinyBundle({ revision: `r${minutes}`, builtAt: minutesAfterNoon(minutes) });
}

async function servedThere(revision: string): Promise<void> {
  await expect.poll(() => said, SOON).toContainEqual({ activated: revision });
  there.send('what do you say?');
  await expect.poll(() => said, SOON).toContainEqual({ says: revision });
}

describe('two replicas on one record', () => {
  it('start with the same revision, though the source of one says nothing', async () => {
    expect(here.says()).toBe('r1');
    await servedThere('r1');
  });

  it('both serve what the source of one brought', async () => {
    source.bring(await built(2));
    await servedThere('r2');
    await expect.poll(() => here.says(), SOON).toBe('r2');
  });

  it('both serve what an operator chose on one, and what the source has when it is let choose again', async () => {
    await here.policy.control.push(OPERATOR, writeArchive(await built(5)));
    await here.policy.control.activate(OPERATOR, 'r5', 'hot fix');
    await servedThere('r5');
    said.length = 0;
    await here.policy.control.follow(OPERATOR, 'the fix is in');
    await servedThere('r2');
  });

  it('both say what they serve, and count one history', async () => {
    await expect
      .poll(() => state.policy.replicas(), SOON)
      .toMatchObject([
        { replica: 'here', revision: 'r2', problem: null },
        { replica: 'there', revision: 'r2', problem: null },
      ]);
    expect(await state.policy.activeBefore('r2')).toBe('r5');
    const activations = (await policyRecords(state)).filter(({ kind }) => kind === 'policy.activated');
    expect(activations.filter(({ facts }) => facts.replica === 'there').map(({ facts }) => facts.revision)).toEqual([
      'r1',
      'r2',
      'r5',
      'r2',
    ]);
  });
});
