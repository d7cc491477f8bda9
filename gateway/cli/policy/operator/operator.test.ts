import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../../core/errors.ts';
import type { PolicyStatus } from '../../../policy/policy-control.ts';
import { controlPlane, type Plane } from '../../../rpc/testing/planes.ts';
import { REQUEST_ID } from '../../../rpc/testing/samples.ts';
import type { PolicyRevisionRecord } from '../../../state/contract/policy-store.ts';
import { fakeTerminal } from '../../testing/fake-terminal.ts';

/** Of the terminal that the commands get. */
const NOW = 1_700_000_000_000;
const ARCHIVE = Uint8Array.from({ length: 150_000 }, (_, i) => i % 251);

let plane: Plane;
let work: string;
let asked: unknown[][];
let unmet: readonly string[];
let problem: string | null;
let seenAt: number;

function revision(name: string): PolicyRevisionRecord {
  return {
    revision: name,
    archiveDigest: new Uint8Array(32),
    origin: 'git',
    gitCommit: 'c0ffee'.padEnd(40, '0'),
    builtAt: Date.parse('2026-01-02T03:04:05Z'),
    signedBy: null,
    pushedBy: null,
    storedAt: Date.parse('2026-01-02T03:05:00Z'),
    firstActiveAt: null,
  };
}

function status(): PolicyStatus {
  return {
    active: { ...revision('r2'), signedBy: 'signed commit' },
    selection: {
      version: 1n,
      pinnedRevision: 'r2',
      followedRevision: 'r1',
      shadowRevision: null,
      shadowSince: null,
      chosenBy: 'olga',
      chosenAt: 1,
    },
    source: 'git https://example.com/policies.git main',
    replicas: [{ replica: 'one', revision: 'r2', shadowRevision: null, problem, seenAt }],
  };
}

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-policy-cli-'));
  await writeFile(join(work, 'bundle.tar.gz'), ARCHIVE);
  plane = await controlPlane({
    unmetApprovals: async () => unmet,
    policy: {
      status: async () => status(),
      revisions: async () => [revision('r2'), revision('r1')],
      push: async (_, archive) => {
        asked.push(['push', archive.length]);
        return revision('r3');
      },
      download: async (name) => {
        if (name !== 'r2') throw new GatewayError('REVISION_NOT_FOUND', `revision: none is kept as ${name}`);
        return ARCHIVE;
      },
      activate: async (_, name, reason) => {
        asked.push(['activate', name, reason]);
        return revision(name);
      },
      rollBack: async (_, reason) => {
        asked.push(['rollBack', reason]);
        return revision('r1');
      },
      follow: async (_, reason) => void asked.push(['follow', reason]),
      setShadow: async (_, name) => void asked.push(['setShadow', name]),
      shadowReport: async () => ({
        activeRevision: 'r2',
        shadowRevision: 'r3',
        since: 0,
        tallies: [
          { kind: 'judged', decisions: 9n, exposure: {} },
          { kind: 'newly_allowed', decisions: 1n, exposure: { SOL: 5n } },
        ],
        samples: [
          {
            requestId: REQUEST_ID,
            agentId: 'trader',
            walletId: 'treasury',
            difference: 'newly_allowed',
            active: { kind: 'deny', reasons: [{ code: 'NO', rule: 'x', message: 'a\u001b[31mred', facts: {} }] },
            shadow: { kind: 'allow', reasons: [{ code: 'YES', rule: 'x', message: 'fine', facts: {} }] },
            time: 0,
          },
        ],
      }),
    },
  });
});

afterAll(async () => {
  await plane.close();
  await rm(work, { recursive: true, force: true });
});

beforeEach(() => {
  asked = [];
  unmet = [];
  problem = null;
  seenAt = NOW;
});

async function run(...args: readonly string[]) {
  const keyFile = join(work, 'key');
  await writeFile(keyFile, plane.principals.add({ kind: 'operator', id: 'olga', roles: ['policy'], groups: [] }));
  const terminal = fakeTerminal({});
  const code = await terminal.run('policy', ...args, '--address', plane.address, '--key-file', keyFile);
  return { code, printed: terminal.out.join('\n'), warned: terminal.err.join('\n') };
}

