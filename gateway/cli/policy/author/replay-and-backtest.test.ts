import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { address } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayDenial } from '../../../core/decision/decision.ts';
import { instead } from '../../../core/decision/gateway-verdict.ts';
import { parseJson } from '../../../core/decision/json-value.ts';
import { sampleFacts } from '../../../core/policy-input/sample-facts.ts';
import { buildPolicyInput } from '../../../core/policy-input.ts';
import { buildFiles } from '../../../policy/build/build-bundle.ts';
import { PROJECT } from '../../../policy/build/opa.ts';
import { readBundle } from '../../../policy/bundle/read-bundle.ts';
import { writeArchive } from '../../../policy/bundle/write-archive.ts';
import { decisionLine, type LoggedDecision } from '../../../policy/decision-log/decision-line.ts';
import { generationOf } from '../../../policy/evaluation/open-generation.ts';
import { controlPlane, type Plane } from '../../../rpc/testing/planes.ts';
import { REQUEST_ID, sampleRequest } from '../../../rpc/testing/samples.ts';
import { fakeTerminal } from '../../testing/fake-terminal.ts';

const EXAMPLE = join(PROJECT, 'policies', 'data', 'example.json');
const FACTS = sampleFacts({
  agent: 'trader',
  wallet: 'treasury',
  walletAddress: address('BPFLoaderUpgradeab1e11111111111111111111111'),
  recipient: address('Stake11111111111111111111111111111111111111'),
});

let work: string;
let plane: Plane;
let archive: Uint8Array;
let recorded: LoggedDecision[];

function inputOf(lamports: bigint): Uint8Array {
  const outflows = [{ asset: 'SOL', amount: lamports, decimals: 9 }];
  return buildPolicyInput({ ...FACTS, effects: { ...FACTS.effects, outflows } });
}

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-replay-'));
  const { revision, files } = await buildFiles({ dataFile: EXAMPLE });
  archive = writeArchive(files);
  const engine = await generationOf(readBundle(files, 'example'));
  recorded = [1n, 900n, 600_000_000n, 2_000_000_000n].map((lamports, i) => {
    const input = inputOf(lamports);
    const verdict = engine.evaluate(input);
    const requestId = i === 0 ? REQUEST_ID : `request-${i}`;
    const names = { decisionId: 'd', agentId: 'trader', walletId: 'treasury', bundleRevision: revision };
    return { ...names, requestId, time: i, verdict, input };
  });
  const data = (await readFile(EXAMPLE, 'utf8')).replace('"SOL": 1000000000', '"SOL": 800');
  await writeFile(join(work, 'data.json'), data);
  const stricter = await buildFiles({ dataFile: join(work, 'data.json') });
  await writeFile(join(work, 'stricter.tar.gz'), writeArchive(stricter.files));
  await writeFile(join(work, 'same.tar.gz'), archive);
  await writeFile(join(work, 'decisions.jsonl'), recorded.map(decisionLine).join(''));
  plane = await controlPlane({
    policy: { download: async () => archive },
    requests: {
      find: async (requestId) => {
        const [first] = recorded;
        if (requestId !== REQUEST_ID || first === undefined) return null;
        const request = sampleRequest();
        const { verdict, bundleRevision, input: policyInput } = first;
        const decision = { ...request.judgement.decision, verdict, bundleRevision };
        return { ...request, judgement: { ...request.judgement, decision, policyInput } };
      },
    },
  });
  await writeFile(
    join(work, 'key'),
    plane.principals.add({ kind: 'operator', id: 'o', roles: ['auditor'], groups: [] }),
  );
});

afterAll(async () => {
  await plane.close();
  await rm(work, { recursive: true, force: true });
});

async function run(...args: readonly string[]) {
  const terminal = fakeTerminal({});
  const code = await terminal.run(...args);
  return { code, out: terminal.out.join('\n'), err: terminal.err.join('\n') };
}

