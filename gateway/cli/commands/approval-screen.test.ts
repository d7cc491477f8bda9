import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApprovalView } from '../../pipeline/outcome.ts';
import { controlPlane, type Plane } from '../../rpc/testing/planes.ts';
import { APPROVAL_ID, OPERATOR, sampleView } from '../../rpc/testing/samples.ts';
import { fakeTerminal } from '../testing/fake-terminal.ts';

let plane: Plane;
let shown: ApprovalView;
let withdrawn: unknown[];
let keys: string[];

const MINT = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';
const at = 1_700_000_000_000;

beforeEach(async () => {
  shown = sampleView();
  withdrawn = [];
  keys = [];
  const record = (publicKey: string) => {
    keys.push(publicKey);
    return { publicKey, operatorId: 'ann', createdAt: at, revokedAt: keys.length > 1 ? at : null };
  };
  plane = await controlPlane({
    approvals: {
      getApproval: async () => shown,
      listApprovals: async () => [shown],
      withdraw: async ({ id }, approvalId) => {
        withdrawn.push([id, approvalId]);
        return shown;
      },
    },
    approverKeys: {
      register: async (_, { publicKey }) => record(publicKey),
      list: async (operatorId) => (operatorId === 'ben' ? [] : [record('key-of-ann')]),
      revoke: async (_, publicKey) => record(publicKey),
    },
  });
});
afterEach(() => plane.close());

function terminal() {
  const apiKey = plane.principals.add({ ...OPERATOR, id: 'olga' });
  return fakeTerminal({ COUNTERSIGN_CONTROL_ADDRESS: plane.address, COUNTERSIGN_API_KEY: apiKey });
}

async function screen(): Promise<string> {
  const person = terminal();
  expect(await person.run('approvals', 'show', APPROVAL_ID)).toBe(0);
  return person.out.join('\n');
}

describe('the screen of an approval', () => {
  it('says whose seats are open, who voted with which key, and when others may vote', async () => {
    const cast = { approve: true, comment: 'fine', time: at, groups: ['treasury'] };
    const requirement = {
      quorum: 3,
      groups: ['security', 'treasury'],
      perGroup: [
        { group: 'security', quorum: 1 },
        { group: 'treasury', quorum: 2 },
      ],
      escalation: { afterSeconds: 600, groups: ['board'] },
      timeoutSeconds: 3600,
    };
    shown = {
      ...sampleView({
        requirement,
        votes: [
          {
            ...cast,
            approverId: 'ann',
            counts: true,
            signature: { key: 'KEY', signature: new Uint8Array(64), time: at },
          },
          { ...cast, approverId: 'ben', counts: false },
        ],
      }),
      standing: { counted: 1, missing: 2, openSeats: [{ group: 'security', quorum: 1 }] },
      notCounted: new Map([['ben', 'ben is disabled']]),
    };
    const text = await screen();
    for (const part of [
      'needs            3 approvals from security or treasury, among them 1 of security and 2 of treasury',
      'from 2023-11-14T22:23:20.000Z on,    members of board',
      'Votes (1 for, 2 missing, with 1 of security)',
      'ann approved, signed by KEY: fine',
      'ben approved (does not count: ben is disabled): fine',
      'Nothing of this changed since people were asked',
    ]) {
      expect(text).toContain(part);
    }
    shown = { ...shown, approval: { ...shown.approval, escalatedAt: at } };
    expect(await screen()).toContain('or, now,    members of board');
  });

  it('says of what people approved what became of it', async () => {
    const approved = sampleView({ state: 'APPROVED' });
    shown = { ...approved, request: { ...approved.request, state: 'DENIED' } };
    const text = await screen();
    expect(text).toContain(': APPROVED, its request is DENIED, no vote is awaited');
    expect(text).toContain('NOT SIGNED       nothing left the wallet: countersign requests show ');
    const person = terminal();
    await person.run('approvals', 'list', '--state', 'approved');
    expect(person.out.join('\n')).toContain('APPROVED, its request is DENIED');
    shown = { ...shown, request: { ...shown.request, state: 'FINALIZED' } };
    expect(await screen()).not.toContain('NOT SIGNED');
  });

  it('says what is frozen, which limits it exceeds by how much, and what changed', async () => {
    const limit = {
      id: 'spending_limit/SOL/rolling:86400/agent_wallet',
      scope: 'agent_wallet',
      measure: { kind: 'outflow', asset: 'SOL' },
      window: { kind: 'rolling', seconds: 86_400 },
      max: 100n,
      onExceed: { kind: 'require_approval', approval: shown.approval.requirement },
    } as const;
    shown = {
      ...sampleView({ excess: [limit.id] }),
      frozen: { freezeId: 'f', scope: 'agent', target: 'shopper', reason: 'odd', frozenBy: 'root', frozenAt: at },
      limits: [{ limit, budget: 'b', amount: 50n, used: 60n, reserved: 10n, freesAt: null, fitsAt: null }],
      changes: [{ path: 'effects.outflows[0].amount', before: '5', after: null }],
    };
    const text = await screen();
    for (const part of [
      'FROZEN           operators have frozen the agent shopper: odd; no vote for it counts',
      `${limit.id}: uses 0.00000005 SOL, 0.00000006 SOL of 0.0000001 SOL used, 0.00000001 SOL reserved, 0.00000003 SOL left; EXCEEDS IT BY 0.00000002 SOL, which approval lets it`,
      'CHANGED since people were asked',
      'effects.outflows[0].amount: 5 became nothing',
    ]) {
      expect(text).toContain(part);
    }
    const [standing] = shown.limits;
    if (standing === undefined) throw new Error('the test shows no limit');
    shown = { ...shown, limits: [{ ...standing, used: 110n, reserved: 0n, amount: 70n }] };
    expect(await screen()).toContain(
      '0 SOL left; EXCEEDS IT BY 0.00000007 SOL more, 0.00000008 SOL in all, which approval lets it',
    );
  });
});

