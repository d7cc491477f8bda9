// Owns the scene of a policy that decides: a record, a source that brings what a test says, and replicas over both.
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { State } from '../../../state/contract/state.ts';
import { createTestDatabase, type TestDatabase } from '../../../state/testing/test-database.ts';
import type { BundleFiles } from '../../bundle/bundle.ts';
import { createPreparer, type Preparer } from '../../preparation/preparer.ts';
import { minutesAfterNoon, type TinyBundle, tinyBundle } from '../../preparation/testing/tiny-bundles.ts';
import type { OpenActivePolicyOptions } from '../open-active-policy.ts';
import { openRecord, openReplica, policyRecords, type Replica } from './replica-scene.ts';
import { type ScriptedSource, scriptedSource } from './scripted-source.ts';

/** Opened before each test of the file that asks for it, and closed after it. `defaults`: of every replica. */
export function activePolicyScene(defaults: Partial<OpenActivePolicyOptions> & { readonly deadlineMs?: number } = {}) {
  const { deadlineMs, ...options } = defaults;
  let database: TestDatabase;
  let state: State;
  let source: ScriptedSource;
  let replicas: Replica[];
  let preparer: Preparer;

  beforeAll(() => {
    preparer = createPreparer(deadlineMs === undefined ? {} : { deadlineMs });
  });

  afterAll(() => preparer.close());

  beforeEach(async () => {
    database = await createTestDatabase();
    state = await openRecord(database.url);
    source = scriptedSource();
    replicas = [];
  });

  afterEach(async () => {
    await Promise.all(replicas.map(({ policy }) => policy.close()));
    await state.close();
    await database.drop();
  });

  async function open(more: Partial<OpenActivePolicyOptions> = {}, from = source): Promise<Replica> {
    const replica = await openReplica(state, from, { preparer, ...options, ...more });
    replicas.push(replica);
    return replica;
  }

  return {
    get state() {
      return state;
    },
    /** For what happens to the record behind the back of the gateway. */
    get databaseUrl() {
      return database.url;
    },
    get source() {
      return source;
    },
    open,
    async openWith(minutes: number, more: Partial<OpenActivePolicyOptions> = {}): Promise<Replica> {
      source.bring(await built(minutes));
      return open(more);
    },
    /** Of the audit records about policies, the oldest first. */
    kinds: async (): Promise<readonly string[]> => (await policyRecords(state)).map(({ kind }) => kind),
  };
}

/** The machine may be busy. */
export function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: 40_000 });
}

/** Bundle r<minutes>, built so many minutes after noon. */
export function built(minutes: number, more: Partial<TinyBundle> = {}): Promise<BundleFiles> {
  return tinyBundle({ revision: `r${minutes}`, builtAt: minutesAfterNoon(minutes), ...more });
}
