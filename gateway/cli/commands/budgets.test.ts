import { address } from '@solana/kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ChainAccount } from '../../../relayer/chain-reader.ts';
import type { Limit } from '../../core/decision/decision.ts';
import { TOKEN_PROGRAM } from '../../core/transaction/programs/program-ids.ts';
import { controlPlane, dataPlane, type Plane } from '../../rpc/testing/planes.ts';
import { AGENT } from '../../rpc/testing/samples.ts';
import type { BudgetFilter, BudgetRecord } from '../../state/contract/budget-store.ts';
import { fakeTerminal } from '../testing/fake-terminal.ts';

const MINT = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';

function record(budget: string, change: Partial<Limit>, numbers: Partial<BudgetRecord> = {}): BudgetRecord {
  const limit: Limit = {
    id: budget,
    scope: 'agent_wallet',
    measure: { kind: 'outflow', asset: 'SOL' },
    window: { kind: 'rolling', seconds: 86_400 },
    max: 2_000_000_000n,
    onExceed: { kind: 'deny' },
    ...change,
  };
  const standing = { limit, budget, used: 1_900_000_000n, reserved: 1n, freesAt: 1_700_000_000_000 };
  return { ...standing, bundleRevision: 'r1', seenAt: 0, isEarlier: false, ...numbers };
}

const RECORDS = [
  record('agent_wallet:trader:treasury|outflow:SOL', {}),
  record(
    `wallet:treasury|outflow:${MINT}`,
    {
      scope: 'wallet',
      measure: { kind: 'outflow', asset: MINT },
      window: { kind: 'lifetime' },
      max: 2n ** 96n,
      onExceed: {
        kind: 'require_approval',
        approval: { quorum: 2, groups: ['treasury', 'board'], timeoutSeconds: 60 },
      },
    },
    { used: 2n ** 64n, reserved: 0n, freesAt: null },
  ),
  record(
    'agent_group:makers|count',
    {
      scope: 'agent_group',
      group: 'makers',
      measure: { kind: 'count' },
      window: { kind: 'calendar', unit: 'month', timeZone: 'Europe/Zurich' },
      max: 10n,
    },
    { used: 3n, reserved: 0n, isEarlier: true, bundleRevision: 'r0' },
  ),
  record(`session:0123|outflow:${MINT}`, {
    scope: 'session',
    session: '0123',
    measure: { kind: 'outflow', asset: MINT },
    window: { kind: 'lifetime' },
  }),
];

let control: Plane;
let knowing: Plane;
let mistaken: Plane;
let data: Plane;
let unused: Plane;
let asked: unknown[] = [];

beforeAll(async () => {
  const list = async (filter: BudgetFilter) => {
    asked.push(filter);
    return RECORDS;
  };
  const budgets = { list };
  const treasury = {
    ...{
      wallet: { id: 'treasury', address: address('11111111111111111111111111111111') },
      signer: 'hsm',
      relayer: 'rpc',
    },
    ...{ agents: [], frozen: null, notServed: null, check: null, balances: { kind: 'not_asked' } as const },
  };
  const operations = { walletStates: async () => [treasury] };
  control = await controlPlane({ budgets, operations });
  const assets = new Map([[MINT, { symbol: 'USDC', decimals: 6 }]]);
  knowing = await controlPlane({ budgets, assets });
  mistaken = await controlPlane({ budgets, assets, mints: new Map([[address(MINT), mintWith(8)]]) });
  const none = async (filter: BudgetFilter) => {
    asked.push(filter);
    return [];
  };
  unused = await controlPlane({ budgets: { list: none }, operations });
  data = await dataPlane({
    getBudgets: async (agent, wallet) => {
      asked.push([agent.id, wallet]);
      return { budgets: RECORDS.slice(0, 1), units: new Map(), hasMore: true };
    },
  });
});

afterAll(async () => {
  for (const plane of [control, knowing, mistaken, unused]) await plane.close();
  await data.close();
});

/** Of SPL Token. */
function mintWith(decimals: number): ChainAccount {
  const data = new Uint8Array(82);
  data.set([decimals, 1], 44);
  return { owner: TOKEN_PROGRAM, lamports: 1n, data };
}

async function budgets(...args: readonly string[]) {
  return budgetsAt(control, ...args);
}

async function budgetsAt(control: Plane, ...args: readonly string[]) {
  asked = [];
  const operator = control.principals.add({ kind: 'operator', id: 'ada', roles: ['admin'], groups: [] });
  const agent = data.principals.add({ ...AGENT, id: 'trader' });
  control.principals.add({ ...AGENT, id: 'trader' });
  const person = fakeTerminal({
    COUNTERSIGN_CONTROL_ADDRESS: control.address,
    COUNTERSIGN_DATA_ADDRESS: data.address,
    COUNTERSIGN_API_KEY: args.includes('--mine') ? agent : operator,
  });
  const code = await person.run('budgets', ...args);
  return { code, out: person.out.join('\n'), err: person.err.join('\n'), asked };
}

