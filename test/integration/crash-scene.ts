// Owns the scene of the crash matrix: agents and limits, what is asked at each point, and how a gateway comes to be killed there.
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, vi } from 'vitest';
import { openConnection } from '../../gateway/cli/connection.ts';
import type { CanonicalValue } from '../../gateway/core/canonical-json.ts';
import type { RequestState } from '../../gateway/core/request/request-state.ts';
import { buildBundle } from '../../gateway/policy/build/build-bundle.ts';
import type { State } from '../../gateway/state/contract/state.ts';
import { openState } from '../../gateway/state/open-state.ts';
import { ApprovalService } from '../../proto/gen/countersign/v1/approval_pb.ts';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { rawCall, sendRaw } from '../../relayer/localnet/testing/raw-rpc.ts';
import { readBalances } from '../../scripts/dev/funds.ts';
import { AGENT, developmentPolicyData, WALLET } from '../../scripts/dev/policy-data.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { CRASH_CASES, CRASH_POINTS, type CrashPoint } from './crash-points.ts';
import { withoutComputeUnits } from './doomed-transaction.ts';
import { enrollAgents } from './enroll-agents.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-processes.ts';
import { lookNow } from './look-now.ts';

/** `hasty` is frozen in the run; whatever `overdrawn` pays exceeds its limit. */
type AgentId = typeof AGENT | 'hasty' | 'overdrawn';

const { signTransaction, signAndSendTransaction } = SigningService.method;
const NEEDS_APPROVAL = 1_000_000_000n;
const PATIENCE = { timeout: 40_000, interval: 100 };
const PLENTY = 10n ** 15n;

export interface CrashScene {
  readonly fixture: TestGateway;
  readonly state: State;
  /** Asks as the agent of the case, or asks again: always under the same key. */
  ask(process: GatewayProcess, point: CrashPoint): Promise<Told>;
  stateAt(point: CrashPoint): Promise<RequestState | null>;
  /** Kills a gateway at each of these, one after the other. */
  kill(points: readonly CrashPoint[]): Promise<void>;
  /** Lets so many slots pass. */
  passSlots(slots: bigint): Promise<void>;
  recipientLamports(): Promise<bigint>;
  books(): Promise<readonly Book[]>;
  close(): Promise<void>;
}

export interface Told {
  readonly requestId: string;
  /** The signed transaction; `null`: there is none. */
  readonly transaction: Uint8Array | null;
}

export interface Book {
  readonly name: string;
  readonly reserved: string;
  readonly settled: string;
  readonly open: string;
}

/** Each case pays another amount, so that the recipient's balance tells exactly which were executed, and how often. */
export function amountOf(point: CrashPoint): bigint {
  const amount = 1_000n << BigInt(CRASH_POINTS.indexOf(point));
  return CRASH_CASES[point].errand === 'approved' ? NEEDS_APPROVAL + amount : amount;
}

export async function openCrashScene(): Promise<CrashScene> {
  // Blockhashes live for a minute: what is to land must not die while gateways start.
  const fixture = await startTestGateway({ config: { limits: { signer_timeout_ms: 500 } }, slotMilliseconds: 400 });
  const { environment, databaseUrl } = fixture;
  const { wallet, recipient, token, localnet, directory } = environment;
  const apiKeys = await enrollAgents<AgentId>(environment, ['hasty', 'overdrawn']);
  await environment.gateway.stop();
  await buildBundle({ data: policyData(environment), outDir: join(directory, 'bundle') });
  const state = await openState({ databaseUrl, instanceId: 'test' });

  function requestAt(point: CrashPoint) {
    const doomed = CRASH_CASES[point].errand === 'sign and fail';
    const build = doomed ? withoutComputeUnits : solTransfer;
    return {
      wallet: wallet.id,
      transaction: build(wallet.address, recipient, amountOf(point)),
      setFreshBlockhash: true,
      idempotencyKey: keyOf(point),
      context: { crash: point },
    };
  }

  const scene: CrashScene = {
    fixture,
    state,
    ask: async (process, point) => {
      const apiKey = apiKeys.get(agentOf(point));
      const connection =
        apiKey === undefined ? process.agent : openConnection({ address: process.dataPlane, apiKey, caFile: null });
      const call = isOnlySigned(point)
        ? connection.unary(signTransaction, requestAt(point))
        : connection.unary(signAndSendTransaction, { ...requestAt(point), waitFor: WaitFor.FINALIZED });
      const { requestId, outcome } = await call.finally(() => {
        if (connection !== process.agent) connection.close();
      });
      const isSigned = outcome.case === 'signed' || outcome.case === 'submitted';
      return { requestId, transaction: isSigned ? outcome.value.transaction : null };
    },
    stateAt: async (point) => (await state.requests.findByIdempotencyKey(agentOf(point), keyOf(point)))?.state ?? null,
    kill: async (points) => {
      for (const point of points) await killAt(scene, point);
    },
    passSlots: async (slots) => {
      await rawCall(localnet.rpcUrl, 'localnet_advanceSlots', [slots]);
    },
    recipientLamports: async () => (await readBalances(localnet.rpcUrl, recipient, token.address)).lamports,
    books: () => readBooks(databaseUrl),
    close: async () => {
      await state.close();
      await fixture.stop();
    },
  };
  return scene;
}