const decisions = () => join(work, 'decisions.jsonl');

describe('countersign audit replay', () => {
  it('judges a request again by the bundle that decided, from the gateway', async () => {
    const { code, out } = await run(
      'audit',
      'replay',
      REQUEST_ID,
      '--address',
      plane.address,
      '--key-file',
      join(work, 'key'),
    );
    expect(out).toContain(`request ${REQUEST_ID}: allow again, byte by byte`);
    expect(code).toBe(0);
  });

  it.each([0, 1, 2, 3])('does so offline, whatever was decided: %i', async (i) => {
    const requestId = recorded[i]?.requestId ?? '';
    const offline = ['--decisions', decisions(), '--bundle', join(work, 'same.tar.gz')];
    const { code, out } = await run('audit', 'replay', requestId, ...offline);
    expect(out).toContain('again, byte by byte');
    expect(code).toBe(0);
  });

  it('tells what the policy said from what the gateway added to it', async () => {
    const [first, , , denied] = recorded;
    if (first === undefined || denied === undefined) throw new Error('nothing was recorded');
    const frozen = gatewayDenial('FROZEN', 'operators have frozen everything');
    const file = join(work, 'frozen.jsonl');
    const offline = ['--decisions', file, '--bundle', join(work, 'same.tar.gz')];
    await writeFile(file, decisionLine({ ...first, verdict: instead(first.verdict, frozen) }));
    const { code, out } = await run('audit', 'replay', REQUEST_ID, ...offline);
    expect(out).toContain(`request ${REQUEST_ID}: the policy says allow again, byte by byte`);
    expect(out).toContain('deny by the gateway, which added FROZEN');
    expect(code).toBe(0);
    // The policy said something else than the record claims, or the record does not say what it said.
    for (const verdict of [instead(denied.verdict, frozen), frozen]) {
      await writeFile(file, decisionLine({ ...first, verdict }));
      expect(await run('audit', 'replay', REQUEST_ID, ...offline)).toMatchObject({ code: 1 });
    }
  });

  it('exits 1 where the record says something else', async () => {
    const [first] = recorded;
    if (first === undefined) throw new Error('nothing was recorded');
    const file = join(work, 'forged.jsonl');
    await writeFile(file, decisionLine({ ...first, verdict: { kind: 'allow', reasons: [] } }));
    const { code, out } = await run(
      'audit',
      'replay',
      REQUEST_ID,
      '--decisions',
      file,
      '--bundle',
      join(work, 'same.tar.gz'),
    );
    expect(code).toBe(1);
    expect(out).toContain('ANOTHER DECISION');
  });

  it.each([
    ['a bundle of another revision', ['--decisions', 'decisions.jsonl', '--bundle', 'stricter.tar.gz'], 2, 'decided'],
    ['a bundle without decisions', ['--bundle', 'same.tar.gz'], 2, 'go together'],
  ])('refuses %s', async (_, options, code, text) => {
    const paths = options.map((option) => (option.startsWith('--') ? option : join(work, option)));
    expect(await run('audit', 'replay', REQUEST_ID, ...paths)).toMatchObject({
      code,
      err: expect.stringContaining(text),
    });
  });

  it('says of a request that the file does not hold that it is not there', async () => {
    const offline = ['--decisions', decisions(), '--bundle', join(work, 'same.tar.gz')];
    expect(await run('audit', 'replay', 'none', ...offline)).toMatchObject({ code: 1 });
  });
});

