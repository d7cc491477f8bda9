// A freeze at one gateway process, seen from another that signs as fast as it can.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AdminService, FreezeScope } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-processes.ts';

const CALLERS = 16;

let fixture: TestGateway;
let gateways: readonly GatewayProcess[];

beforeAll(async () => {
  fixture = await startTestGateway();
  await fixture.environment.gateway.stop();
  gateways = await Promise.all([startGatewayProcess(fixture), startGatewayProcess(fixture)]);
});

afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.kill()));
  await fixture.stop();
});

it('no signature is recorded after Freeze has answered, on any gateway, until Unfreeze', async () => {
  const [freezer] = gateways;
  if (freezer === undefined) throw new Error('no gateway');
  let isFrozen = false;
  const afterwards: string[] = [];
  let signed = 0;
  let isOver = false;
  const calling = gateways.flatMap(({ agent }) =>
    Array.from({ length: CALLERS }, async () => {
      while (!isOver) {
        const begunFrozen = isFrozen;
        const outcome = await outcomeOf(agent);
        if (outcome === 'signed') signed += 1;
        if (begunFrozen) afterwards.push(outcome);
      }
    }),
  );
  await expect.poll(() => signed).toBeGreaterThan(4 * CALLERS);
  const { freeze, unfreeze } = AdminService.method;
  const asked = { scope: FreezeScope.AGENT, target: 'trader', reason: 'stolen' };
  const { freeze: made } = await freezer.operator.unary(freeze, asked);
  isFrozen = true;
  const recorded = await recordedSignatures();
  await expect.poll(() => afterwards.length).toBeGreaterThan(4 * CALLERS);
  isOver = true;
  await Promise.all(calling);
  expect(new Set(afterwards)).toEqual(new Set(['FROZEN']));
  expect(await recordedSignatures()).toBe(recorded);
  expect(recorded).toBe(signed);
  await freezer.operator.unary(unfreeze, { freezeId: made?.freezeId ?? '', reason: 'found' });
  for (const { agent } of gateways) await expect.poll(() => outcomeOf(agent), { timeout: 1_000 }).toBe('signed');
});

let lamports = 0n;

/** `signed`, or the code of what it is not. */
async function outcomeOf(agent: GatewayProcess['agent']): Promise<string> {
  const { wallet, recipient } = fixture.environment;
  lamports += 1n;
  const transaction = solTransfer(wallet.address, recipient, lamports);
  const request = { wallet: wallet.id, transaction, setFreshBlockhash: true };
  try {
    const { outcome } = await agent.unary(SigningService.method.signTransaction, request);
    return outcome.case === 'denied' ? (outcome.value.reasons[0]?.code ?? '') : (outcome.case ?? '');
  } catch (error) {
    return error instanceof Error && 'reason' in error ? String(error.reason) : String(error);
  }
}

async function recordedSignatures(): Promise<number> {
  const [gateway] = gateways;
  if (gateway === undefined) throw new Error('no gateway');
  const request = { afterSequence: 0n, stopAtHead: true, filter: { kinds: ['request.signed'] } };
  let count = 0;
  for await (const { record } of gateway.operator.stream(AuditService.method.streamAuditRecords, request)) {
    if (record !== undefined) count += 1;
  }
  return count;
}