/** Resolves when the request has come to one of these states. */
export async function reaches(scene: CrashScene, point: CrashPoint, states: readonly RequestState[]): Promise<void> {
  await vi.waitFor(async () => expect(await scene.stateAt(point), point).toBeOneOf(states), PATIENCE);
}

async function killAt(scene: CrashScene, point: CrashPoint): Promise<void> {
  const process = await startGatewayProcess(scene.fixture, point);
  const answer = scene.ask(process, point).catch(() => null);
  if (isApproved(point)) await approve(process, answer);
  if (isOnlySigned(point)) await decide(scene, point, (await answer)?.transaction ?? null);
  if (point.includes('what landed is settled')) {
    await reaches(scene, point, ['CONFIRMED']);
    await scene.passSlots(SLOTS_TO_FINALITY);
  }
  expect(await process.ended, point).toBe('SIGKILL');
  await process.kill();
  await answer;
}

const SLOTS_TO_FINALITY = 40n;
/** Beyond the life of every blockhash, and its finality. */
const SLOTS_UNTIL_DECIDED = 400n;

/** `transaction`: as the agent got it; `null`: it never did. What is to fail is sent, and then time passes. */
async function decide(scene: CrashScene, point: CrashPoint, transaction: Uint8Array | null): Promise<void> {
  if (transaction === null) return;
  const { environment, databaseUrl } = scene.fixture;
  if (CRASH_CASES[point].errand === 'sign and fail') {
    const { error } = await sendRaw(environment.localnet.rpcUrl, transaction, { skipPreflight: true });
    if (error !== undefined) throw new Error(`the chain did not take it: ${String(error.message)}`);
  }
  await scene.passSlots(SLOTS_UNTIL_DECIDED);
  await lookNow(databaseUrl);
}

async function approve(process: GatewayProcess, asked: Promise<unknown>): Promise<void> {
  await asked;
  const { approvals } = await process.operator.unary(ApprovalService.method.listApprovals, {});
  const [approval] = approvals;
  if (approval === undefined) throw new Error('nothing waits for approval');
  const { approvalId, intentDigest } = approval;
  // The answer may be lost: the process dies as soon as it acts on the vote.
  await process.operator.unary(ApprovalService.method.approve, { approvalId, intentDigest }).catch(() => undefined);
}

function isApproved(point: CrashPoint): boolean {
  const { errand } = CRASH_CASES[point];
  return errand === 'approved' || errand === 'approved excess';
}

function isOnlySigned(point: CrashPoint): boolean {
  const { errand } = CRASH_CASES[point];
  return errand === 'sign' || errand === 'sign and fail';
}

function agentOf(point: CrashPoint): AgentId {
  const { errand } = CRASH_CASES[point];
  if (errand === 'frozen') return 'hasty';
  return errand === 'approved excess' ? 'overdrawn' : AGENT;
}

function keyOf(point: CrashPoint): string {
  return point.replaceAll(/[^a-z]/g, '-');
}

/** Limits that have room for all of it count what the wallet does, for the books. */
function policyData({ recipient, token }: TestGateway['environment']): CanonicalValue {
  const base = developmentPolicyData({ recipient, mint: token.address }).agents[AGENT].wallets[WALLET];
  const counting = { max: PLENTY, scope: 'wallet', lifetime: true };
  const approval = { quorum: 1n, groups: [], timeout_seconds: 3600n };
  const exceeded = { max: 1n, scope: 'agent', lifetime: true, on_exceed: 'require_approval', approval };
  const rules = (outflow: readonly CanonicalValue[]) => ({
    [WALLET]: {
      ...base,
      enabled: [...base.enabled, 'rate_limit'],
      spending_limit: { ...base.spending_limit, per_window: { SOL: outflow } },
      fee_limit: { ...base.fee_limit, per_window: { fee: [counting] } },
      rate_limit: { per_window: [counting] },
    },
  });
  const plain = { wallets: rules([counting]) };
  return { agents: { [AGENT]: plain, hasty: plain, overdrawn: { wallets: rules([counting, exceeded]) } } };
}

async function readBooks(databaseUrl: string): Promise<readonly Book[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; reserved: string; settled: string; open: string }>(
      `SELECT name, reserved::text, settled::text,
         (SELECT count(*) FROM reservations r WHERE r.budget_id = b.budget_id)::text AS open
       FROM budgets b ORDER BY name`,
    );
    return rows;
  } finally {
    await client.end();
  }
}
