import { afterAll, beforeAll, expect, it } from 'vitest';
import { AdminService } from '../../../proto/gen/countersign/v1/admin_pb.ts';
import { LimitScope } from '../../../proto/gen/countersign/v1/decision_pb.ts';
import { SigningService } from '../../../proto/gen/countersign/v1/signing_pb.ts';
import type { Limit } from '../../core/decision/decision.ts';
import type { BudgetFilter, BudgetRecord } from '../../state/contract/budget-store.ts';
import { controlPlane, dataPlane, type Plane } from '../testing/planes.ts';
import { sampleEffects, sampleRequest, sampleTransaction } from '../testing/samples.ts';

const LIMIT: Limit = {
  id: 'spending_limit/SOL/rolling:86400/agent_wallet',
  scope: 'agent_wallet',
  measure: { kind: 'outflow', asset: 'SOL' },
  window: { kind: 'rolling', seconds: 86_400 },
  max: 2n ** 96n,
  onExceed: { kind: 'deny' },
};
const STANDING = {
  limit: LIMIT,
  budget: 'agent_wallet:trader:treasury|outflow:SOL',
  used: 2n ** 95n,
  reserved: 1n,
  freesAt: 1_700_000_000_000,
};
const RECORD: BudgetRecord = { ...STANDING, bundleRevision: 'rev-1', seenAt: 1_600_000_000_000, isEarlier: true };
const WIRE = {
  limit: { id: LIMIT.id, scope: LimitScope.AGENT_WALLET, max: '79228162514264337593543950336' },
  agent: 'trader',
  wallet: 'treasury',
  used: '39614081257132168796771975168',
  reserved: '1',
  left: '39614081257132168796771975167',
  freeTime: { seconds: 1_700_000_000n },
};

let data: Plane;
let control: Plane;
let records: readonly BudgetRecord[] = [RECORD];
const asked: unknown[] = [];

beforeAll(async () => {
  data = await dataPlane({
    getBudgets: async (_agent, wallet) => {
      asked.push(wallet);
      return { budgets: records, units: new Map(), hasMore: false };
    },
    evaluateTransaction: async () => ({
      decision: sampleRequest().judgement.decision,
      budgets: [
        { ...STANDING, amount: 5n, fitsAt: 1_650_000_000_000 },
        { ...STANDING, amount: 2n ** 96n, fitsAt: null, freesAt: null },
      ],
      transaction: sampleTransaction(),
      effects: sampleEffects(),
      messageDigest: new Uint8Array(32),
      policyInput: new Uint8Array(),
    }),
  });
  const list = async (filter: BudgetFilter, limit: number) => {
    asked.push(filter, limit);
    return records;
  };
  control = await controlPlane({ budgets: { list } });
});

afterAll(async () => {
  await data.close();
  await control.close();
});

it('an agent sees where its limits stand, every amount exact', async () => {
  const { budgets } = await data.caller.unary(SigningService.method.getBudgets, { wallet: 'treasury' });
  expect(budgets).toMatchObject([
    { ...WIRE, bundleRevision: 'rev-1', statedTime: { seconds: 1_600_000_000n }, fromEarlierRevision: true },
  ]);
  await data.caller.unary(SigningService.method.getBudgets, {});
  expect(asked.splice(0)).toEqual(['treasury', null]);
});

it('a dry run says of each limit what it would use and when that fits', async () => {
  const ask = { wallet: 'treasury', transaction: new Uint8Array([1]) };
  const { budgets } = await data.caller.unary(SigningService.method.evaluateTransaction, ask);
  expect(budgets).toMatchObject([
    { budget: WIRE, amount: '5', fits: true, fitTime: { seconds: 1_650_000_000n } },
    { budget: { used: WIRE.used, left: WIRE.left }, amount: '79228162514264337593543950336', fits: false },
  ]);
  expect([budgets[1]?.fitTime, budgets[1]?.budget?.freeTime]).toEqual([undefined, undefined]);
});

it('an administrator sees those of everybody, or of one agent and one wallet', async () => {
  const { method } = AdminService;
  expect(await control.caller.unary(method.listBudgets, {})).toMatchObject({ budgets: [WIRE], hasMore: false });
  await control.caller.unary(method.listBudgets, { agent: 'trader', wallet: 'treasury' });
  expect(asked.splice(0)).toEqual([
    { agentId: null, walletIds: null, withOthers: true, groups: null, activeRevision: 'r1' },
    1001,
    { agentId: 'trader', walletIds: ['treasury'], withOthers: true, groups: null, activeRevision: 'r1' },
    1001,
  ]);
  await expect(control.caller.unary(method.listBudgets, { agent: 'a b' })).rejects.toMatchObject({
    reason: 'INVALID_FIELD',
  });
});

it.each([
  [{ agent: 'trader' }, ['makers', 'takers']],
  [{ wallet: 'treasury' }, ['makers']],
  [{ agent: 'trader', wallet: 'treasury' }, ['makers']],
  [{ agent: 'of-no-group' }, []],
  [{}, null],
])('an administrator sees of %j the groups that it is in', async (named, groups) => {
  const seen: BudgetFilter[] = [];
  const list = async (filter: BudgetFilter) => {
    seen.push(filter);
    return [];
  };
  const agentGroups = [
    { group: 'makers', agentId: 'trader', walletId: 'treasury' },
    { group: 'makers', agentId: 'other', walletId: 'treasury' },
    { group: 'takers', agentId: 'trader', walletId: 'cold' },
  ];
  const plane = await controlPlane({ budgets: { list }, agentGroups });
  await plane.caller.unary(AdminService.method.listBudgets, named).finally(() => plane.close());
  expect(seen).toMatchObject([{ groups }]);
});

it('a list that is cut off says so', async () => {
  records = Array.from({ length: 1001 }, () => RECORD);
  const { budgets, hasMore } = await control.caller.unary(AdminService.method.listBudgets, {});
  expect([budgets.length, hasMore]).toEqual([1000, true]);
});
