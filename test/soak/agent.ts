// Owns how an agent of the soak behaves: it asks, asks again elsewhere where it got no outcome, and sends what it got signed, or not.
import { setTimeout as delay } from 'node:timers/promises';
import type { Address } from '@solana/kit';
import type { Connection } from '../../gateway/cli/connection.ts';
import { GatewayFault } from '../../gateway/cli/gateway-fault.ts';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { RequestState } from '../../proto/gen/countersign/v1/transaction_pb.ts';
import { sendRaw } from '../../relayer/localnet/testing/raw-rpc.ts';
import { WALLET } from '../../scripts/dev/policy-data.ts';
import type { SeededRandom } from '../differential/seeded-random.ts';
import { type Ask, transactionOf } from './ask.ts';
import type { Answer } from './evidence.ts';
import type { Fleet } from './fleet.ts';

export interface AgentDesk {
  readonly fleet: Fleet;
  readonly random: SeededRandom;
  readonly rpcUrl: string;
  readonly wallet: Address;
  readonly recipient: Address;
  readonly answers: Answer[];
  readonly faults: string[];
  readonly counts: { calls: number; repeated: number; unknown: number; sent: number };
  /** What agents send later. */
  readonly late: Promise<void>[];
}

const CALL_MS = 10_000;
/** Bounds a run in which something hangs; far more than any disturbance lasts. */
const GIVE_UP_MS = 90_000;

export async function perform(desk: AgentDesk, ask: Ask): Promise<void> {
  const told = await outcomeOf(desk, ask);
  if (told === null) return;
  if (told.transaction !== null && ask.method === 'sign') await send(desk, ask, told.transaction);
  if (ask.key !== null && desk.random.chance(10)) {
    desk.counts.repeated++;
    await outcomeOf(desk, ask);
  }
}

interface Told {
  /** Signed bytes. */
  readonly transaction: Uint8Array | null;
}

/** `null`: the call got no outcome, and there is no key to ask again with. */
async function outcomeOf(desk: AgentDesk, ask: Ask): Promise<Told | null> {
  const until = performance.now() + GIVE_UP_MS;
  while (performance.now() < until) {
    desk.counts.calls++;
    const attempt = await callOnce(desk, ask);
    if (attempt.kind === 'told') return { transaction: attempt.transaction };
    if (ask.key === null) {
      desk.counts.unknown++;
      return null;
    }
    await delay(10 + desk.random.below(60));
  }
  desk.faults.push(`the ask ${ask.index} got no outcome within ${GIVE_UP_MS} ms`);
  return null;
}

type Attempt = { readonly kind: 'told'; readonly transaction: Uint8Array | null } | { readonly kind: 'no outcome' };

async function callOnce(desk: AgentDesk, ask: Ask): Promise<Attempt> {
  try {
    const { requestId, outcome } = await call(desk.fleet.connection(desk.random, ask.agent), desk, ask);
    if (outcome.case === 'signed' || outcome.case === 'submitted') {
      const { signature, transaction } = outcome.value;
      desk.answers.push({ ask: ask.index, kind: 'signed', requestId, signature });
      return { kind: 'told', transaction };
    }
    if (outcome.case !== 'denied') desk.faults.push(`the ask ${ask.index} was answered ${outcome.case}`);
    desk.answers.push({ ask: ask.index, kind: 'denied', requestId, signature: null });
    return { kind: 'told', transaction: null };
  } catch (error) {
    return faultOf(desk, ask, error);
  }
}

function call(connection: Connection, { wallet, recipient, random }: AgentDesk, ask: Ask) {
  const request = {
    wallet: WALLET,
    transaction: transactionOf(ask, wallet, recipient),
    setFreshBlockhash: true,
    idempotencyKey: ask.key ?? '',
    context: { ask: String(ask.index) },
  };
  const options = { deadlineMs: CALL_MS };
  const { signTransaction, signAndSendTransaction } = SigningService.method;
  if (ask.method === 'sign') return connection.unary(signTransaction, request, options);
  const waitFor = random.chance(90) ? WaitFor.SUBMITTED : WaitFor.CONFIRMED;
  return connection.unary(signAndSendTransaction, { ...request, waitFor }, options);
}

/** Where nothing was signed for a recorded request, that is the outcome; after every other fault it may be asked again. */
async function faultOf(desk: AgentDesk, ask: Ask, error: unknown): Promise<Attempt> {
  if (!(error instanceof GatewayFault)) throw error;
  const { reason, retry, metadata, message } = error;
  const requestId = metadata.request_id;
  if (requestId !== undefined && (await hasFailedToSign(desk, ask, requestId))) {
    desk.answers.push({ ask: ask.index, kind: 'failed', requestId, signature: null });
    return { kind: 'told', transaction: null };
  }
  if (retry === 'never' || reason === 'INTERNAL') desk.faults.push(`the ask ${ask.index} met ${reason}: ${message}`);
  return { kind: 'no outcome' };
}

async function hasFailedToSign({ fleet, random }: AgentDesk, { agent }: Ask, requestId: string): Promise<boolean> {
  const { getTransaction } = SigningService.method;
  const look = fleet.connection(random, agent).unary(getTransaction, { requestId }, { deadlineMs: CALL_MS });
  return look.then(
    ({ request }) => request?.state === RequestState.SIGNING_FAILED,
    () => false,
  );
}

async function send(desk: AgentDesk, ask: Ask, transaction: Uint8Array): Promise<void> {
  const { rpcUrl, random, counts, late } = desk;
  if (ask.afterwards === 'keeps it') return;
  counts.sent++;
  const sending = () => sendRaw(rpcUrl, transaction, { skipPreflight: true }).then(() => undefined);
  if (ask.afterwards === 'sends it') await sending();
  else late.push(delay(100 + random.below(4_000)).then(sending));
}
