// Proves that a gateway that simulates everything tells the policy nothing that speaks against an honest payment.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { solTransfer, solTransfers, tokenTransfer, unnamedProgramCall } from '../../tour/transactions.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ config: { simulation: { mode: 'always' } } });
});
afterAll(() => gateway.stop());

it.each(['a payment', 'several payments', 'a payment in tokens'])('%s agrees with its simulation', async (kind) => {
  const { wallet, recipient, token } = gateway.environment;
  const transaction = {
    'a payment': async () => solTransfer(wallet.address, recipient, 1_000_000n),
    'several payments': async () => solTransfers(wallet.address, recipient, [1_000_000n, 5n, 7n]),
    'a payment in tokens': () => tokenTransfer(wallet.address, recipient, token, 5n),
  }[kind];
  const { simulation, effects } = await evaluated((await transaction?.()) ?? new Uint8Array());
  // What it rests on is another matter: for a simulation every account is read.
  const { outflows, outflows_by_recipient, inflows, fee, rent_lamports, missing } = effects;
  const sums = { outflows, outflows_by_recipient, inflows, fee, rent_lamports, missing };
  expect(outflows).toHaveLength(1);
  expect(simulation).toMatchObject({ status: 'succeeded', complete: true, diverges: false, effects: sums });
});

it('a call of a program that is not there is told as a failure', async () => {
  const { wallet, recipient } = gateway.environment;
  const { simulation } = await evaluated(unnamedProgramCall(wallet.address, recipient));
  expect(simulation).toMatchObject({ status: 'failed' });
});

async function evaluated(transaction: Uint8Array) {
  const ask = { wallet: 'treasury', transaction, setFreshBlockhash: true };
  const { policyInput } = await gateway.agent.unary(SigningService.method.evaluateTransaction, ask);
  const input: { readonly simulation: unknown; readonly effects: Readonly<Record<string, unknown>> } = JSON.parse(
    Buffer.from(policyInput).toString(),
  );
  return input;
}
