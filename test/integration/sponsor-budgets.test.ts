import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../gateway/cli/connection.ts';
import { AdminService } from '../../proto/gen/countersign/v1/admin_pb.ts';
import type { Budget } from '../../proto/gen/countersign/v1/budget_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { rawCall } from '../../relayer/localnet/testing/raw-rpc.ts';
import { lookNow } from './look-now.ts';
import { type SponsoredGateway, startSponsoredGateway } from './sponsored-gateway.ts';

const { getBudgets, signTransaction } = SigningService.method;
/** Of two signatures. */
const FEE = 10_000n;

let gateway: SponsoredGateway;

beforeAll(async () => {
  const terms = { max_per_transaction: 10_000, per_agent_per_day: 70_000, per_day: '0.0001 SOL' };
  gateway = await startSponsoredGateway({ careless: true, terms: () => terms });
});

afterAll(() => gateway.stop());

describe('what the sponsor pays in a day', () => {
  it('counts the fee of a transaction that lands and fails', { timeout: 20_000 }, async () => {
    const before = await gateway.lamports(gateway.sponsor);
    // More than there is: the transfer fails, and the fee is kept.
    const { transaction } = await gateway.sign(gateway.paid(gateway.sol(200_000_000_000n)));
    await rawCall(gateway.environment.localnet.rpcUrl, 'sendTransaction', [
      Buffer.from(transaction).toString('base64'),
      { encoding: 'base64', skipPreflight: true },
    ]);
    await expect.poll(() => gateway.lamports(gateway.sponsor)).toBe(before - FEE);
    const used = async () => {
      await lookNow(gateway.databaseUrl);
      return (await ownBudget())?.used;
    };
    await expect.poll(used).toBe(FEE.toString());
  });

  it('is held to for one agent, however many ask at once', { timeout: 20_000 }, async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => gateway.sign(gateway.paid(gateway.sol(BigInt(n + 1))))),
    );
    expect(answers.filter(({ outcome }) => outcome === 'signed')).toHaveLength(6);
    expect(new Set(answers.flatMap(({ codes }) => codes))).toEqual(new Set(['BUDGET_EXCEEDED']));
    const own = await ownBudget();
    expect(own).toMatchObject({ agent: 'trader', left: '0', limit: { max: '70000' } });
    expect(own?.limit?.measure).toMatchObject({ case: 'sponsored', value: { payer: gateway.sponsor } });
  });

  it('is held to for all agents together, and operators see it', { timeout: 20_000 }, async () => {
    const other = await gateway.newAgent('other', ['treasury']);
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(other, BigInt(100 + n))));
    const denials = outcomes.flatMap((outcome) => (outcome.case === 'denied' ? outcome.value.reasons : []));
    expect(outcomes.filter(({ case: kind }) => kind === 'signed')).toHaveLength(3);
    expect(new Set(denials.map(({ facts }) => facts.limit))).toEqual(new Set(['@sponsor/gas-station/all']));
    const { budgets } = await gateway.operator.unary(AdminService.method.listBudgets, {});
    expect(budgets.find(({ limit }) => limit?.id === '@sponsor/gas-station/all')).toMatchObject({ left: '0' });
  });
});

async function ask(agent: Connection, amount: bigint) {
  const transaction = gateway.paid(gateway.sol(amount));
  return (await agent.unary(signTransaction, { wallet: 'treasury', transaction, setFreshBlockhash: true })).outcome;
}

async function ownBudget(): Promise<Budget | undefined> {
  const { budgets } = await gateway.agent.unary(getBudgets, {});
  return budgets.find(({ limit }) => limit?.id === '@sponsor/gas-station/agent');
}
