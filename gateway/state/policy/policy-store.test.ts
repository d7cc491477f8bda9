import { hash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../../core/decision/decision.ts';
import type { NewPolicyBundle, ShadowSample } from '../contract/policy-store.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { sampleEntry } from '../testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let database: TestDatabase;
let state: State;
let other: State;

beforeAll(async () => {
  database = await createTestDatabase();
  const open = (instanceId: string) => openState({ databaseUrl: database.url, instanceId });
  [state, other] = await Promise.all([open('one'), open('two')]);
});

afterAll(async () => {
  await Promise.all([state.close(), other.close()]);
  await database.drop();
});

function sampleBundle(revision: string, change: Partial<NewPolicyBundle> = {}, size = 100): NewPolicyBundle {
  const archive = change.archive ?? new Uint8Array(randomBytes(size));
  return {
    revision,
    archive,
    archiveDigest: new Uint8Array(hash('sha256', archive, 'buffer')),
    contentDigest: new Uint8Array(hash('sha256', revision, 'buffer')),
    origin: 'git',
    gitCommit: 'c'.repeat(40),
    builtAt: 1_760_000_000_000,
    signedBy: 'release',
    pushedBy: null,
    ...change,
  };
}

async function keep(...revisions: readonly string[]): Promise<void> {
  for (const revision of revisions) {
    if (typeof (await state.policy.keep(sampleBundle(revision))) === 'string') throw new Error(`${revision} not kept`);
  }
}

function activate(revision: string, by: State = state): Promise<void> {
  return by.policy.activated(revision, sampleEntry('policy.activated'));
}

async function tamper(sql: string, values: readonly unknown[]): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(sql, [...values]);
  await client.end();
}

describe('bundles', () => {
  it('are kept whole, however large, and found by their revision', async () => {
    const bundle = sampleBundle('large', {}, 3 * 1024 * 1024 + 17);
    const { archive, contentDigest, ...facts } = bundle;
    const kept = await state.policy.keep(bundle);
    expect(kept).toEqual({ ...facts, storedAt: expect.any(Number), firstActiveAt: null });
    expect(await other.policy.find('large')).toEqual(kept);
    expect(await other.policy.archive('large')).toEqual(archive);
  });

  it('are not there under a revision that was never kept', async () => {
    expect(await state.policy.find('nowhere')).toBeNull();
    expect(await state.policy.archive('nowhere')).toBeNull();
  });

  it('stay as they are when the same archive comes again', async () => {
    const bundle = sampleBundle('again');
    const first = await state.policy.keep(bundle);
    expect(await other.policy.keep({ ...bundle, origin: 'push', pushedBy: 'ops' })).toEqual(first);
  });

  it('take the archive of a new signature over the same content', async () => {
    await state.policy.keep(sampleBundle('resigned'));
    const anew = sampleBundle('resigned', { signedBy: 'next-key' });
    expect(await state.policy.keep(anew)).toMatchObject({ signedBy: 'next-key', archiveDigest: anew.archiveDigest });
    expect(await state.policy.archive('resigned')).toEqual(anew.archive);
  });

  it('do not become older when an archive of the same content comes again that was built before', async () => {
    const newest = sampleBundle('replayed', { builtAt: 1_760_000_000_003 });
    await state.policy.keep(newest);
    for (const builtAt of [1_760_000_000_001, null]) {
      const replayed = sampleBundle('replayed', { builtAt });
      expect(await state.policy.keep(replayed)).toMatchObject({ builtAt: newest.builtAt });
    }
    const anew = sampleBundle('replayed', { builtAt: 1_760_000_000_005 });
    expect(await state.policy.keep(anew)).toMatchObject({ builtAt: anew.builtAt });
  });

  it('refuse another content under a revision that is taken, whoever comes first', async () => {
    const contents = Array.from({ length: 6 }, (_, i) =>
      sampleBundle('taken', { contentDigest: new Uint8Array(32).fill(i) }),
    );
    const results = await Promise.all(contents.map((each, i) => (i % 2 === 0 ? state : other).policy.keep(each)));
    expect(results.filter((result) => result === 'revision_reused')).toHaveLength(5);
    const winner = contents[results.findIndex((result) => result !== 'revision_reused')];
    expect(await state.policy.archive('taken')).toEqual(winner?.archive);
  });

  it('are listed the newest first', async () => {
    await keep('list-1', 'list-2', 'list-3');
    expect((await other.policy.list(2)).map(({ revision }) => revision)).toEqual(['list-3', 'list-2']);
  });

  it.each([
    ['changed', 'UPDATE policy_archives SET bytes = $2 WHERE archive_sha256 = $1'],
    ['lost', 'DELETE FROM policy_archives WHERE archive_sha256 = $1 AND $2::bytea IS NOT NULL'],
  ])('are not handed out when a part was %s in the database', async (name, sql) => {
    const bundle = sampleBundle(`tampered-${name}`);
    await state.policy.keep(bundle);
    await tamper(sql, [Buffer.from(bundle.archiveDigest), Buffer.from('tampered')]);
    await expect(state.policy.archive(bundle.revision)).rejects.toThrow(
      `the archive of policy revision tampered-${name} in the database does not hash to what it should`,
    );
  });
});

