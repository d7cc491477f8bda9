import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chainOf, sampleChain } from '../../audit/testing/sample-chain.ts';
import type { AuditEntry, AuditKind, AuditRecord } from '../../core/audit/audit-record.ts';
import { GatewayError } from '../../core/errors.ts';
import { sha256 } from '../../core/sha256.ts';
import { controlPlane, type Plane } from '../../rpc/testing/planes.ts';
import { OPERATOR, REQUEST_ID, samplePolicyInput, sampleRequest } from '../../rpc/testing/samples.ts';
import { openState } from '../../state/open-state.ts';
import { sampleEntry } from '../../state/testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../../state/testing/test-database.ts';
import { fakeTerminal } from '../testing/fake-terminal.ts';

const sha256Hex = (bytes: Uint8Array): string => Buffer.from(sha256(bytes)).toString('hex');

let folder: string;
let plane: Plane;
let chain: AuditRecord[];
/** How often the live stream breaks before it goes on. */
let breaks: number;
let asked: bigint[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-audit-'));
  chain = sampleChain(25);
  breaks = 0;
  asked = [];
  plane = await controlPlane({
    get records() {
      return chain;
    },
    requests: {
      find: async (requestId) => {
        const request = sampleRequest();
        return requestId === REQUEST_ID
          ? { ...request, judgement: { ...request.judgement, policyInput: samplePolicyInput() } }
          : null;
      },
    },
    async *streamRecords({ after, stopAtHead, signal }) {
      asked.push(after);
      for (const record of chain.slice(Number(after))) {
        yield record;
        if (breaks > 0 && record.sequence % 7n === 0n && breaks-- > 0)
          throw new GatewayError('STORE_UNAVAILABLE', 'away');
      }
      if (!stopAtHead) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
  });
});
afterEach(async () => {
  await plane.close();
  rmSync(folder, { recursive: true, force: true });
});

function terminal(onPrint?: (line: string) => void) {
  const key = plane.principals.add({ ...OPERATOR, id: 'auditor', roles: ['auditor'] });
  return fakeTerminal({ COUNTERSIGN_CONTROL_ADDRESS: plane.address, COUNTERSIGN_API_KEY: key }, null, onPrint);
}

/** Tails until so many lines have been printed. */
async function tailLines(lines: number, ...options: readonly string[]) {
  const fake = terminal(() => {
    if (fake.out.length === lines) fake.stop();
  });
  const code = await fake.run('audit', 'tail', ...options);
  return { code, out: fake.out, err: fake.err };
}

