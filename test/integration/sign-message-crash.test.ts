import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyChain, verifyNoSignatureWithoutIntent } from '../../gateway/audit/verify.ts';
import type { AuditRecord } from '../../gateway/core/audit/audit-record.ts';
import type { State } from '../../gateway/state/contract/state.ts';
import { openState } from '../../gateway/state/open-state.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import type { CrashPoint } from './crash-points.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-processes.ts';

const { signMessage } = SigningService.method;

/** What must have become of a message once a gateway runs again. */
const OUTCOMES = [
  ['before the intent is committed', null],
  ['after the intent is committed', 'SIGNING_FAILED'],
  ['before the signer is called', 'SIGNING_FAILED'],
  ['before the signature is committed', 'SIGNING_FAILED'],
  ['after the signature is committed', 'SIGNED'],
] as const satisfies readonly (readonly [CrashPoint, string | null])[];

let fixture: TestGateway;
let state: State;
let recovered: GatewayProcess;

beforeAll(async () => {
  fixture = await startTestGateway({ config: { limits: { signer_timeout_ms: 500 } } });
  await fixture.environment.gateway.stop();
  state = await openState({ databaseUrl: fixture.databaseUrl, instanceId: 'test' });
  for (const [point] of OUTCOMES) {
    const process = await startGatewayProcess(fixture, point);
    const answer = process.agent.unary(signMessage, ask(point)).catch(() => null);
    expect(await process.ended, point).toBe('SIGKILL');
    await process.kill();
    await answer;
  }
  recovered = await startGatewayProcess(fixture);
}, 120_000);

afterAll(async () => {
  await recovered?.kill();
  await state?.close();
  await fixture?.stop();
});

it.each(OUTCOMES)('killed %s, a message is %s by the next start', async (point, wanted) => {
  const find = async () => (await state.requests.findByIdempotencyKey('trader', keyOf(point)))?.state ?? null;
  await expect.poll(find, { timeout: 20_000, interval: 100 }).toBe(wanted);
});

it('gives a caller who asks again the recorded outcome, or a first one where nothing was recorded', async () => {
  const again = async (point: CrashPoint) => recovered.agent.unary(signMessage, ask(point));
  expect((await again('before the intent is committed')).outcome.case).toBe('signed');
  await expect(again('before the signature is committed')).rejects.toMatchObject({ reason: 'SIGNING_INTERRUPTED' });
  const { outcome } = await again('after the signature is committed');
  const recorded = await state.requests.findByIdempotencyKey('trader', keyOf('after the signature is committed'));
  expect(outcome).toMatchObject({ case: 'signed', value: { signature: recorded?.walletSignature } });
});

it('left an audit chain that is intact, with an intent before every signature', async () => {
  expect((await verifyChain(allRecords(), sha256)).kind).toBe('intact');
  expect((await verifyNoSignatureWithoutIntent(allRecords())).kind).toBe('intact');
});

function ask(point: CrashPoint) {
  const text = `localhost wants you to sign in with your Solana account:\n${point}`;
  const message = new TextEncoder().encode(text);
  return { wallet: 'treasury', message, idempotencyKey: keyOf(point), context: { crash: point } };
}

function keyOf(point: CrashPoint): string {
  return point.replaceAll(/[^a-z]/g, '-');
}

async function* allRecords(): AsyncGenerator<AuditRecord> {
  yield* await state.audit.readAfter(0n, 10_000);
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
