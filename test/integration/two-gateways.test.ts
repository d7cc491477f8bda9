import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyChain } from '../../gateway/audit/verify.ts';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-processes.ts';

const { signTransaction } = SigningService.method;
const REQUESTS_EACH = 150;

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

it('keep one gap-free chain while both sign', async () => {
  const answers = await Promise.all(
    gateways.flatMap(({ agent }) =>
      Array.from({ length: REQUESTS_EACH }, (_, i) => agent.unary(signTransaction, ask(BigInt(i + 1)))),
    ),
  );
  expect(answers.filter(({ outcome }) => outcome.case === 'signed')).toHaveLength(2 * REQUESTS_EACH);
  const verified = await verifyChain(records(), (bytes) => createHash('sha256').update(bytes).digest());
  expect(verified).toMatchObject({ kind: 'intact' });
});

it('sign one idempotency key once, whichever gateway is asked', async () => {
  const request = { ...ask(1n), idempotencyKey: crypto.randomUUID() };
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => gateways.map(({ agent }) => agent.unary(signTransaction, request))).flat(),
  );
  expect(new Set(answers.map(({ requestId }) => requestId)).size).toBe(1);
});

it('stream every record in order through either of them, none twice', async () => {
  const [first, second] = await Promise.all(gateways.map((gateway) => sequences(gateway)));
  expect(first).toEqual(second);
  expect(first).toEqual(first?.map((_, i) => BigInt(i + 1)));
});

function ask(lamports: bigint) {
  const { wallet, recipient } = fixture.environment;
  const transaction = solTransfer(wallet.address, recipient, lamports);
  return { wallet: wallet.id, transaction, setFreshBlockhash: true };
}

async function sequences({ operator }: GatewayProcess): Promise<readonly bigint[]> {
  const seen: bigint[] = [];
  const request = { afterSequence: 0n, stopAtHead: true };
  for await (const { record } of operator.stream(AuditService.method.streamAuditRecords, request)) {
    if (record !== undefined) seen.push(record.sequence);
  }
  return seen;
}

async function* records() {
  const [gateway] = gateways;
  if (gateway === undefined) return;
  const request = { afterSequence: 0n, stopAtHead: true };
  for await (const { record } of gateway.operator.stream(AuditService.method.streamAuditRecords, request)) {
    if (record !== undefined) yield record;
  }
}