it('shows what is used, reserved and left, no digit dropped, and who states it; amounts of unknown decimals in base units', async () => {
  const { code, out, err, asked: filters } = await budgets();
  const rows = out.split('\n').map((line) => line.split(/ {2,}/));
  expect(rows).toEqual([
    ['WHOSE', 'WHAT', 'WINDOW', 'AT MOST', 'USED', 'RESERVED', 'LEFT', 'NEXT FREED', 'ABOVE IT', 'STATED BY'],
    [
      'trader with treasury',
      'SOL',
      '24 hours',
      '2 SOL',
      '1.9 SOL',
      '0.000000001 SOL',
      '0.099999999 SOL',
      '2023-11-14T22:13:20.000Z',
      'denied',
      'active policy',
    ],
    [
      'all with treasury',
      MINT,
      'for ever',
      '79228162514264337593543950336 base units',
      '18446744073709551616 base units',
      '0 base units',
      '79228162495817593519834398720 base units',
      '-',
      'approval: 2 of treasury or board',
      'active policy',
    ],
    [
      'group makers',
      'signatures',
      'month of Europe/Zurich',
      '10',
      '3',
      '0',
      '-',
      '2023-11-14T22:13:20.000Z',
      'denied',
      'earlier policy r0; not by the active one: restrains nothing unless that states it',
    ],
    expect.arrayContaining(['session key 0123', 'session key']),
  ]);
  expect(err).toBe(`countersign: nobody could tell the decimals of ${MINT}: its amounts are in base units`);
  expect([code, filters]).toEqual([
    0,
    [{ agentId: null, walletIds: null, withOthers: true, groups: null, activeRevision: 'r1' }],
  ]);
});

it('shows tokens as the assets of the policy say, and that the chain did not tell', async () => {
  const { out, err } = await budgetsAt(knowing);
  expect(out).toContain(`USDC (${MINT})  for ever`);
  expect(out).toContain('18446744073709.551616 USDC  0 USDC');
  expect(err).toBe(
    `countersign: the chain did not tell the decimals of ${MINT}: they are those of the policy's assets (6)`,
  );
});

it('shows tokens as the chain says, without a symbol that is of other decimals', async () => {
  const { out, err } = await budgetsAt(mistaken);
  expect(out).toContain('184467440737.09551616 tokens');
  expect([out.includes('USDC'), err]).toEqual([false, '']);
});

it('shows those of an agent, or else of a wallet', async () => {
  expect((await budgets('trader')).asked).toEqual([
    { agentId: 'trader', walletIds: null, withOthers: true, groups: null, activeRevision: 'r1' },
  ]);
  expect((await budgets('treasury')).asked).toEqual([
    { agentId: null, walletIds: ['treasury'], withOthers: true, groups: null, activeRevision: 'r1' },
  ]);
});

it('says where nothing counts yet', async () => {
  for (const names of [[], ['trader'], ['treasury']]) {
    expect(await budgetsAt(unused, ...names)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^nothing counts yet/),
    });
  }
});

it.each([
  ['tradr', 'tradr (did you mean trader?)'],
  ['tresury', 'tresury (did you mean treasury?)'],
  // An operator.
  ['ada', 'ada'],
])(
  'refuses %s, which is neither an agent nor a wallet, and shows nothing of what everybody shares',
  async (name, said) => {
    const refused = { code: 2, out: '', err: `countersign: there is no agent or wallet ${said}`, asked: [] };
    expect(await budgets(name)).toEqual(refused);
    expect(await budgetsAt(unused, name)).toEqual(refused);
  },
);

it('shows an agent its own, and says that there are more', async () => {
  const { out, err, asked: calls } = await budgets('--mine', 'treasury');
  expect(out.split('\n')).toHaveLength(2);
  expect(err).toContain('there are more');
  expect(calls).toEqual([['trader', 'treasury']]);
});

it('writes JSON, one document a line', async () => {
  const { out } = await budgets('--json');
  const [first, ...rest] = out.split('\n').map((line) => JSON.parse(line));
  expect(first).toMatchObject({ agent: 'trader', wallet: 'treasury', used: '1900000000', left: '99999999' });
  expect(rest).toHaveLength(3);
  expect((await budgetsAt(knowing, '--json')).out).toContain('"used":"18446744073709551616"');
});
