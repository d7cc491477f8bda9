// Owns the activities of the fake: one for each body that was ever submitted, whoever submits it again (tkhq docs, Submissions: "the POST body
// is hashed into a fingerprint"); shapes as in tkhq/sdk, public_api.swagger.json: v1Activity, v1ActivityStatus.
import { createHash, randomUUID } from 'node:crypto';
import { TurnkeyFailure, type TurnkeyStatus } from './faults.ts';

/** How an activity goes. */
export interface Course {
  readonly ends: 'COMPLETED' | 'FAILED' | 'REJECTED' | 'CONSENSUS_NEEDED';
  /** How many more times it is PENDING when it is asked for. */
  readonly pending?: number;
  readonly failure?: TurnkeyStatus;
}

export interface Submitted {
  readonly organizationId: string;
  readonly type: string;
  readonly timestampMs: string;
  readonly intent: object;
  /** Does what was asked for, when it is due; `null`: the result comes without it. @throws TurnkeyFailure: then the activity fails. */
  readonly result: () => object | null;
}

export interface Activities {
  /** @throws TurnkeyFailure, and then there is no activity. */
  readonly submit: (body: Buffer, submission: () => Submitted) => object;
  /** `null`: there is none with this id. */
  readonly read: (organizationId: string, id: string) => object | null;
  /** Newest first, which is the fake's own choice, a page behind the one with the id `after`. */
  readonly list: (filter: ActivityFilter) => readonly object[];
  /** Of the next one that is new. */
  readonly setNextCourse: (course: Course) => void;
  /** Those that need consensus get it. */
  readonly approveAll: () => void;
  readonly count: () => number;
}

export interface ActivityFilter {
  readonly organizationId: string;
  /** Empty: all. */
  readonly statuses: readonly string[];
  readonly types: readonly string[];
  readonly limit: number;
  readonly after: string | undefined;
}

interface Kept {
  readonly id: string;
  readonly fingerprint: string;
  readonly submitted: Submitted;
  ends: Course['ends'];
  pending: number;
  failure: TurnkeyStatus | undefined;
  result: object | null | undefined;
}

export function createActivities(): Activities {
  const kept = new Map<string, Kept>();
  let next: Course = { ends: 'COMPLETED' };
  const show = (activity: Kept): object => ({ activity: shown(activity) });
  return {
    submit: (body, submission) => {
      const fingerprint = `sha256:${createHash('sha256').update(body).digest('hex')}`;
      const known = kept.get(fingerprint);
      if (known !== undefined) return show(known);
      const submitted = submission();
      const { ends, pending = 0, failure } = next;
      next = { ends: 'COMPLETED' };
      const activity = { id: randomUUID(), fingerprint, submitted, ends, pending, failure, result: undefined };
      kept.set(fingerprint, activity);
      return show(activity);
    },
    read: (organizationId, id) => {
      const activity = [...kept.values()].find((each) => each.id === id);
      if (activity?.submitted.organizationId !== organizationId) return null;
      activity.pending -= 1;
      return show(activity);
    },
    list: ({ organizationId, statuses, types, limit, after }) => {
      const fitting = [...kept.values()].reverse().filter((activity) => {
        const { submitted } = activity;
        if (submitted.organizationId !== organizationId) return false;
        if (types.length > 0 && !types.includes(submitted.type)) return false;
        return statuses.length === 0 || statuses.includes(`ACTIVITY_STATUS_${statusOf(activity)}`);
      });
      const from = after === undefined ? 0 : fitting.findIndex(({ id }) => id === after) + 1;
      return fitting.slice(from, from + limit).map(shown);
    },
    setNextCourse: (course) => {
      next = course;
    },
    approveAll: () => {
      for (const activity of kept.values()) {
        if (activity.ends !== 'CONSENSUS_NEEDED') continue;
        activity.ends = 'COMPLETED';
        settle(activity);
      }
    },
    count: () => kept.size,
  };
}

function statusOf({ pending, ends }: Kept): string {
  return pending > 0 ? 'PENDING' : ends;
}

/** Does what is due. */
function settle(activity: Kept): void {
  if (statusOf(activity) !== 'COMPLETED' || activity.result !== undefined) return;
  try {
    activity.result = activity.submitted.result();
  } catch (error) {
    if (!(error instanceof TurnkeyFailure)) throw error;
    activity.ends = 'FAILED';
    activity.failure = error.status;
  }
}

function shown(activity: Kept): object {
  settle(activity);
  const { id, fingerprint, submitted, failure } = activity;
  const status = statusOf(activity);
  return {
    id,
    organizationId: submitted.organizationId,
    status: `ACTIVITY_STATUS_${status}`,
    type: submitted.type,
    intent: submitted.intent,
    result: status === 'COMPLETED' ? (activity.result ?? {}) : {},
    votes: [],
    fingerprint,
    canApprove: status === 'CONSENSUS_NEEDED',
    canReject: status === 'CONSENSUS_NEEDED',
    createdAt: { seconds: submitted.timestampMs.slice(0, -3), nanos: '0' },
    updatedAt: { seconds: submitted.timestampMs.slice(0, -3), nanos: '0' },
    ...(status === 'FAILED' ? { failure } : {}),
  };
}
