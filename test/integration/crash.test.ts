import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyChain, verifyNoSignatureWithoutIntent } from '../../gateway/audit/verify.ts';
import type { AuditRecord } from '../../gateway/core/audit/audit-record.ts';
import { openState } from '../../gateway/state/open-state.ts';
import type { RequestRecord, State } from '../../gateway/state/state.ts';
import { ApprovalService } from '../../proto/gen/countersign/v1/approval_pb.ts';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { readBalances } from '../../scripts/dev/funds.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { CRASH_POINTS, type CrashPoint } from './crash-points.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-processes.ts';

const { signAndSendTransaction } = SigningService.method;

/** Each case pays another amount, so that the recipient's balance tells exactly which were executed, and how often. */
const AMOUNTS = new Map<CrashPoint, bigint>(CRASH_POINTS.map((point, i) => [point, 10n ** BigInt(i)]));
const NEEDS_APPROVAL = 1_000_000_000n;

/** What must have become of each request once a gateway runs again. */
const OUTCOMES: { readonly [P in CrashPoint]: 'none' | 'SIGNING_FAILED' | 'landed' } = {
  'before the intent is committed': 'none',
  'after the intent is committed': 'SIGNING_FAILED',
  'before the signer is called': 'SIGNING_FAILED',
  'before the signature is committed': 'SIGNING_FAILED',
  'after the signature is committed': 'landed',
  'after the submission, before it is recorded': 'landed',
  'after the submission is recorded': 'landed',
  'after the confirmation is recorded': 'landed',
  'before an approved intent is committed': 'landed',
};

let fixture: TestGateway;
let state: State;
let recovered: GatewayProcess;
let paidBefore: bigint;

beforeAll(async () => {
  fixture = await startTestGateway({
    config: { limits: { signer_timeout_ms: 500 } },
  });
  await fixture.environment.gateway.stop();
  state = await openState({ databaseUrl: fixture.databaseUrl, instanceId: 'test' });
  paidBefore = await recipientLamports();
  for (const point of CRASH_POINTS) await crashAt(point);
  recovered = await startGatewayProcess(fixture);
}, 120_000);

afterAll(async () => {
  await recovered?.kill();
  await state?.close();
  await fixture?.stop();
});

it.each(CRASH_POINTS)(
  'killed %s, every request is resolved by the next start',
  async (point) => {
    const wanted = OUTCOMES[point];
    if (wanted === 'none') {
      expect(await findRequest(point)).toBeNull();
      return;
    }
    await expect.poll(() => outcomeOf(point), { timeout: 40_000, interval: 200 }).toBe(wanted);
  },
  60_000,
);

it('executed exactly those that landed, each exactly once', async () => {
  const landed = CRASH_POINTS.filter((point) => OUTCOMES[point] === 'landed');
  const expected = landed.reduce((sum, point) => sum + amountOf(point), 0n);
  await expect.poll(recipientLamports, { timeout: 20_000 }).toBe(paidBefore + expected);
});

it('left an audit chain that is intact, with an intent before every signature', async () => {
  const verified = await verifyChain(allRecords(), sha256);
  expect(verified.kind).toBe('intact');
  expect((await verifyNoSignatureWithoutIntent(allRecords())).kind).toBe('intact');
});

it('gives a caller who asks again under the same key the recorded outcome, or a first one where nothing was recorded', async () => {
  const again = await recovered.agent.unary(signAndSendTransaction, ask('before the intent is committed'));
  expect(again.outcome.case).toBe('submitted');
  await expect(recovered.agent.unary(signAndSendTransaction, ask('before the signer is called'))).rejects.toMatchObject(
    {
      reason: 'SIGNING_INTERRUPTED',
      retry: 'safe',
    },
  );
  const landed = await recovered.agent.unary(signAndSendTransaction, ask('after the signature is committed'));
  expect(landed.outcome.case).toBe('submitted');
});

async function crashAt(point: CrashPoint): Promise<void> {
  const process = await startGatewayProcess(fixture, point);
  const answer = process.agent.unary(signAndSendTransaction, ask(point)).catch(() => null);
  if (point === 'before an approved intent is committed') await approve(process, answer);
  expect(await process.ended, point).toBe('SIGKILL');
  await process.kill();
  await answer;
}

async function approve(
  process: GatewayProcess,
  asked: Promise<{ readonly outcome: { readonly case?: string | undefined; readonly value?: unknown } } | null>,
): Promise<void> {
  await asked;
  const { approvals } = await process.operator.unary(ApprovalService.method.listApprovals, {});
  const [approval] = approvals;
  if (approval === undefined) throw new Error('nothing waits for approval');
  const { approvalId, intentDigest } = approval;
  // The answer may be lost: the process dies as soon as it acts on the vote.
  await process.operator.unary(ApprovalService.method.approve, { approvalId, intentDigest }).catch(() => undefined);
}

function ask(point: CrashPoint) {
  const { wallet, recipient } = fixture.environment;
  return {
    wallet: wallet.id,
    transaction: solTransfer(wallet.address, recipient, amountOf(point)),
    setFreshBlockhash: true,
    idempotencyKey: keyOf(point),
    context: { crash: point },
    waitFor: WaitFor.FINALIZED,
  };
}

function amountOf(point: CrashPoint): bigint {
  const amount = AMOUNTS.get(point) ?? 0n;
  return point === 'before an approved intent is committed' ? NEEDS_APPROVAL + amount : amount;
}

function keyOf(point: CrashPoint): string {
  return point.replaceAll(/[^a-z]/g, '-');
}

function findRequest(point: CrashPoint): Promise<RequestRecord | null> {
  return state.requests.findByIdempotencyKey('trader', keyOf(point));
}

async function outcomeOf(point: CrashPoint): Promise<string | undefined> {
  const request = await findRequest(point);
  const reached = request?.state;
  return reached === 'CONFIRMED' || reached === 'FINALIZED' ? 'landed' : reached;
}

async function recipientLamports(): Promise<bigint> {
  const { localnet, recipient, token } = fixture.environment;
  return (await readBalances(localnet.rpcUrl, recipient, token.address)).lamports;
}

async function* allRecords(): AsyncGenerator<AuditRecord> {
  let after = 0n;
  for (;;) {
    const records = await state.audit.readAfter(after, 500);
    if (records.length === 0) return;
    yield* records;
    after = records.at(-1)?.sequence ?? after;
  }
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
