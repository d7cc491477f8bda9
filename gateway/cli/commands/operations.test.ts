import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gatewayDenial } from '../../core/decision/decision.ts';
import { findingsOf, type StatusFacts } from '../../core/status/findings.ts';
import type { Operations } from '../../pipeline/administration/operations.ts';
import type { WalletState } from '../../pipeline/administration/wallet-states.ts';
import { controlPlane, type Plane } from '../../rpc/testing/planes.ts';
import { AGENT, OPERATOR, REQUEST_ID, sampleRequest, WALLET } from '../../rpc/testing/samples.ts';
import type { RequestPage } from '../../state/contract/request-list.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { fakeTerminal } from '../testing/fake-terminal.ts';

const FACTS: StatusFacts = {
  now: 1_700_000_000_000,
  clockAheadMs: -3_000,
  open: [{ state: 'SIGNING', count: 2, oldestAt: 1_700_000_000_000, oldest: [REQUEST_ID] }],
  approvals: { count: 1, next: [{ approvalId: 'a', expiresAt: 1_700_009_000_000 }] },
  reservations: { count: 4, oldestAgeMs: 5 },
  replicas: [],
  freezes: ['wallet treasury'],
  isReadOnly: false,
  chainProblem: null,
  schema: { found: 9, known: 9 },
  wallets: [],
  sponsors: [],
  signers: [],
  unserved: [],
  feePayers: [],
  unopened: [],
  disputes: { open: [], shown: null, ended: [] },
  unmetApprovals: [],
  keysLeft: { count: 0, wallets: [] },
};

const TREASURY: WalletState = {
  wallet: { id: 'treasury', address: WALLET },
  signer: 'hsm',
  relayer: 'rpc',
  agents: ['bot', 'shopper'],
  frozen: null,
  notServed: null,
  balances: { kind: 'known', balances: [{ asset: 'SOL', amount: 18_446_744_073_709_551_615n, decimals: 9 }] },
  check: null,
};

let plane: Plane;
let env: Record<string, string>;
let folder: string;
let facts: StatusFacts;
let shown: Partial<RequestRecord>;
let wallets: readonly WalletState[];
const pages: RequestPage[] = [];

beforeEach(async () => {
  pages.length = 0;
  facts = FACTS;
  shown = {};
  wallets = [TREASURY];
  const operations: Partial<Operations> = {
    listRequests: async (page) => {
      pages.push(page);
      return page.filter.agentId === 'nobody'
        ? []
        : [sampleRequest(), sampleRequest({ state: 'DENIED', error: 'too late' })];
    },
    getRequest: async (requestId) => sampleRequest({ requestId, slot: 7n, ...shown }),
    watchRequest: async function* () {
      yield sampleRequest({ state: 'SIGNING' });
      yield sampleRequest({ state: 'FAILED', slot: 9n, error: 'no funds' });
    },
    status: async () => ({ findings: findingsOf(facts), facts, replicas: 2, bundleRevision: 'rev-9' }),
    walletStates: async ({ after, limit }) =>
      wallets.filter(({ wallet }) => after === null || wallet.id > after).slice(0, limit),
  };
  plane = await controlPlane({ operations });
  folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
  writeFileSync(join(folder, 'key'), plane.principals.add(OPERATOR));
  env = { COUNTERSIGN_CONTROL_ADDRESS: plane.address, COUNTERSIGN_API_KEY_FILE: join(folder, 'key') };
});

