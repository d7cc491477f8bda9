// Owns what stands round every remote signer: room for so many calls, a rest where the service has too much to do, a circuit breaker, one
// retry, and a verified signature.
import type { SignContext, Signer, SignerCheck, SignResult } from '../signer.ts';
import { type Attempt, attemptToSign } from './attempt.ts';
import type { BulkheadOptions } from './bulkhead.ts';
import { type BreakerState, createCircuitBreaker } from './circuit-breaker.ts';
import { type GuardClock, REAL_CLOCK } from './guard-clock.ts';
import { createServiceRoom, type ServiceRoom } from './service-room.ts';

export interface GuardOptions extends BulkheadOptions {
  /** How long one attempt may take. */
  readonly timeoutMs: number;
  /** The breaker opened or closed again. */
  readonly breakerMoved?: (state: 'closed' | 'open') => void;
  readonly clock?: GuardClock;
}

export interface GuardState {
  readonly breaker: BreakerState;
  readonly inFlight: number;
  readonly waiting: number;
  /** How long the service, which had too much to do, is left alone yet, milliseconds; 0: it may be asked. */
  readonly restMs: number;
}

export interface GuardedSigner extends Signer {
  readonly guardState: () => GuardState;
}

/** Where the service does not say how long: so that those who failed together do not come back together. */
const PAUSE_MS = { least: 50, most: 150 };

/** The same signer to those who ask it. Closing it closes what is inside. */
export function guardSigner(signer: Signer, options: GuardOptions): GuardedSigner {
  const room = createServiceRoom(options, options.clock);
  const guarded = guardSignerIn(room, signer, options);
  return {
    ...guarded,
    close: () => {
      room.rest.end();
      return guarded.close();
    },
  };
}

/** Of several keys of one service, which share its room: that one of them fails is the fault of that one alone. */
export function guardSignerIn(
  { bulkhead, rest, limits }: ServiceRoom,
  signer: Signer,
  { timeoutMs, breakerMoved = () => undefined, clock = REAL_CLOCK }: Omit<GuardOptions, keyof BulkheadOptions>,
): GuardedSigner {
  const breaker = createCircuitBreaker(clock.elapsedMs, breakerMoved);

  const attempt = async (messageBytes: Uint8Array, context: SignContext): Promise<Attempt> => {
    const passage = breaker.pass();
    if (passage === null) return { result: leftAlone(), shows: 'nothing' };
    const made = await attemptToSign(signer, messageBytes, context, timeoutMs);
    passage[VERDICTS[made.shows]]();
    if (isThrottled(made.result)) rest.take(made.result.retryAfterMs);
    return made;
  };
  const attempts = async (messageBytes: Uint8Array, context: SignContext): Promise<SignResult> => {
    const { result: first, shows } = await attempt(messageBytes, context);
    if (first.kind !== 'unavailable' || shows !== 'fails') return first;
    if (!breaker.admits() || (first.ambiguous && !signer.repeatable)) return first;
    const pauseMs = first.retryAfterMs ?? PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least);
    if (context.signal.aborted || !(Date.now() + pauseMs < context.deadline)) return first;
    await clock.pause(pauseMs, context.signal).catch(() => undefined);
    if (context.signal.aborted || !breaker.admits()) return first;
    return afterFirst(first, (await attempt(messageBytes, context)).result);
  };
  /** `before`: what a service that had too much to do answered the same call. */
  const sign = async (
    messageBytes: Uint8Array,
    context: SignContext,
    before: SignResult | null,
  ): Promise<SignResult> => {
    const restMs = rest.leftMs();
    if (restMs > 0 && !(Date.now() + restMs < context.deadline)) return before ?? resting(restMs);
    const entry = await bulkhead.enter(context.caller ?? '', context.signal, before !== null);
    if (entry.kind === 'full') return before ?? full(limits);
    if (entry.kind === 'gave up')
      return before ?? unsent('the caller left, or its time was over, while it waited for its turn');
    const result = await attempts(messageBytes, context).finally(entry.leave);
    return isThrottled(result) && !result.ambiguous ? sign(messageBytes, context, result) : result;
  };
  return {
    name: signer.name,
    backend: signer.backend,
    address: signer.address,
    custody: signer.custody,
    repeatable: signer.repeatable,
    sign: async (messageBytes, context) => (breaker.admits() ? sign(messageBytes, context, null) : leftAlone()),
    check: (signal) => signer.check(signal).catch((): SignerCheck => FAILED_CHECK),
    close: () => signer.close(),
    guardState: () => ({
      breaker: breaker.state(),
      inFlight: bulkhead.inFlight(),
      waiting: bulkhead.waiting(),
      restMs: rest.leftMs(),
    }),
  };
}

const VERDICTS = { works: 'succeeded', fails: 'failed', nothing: 'unjudged' } as const;

const FAILED_CHECK: SignerCheck = { kind: 'failed', field: null, reason: 'it failed without an answer' };

/** What the first attempt may have left behind is not undone by what became of the second. */
function afterFirst(first: Extract<SignResult, { readonly kind: 'unavailable' }>, second: SignResult): SignResult {
  if (second.kind === 'signed' || !first.ambiguous) return second;
  const reason = `${second.reason}; the attempt before may have been heard`;
  return second.kind === 'unavailable'
    ? { ...second, reason, ambiguous: true }
    : { kind: 'unavailable', reason, ambiguous: true };
}

function isThrottled(result: SignResult): result is Extract<SignResult, { readonly kind: 'unavailable' }> {
  return result.kind === 'unavailable' && result.cause === 'throttled';
}

function full({ maxInFlight, maxWaiting }: BulkheadOptions): SignResult {
  return { kind: 'overloaded', reason: `it has room for ${maxInFlight} at once, and ${maxWaiting} wait already` };
}

function resting(milliseconds: number): SignResult {
  const seconds = Math.ceil(milliseconds / 1_000);
  return { kind: 'overloaded', reason: `it has too much to do, and asked to be left alone for ${seconds} s more` };
}

function leftAlone(): SignResult {
  return unsent('it kept failing, and is left alone for a while');
}

function unsent(reason: string): SignResult {
  return { kind: 'unavailable', reason, ambiguous: false };
}