describe('countersign audit tail', () => {
  it('shows the last ten records and follows', async () => {
    const { code, out } = await tailLines(10);
    expect(code).toBe(0);
    expect(out.at(-1)).toMatch(/^ {4}25 /);
    expect(out[0]).toMatch(/^ {4}16 {2}20\S+Z {2}request\.denied +by /);
  });

  it('says why a policy was refused, in one line however long the reason is', async () => {
    const facts = {
      code: 'DATA_INVALID',
      from: 'git',
      message: `agents.x:\u001b[31m\n is missing; ${'y'.repeat(1_000)}`,
    };
    chain = chainOf([{ ...sampleEntry('policy.refused'), facts }]);
    const [line = ''] = (await tailLines(1)).out;
    expect(line).toContain('code=DATA_INVALID');
    expect(line).toMatch(/agents\.x:.* is missing; y+…$/);
    expect(line).not.toMatch(/\n/);
    expect(line.length).toBeLessThan(400);
  });

  it('starts where it is told', async () => {
    const { out } = await tailLines(22, '--after', '3', '--json');
    expect(out.map((line) => JSON.parse(line).sequence)).toEqual(Array.from({ length: 22 }, (_, i) => i + 4));
  });

  it('resumes after an interruption, without a gap and without a repeat', async () => {
    breaks = 2;
    const { code, out, err } = await tailLines(25, '--after', '0', '--json');
    expect(code).toBe(0);
    expect(out.map((line) => JSON.parse(line).sequence)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
    expect(asked).toEqual([0n, 7n, 14n]);
    expect(err[0]).toContain('resuming after record 7');
  });

  it('shows an empty chain as nothing', async () => {
    chain = [];
    const fake = terminal();
    const tail = fake.run('audit', 'tail');
    await expect.poll(() => asked).toEqual([0n]);
    fake.stop();
    expect(await tail).toBe(0);
    expect(fake.out).toEqual([]);
  });

  it.each(['-1', 'x', '1e3', '9'.repeat(30)])('refuses --after %s', async (after) => {
    expect(await terminal().run('audit', 'tail', `--after=${after}`)).toBe(2);
  });

  it('does not go on without the right to', async () => {
    const key = plane.principals.add({ ...OPERATOR, id: 'voter', roles: ['approver'] });
    const fake = fakeTerminal({ COUNTERSIGN_CONTROL_ADDRESS: plane.address, COUNTERSIGN_API_KEY: key });
    expect(await fake.run('audit', 'tail')).toBe(1);
    expect(fake.err.join()).toContain('ROLE_MISSING');
  });
});

describe('countersign audit show', () => {
  it('prints every fact, amounts exact, and the transaction that was judged', async () => {
    const entry = sampleEntry('request.approval_required', REQUEST_ID);
    const facts = {
      policy_input_sha256: sha256Hex(samplePolicyInput()),
      limit: 2n ** 64n,
      reasons: [{ code: 'ABOVE' }],
      policy_input: new TextDecoder().decode(samplePolicyInput()),
    };
    chain = chainOf([{ ...entry, facts }]);
    const fake = terminal();
    expect(await fake.run('audit', 'show', '1')).toBe(0);
    const screen = fake.out.join('\n');
    for (const text of [
      'request.approval_required',
      'limit = 18446744073709551616',
      'reasons = [{"code":"ABOVE"}]',
      `hash ${Buffer.from(chain[0]?.hash ?? []).toString('hex')}`,
      'moves            18446744073.709551615 SOL (18446744073709551615 lamports)',
    ]) {
      expect(screen).toContain(text);
    }
    expect(screen).not.toContain('"effects"');
  });

  it('shows what the gateway holds of a denied transaction, only where the record names that', async () => {
    const denied = (digest: string) => ({
      ...sampleEntry('request.denied', REQUEST_ID),
      facts: { policy_input_sha256: digest },
    });
    chain = chainOf([denied(sha256Hex(samplePolicyInput())), denied('00'.repeat(32))]);
    const fake = terminal();
    expect(await fake.run('audit', 'show', '1')).toBe(0);
    expect(fake.out.join('\n')).toContain('moves            18446744073.709551615 SOL');
    const replaced = terminal();
    expect(await replaced.run('audit', 'show', '2')).toBe(0);
    expect(replaced.out.at(-1)).toBe('What was judged is not kept: the request was judged again since');
  });

  it('says that there is no such record', async () => {
    const fake = terminal();
    expect(await fake.run('audit', 'show', '26')).toBe(1);
    expect(fake.err.join()).toContain('AUDIT_RECORD_NOT_FOUND');
    expect(await terminal().run('audit', 'show', 'x')).toBe(2);
  });
});

describe('countersign audit verify', () => {
  const entry = (kind: AuditKind): AuditEntry => ({
    kind,
    time: 1,
    requestId: REQUEST_ID,
    actor: 'gateway',
    facts: {},
  });
  const head = () => `25:${Buffer.from(chain[24]?.hash ?? []).toString('hex')}`;

  async function verify(...args: readonly string[]) {
    const fake = terminal();
    const code = await fake.run('audit', 'verify', ...args);
    return { code, out: fake.out.join('\n'), err: fake.err.join('\n') };
  }

  it('finds a whole chain intact over gRPC and says its head', async () => {
    const { code, out } = await verify();
    expect(code).toBe(0);
    expect(out).toContain('intact: the chain over gRPC, 25 records, 0 signatures');
    expect(out).toContain(head());
  });

  it('names the first bad record', async () => {
    chain = chain.map((record) => (record.sequence === 9n ? { ...record, body: Buffer.from('{}') } : record));
    const { code, out } = await verify();
    expect(code).toBe(1);
    expect(out).toMatch(/^BROKEN: the chain over gRPC, record 9: its hash is/);
  });

  it('finds a cut-off end by a head that was noted before', async () => {
    const noted = head();
    expect(await verify('--head', noted)).toMatchObject({ code: 0 });
    chain = chain.slice(0, 20);
    expect(await verify()).toMatchObject({ code: 0 });
    expect(await verify('--head', noted)).toMatchObject({
      code: 1,
      out: expect.stringContaining('record 21: it is missing'),
    });
  });

  it('finds a signature without its intent in a chain whose hashes are right', async () => {
    chain = chainOf([entry('request.signing'), entry('request.signed'), entry('request.signed')]);
    expect(await verify()).toMatchObject({ code: 1, out: expect.stringContaining('record 3: request') });
  });

  it('verifies an export, which it writes once and for its owner only', async () => {
    const file = join(folder, 'chain.ndjson');
    const fake = terminal();
    expect(await fake.run('audit', 'export', '--output', file)).toBe(0);
    expect(fake.err).toEqual([`25 records are in ${file}`]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await verify('--export', file)).toMatchObject({ code: 0, out: expect.stringContaining('25 records') });
    expect(await terminal().run('audit', 'export', '--output', file)).toBe(1);
    writeFileSync(file, readFileSync(file, 'utf8').replace('r-13', 'r-14'));
    expect(await verify('--export', file)).toMatchObject({ code: 1, out: expect.stringContaining('record 13') });
    writeFileSync(file, 'nonsense');
    expect(await verify('--export', file)).toMatchObject({
      code: 1,
      err: expect.stringContaining('line 1 of the export'),
    });
  });

  it('exports to stdout what tail --json prints', async () => {
    const fake = terminal();
    expect(await fake.run('audit', 'export')).toBe(0);
    expect(fake.out).toEqual((await tailLines(25, '--after', '0', '--json')).out);
  });

  it.each([
    [['--export', 'a', '--database', 'b'], 2, 'not both'],
    [['--head', '25'], 2, '--head is sequence:hash'],
    [['--export', '/nowhere/chain'], 1, 'ENOENT'],
    [['--database', 'postgres://127.0.0.1:1/none'], 1, 'ECONNREFUSED'],
  ])('%j ends with %i', async (args, code, text) => {
    expect(await verify(...args)).toMatchObject({ code, err: expect.stringContaining(text) });
  });
});

describe('countersign audit verify --database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    const state = await openState({ databaseUrl: database.url, instanceId: 'test' });
    const append = () =>
      state.audit.append({ kind: 'gateway.started', time: 1, requestId: null, actor: 'gateway', facts: {} });
    await Promise.all(Array.from({ length: 1500 }, append));
    await state.close();
  });
  afterAll(() => database.drop());

  async function tamper(sql: string) {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query('SET session_replication_role = replica');
    await client.query(sql);
    await client.end();
  }

  async function verify() {
    const fake = fakeTerminal({});
    return { code: await fake.run('audit', 'verify', '--database', database.url), out: fake.out.join('\n') };
  }

  it('finds it intact, without a gateway and without a key, and then what was done to it', async () => {
    expect(await verify()).toMatchObject({ code: 0, out: expect.stringContaining('1500 records') });
    await tamper('DELETE FROM audit_records WHERE sequence = 1500');
    expect(await verify()).toMatchObject({ code: 1, out: expect.stringContaining('record 1500: it is missing') });
    await tamper("UPDATE audit_records SET body = '{}' WHERE sequence = 1200");
    expect(await verify()).toMatchObject({ code: 1, out: expect.stringContaining('record 1200: its hash is') });
  });
});