describe('the selection', () => {
  it('changes only what is given, and says who chose and when', async () => {
    await keep('sel-1', 'sel-2');
    const before = await state.policy.selection();
    const followed = await state.policy.select({ followedRevision: 'sel-1' }, null, null);
    expect(followed).toEqual({ ...before, version: before.version + 1n, followedRevision: 'sel-1' });
    const pinned = await state.policy.select({ pinnedRevision: 'sel-2' }, 'ops', sampleEntry('policy.pinned'));
    expect(pinned).toMatchObject({ version: before.version + 2n, followedRevision: 'sel-1', pinnedRevision: 'sel-2' });
    expect(pinned).toMatchObject({ chosenBy: 'ops', chosenAt: expect.any(Number) });
    expect(await other.policy.selection()).toEqual(pinned);
    const free = await other.policy.select({ pinnedRevision: null }, 'ops', null);
    expect(free).toMatchObject({ pinnedRevision: null, followedRevision: 'sel-1' });
  });

  it('remembers since when a shadow runs, as long as it is the same one', async () => {
    await keep('shadow-1', 'shadow-2');
    const first = selected(await state.policy.select({ shadowRevision: 'shadow-1' }, 'ops', null));
    expect(first.shadowSince).toEqual(expect.any(Number));
    await tamper('UPDATE policy_selection SET shadow_since_ms = 5', []);
    expect(await state.policy.select({ shadowRevision: 'shadow-1' }, 'ops', null)).toMatchObject({ shadowSince: 5 });
    const next = selected(await state.policy.select({ shadowRevision: 'shadow-2' }, 'ops', null));
    expect(next.shadowSince).toBeGreaterThan(5);
    expect(await state.policy.select({ shadowRevision: null }, 'ops', null)).toMatchObject({ shadowSince: null });
  });

  it('lets one of two win that saw the same version, and records only that one', async () => {
    await keep('race-1', 'race-2');
    const { version } = await state.policy.selection();
    const sequence = (await state.audit.head())?.sequence ?? 0n;
    const results = await Promise.all([
      state.policy.select({ followedRevision: 'race-1' }, null, sampleEntry('policy.followed'), version),
      other.policy.select({ followedRevision: 'race-2' }, null, sampleEntry('policy.followed'), version),
    ]);
    expect(results.filter((result) => result === 'stale')).toHaveLength(1);
    expect((await state.audit.head())?.sequence).toBe(sequence + 1n);
  });

  it('refuses a revision that is not kept', async () => {
    const before = await state.policy.selection();
    await expect(state.policy.select({ pinnedRevision: 'nowhere' }, 'ops', null)).rejects.toThrow();
    expect(await state.policy.selection()).toEqual(before);
  });

  it('is told to listeners of both processes within half a second, until they stop', async () => {
    await keep('told');
    const { promise, resolve } = Promise.withResolvers<number>();
    let calls = 0;
    // The first poll may call without a change.
    const stopOther = other.policy.onSelection(() => calls++);
    await expect.poll(() => calls).toBeGreaterThan(0);
    const seen = calls;
    const stop = state.policy.onSelection(() => resolve(performance.now()));
    const started = performance.now();
    await state.policy.select({ followedRevision: 'told' }, null, null);
    expect((await promise) - started).toBeLessThan(500);
    await expect.poll(() => calls, { timeout: 500, interval: 10 }).toBeGreaterThan(seen);
    stop();
    stopOther();
  });
});

function selected<T>(result: T | 'stale'): T {
  if (result === 'stale') throw new Error('the selection was stale');
  return result;
}

