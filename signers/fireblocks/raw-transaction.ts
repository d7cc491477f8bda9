// Owns transactions of the kind RAW, which is what Fireblocks makes of a request to sign: their statuses, and the wait for one to come to its end.
import * as z from 'zod';
import { pause } from '../pause.ts';
import { meaningOf } from './fault-meaning.ts';
import type { FireblocksAnswer, FireblocksApi } from './fireblocks-api.ts';

const word = z.string().regex(/^[A-Z0-9_]{1,64}$/);
const id = z.string().regex(/^[A-Za-z0-9-]{1,64}$/);

const createdSchema = z.object({ id, status: word });
const transactionSchema = z.object({
  id,
  externalTxId: z.string(),
  status: word,
  subStatus: word.nullish().catch(null),
  signedMessages: z
    .array(z.object({ publicKey: z.string().nullish(), signature: z.object({ fullSig: z.string() }) }))
    .nullish()
    .catch(null),
});

export type RawTransaction = z.output<typeof transactionSchema>;

/** The id of the transaction that was created; `null`: it is no answer to that. */
export function createdIn(body: unknown): string | null {
  const read = createdSchema.safeParse(body);
  return read.success ? read.data.id : null;
}

/** By its own id, or by the one that it was created with. */
export type Whereabouts = { readonly id: string } | { readonly externalTxId: string };

export type AwaitedTransaction =
  | { readonly kind: 'ended'; readonly transaction: RawTransaction }
  /** It may still come to a signature. */
  | {
      readonly kind: 'open';
      readonly reason: string;
      /** `open`: it waits for people. `throttled`: Fireblocks' last word was that it is asked too much. `null`: neither. */
      readonly cause: 'open' | 'throttled' | null;
    };

const FIRST_WAIT_MS = 150;
const LONGEST_WAIT_MS = 2_000;
/** Nothing comes after these; whatever else Fireblocks says, it is still at work. */
const FINAL: ReadonlySet<string> = new Set(['COMPLETED', 'BLOCKED', 'REJECTED', 'CANCELLED', 'FAILED', 'TIMEOUT']);

/** Statuses in which people decide, however long that takes them. */
const WITH_PEOPLE: ReadonlySet<string> = new Set(['PENDING_AUTHORIZATION', 'PENDING_3RD_PARTY_MANUAL_APPROVAL']);

/** Asks again and again, ever less often, until Fireblocks is done with it or the signal says stop. */
export async function awaitTransaction(
  api: FireblocksApi,
  externalTxId: string,
  where: Whereabouts,
  signal: AbortSignal,
): Promise<AwaitedTransaction> {
  const isCreated = 'id' in where;
  const name = isCreated ? `transaction ${where.id}` : `the transaction with the external id ${externalTxId}`;
  const path = isCreated ? `/transactions/${where.id}` : `/transactions/external_tx_id/${externalTxId}`;
  let cause: 'open' | 'throttled' | null = null;
  const open = (reason: string): AwaitedTransaction => ({ kind: 'open', reason: `${name}: ${reason}`, cause });
  // One that was there before may have ended long ago.
  let [backOffMs, holdMs, lastStatus] = [isCreated ? FIRST_WAIT_MS : 0, 0, 'not seen yet'];
  while (await pause(Math.max(backOffMs, holdMs), signal)) {
    backOffMs = Math.min(Math.max(backOffMs, FIRST_WAIT_MS) * 2, LONGEST_WAIT_MS);
    const answer = await api.call({ method: 'GET', path }, signal);
    holdMs = answer.kind === 'error' ? (answer.retryAfterMs ?? 0) : 0;
    if (answer.kind !== 'answered') {
      // A question that broke off with the call takes nothing back.
      if (answer.kind === 'error') cause = meaningOf(answer.fault) === 'closed' ? 'throttled' : null;
      const problem = problemOf(answer);
      if (problem !== null) return open(problem);
      continue;
    }
    const read = transactionSchema.safeParse(answer.body);
    const isAsked =
      read.success && read.data.externalTxId === externalTxId && (!isCreated || read.data.id === where.id);
    if (!isAsked) return open('what Fireblocks answered when it was asked for it is no such transaction');
    if (FINAL.has(read.data.status)) return { kind: 'ended', transaction: read.data };
    lastStatus = read.data.status;
    cause = WITH_PEOPLE.has(lastStatus) ? 'open' : null;
  }
  return open(`the call ended before Fireblocks was done; it was ${lastStatus}`);
}

/** `null`: it will pass, and the question can be asked again. */
function problemOf(answer: Exclude<FireblocksAnswer, { readonly kind: 'answered' }>): string | null {
  switch (answer.kind) {
    case 'lost':
      return null;
    case 'no secret':
      return answer.reason;
    case 'error': {
      const { fault } = answer;
      const meaning = meaningOf(fault);
      // What was just created may not be found at once.
      return meaning === 'closed' || meaning === 'outage' || fault.status === 404 ? null : fault.message;
    }
  }
}