afterEach(async () => {
  await plane.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(...args: readonly string[]) {
  const terminal = fakeTerminal(env);
  const code = await terminal.run(...args);
  return { code, out: terminal.out.join('\n'), err: terminal.err.join('\n') };
}

describe('countersign requests', () => {
  it('list asks for what is wanted, and shows why', async () => {
    const filter = ['--agent', 'shopper', '--wallet', 'treasury', '--state', 'denied', 'SIGNED'];
    const { code, out } = await run('requests', 'list', ...filter, '--since', '2023-11-14T22:13:20Z', '--limit', '7');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`${REQUEST_ID} +SIGNED +shopper +treasury +2023-11-14T22:13:20.000Z +ALLOWED`));
    expect(out).toMatch(/DENIED .* too late/);
    expect(pages).toEqual([
      {
        filter: {
          agentId: 'shopper',
          walletId: 'treasury',
          states: ['DENIED', 'SIGNED'],
          since: 1_700_000_000_000,
          credential: null,
        },
        limit: 8,
        after: null,
      },
    ]);
  });

  it('list says where there are more than it shows, and where there is nothing', async () => {
    const one = await run('requests', 'list', '--limit', '1');
    expect(one.out.split('\n')).toHaveLength(2);
    expect(one.err).toContain('there are more');
    expect(await run('requests', 'list', '--agent', 'nobody')).toEqual({
      code: 2,
      out: '',
      err: 'countersign: there is no agent nobody',
    });
  });

  it('show and list have no bytes that could be sent', async () => {
    const shown = JSON.parse((await run('requests', 'show', REQUEST_ID, '--json')).out);
    expect(shown).toMatchObject({ requestId: REQUEST_ID, state: 'REQUEST_STATE_SIGNED', slot: '7' });
    expect(shown).not.toHaveProperty('transaction');
    expect((await run('requests', 'list', '--json')).out).not.toContain('"transaction"');
  });

  it('show says that a person rejected it, and who', async () => {
    const { judgement } = sampleRequest();
    const verdict = gatewayDenial('APPROVAL_REJECTED', 'rejected by ann: nobody ordered this');
    shown = { state: 'DENIED', judgement: { ...judgement, decision: { ...judgement.decision, verdict } } };
    const { out } = await run('requests', 'show', REQUEST_ID);
    expect(out).toContain('ASKED FOR APPROVAL (revision rev-1), and a person REJECTED it\n');
    expect(out).toContain('rejected by ann: nobody ordered this');
    expect(out).not.toContain('The policy DENIES it');
  });

  it('watch tells each state, and when it came', async () => {
    const { out } = await run('requests', 'watch', REQUEST_ID);
    const at = new Date(sampleRequest().updatedAt).toISOString();
    expect(out).toMatch(new RegExp(`^${at} +SIGNING\n${at} +FAILED +slot 9, no funds$`));
  });

  it.each([
    [['list', '--state', 'lost'], 2, '--state is among'],
    [['list', '--since', 'yesterday'], 2, '--since is such as'],
    [['list', '--limit', '0'], 2, '--limit is a number'],
    [['list', '--agent', 'No Body'], 1, 'filter.agent must be'],
    [['show', 'x'], 1, 'request_id must be a UUID'],
  ])('%j ends with %i and says why', async (args, code, text) => {
    const result = await run('requests', ...args);
    expect(result.code).toBe(code);
    expect(result.err).toContain(text);
  });
});

describe('countersign doctor', () => {
  it('ends with 1 where somebody must act, and says what to do', async () => {
    const { code, out } = await run('doctor');
    expect(code).toBe(1);
    expect(out).toContain('one of 2 on this database, decides by rev-9');
    expect(out).toContain('open: 2 SIGNING; 1 awaiting votes; 4 reservations');
    expect(out).toContain("PROBLEM  CLOCK_OFF: the clock of this gateway is 3 s behind the database's\n  what to do: ");
    expect(out).toContain('notice  FROZEN: frozen: wallet treasury');
    expect(out).toMatch(/Somebody must act\.$/);
  });

  it('ends with 0 where things are only worth knowing', async () => {
    facts = { ...FACTS, clockAheadMs: 0 };
    const { code, out } = await run('doctor');
    expect(code).toBe(0);
    expect(out).toMatch(
      /notice .*FROZEN[\s\S]*Nothing is stuck\. 1 approval waits for votes: countersign approvals list$/,
    );
    expect(JSON.parse((await run('doctor', '--json')).out)).toMatchObject({ pendingApprovals: 1 });
  });
});

describe('countersign wallets list', () => {
  it('says of a wallet that is not served why', async () => {
    wallets = [{ ...TREASURY, wallet: { id: 'lost', address: null }, notServed: 'gone: keystore_file: not found' }];
    const { out } = await run('wallets', 'list');
    expect(out).toContain('NOT SERVED: gone: keystore_file: not found; not compared');
    expect(out).not.toContain('in use');
  });

  it('tells what each wallet is and holds, exactly', async () => {
    const { out } = await run('wallets', 'list');
    expect(out).toMatch(new RegExp(`treasury +${WALLET} +hsm +rpc +bot, shopper +18446744073\\.709551615 SOL`));
    expect(out).toContain('in use; not compared with the chain');
  });

  it('says what is frozen, moved or not known, page after page', async () => {
    const check = {
      walletId: 'treasury',
      checkedAt: 5,
      comparedSignature: 'x',
      foreign: 2,
      foreignSignature: 'stolen',
      foreignAt: 5,
      problem: null,
    };
    const unknown = { kind: 'unknown', problem: 'away' } as const;
    const many = Array.from({ length: 50 }, (_, i) => ({
      ...TREASURY,
      wallet: { id: `a${String(i).padStart(3, '0')}`, address: WALLET },
    }));
    wallets = [...many, { ...TREASURY, check, frozen: 'why not', balances: unknown }];
    const { out } = await run('wallets', 'list');
    expect(out.split('\n')).toHaveLength(52);
    expect(out).toMatch(/NOT KNOWN: away +FROZEN: why not; MOVED ELSEWHERE 2 times, last by stolen$/);
    expect((await run('wallets', 'list', '--no-balances')).out).toContain('not asked');
  });

  it('is not for agents', async () => {
    const agentKey = join(folder, 'agent');
    writeFileSync(agentKey, plane.principals.add(AGENT));
    expect((await run('wallets', 'list', '--key-file', agentKey)).err).toContain('ROLE_MISSING');
  });
});