it('tells amounts of a token as its decimals are known, and base units where nobody knows them', async () => {
  const limit = {
    id: 'daily',
    scope: 'wallet',
    measure: { kind: 'outflow', asset: MINT },
    window: { kind: 'lifetime' },
    max: 2_000_000n,
    onExceed: { kind: 'deny' },
  } as const;
  const standing = { limit, budget: 'b', amount: 2_500_000n, used: 1n, reserved: 0n, freesAt: null, fitsAt: null };
  const shownIn = async (units: ApprovalView['units']) => {
    shown = { ...sampleView(), limits: [standing], units };
    return screen();
  };
  expect(await shownIn(new Map([[MINT, { decimals: 6, symbol: 'USDC' }]]))).toContain(
    'daily: uses 2.5 USDC, 0.000001 USDC of 2 USDC used, 1.999999 USDC left; EXCEEDS IT BY 0.500001 USDC: it will be denied whatever people decide, unless room frees until then',
  );
  expect(await shownIn(new Map([[MINT, { decimals: 6, symbol: null }]]))).toContain('daily: uses 2.5 tokens, ');
  expect(await shownIn(new Map())).toContain('daily: uses 2500000 base units, 1 base units of 2000000 base units used');
  const person = terminal();
  expect(await person.run('approvals', 'show', APPROVAL_ID, '--json')).toBe(0);
  expect(JSON.parse(person.out.join(''))).toMatchObject({
    limits: [{ amount: '2500000', used: '1', left: '1999999' }],
  });
});

it.each([
  [
    '019a0000-0000-7000-8000-000000000001',
    'superseded by    019a0000-0000-7000-8000-000000000001: countersign approvals show',
  ],
  [null, `nobody was asked again: countersign requests show`],
])('says which approval came after it, or that none did: %s', async (supersededBy, text) => {
  shown = sampleView({ state: 'SUPERSEDED', supersededBy });
  expect(await screen()).toContain(text);
  const person = terminal();
  expect(await person.run('approvals', 'show', APPROVAL_ID, '--json')).toBe(0);
  expect(JSON.parse(person.out.join('')).supersededBy).toBe(supersededBy ?? undefined);
});

it('approvals withdraw takes back the vote of who calls', async () => {
  const person = terminal();
  expect(await person.run('approvals', 'withdraw', APPROVAL_ID)).toBe(0);
  expect(withdrawn).toEqual([['olga', APPROVAL_ID]]);
  expect(person.out).toEqual(['withdrawn; 0 for, 2 missing']);
});

it('operators keys registers, lists and revokes', async () => {
  const person = terminal();
  plane.principals.add({ kind: 'operator', id: 'ben', roles: ['approver'], groups: [] });
  expect(await person.run('operators', 'keys', 'add', 'ann', 'K1')).toBe(0);
  expect(await person.run('operators', 'keys', 'list')).toBe(0);
  expect(await person.run('operators', 'keys', 'list', '--operator', 'ben')).toBe(0);
  expect(await person.run('operators', 'keys', 'revoke', 'K1')).toBe(0);
  expect(keys).toEqual(['K1', 'key-of-ann', 'K1']);
  expect(person.out).toEqual([
    'K1 signs votes of ann',
    'PUBLIC KEY  OPERATOR  REGISTERED                STATE',
    'key-of-ann  ann       2023-11-14T22:13:20.000Z  revoked 2023-11-14T22:13:20.000Z',
    'PUBLIC KEY  OPERATOR  REGISTERED  STATE',
    'revoked K1 of ann',
  ]);
});
