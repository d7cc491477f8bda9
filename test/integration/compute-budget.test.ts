// Proves that a gateway sets the compute budget that an agent asks for before it judges, within its own bounds, and nothing else.
import { createNoopSigner } from '@solana/kit';
import { getSetComputeUnitPriceInstruction } from '@solana-program/compute-budget';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { ApprovalService } from '../../proto/gen/countersign/v1/approval_pb.ts';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { RequestState } from '../../proto/gen/countersign/v1/transaction_pb.ts';
import { solTransfer, solTransfers, unnamedProgramCall, wireTransaction } from '../../tour/transactions.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

const { evaluateTransaction, signAndSendTransaction, signTransaction, watchTransaction } = SigningService.method;
const SOL = 1_000_000_000n;
const BUDGET = { setUnitLimit: true, pricePercentile: 50 };

let gateway: TestGateway;
beforeAll(async () => {
  const compute_budget = { max_price_micro_lamports: 30_000, unit_margin_percent: 10 };
  gateway = await startTestGateway({ config: { compute_budget } });
});
afterAll(() => gateway.stop());

it('sets what a simulation used and a margin, and the price of late, which then lands', async () => {
  for (const price of [10_000n, 20_000n, 20_000n]) await send(paying(price), {});
  const { outcome } = await send(transfer(1n), BUDGET);
  if (outcome.case !== 'submitted') throw new Error(`answered ${outcome.case}`);
  const { limit, price, others } = budgetIn(outcome.value.transaction);
  // A transfer and two instructions of the budget use 450 units; the least margin is 1,000.
  expect({ limit, others }).toEqual({ limit: 1_450, others: 1 });
  // Of the slots without any, the price is 0.
  expect(price).toBe(0n);
  const dearest = await send(transfer(2n), { ...BUDGET, pricePercentile: 100 });
  if (dearest.outcome.case !== 'submitted') throw new Error(`answered ${dearest.outcome.case}`);
  expect(budgetIn(dearest.outcome.value.transaction).price).toBe(20_000n);
});

it('keeps to the bound of the agent, and to its own', async () => {
  await send(paying(90_000n), {});
  const priceWithin = async (maxPriceMicroLamports: bigint) => {
    const computeBudget = { pricePercentile: 100, maxPriceMicroLamports };
    const { outcome } = await sign(transfer(3n + maxPriceMicroLamports), { computeBudget });
    return outcome.case === 'signed' ? budgetIn(outcome.value.transaction).price : null;
  };
  expect(await priceWithin(0n)).toBe(30_000n);
  expect(await priceWithin(1_234n)).toBe(1_234n);
  expect(await priceWithin(50_000n)).toBe(30_000n);
});

it('is judged with what is set', async () => {
  const { policyInput } = await gateway.agent.unary(evaluateTransaction, {
    wallet: 'treasury',
    transaction: transfer(9n),
    setFreshBlockhash: true,
    computeBudget: { ...BUDGET, pricePercentile: 100 },
  });
  const { transaction } = JSON.parse(Buffer.from(policyInput).toString());
  expect(transaction.instructions.map(({ name }: { readonly name: string }) => name)).toEqual([
    'transfer',
    'set_compute_unit_limit',
    'set_compute_unit_price',
  ]);
});

it('keeps what approvers saw, though prices have changed when they are done', async () => {
  const { requestId, outcome } = await sign(transfer((SOL * 3n) / 2n), {
    computeBudget: { ...BUDGET, pricePercentile: 100 },
  });
  if (outcome.case !== 'pendingApproval') throw new Error(`answered ${outcome.case}`);
  const { approvalId } = outcome.value;
  const { approval } = await gateway.operator.unary(ApprovalService.method.getApproval, { approvalId });
  await send(paying(25_000n), {});
  await gateway.operator.unary(ApprovalService.method.approve, {
    approvalId,
    intentDigest: approval?.intentDigest ?? new Uint8Array(),
  });
  const signed = await reached(requestId, RequestState.SIGNED);
  expect(budgetIn(signed)).toMatchObject({ limit: 1_450, price: 30_000n });
});

it('gives the same answer for the same key, and refuses another budget under it', async () => {
  const ask = { transaction: transfer(77n), idempotencyKey: 'budget-77' };
  const first = await sign(ask.transaction, { ...ask, computeBudget: BUDGET });
  const again = await sign(ask.transaction, { ...ask, computeBudget: BUDGET });
  expect(again.requestId).toBe(first.requestId);
  const other = sign(ask.transaction, { ...ask, computeBudget: { ...BUDGET, pricePercentile: 51 } });
  await expect(other).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' });
});

