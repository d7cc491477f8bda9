import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { verifyChain, verifyNoSignatureWithoutIntent } from '../../gateway/audit/verify.ts';
import type { AuditRecord } from '../../gateway/core/audit/audit-record.ts';
import type { RequestState } from '../../gateway/core/request/request-state.ts';
import { CRASH_CASES, CRASH_POINTS, type CrashPoint, type Fate } from './crash-points.ts';
import { amountOf, type CrashScene, openCrashScene, reaches } from './crash-scene.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-processes.ts';
import { lookNow } from './look-now.ts';

const FEE = 5_000n;
/** What must have become of each request once a gateway runs again. */
const STATES: { readonly [F in Fate]: RequestState | null } = {
  unrecorded: null,
  interrupted: 'SIGNING_FAILED',
  landed: 'FINALIZED',
  failed: 'FAILED',
  expired: 'EXPIRED',
};

let scene: CrashScene;
let recovered: GatewayProcess;
let paidBefore: bigint;

beforeAll(async () => {
  scene = await openCrashScene();
  paidBefore = await scene.recipientLamports();
  const asked = pointsWhere((point) => CRASH_CASES[point].killed === 'while asked');
  const tracked = pointsWhere((point) => CRASH_CASES[point].killed === 'while tracking');
  // Two at once, as there are cores; but one gateway would carry on what another is to be killed over.
  const alone = (point: CrashPoint) => CRASH_CASES[point].errand.startsWith('approved');
  const [first, second] = halves(asked.filter((point) => !alone(point)));
  await Promise.all([scene.kill(first), scene.kill(second)]);
  await scene.kill(asked.filter(alone));
  await carryOn(asked);
  await scene.kill(tracked);
  recovered = await startGatewayProcess(scene.fixture);
  const open = () => lookNow(scene.fixture.databaseUrl);
  await vi.waitFor(async () => expect(await open()).toBe(0), { timeout: 60_000, interval: 200 });
}, 300_000);

afterAll(async () => {
  await recovered?.kill();
  await scene?.close();
});

it.each(CRASH_POINTS)('killed %s, every request is resolved by the next start', async (point) => {
  expect(await scene.stateAt(point)).toBe(STATES[CRASH_CASES[point].fate]);
});

it('executed exactly those that landed, each exactly once', async () => {
  expect(await scene.recipientLamports()).toBe(paidBefore + landedAmount());
});

it('left nothing reserved, and settled what was used', async () => {
  const signed = withFate('landed', 'failed', 'expired').length;
  const paid = withFate('landed', 'failed').length;
  const excess = withFate('landed').filter((point) => CRASH_CASES[point].errand === 'approved excess');
  expect(await scene.books()).toEqual(
    [
      ['agent:overdrawn|outflow:SOL', sum(excess)],
      ['wallet:treasury|count', BigInt(signed)],
      ['wallet:treasury|fee', BigInt(paid) * FEE],
      ['wallet:treasury|outflow:SOL', landedAmount()],
    ].map(([name, settled]) => ({ name, settled: String(settled), reserved: '0', open: '0' })),
  );
});

it('left an audit chain that is intact, with an intent before every signature', async () => {
  const head = await scene.state.audit.head();
  expect(await verifyChain(allRecords(), sha256, head === null ? {} : { head })).toMatchObject({ kind: 'intact' });
  expect(await verifyNoSignatureWithoutIntent(allRecords())).toEqual({
    kind: 'intact',
    signatures: BigInt(withFate('landed', 'failed', 'expired').length),
  });
});

it.each(CRASH_POINTS)('asked again under the same key after a death %s, tells what is recorded', async (point) => {
  const { fate } = CRASH_CASES[point];
  const again = scene.ask(recovered, point);
  if (fate === 'interrupted') {
    await expect(again).rejects.toMatchObject({ reason: 'SIGNING_INTERRUPTED', retry: 'safe' });
    return;
  }
  // Waits for finality, which only what is asked for the first time still has to reach.
  if (fate === 'unrecorded') await reaches(scene, point, ['CONFIRMED']).then(() => scene.passSlots(40n));
  const { requestId, transaction } = await again;
  const request = await scene.state.requests.find(requestId);
  expect(request?.ask.context.crash).toBe(point);
  expect(hex(transaction)).toBe(hex(request?.signedTransaction));
  expect(await scene.stateAt(point)).toBe(fate === 'unrecorded' ? 'FINALIZED' : STATES[fate]);
});

/** A gateway that nobody kills meanwhile: what can be decided at once is. */
async function carryOn(asked: readonly CrashPoint[]): Promise<void> {
  const process = await startGatewayProcess(scene.fixture);
  for (const point of asked) {
    const { fate } = CRASH_CASES[point];
    if (fate === 'landed') await reaches(scene, point, ['CONFIRMED', 'FINALIZED']);
    if (fate === 'interrupted') await reaches(scene, point, ['SIGNING_FAILED']);
  }
  await process.kill();
}

function pointsWhere(fits: (point: CrashPoint) => boolean): readonly CrashPoint[] {
  return CRASH_POINTS.filter(fits);
}

function withFate(...fates: readonly Fate[]): readonly CrashPoint[] {
  return pointsWhere((point) => fates.includes(CRASH_CASES[point].fate));
}

function landedAmount(): bigint {
  return sum(withFate('landed'));
}

function sum(points: readonly CrashPoint[]): bigint {
  return points.reduce((total, point) => total + amountOf(point), 0n);
}

function halves(points: readonly CrashPoint[]): readonly [readonly CrashPoint[], readonly CrashPoint[]] {
  const middle = Math.ceil(points.length / 2);
  return [points.slice(0, middle), points.slice(middle)];
}

async function* allRecords(): AsyncGenerator<AuditRecord> {
  for (let after = 0n; ; ) {
    const records = await scene.state.audit.readAfter(after, 500);
    const last = records.at(-1);
    if (last === undefined) return;
    yield* records;
    after = last.sequence;
  }
}

function hex(bytes: Uint8Array | null | undefined): string {
  if (bytes === null || bytes === undefined) throw new Error('there is no signed transaction');
  return Buffer.from(bytes).toString('hex');
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