describe('activations', () => {
  it('know what decided before, over every replica, and count a revision once for all of them', async () => {
    await keep('act-1', 'act-2', 'act-3');
    await activate('act-1');
    expect(await state.policy.everActive('act-2')).toBe(false);
    await Promise.all([activate('act-2'), activate('act-2', other)]);
    await activate('act-3');
    await activate('act-3', other);
    expect(await state.policy.activeBefore('act-3')).toBe('act-2');
    expect(await state.policy.activeBefore('act-2')).toBe('act-1');
    expect(await state.policy.everActive('act-2')).toBe(true);
    await activate('act-2');
    expect(await state.policy.activeBefore('act-2')).toBe('act-3');
  });

  it('keep the time of the first one, and write an audit record of each', async () => {
    await keep('first');
    const before = (await state.audit.head())?.sequence ?? 0n;
    await activate('first');
    const firstActiveAt = (await state.policy.find('first'))?.firstActiveAt;
    expect(firstActiveAt).toEqual(expect.any(Number));
    await activate('first', other);
    expect((await state.policy.find('first'))?.firstActiveAt).toBe(firstActiveAt);
    expect((await state.audit.head())?.sequence).toBe(before + 2n);
  });

  it('know nothing before the first revision', async () => {
    expect(await state.policy.activeBefore('nowhere')).toBeNull();
  });
});

describe('replicas', () => {
  it('are listed with what they said last, and forgotten after an hour', async () => {
    const report = { replica: 'a', revision: 'r1', shadowRevision: null, problem: null };
    await state.policy.report(report);
    await other.policy.report({ ...report, replica: 'b', problem: 'the source is away' });
    await state.policy.report({ ...report, revision: 'r2', shadowRevision: 'r3' });
    expect(await state.policy.replicas()).toEqual([
      { replica: 'a', revision: 'r2', shadowRevision: 'r3', problem: null, seenAt: expect.any(Number) },
      { replica: 'b', revision: 'r1', shadowRevision: null, problem: 'the source is away', seenAt: expect.any(Number) },
    ]);
    await tamper('UPDATE policy_replicas SET seen_at_ms = seen_at_ms - 3600001 WHERE replica = $1', ['b']);
    await state.policy.report(report);
    expect((await state.policy.replicas()).map(({ replica }) => replica)).toEqual(['a']);
  });
});

describe('a shadow', () => {
  const run = { activeRevision: 'a1', shadowRevision: 's1' };
  const limited: Verdict = {
    kind: 'allow',
    reasons: [{ code: 'X', rule: 'r', message: 'm', facts: { amount: '18446744073709551616' } }],
    limits: [
      {
        id: 'spending_limit/SOL/lifetime/wallet',
        scope: 'wallet',
        measure: { kind: 'outflow', asset: 'SOL' },
        window: { kind: 'lifetime' },
        max: 2n ** 70n,
        onExceed: { kind: 'deny' },
      },
    ],
  };
  const sample = (requestId: string): ShadowSample => ({
    requestId,
    agentId: 'trader',
    walletId: 'treasury',
    difference: 'newly_denied',
    active: limited,
    shadow: { kind: 'deny', reasons: [] },
    time: 1_760_000_000_000,
  });

  it('has one sum over every replica, exact beyond what a number holds', async () => {
    const tally = { kind: 'newly_denied', decisions: 2n, exposure: { SOL: 2n ** 64n, mint: 1n } } as const;
    await state.policy.addShadow({ ...run, replica: 'a' }, [tally], []);
    await state.policy.addShadow({ ...run, replica: 'a' }, [tally], []);
    const more = { kind: 'judged', decisions: 7n, exposure: {} } as const;
    await other.policy.addShadow({ ...run, replica: 'b' }, [{ ...tally, exposure: { SOL: 1n } }, more], []);
    expect(await state.policy.shadowTallies('a1', 's1')).toEqual([
      more,
      { kind: 'newly_denied', decisions: 6n, exposure: { SOL: 2n ** 65n + 1n, mint: 2n } },
    ]);
    expect(await state.policy.shadowTallies('a2', 's1')).toEqual([]);
  });

  it('keeps its newest thousand samples, with both verdicts as they were', async () => {
    const samples = Array.from({ length: 1_001 }, (_, i) => sample(`request-${i}`));
    await state.policy.addShadow({ ...run, replica: 'a' }, [], samples);
    await state.policy.addShadow({ replica: 'a', activeRevision: 'a1', shadowRevision: 's2' }, [], [sample('else')]);
    const kept = await other.policy.shadowSamples('s1', 2_000);
    expect(kept).toHaveLength(1_000);
    expect(kept[0]).toEqual(sample('request-1000'));
    expect(kept.at(-1)?.requestId).toBe('request-1');
    expect(await state.policy.shadowSamples('s2', 10)).toEqual([sample('else')]);
  });
});