describe('countersign policy fixture and explain', () => {
  it('take the recorded input of a request from the gateway', async () => {
    const repository = join(work, 'repository');
    const gateway = ['--address', plane.address, '--key-file', join(work, 'key')];
    const named = ['--name', 'recorded', '--expect', 'deny'];
    const made = await run('policy', 'fixture', REQUEST_ID, repository, ...named, ...gateway);
    expect(made).toMatchObject({ code: 0, err: '' });
    const fixture = JSON.parse(await readFile(join(repository, 'fixtures', 'recorded.json'), 'utf8'));
    expect(fixture).toMatchObject({ expect: { decision: 'deny' }, input: { v: 1, agent: { id: 'trader' } } });
  });

  it('say of a request that is not recorded that there is none', async () => {
    const unknown = REQUEST_ID.replace(/^./, (digit) => (digit === 'f' ? 'e' : 'f'));
    const gateway = ['--address', plane.address, '--key-file', join(work, 'key')];
    expect(await run('policy', 'explain', unknown, work, ...gateway)).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no request'),
    });
  });
});

describe('countersign policy backtest', () => {
  it('finds no difference for the policy that decided', async () => {
    const { code, out, err } = await run('policy', 'backtest', join(work, 'same.tar.gz'), '--decisions', decisions());
    expect(out).toContain('4 recorded decisions were judged again');
    expect(out).toContain('newly denied: none');
    expect(out).toContain('for other reasons: none');
    expect(err).toMatch(/4 decisions in \d/);
    expect(code).toBe(0);
  });

  it('says what a stricter one would deny, and exits 1 where that is more than may be', async () => {
    const args = ['policy', 'backtest', join(work, 'stricter.tar.gz'), '--decisions', decisions()];
    const { code, out } = await run(...args);
    expect(out).toContain('newly denied: 2, with 0.6000009 SOL');
    expect(out).toContain('agent trader: 2');
    expect(out).toContain('SPENDING_LIMIT_EXCEEDED');
    expect(code).toBe(0);
    expect(await run(...args, '--max-newly-denied', '2')).toMatchObject({ code: 0 });
    expect(await run(...args, '--max-newly-denied', '1')).toMatchObject({
      code: 1,
      err: expect.stringContaining('2 decisions would be newly denied; at most 1 may be'),
    });
  });

  it('counts the limits over time of the other policy, and says who exceeds them until when', async () => {
    const { agents, ...rest } = JSON.parse(await readFile(EXAMPLE, 'utf8'));
    const { treasury } = agents.trader.wallets;
    treasury.spending_limit.per_window = { SOL: [{ max: 600_000_500, rolling_seconds: 60 }] };
    const { files } = await buildFiles({ data: parseJson(JSON.stringify({ agents, ...rest })) });
    await writeFile(join(work, 'windowed.tar.gz'), writeArchive(files));
    const { code, out } = await run('policy', 'backtest', join(work, 'windowed.tar.gz'), '--decisions', decisions());
    expect(out).toContain('newly denied: 1, with 0.6 SOL');
    expect(out).toContain('over a limit over time: 1');
    expect(out).toContain(
      'request request-2 of 1970-01-01T00:00:00.002Z: 0.6 SOL, 0.000000401 SOL more than was left; free for it from 1970-01-01T00:01:00.001Z on',
    );
    expect(out).toContain('2 of which no outcome is recorded count as landed at once');
    expect(code).toBe(0);
  });

  it.each([
    ['a bound that is no number', ['--max-newly-denied', 'few'], '--max-newly-denied'],
    ['an exposure without an asset', ['--max-newly-allowed-exposure', '5'], '<asset>=<base units>'],
    ['a period of a file', ['--from', '2026-01-01'], 'a file of decisions is read whole'],
  ])('refuses %s', async (_, options, text) => {
    const { code, err } = await run(
      'policy',
      'backtest',
      join(work, 'same.tar.gz'),
      '--decisions',
      decisions(),
      ...options,
    );
    expect(code).toBe(2);
    expect(err).toContain(text);
  });

  it('of no decisions is a failure: it proves nothing', async () => {
    const file = join(work, 'empty.jsonl');
    await writeFile(file, '');
    expect(await run('policy', 'backtest', join(work, 'same.tar.gz'), '--decisions', file)).toMatchObject({ code: 1 });
  });
});
