// Proves limits over time from the bundle to the chain: what is signed at once is bounded, and what landed is what is counted.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { CanonicalValue } from '../../gateway/core/canonical-json.ts';
import { isJsonList, parseJson } from '../../gateway/core/decision/json-value.ts';
import { buildFiles } from '../../gateway/policy/build/build-bundle.ts';
import { writeBundle } from '../../gateway/policy/build/write-bundle.ts';
import { AdminService } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { Verdict } from '../../proto/gen/countersign/v1/decision_pb.ts';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

const { method } = SigningService;
const AMOUNT = 1_000_000n;
/** Room for three payments. */
const MAX = 3n * AMOUNT + 500_000n;

let test: TestGateway;

beforeAll(async () => {
  test = await startTestGateway();
  const bundle = join(test.environment.directory, 'bundle');
  const given: CanonicalValue = Object(parseJson(await readFile(join(bundle, 'data.json'), 'utf8'))).countersign;
  const { files } = await buildFiles({ data: limited(given), revision: 'limited' });
  await writeBundle(files, bundle);
  await vi.waitFor(async () => expect((await dryRun()).decision?.bundleRevision).toBe('limited'), 30_000);
}, 60_000);

afterAll(() => test.stop());

/** The same data with a limit of SOL an hour beside every limit of a transaction. */
function limited(value: CanonicalValue): CanonicalValue {
  if (typeof value !== 'object' || value === null || isJsonList(value)) return value;
  const inner = Object.fromEntries(Object.entries<CanonicalValue>(Object(value)).map(([k, v]) => [k, limited(v)]));
  if (!('per_transaction' in inner)) return inner;
  return { ...inner, per_window: { SOL: [{ max: MAX, rolling_seconds: 3600n }] } };
}

function payment(amount: bigint) {
  const { wallet, recipient } = test.environment;
  return {
    wallet: wallet.id,
    transaction: solTransfer(wallet.address, recipient, amount),
    setFreshBlockhash: true,
  };
}

const dryRun = () => test.agent.unary(method.evaluateTransaction, payment(AMOUNT));

it('of payments that are sent at once only those land that have room, and what landed is what is counted', async () => {
  expect((await dryRun()).budgets).toMatchObject([
    { amount: String(AMOUNT), fits: true, budget: { left: String(MAX) } },
  ]);
  const amounts = Array.from({ length: 8 }, (_, i) => AMOUNT + BigInt(i));
  const sent = await Promise.all(
    amounts.map(async (amount) => {
      const ask = { ...payment(amount), waitFor: WaitFor.FINALIZED };
      return { amount, outcome: (await test.agent.unary(method.signAndSendTransaction, ask)).outcome };
    }),
  );
  const landed = sent.filter(({ outcome }) => outcome.case === 'submitted');
  expect(landed).toHaveLength(3);
  const denied = sent.flatMap(({ outcome }) => (outcome.case === 'denied' ? outcome.value.reasons : []));
  expect(denied.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'BUDGET_EXCEEDED'));
  const used = landed.reduce((sum, { amount }) => sum + amount, 0n);
  const counted = { used: `${used}`, reserved: '0', left: `${MAX - used}`, agent: 'trader', wallet: 'treasury' };
  expect((await test.agent.unary(method.getBudgets, {})).budgets).toMatchObject([counted]);
  const listed = await test.operator.unary(AdminService.method.listBudgets, { agent: 'trader' });
  expect(listed.budgets).toMatchObject([counted]);
  const { decision, budgets } = await dryRun();
  expect(decision).toMatchObject({ verdict: Verdict.DENY, reasons: [{ code: 'BUDGET_EXCEEDED' }] });
  expect(budgets).toMatchObject([{ fits: false, budget: counted }]);
}, 30_000);
