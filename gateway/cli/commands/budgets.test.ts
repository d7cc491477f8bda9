import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Limit } from '../../core/decision/decision.ts';
import { controlPlane, dataPlane, type Plane } from '../../rpc/testing/planes.ts';
import { AGENT } from '../../rpc/testing/samples.ts';
import type { BudgetFilter, BudgetRecord } from '../../state/contract/budget-store.ts';
import { fakeTerminal } from '../testing/fake-terminal.ts';

const MINT = 'M'.repeat(32);

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
  return { ...standing, bundleRevision: 'r1', seenAt: 0, ...numbers };
}

const RECORDS = [
  record('agent_wallet:trader:treasury|outflow:SOL', {}),
  record(
    `wallet:treasury|outflow:${MINT}`,
    { scope: 'wallet', measure: { kind: 'outflow', asset: MINT }, window: { kind: 'lifetime' }, max: 2n ** 96n },
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
    { used: 3n, reserved: 0n },
  ),
];

let control: Plane;
let data: Plane;
let asked: unknown[] = [];

beforeAll(async () => {
  const list = async (filter: BudgetFilter) => {
    asked.push(filter);
    return RECORDS;
  };
  control = await controlPlane({ budgets: { list } });
  data = await dataPlane({
    getBudgets: async (agent, wallet) => {
      asked.push([agent.id, wallet]);
      return { budgets: RECORDS.slice(0, 1), hasMore: true };
    },
  });
});

afterAll(async () => {
  await control.close();
  await data.close();
});

async function budgets(...args: readonly string[]) {
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

it('shows what is used, reserved and left, no digit dropped', async () => {
  const { code, out, asked: filters } = await budgets();
  expect(out).toBe(
    [
      'WHOSE                 WHAT                              WINDOW                  AT MOST                        USED                  RESERVED         LEFT                           NEXT FREED',
      'trader with treasury  SOL                               24 hours                2 SOL                          1.9 SOL               0.000000001 SOL  0.099999999 SOL                2023-11-14T22:13:20.000Z',
      `all with treasury     ${MINT}  for ever                79228162514264337593543950336  18446744073709551616  0                79228162495817593519834398720  -`,
      'group makers          signatures                        month of Europe/Zurich  10                             3                     0                7                              2023-11-14T22:13:20.000Z',
    ].join('\n'),
  );
  expect([code, filters]).toEqual([0, [{ agentId: null, walletIds: null, withOthers: true }]]);
});

it('shows those of an agent, or else of a wallet', async () => {
  expect((await budgets('trader')).asked).toEqual([{ agentId: 'trader', walletIds: null, withOthers: true }]);
  expect((await budgets('treasury')).asked).toEqual([{ agentId: null, walletIds: ['treasury'], withOthers: true }]);
});

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
  expect(rest).toHaveLength(2);
});
