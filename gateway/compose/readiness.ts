// Owns whether this gateway should get calls: a policy decides, store and chain answer, the clock is right, signers can sign. Checked in the
// background, told by health and /readyz.
import type { HealthState } from '../rpc/health-service.ts';
import type { ReadyPart } from '../telemetry/http.ts';
import type { Backends } from './backends.ts';

const CHECK_EVERY_MS = 1_000;
const ANSWER_WITHIN_MS = 1_500;

export interface Readiness {
  check(): Promise<readonly ReadyPart[]>;
  /** Returns after the first check; from then on health follows. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Each throws while it is not ready; the text of the error is told. */
export type ReadinessChecks = Readonly<Record<'policy' | 'store' | 'chain' | 'clock', () => Promise<unknown>>>;

export function readinessChecks({ policy, state, chain }: Backends, clock: () => Promise<void>): ReadinessChecks {
  return {
    policy: async () => policy.current(),
    store: () => state.ping(),
    // Keeps the newest blockhash at hand too, so that no request waits for one.
    chain: () => chain.getLatestBlockhash(AbortSignal.timeout(ANSWER_WITHIN_MS)),
    clock,
  };
}

/** `watched`: parts that something else looks after, as they were last seen. */
export function readinessOf(
  parts: ReadinessChecks,
  health: HealthState,
  watched: () => readonly ReadyPart[],
): Readiness {
  const check = async (): Promise<readonly ReadyPart[]> => {
    const asked = await Promise.all(Object.entries(parts).map(([part, ask]) => partState(part, ask)));
    return [...asked, ...watched()];
  };
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;
  const round = async (): Promise<void> => {
    const states = await check();
    if (stopped) return;
    health.setServing(states.every((state) => state.ready));
    timer = setTimeout(() => void round(), CHECK_EVERY_MS);
  };
  return {
    check,
    start: round,
    stop: async () => {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      health.setServing(false);
    },
  };
}

async function partState(part: string, ask: () => Promise<unknown>): Promise<ReadyPart> {
  try {
    await withinTime(ask());
    return { part, ready: true };
  } catch (error) {
    return { part, ready: false, detail: error instanceof Error ? error.message : 'it does not answer' };
  }
}

async function withinTime(answer: Promise<unknown>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS);
  try {
    await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