describe('countersign policy, for operators', () => {
  it('says what decides, and who chose it', async () => {
    const { code, printed } = await run('status');
    expect(code).toBe(0);
    expect(printed).toContain('Revision r2 decides');
    expect(printed).toContain('signed by  its commit, of which the gateway built it');
    expect(printed).toContain('pinned     r2, by olga');
    expect(printed).toContain('(not followed; it brought revision r1 last)');
  });

  it('exits 1 where a replica has a problem', async () => {
    problem = 'the bundle is older than the active one';
    const { code, printed } = await run('status');
    expect(code).toBe(1);
    expect(printed).toContain(problem);
  });

  it('exits 0 where only a replica that is gone had one', async () => {
    problem = 'it could not start';
    seenAt = NOW - 31_000;
    const { code, printed } = await run('status');
    expect(printed).toContain('gone, 31 s ago');
    expect(code).toBe(0);
  });

  it('lists the revisions that are kept', async () => {
    const { printed } = await run('revisions');
    expect(printed.split('\n')).toHaveLength(3);
    expect(printed).toMatch(/^r2 +git +c0ffee000000 +2026-01-02T03:05:00.000Z +never +nobody$/m);
    expect((await run('revisions', '--limit', '0')).code).toBe(2);
  });

  it('pushes a bundle, and activates it where told to', async () => {
    const file = join(work, 'bundle.tar.gz');
    expect(await run('push', file)).toMatchObject({ code: 0, printed: 'revision r3 is kept' });
    expect(asked).toEqual([['push', ARCHIVE.length]]);
    const { printed } = await run('push', file, '--shadow', '--activate', '--reason', 'release 7');
    expect(printed).toContain('it decides, until countersign policy follow');
    expect(asked.slice(2)).toEqual([
      ['setShadow', 'r3'],
      ['activate', 'r3', 'release 7'],
    ]);
    expect(await run('push', join(work, 'none'))).toMatchObject({ code: 2 });
  });

  it('pulls a revision into a new file only', async () => {
    const output = join(work, 'pulled.tar.gz');
    expect((await run('pull', 'r2', '--output', output)).code).toBe(0);
    expect((await readFile(output)).equals(ARCHIVE)).toBe(true);
    expect((await run('pull', 'r2', '--output', output)).code).toBe(1);
    expect(await run('pull', 'r9', '--output', join(work, 'r9'))).toMatchObject({ code: 1 });
  });

  it('activates, goes back, pins and follows', async () => {
    await run('activate', 'r1', '--reason', 'r2 denies payroll');
    expect((await run('rollback')).printed).toBe('revision r1 decides, until countersign policy follow');
    await run('pin');
    await run('follow');
    expect(asked).toEqual([
      ['activate', 'r1', 'r2 denies payroll'],
      ['rollBack', ''],
      ['activate', 'r2', ''],
      ['follow', ''],
    ]);
  });

  it('warns of approvals that nobody could give, by whatever it was activated', async () => {
    unmet = ['agents.a.wallets.w.human_approval asks for 3 approvals: \u001b[31m'];
    for (const args of [
      ['activate', 'r1'],
      ['rollback'],
      ['pin'],
      ['push', join(work, 'bundle.tar.gz'), '--activate'],
    ]) {
      const { code, warned } = await run(...args);
      expect(code).toBe(0);
      expect(warned).toContain('countersign: warning: agents.a.wallets.w.human_approval asks for 3 approvals: ');
      expect(warned).not.toContain('\u001b');
    }
  });

  it('sets a shadow, ends it and reports, with hostile text made harmless', async () => {
    await run('shadow', 'set', 'r3');
    await run('shadow', 'off');
    expect(asked).toEqual([
      ['setShadow', 'r3'],
      ['setShadow', null],
    ]);
    const { printed } = await run('shadow', 'report');
    expect(printed).toMatch(/^newly allowed +1 +0\.000000005 SOL$/m);
    expect(printed).toContain('active: deny');
    expect(printed).toContain('NO: a');
    expect(printed).not.toContain('\u001b');
    expect(printed).not.toContain('YES');
  });
});
