// Owns how an agent of the soak behaves: it asks, asks again elsewhere where it got no outcome, waits for people, and sends what it got
// signed, or not.
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
import { decide, type People } from './people.ts';

export interface AgentDesk {
  readonly fleet: Fleet;
  readonly people: People;
  readonly random: SeededRandom;
  readonly rpcUrl: string;
  readonly wallet: Address;
  readonly recipient: Address;
  readonly answers: Answer[];
  readonly faults: string[];
  readonly counts: { calls: number; repeated: number; unknown: number; sent: number };
  /** Returns when nothing that stops everybody is frozen. */
  readonly thaw: () => Promise<void>;
  /** What agents do later: they send, or wait for people. */
  readonly late: Promise<void>[];
}

const CALL_MS = 10_000;
/** How often an agent that is told of a freeze asks on at once, in percent. */
const ASKS_ON = 20;
/** Bounds a run in which something hangs; far more than any disturbance lasts. */
const GIVE_UP_MS = 90_000;

/** What waits for people, or is sent later, goes on beside. */
export async function perform(desk: AgentDesk, ask: Ask): Promise<void> {
  const told = await outcomeOf(desk, ask);
  if (told === null) return;
  if (told.kind === 'pending') {
    const waiting = waitForPeople(desk, ask, told.approvalId);
    desk.late.push(waiting.catch((error: unknown) => void desk.faults.push(`the ask ${ask.index}: ${String(error)}`)));
  } else await goOn(desk, ask, told);
}

async function goOn(desk: AgentDesk, ask: Ask, told: Told): Promise<void> {
  if (told.transaction !== null && ask.method === 'sign') await send(desk, ask, told.transaction);
  if (ask.key !== null && desk.random.chance(10)) {
    desk.counts.repeated++;
    await outcomeOf(desk, ask);
  }
  if (told.isFrozen && !desk.random.chance(ASKS_ON)) await desk.thaw();
}

/** A new judgement can ask people again. */
async function waitForPeople(desk: AgentDesk, ask: Ask, firstApproval: string): Promise<void> {
  const until = performance.now() + GIVE_UP_MS;
  const decided = new Set<string>();
  let approvalId = firstApproval;
  while (performance.now() < until) {
    if (!decided.has(approvalId)) await decide(desk.people, ask, approvalId);
    decided.add(approvalId);
    await delay(300 + desk.random.below(500));
    const told = await outcomeOf(desk, ask);
    if (told === null) return;
    if (told.kind === 'told') return goOn(desk, ask, told);
    approvalId = told.approvalId;
  }
  desk.faults.push(`the ask ${ask.index} waits for approval for more than ${GIVE_UP_MS} ms`);
}

interface Told {
  readonly kind: 'told';
  /** Signed bytes. */
  readonly transaction: Uint8Array | null;
  readonly isFrozen: boolean;
}

interface Pending {
  readonly kind: 'pending';
  readonly approvalId: string;
}

/** `null`: the call got no outcome, and there is no key to ask again with. */
async function outcomeOf(desk: AgentDesk, ask: Ask): Promise<Told | Pending | null> {
  const until = performance.now() + GIVE_UP_MS;
  while (performance.now() < until) {
    desk.counts.calls++;
    const attempt = await callOnce(desk, ask);
    if (attempt.kind !== 'no outcome') return attempt;
    if (ask.key === null) {
      desk.counts.unknown++;
      return null;
    }
    await delay(10 + desk.random.below(60));
  }
  desk.faults.push(`the ask ${ask.index} got no outcome within ${GIVE_UP_MS} ms`);
  return null;
}

type Attempt = Told | Pending | { readonly kind: 'no outcome' };

async function callOnce(desk: AgentDesk, ask: Ask): Promise<Attempt> {
  try {
    const { requestId, outcome } = await call(desk.fleet.connection(desk.random, ask.agent), desk, ask);
    if (outcome.case === 'signed' || outcome.case === 'submitted') {
      const { signature, transaction } = outcome.value;
      desk.answers.push({ ask: ask.index, kind: 'signed', requestId, signature });
      return { kind: 'told', transaction, isFrozen: false };
    }
    if (outcome.case === 'pendingApproval') return { kind: 'pending', approvalId: outcome.value.approvalId };
    if (outcome.case !== 'denied') desk.faults.push(`the ask ${ask.index} was answered ${outcome.case}`);
    desk.answers.push({ ask: ask.index, kind: 'denied', requestId, signature: null });
    const isFrozen = outcome.case === 'denied' && outcome.value.reasons[0]?.code === 'FROZEN';
    return { kind: 'told', transaction: null, isFrozen };
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

/**
 * Where nothing was signed for a recorded request, or what was signed is not sent because it is frozen, that is the outcome; after every
 * other fault it may be asked again.
 */
async function faultOf(desk: AgentDesk, ask: Ask, error: unknown): Promise<Attempt> {
  if (!(error instanceof GatewayFault)) throw error;
  const { reason, retry, metadata, message } = error;
  const requestId = metadata.request_id;
  const isFrozen = reason === 'FROZEN';
  const state = requestId === undefined ? null : await stateOf(desk, ask, requestId);
  if (requestId !== undefined && (state === RequestState.SIGNING_FAILED || (isFrozen && state !== null))) {
    const kind = state === RequestState.SIGNING_FAILED ? 'failed' : 'held';
    desk.answers.push({ ask: ask.index, kind, requestId, signature: null });
    return { kind: 'told', transaction: null, isFrozen };
  }
  const isUnheardOf = (retry === 'never' && !isFrozen) || reason === 'INTERNAL';
  if (isUnheardOf) desk.faults.push(`the ask ${ask.index} met ${reason}: ${message}`);
  return { kind: 'no outcome' };
}

/** `null`: it cannot be told now. */
async function stateOf({ fleet, random }: AgentDesk, { agent }: Ask, requestId: string): Promise<RequestState | null> {
  const { getTransaction } = SigningService.method;
  const look = fleet.connection(random, agent).unary(getTransaction, { requestId }, { deadlineMs: CALL_MS });
  return look.then(
    ({ request }) => request?.state ?? null,
    () => null,
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