it.each([
  ['a percentile above 100', { pricePercentile: 101 }, 'INVALID_FIELD', /price_percentile.*101/],
  ['a bound without a percentile', { maxPriceMicroLamports: 5n }, 'INVALID_FIELD', /price_percentile/],
])('refuses %s', async (_, computeBudget, reason, message) => {
  await expect(sign(transfer(5n), { computeBudget })).rejects.toMatchObject({
    reason,
    message: expect.stringMatching(message),
  });
});

it('signs nothing whose simulation fails, that has no room, or that somebody has signed', async () => {
  const { wallet, recipient } = gateway.environment;
  await expect(sign(unnamedProgramCall(wallet.address, recipient), { computeBudget: BUDGET })).rejects.toMatchObject({
    reason: 'COMPUTE_BUDGET_NOT_SETTABLE',
    message: expect.stringMatching(/simulated/),
  });
  const full = solTransfers(
    wallet.address,
    recipient,
    Array.from({ length: 60 }, () => 1n),
  );
  await expect(sign(full, { computeBudget: BUDGET })).rejects.toMatchObject({
    reason: 'COMPUTE_BUDGET_NOT_SETTABLE',
    message: expect.stringMatching(/no room.*1232/),
  });
  const signed = await sign(transfer(6n), {});
  const transaction = signed.outcome.case === 'signed' ? signed.outcome.value.transaction : new Uint8Array();
  await expect(sign(transaction, { computeBudget: BUDGET, setFreshBlockhash: false })).rejects.toMatchObject({
    reason: 'COMPUTE_BUDGET_NOT_SETTABLE',
    message: expect.stringMatching(/already signed/),
  });
});

function transfer(lamports: bigint): Uint8Array {
  const { wallet, recipient } = gateway.environment;
  return solTransfer(wallet.address, recipient, lamports);
}

/** A transfer by an agent that sets the price itself. */
function paying(microLamports: bigint): Uint8Array {
  const { wallet, recipient } = gateway.environment;
  const source = createNoopSigner(wallet.address);
  return wireTransaction(wallet.address, [
    getTransferSolInstruction({ source, destination: recipient, amount: 10_000n + microLamports }),
    getSetComputeUnitPriceInstruction({ microLamports }),
  ]);
}

type Budget = NonNullable<Parameters<typeof sign>[1]['computeBudget']>;

function send(transaction: Uint8Array, computeBudget: Budget) {
  const ask = { wallet: 'treasury', transaction, setFreshBlockhash: true, waitFor: WaitFor.CONFIRMED, computeBudget };
  return gateway.agent.unary(signAndSendTransaction, ask);
}

function sign(
  transaction: Uint8Array,
  more: {
    readonly computeBudget?: { setUnitLimit?: boolean; pricePercentile?: number; maxPriceMicroLamports?: bigint };
    readonly setFreshBlockhash?: boolean;
    readonly idempotencyKey?: string;
  },
) {
  return gateway.agent.unary(signTransaction, { wallet: 'treasury', setFreshBlockhash: true, ...more, transaction });
}

async function reached(requestId: string, wanted: RequestState): Promise<Uint8Array> {
  for await (const { request } of gateway.agent.stream(watchTransaction, { requestId })) {
    if (request?.state === wanted) return request.transaction;
  }
  throw new Error(`it ended without coming to state ${wanted}`);
}

/** What the transaction sets, and how many instructions it has beside. */
function budgetIn(wire: Uint8Array) {
  const parsed = parseTransaction(wire);
  if (parsed.kind !== 'parsed') throw new Error('what the gateway signed does not parse');
  const { instructions, staticAccounts } = parsed.value;
  const isBudget = ({ programIndex }: { readonly programIndex: number }) =>
    staticAccounts[programIndex]?.startsWith('ComputeBudget') === true;
  const bytes = (opcode: number) =>
    Buffer.from(instructions.find((each) => isBudget(each) && each.data[0] === opcode)?.data ?? []);
  return {
    limit: bytes(2).length === 0 ? null : bytes(2).readUInt32LE(1),
    price: bytes(3).readBigUInt64LE(1),
    others: instructions.filter((each) => !isBudget(each)).length,
  };
}
