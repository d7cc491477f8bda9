import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Verdict } from '../../../core/decision/decision.ts';
import { parseDecisionLine } from '../../../policy/decision-log/decision-line.ts';
import { controlPlane, type Plane } from '../../../rpc/testing/planes.ts';
import { sampleRequest } from '../../../rpc/testing/samples.ts';
import type { JudgedFilter } from '../../../state/contract/request-store.ts';
import { fakeTerminal } from '../../testing/fake-terminal.ts';

const VERDICT: Verdict = {
  kind: 'require_approval',
  reasons: [{ code: 'WHY', rule: 'x', message: 'found', remedy: 'at most 5', facts: { amount: '6' } }],
  approval: { quorum: 2, groups: ['treasurers'], timeoutSeconds: 60 },
  limits: [
    {
      id: 'a',
      scope: 'wallet',
      measure: { kind: 'outflow', asset: 'SOL' },
      window: { kind: 'calendar', unit: 'week', timeZone: 'UTC' },
      max: 2n ** 70n,
      onExceed: { kind: 'require_approval', approval: { quorum: 1, groups: [], timeoutSeconds: 9 } },
    },
  ],
};

let plane: Plane;
let work: string;
let asked: JudgedFilter[];

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-decisions-'));
  plane = await controlPlane({
    requests: {
      readJudged: async (filter) => {
        asked.push(filter);
        if (filter.agentId === 'tradr') return [];
        const request = sampleRequest();
        const decision = { ...request.judgement.decision, verdict: VERDICT };
        return [{ ...request, judgement: { ...request.judgement, decision } }];
      },
    },
  });
  await writeFile(
    join(work, 'key'),
    plane.principals.add({ kind: 'operator', id: 'olga', roles: ['auditor'], groups: [] }),
  );
});

afterAll(async () => {
  await plane.close();
  await rm(work, { recursive: true, force: true });
});

beforeEach(() => {
  asked = [];
});

async function run(...args: readonly string[]) {
  return runWith('key', ...args);
}

async function runWith(key: string, ...args: readonly string[]) {
  const terminal = fakeTerminal({});
  const options = ['--address', plane.address, '--key-file', join(work, key)];
  const code = await terminal.run('policy', 'decisions', ...args, ...options);
  return { code, out: terminal.out, err: terminal.err.join('\n') };
}

describe('countersign policy decisions', () => {
  it('prints each decision as it was recorded, input and verdict', async () => {
    const { code, out } = await run();
    expect(code).toBe(0);
    const { verdict, input, requestId, bundleRevision } = parseDecisionLine(new TextEncoder().encode(out[0]));
    const request = sampleRequest();
    expect(verdict).toEqual(VERDICT);
    expect(Buffer.from(input).equals(request.judgement.policyInput)).toBe(true);
    expect(requestId).toBe(request.requestId);
    expect(bundleRevision).toBe(request.judgement.decision.bundleRevision);
  });

  it('asks for the period and the agent that are named', async () => {
    await run('--from', '2026-01-31', '--to', '2026-02-01T12:00:00+01:00', '--agent', 'trader');
    expect(asked).toEqual([
      {
        from: Date.UTC(2026, 0, 31),
        to: Date.UTC(2026, 1, 1, 11),
        agentId: 'trader',
        walletId: null,
      },
    ]);
  });

  it('of nobody says so, to those who may see what names there are', async () => {
    plane.principals.add({ kind: 'agent', id: 'trader', wallets: [] });
    const admin = plane.principals.add({ kind: 'operator', id: 'ada', roles: ['admin'], groups: [] });
    await writeFile(join(work, 'admin-key'), admin);
    expect(await runWith('admin-key', '--agent', 'tradr')).toEqual({
      code: 2,
      out: [],
      err: 'countersign: there is no agent tradr (did you mean trader?)',
    });
    expect(await run('--agent', 'tradr')).toEqual({ code: 0, out: [], err: '' });
  });

  it.each(['yesterday', '2026-01-31T12:00:00', '2026-13-01', '5'])('refuses the time %s', async (time) => {
    expect(await run('--from', time)).toMatchObject({ code: 2, err: expect.stringContaining('--from') });
  });

  it('writes a new file, and never over one', async () => {
    const output = join(work, 'decisions.jsonl');
    expect(await run('--output', output)).toMatchObject({ code: 0, err: `1 decisions are in ${output}` });
    expect((await readFile(output, 'utf8')).trimEnd().split('\n')).toHaveLength(1);
    expect((await run('--output', output)).code).toBe(1);
  });
});
