// Owns the state machine of a signing request: one pure total function from state and event to the next state.
import { assertNever } from '../assert-never.ts';

export const REQUEST_STATES = [
  'RECEIVED',
  'EVALUATED',
  'DENIED',
  'AWAITING_APPROVAL',
  'SIGNING',
  'SIGNED',
  'SIGNING_FAILED',
  'SUBMITTED',
  'CONFIRMED',
  'FINALIZED',
  'FAILED',
  'EXPIRED',
  'INDETERMINATE',
] as const;

export type RequestState = (typeof REQUEST_STATES)[number];

export const REQUEST_EVENTS = [
  /** The policy gave a verdict. */
  'evaluated',
  /** The verdict was deny; or an approver refused, or the approval timed out. */
  'denied',
  /** The verdict was require_approval. */
  'approval_required',
  /** The verdict was allow, or approvals satisfied it: the intent is recorded. */
  'signing_started',
  /** A verified signature is at hand. */
  'signed',
  /** No signature was made, or none exists outside this gateway. */
  'signing_failed',
  /** No signature left the gateway, but its signer may have made one that others can come by. */
  'signing_unknown',
  /** The signed bytes were handed to a relayer, with whatever answer. */
  'submitted',
  'landed_confirmed',
  'landed_finalized',
  /** Landed with an error at commitment confirmed: a fork may still drop it, and land it without one. */
  'error_confirmed',
  /** Landed with an error at commitment finalized. */
  'landed_with_error',
  /** Its lifetime is over in a finalized block, and a node whose history reaches back does not find it. */
  'provably_dead',
  /** A node that had it no longer does, or nobody can tell. */
  'lost_sight',
] as const;

export type RequestEvent = (typeof REQUEST_EVENTS)[number];

export type Transition =
  | { readonly kind: 'moves'; readonly to: RequestState }
  /** The event says nothing new in this state. */
  | { readonly kind: 'stays' }
  /** The event must not happen in this state. */
  | { readonly kind: 'refused' };

const STAYS: Transition = { kind: 'stays' };
const REFUSED: Transition = { kind: 'refused' };

function moves(to: RequestState): Transition {
  return { kind: 'moves', to };
}

const EDGES: { readonly [S in RequestState]: { readonly [E in RequestEvent]?: RequestState } } = {
  RECEIVED: { evaluated: 'EVALUATED' },
  EVALUATED: { denied: 'DENIED', approval_required: 'AWAITING_APPROVAL', signing_started: 'SIGNING' },
  // A new judgement after approval may ask again, deny, or go on; an approval may outlive its blockhash.
  AWAITING_APPROVAL: {
    denied: 'DENIED',
    approval_required: 'AWAITING_APPROVAL',
    signing_started: 'SIGNING',
    provably_dead: 'EXPIRED',
  },
  DENIED: {},
  SIGNING: { signed: 'SIGNED', signing_failed: 'SIGNING_FAILED', signing_unknown: 'INDETERMINATE' },
  SIGNING_FAILED: {},
  SIGNED: landing({ submitted: 'SUBMITTED', error_confirmed: 'SIGNED' }),
  SUBMITTED: landing({ submitted: 'SUBMITTED', error_confirmed: 'SUBMITTED' }),
  INDETERMINATE: landing({ submitted: 'INDETERMINATE', error_confirmed: 'INDETERMINATE' }),
  // A fork may drop a confirmed transaction, or land it elsewhere with an error.
  CONFIRMED: {
    landed_confirmed: 'CONFIRMED',
    landed_finalized: 'FINALIZED',
    error_confirmed: 'INDETERMINATE',
    landed_with_error: 'FAILED',
    lost_sight: 'INDETERMINATE',
  },
  FINALIZED: {},
  FAILED: {},
  EXPIRED: {},
};

function landing(more: { readonly [E in RequestEvent]?: RequestState }): {
  readonly [E in RequestEvent]?: RequestState;
} {
  return {
    ...more,
    landed_confirmed: 'CONFIRMED',
    landed_finalized: 'FINALIZED',
    landed_with_error: 'FAILED',
    provably_dead: 'EXPIRED',
    lost_sight: 'INDETERMINATE',
  };
}

/** Total: every pair of state and event has an answer. */
export function transition(state: RequestState, event: RequestEvent): Transition {
  const to = EDGES[state][event];
  if (to === undefined) return REFUSED;
  return to === state ? STAYS : moves(to);
}

/** The next state; throws where the event must not happen, because then the caller is wrong. */
export function nextState(state: RequestState, event: RequestEvent): RequestState {
  const next = transition(state, event);
  switch (next.kind) {
    case 'moves':
      return next.to;
    case 'stays':
      return state;
    case 'refused':
      throw new Error(`a request in state ${state} cannot take the event ${event}`);
    default:
      return assertNever(next);
  }
}

/** No event moves a request out of such a state. */
export function isFinal(state: RequestState): boolean {
  return REQUEST_EVENTS.every((event) => transition(state, event).kind === 'refused');
}
