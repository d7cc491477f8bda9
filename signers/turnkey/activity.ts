// Owns activities, which is what Turnkey makes of a request to do something: their states, and the wait for one to come to its end.
import * as z from 'zod';
import { pause } from '../pause.ts';
import type { Unanswered } from '../service-answer.ts';
import { meaningOf } from './fault-meaning.ts';
import type { TurnkeyApi, TurnkeyFault } from './turnkey-api.ts';

export const activitySchema = z.object({
  id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  organizationId: z.string(),
  type: z.string(),
  status: z.string(),
  result: z
    .object({
      signTransactionResult: z.object({ signedTransaction: z.string() }).nullish(),
      signRawPayloadResult: z.object({ r: z.string(), s: z.string() }).nullish(),
      createWalletResult: z.object({ walletId: z.string(), addresses: z.array(z.string()) }).nullish(),
      deleteWalletsResult: z.object({ walletIds: z.array(z.string()) }).nullish(),
    })
    .nullish(),
  /** A `google.rpc.Status`. */
  failure: z.unknown().optional(),
});

const answerSchema = z.object({ activity: activitySchema });

export type Activity = z.output<typeof activitySchema>;

/** What it must be an activity of. */
export interface Expected {
  readonly organizationId: string;
  readonly type: string;
}

/** `null`: it is no such activity. */
export function activityIn(body: unknown, { organizationId, type }: Expected): Activity | null {
  const read = answerSchema.safeParse(body);
  if (!read.success) return null;
  const { activity } = read.data;
  return activity.organizationId === organizationId && activity.type === type ? activity : null;
}

export type AwaitedActivity =
  | { readonly kind: 'ended'; readonly activity: Activity }
  /** It may still come to what was asked for. */
  | {
      readonly kind: 'open';
      readonly reason: string;
      /** Turnkey's last word was that it is asked too much. */
      readonly isThrottled: boolean;
    };

const FIRST_WAIT_MS = 150;
const LONGEST_WAIT_MS = 2_000;
const UNDERWAY: ReadonlySet<string> = new Set(['ACTIVITY_STATUS_CREATED', 'ACTIVITY_STATUS_PENDING']);

export interface ActivityRequest extends Expected {
  readonly path: string;
  /** Unix milliseconds. */
  readonly timestampMs: number;
  readonly parameters: object;
}

/** The same request again, to the millisecond, is the same activity. */
export async function performActivity(
  api: TurnkeyApi,
  { path, type, timestampMs, organizationId, parameters }: ActivityRequest,
  signal: AbortSignal,
): Promise<AwaitedActivity | { readonly kind: 'unanswered'; readonly answer: Unanswered<TurnkeyFault> }> {
  const body = JSON.stringify({ type, timestampMs: String(timestampMs), organizationId, parameters });
  const answer = await api.post(path, body, signal);
  if (answer.kind !== 'answered') return { kind: 'unanswered', answer };
  const expected = { organizationId, type };
  const activity = activityIn(answer.body, expected);
  if (activity !== null) return awaitActivity(api, expected, activity, signal);
  const reason = 'Turnkey answered something that is no activity for this request';
  return { kind: 'open', reason, isThrottled: false };
}

/** Asks again and again, ever less often, until Turnkey is done with it or the signal says stop. */
export async function awaitActivity(
  api: TurnkeyApi,
  expected: Expected,
  submitted: Activity,
  signal: AbortSignal,
): Promise<AwaitedActivity> {
  const { id } = submitted;
  const body = JSON.stringify({ organizationId: expected.organizationId, activityId: id });
  let activity = submitted;
  let [backOffMs, holdMs, isThrottled] = [FIRST_WAIT_MS, 0, false];
  while (UNDERWAY.has(activity.status)) {
    if (!(await pause(Math.max(backOffMs, holdMs), signal))) {
      return open(id, 'the call ended before Turnkey was done', isThrottled);
    }
    backOffMs = Math.min(backOffMs * 2, LONGEST_WAIT_MS);
    const answer = await api.post('/public/v1/query/get_activity', body, signal);
    // A question that broke off with the call takes nothing back.
    if (answer.kind !== 'lost') isThrottled = answer.kind === 'error' && meaningOf(answer.fault) === 'closed';
    if (answer.kind !== 'answered') {
      const problem = problemOf(answer);
      if (problem !== null) return open(id, problem);
      holdMs = answer.kind === 'error' ? (answer.retryAfterMs ?? 0) : 0;
      continue;
    }
    const asked = activityIn(answer.body, expected);
    if (asked?.id !== id) return open(id, 'what Turnkey answered when it was asked again is no such activity');
    activity = asked;
  }
  return { kind: 'ended', activity };
}

function open(id: string, reason: string, isThrottled = false): AwaitedActivity {
  return { kind: 'open', reason: `activity ${id}: ${reason}`, isThrottled };
}

/** `null`: it will pass, and the question can be asked again. */
function problemOf(answer: Unanswered<TurnkeyFault>): string | null {
  switch (answer.kind) {
    case 'lost':
      return null;
    case 'no secret':
      return answer.reason;
    case 'error':
      return answer.fault.status === 429 || answer.fault.status >= 500 ? null : answer.fault.message;
  }
}
