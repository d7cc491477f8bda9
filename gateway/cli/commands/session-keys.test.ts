import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Limit } from '../../core/decision/decision.ts';
import type { SessionTerms } from '../../core/principal/session.ts';
import { controlPlane, dataPlane, type Plane } from '../../rpc/testing/planes.ts';
import { AGENT, OPERATOR } from '../../rpc/testing/samples.ts';
import type { SessionKeyRecord } from '../../state/contract/session-key-store.ts';
import { fakeTerminal } from '../testing/fake-terminal.ts';

const SECRET = `csk_0123456789abcdef_${'z'.repeat(43)}`;
const FEE: Limit = {
  id: 'session/0123456789abcdef/fee',
  scope: 'session',
  session: '0123456789abcdef',
  measure: { kind: 'fee' },
  window: { kind: 'lifetime' },
  max: 18_446_744_073_709_551_616n,
  onExceed: { kind: 'deny' },
};
const RECORD: SessionKeyRecord = {
  agentId: 'shopper',
  session: {
    keyId: '0123456789abcdef',
    lineage: ['fedcba9876543210'],
    wallets: ['treasury'],
    methods: ['sign', 'evaluate'],
    limits: [FEE],
    expiresAt: 1_700_000_600_000,
  },
  createdAt: 1_700_000_000_000,
  revokedAt: null,
};

let folder: string;
let asked: unknown[];
let planes: Plane[];
let env: Record<string, string>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
  asked = [];
  const sessionKeys = {
    createFor: async (by: { readonly id: string }, agentId: string, terms: SessionTerms) => {
      asked.push([by.id, agentId, terms]);
      return { record: RECORD, secret: SECRET };
    },
    createUnder: async (by: { readonly id: string }, terms: SessionTerms) => {
      asked.push([by.id, terms]);
      return { record: RECORD, secret: SECRET };
    },
    listOf: async (agentId: string | null, ended: boolean) => {
      asked.push([agentId, ended]);
      return agentId === 'nobody' ? [] : [RECORD, { ...RECORD, revokedAt: 1_700_000_100_000 }];
    },
    revoke: async (by: { readonly id: string }, keyId: string) => {
      asked.push([by.id, keyId]);
      return RECORD;
    },
  };
  const [control, data] = [await controlPlane({}, { sessionKeys }), await dataPlane({}, { sessionKeys })];
  planes = [control, data];
  writeFileSync(join(folder, 'operator'), control.principals.add(OPERATOR));
  writeFileSync(join(folder, 'agent'), data.principals.add(AGENT));
  env = { COUNTERSIGN_CONTROL_ADDRESS: control.address, COUNTERSIGN_DATA_ADDRESS: data.address };
});

afterEach(async () => {
  for (const plane of planes) await plane.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(...args: readonly string[]) {
  const key = args[1] === 'derive' ? 'agent' : 'operator';
  const terminal = fakeTerminal({ ...env, COUNTERSIGN_API_KEY_FILE: join(folder, key) });
  const code = await terminal.run(...args);
  return { code, out: terminal.out.join('\n'), err: terminal.err.join('\n') };
}

const TERMS = ['--wallet', 'treasury', '--method', 'sign', 'evaluate'];

describe('countersign session-keys', () => {
  it('create makes a key of an agent with all that was asked, and shows it once', async () => {
    const max = ['--max', 'outflow:SOL=18446744073709551616', 'count=3'];
    const made = await run('session-keys', 'create', 'shopper', ...TERMS, ...max, '--lifetime', '15m');
    expect(made).toMatchObject({ code: 0, out: SECRET });
    expect(made.err).toContain('key 0123456789abcdef of shopper; it is not shown again');
    const maxima = [
      { measure: { kind: 'outflow', asset: 'SOL' }, max: 18_446_744_073_709_551_616n },
      { measure: { kind: 'count' }, max: 3n },
    ];
    const terms = { wallets: ['treasury'], methods: ['sign', 'evaluate'], maxima, lifetimeMs: 900_000 };
    expect(asked).toEqual([['olga', 'shopper', terms]]);
  });

  it('derive makes one from the key of the agent, into a file of its owner only', async () => {
    const file = join(folder, 'child');
    expect(await run('session-keys', 'derive', ...TERMS, '--output', file)).toMatchObject({ code: 0, out: '' });
    expect(readFileSync(file, 'utf8')).toBe(`${SECRET}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(asked).toMatchObject([['shopper', { lifetimeMs: null, maxima: [] }]]);
  });

  it('list tells what each may do and until when', async () => {
    const { out } = await run('session-keys', 'list', '--agent', 'shopper', '--all');
    expect(out).toContain(
      '0123456789abcdef  shopper  fedcba9876543210  treasury  sign, evaluate  fee=18446744073709551616',
    );
    expect(out).toContain('2023-11-14T22:23:20.000Z');
    expect(out).toContain('revoked 2023-11-14T22:15:00.000Z');
    expect(asked).toEqual([['shopper', true]]);
    expect(await run('session-keys', 'list', '--agent', 'nobody')).toEqual({
      code: 2,
      out: '',
      err: 'countersign: there is no agent nobody',
    });
  });

  it('revoke says what ended', async () => {
    expect((await run('session-keys', 'revoke', '0123456789abcdef')).out).toBe(
      'revoked 0123456789abcdef of shopper, with all that come from it',
    );
    expect(asked).toEqual([['olga', '0123456789abcdef']]);
  });

  it.each([
    [['--method', 'fly'], '--method is among sign, sign-and-send, sign-message, evaluate; not fly'],
    [['--method', 'toString'], 'not toString'],
    [['--max', 'SOL=1'], '--max is outflow:<SOL or mint>, fee, rent or count'],
    [['--max', 'fee=1.5'], 'not fee=1.5'],
    [['--max', 'outflow:=1'], 'not outflow:=1'],
    [['--lifetime', '1d'], '--lifetime is such as 90s, 15m or 8h; not 1d'],
    [['--lifetime', '0h'], 'not 0h'],
  ])('create with %j makes nothing', async (change, text) => {
    const result = await run(
      'session-keys',
      'create',
      'shopper',
      '--wallet',
      'treasury',
      '--method',
      'sign',
      ...change,
    );
    expect(result.code).toBe(2);
    expect(result.err).toContain(text);
    expect(asked).toEqual([]);
  });

  it.each([
    [['--max', 'outflow:nothing=1'], 'must be SOL or the address of a mint'],
    [['--max', 'fee=1', 'fee=2'], 'each measure once'],
    [['--max', `fee=${'9'.repeat(29)}`], 'at most 28 digits'],
  ])('the gateway refuses %j', async (change, text) => {
    const result = await run(
      'session-keys',
      'create',
      'shopper',
      '--wallet',
      'treasury',
      '--method',
      'sign',
      ...change,
    );
    expect(result.code).toBe(1);
    expect(result.err).toContain(text);
    expect(asked).toEqual([]);
  });
});
