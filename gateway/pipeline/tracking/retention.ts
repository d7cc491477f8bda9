// Owns the round that removes what is no longer kept, a little each minute, so that it never holds up what signs.
import { setTimeout as delay } from 'node:timers/promises';
import { GatewayError } from '../../core/errors.ts';
import type { State } from '../../state/contract/state.ts';

const EVERY_MS = 60_000;
/** In one transaction. */
const STEP = 500;
/** In one round, of each kind: some 30,000 a minute at most. */
const STEPS = 60;
const DAY_MS = 24 * 3600 * 1000;

export type Removed = 'audit_records' | 'requests' | 'session_keys';

export interface RetentionDeps {
  readonly retention: State['retention'];
  /** `null`: requests are kept for ever. */
  readonly requestsDays: number | null;
  /** After their end. */
  readonly sessionKeysDays: number;
  readonly removed: (what: Removed, count: number) => void;
  readonly warn: (message: string, facts: { readonly fault: string }) => void;
}

/** Returns how to end it; that waits for the step that is under way. */
export function startRetention(deps: RetentionDeps): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = (async () => {
    while (!signal.aborted) {
      await retain(deps, signal);
      await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  })();
  return async () => {
    stopping.abort();
    await running;
  };
}

export async function retain(deps: RetentionDeps, signal: AbortSignal): Promise<void> {
  const { retention, requestsDays, sessionKeysDays, removed, warn } = deps;
  try {
    await inSteps(
      signal,
      () => retention.deletePrunedAudit(STEP),
      (count) => removed('audit_records', count),
    );
    await inSteps(
      signal,
      () => retention.deleteSessionKeys(sessionKeysDays * DAY_MS, STEP),
      (count) => removed('session_keys', count),
    );
    if (requestsDays === null) return;
    const remove = () => retention.deleteRequests(requestsDays * DAY_MS, STEP);
    await inSteps(signal, remove, (count) => removed('requests', count));
  } catch (error) {
    const fault = error instanceof GatewayError ? error.reason : 'INTERNAL';
    warn('what is no longer kept could not be removed', { fault });
  }
}

async function inSteps(
  signal: AbortSignal,
  remove: () => Promise<number>,
  removed: (count: number) => void,
): Promise<void> {
  for (let step = 0; step < STEPS && !signal.aborted; step++) {
    const count = await remove();
    if (count > 0) removed(count);
    if (count < STEP) return;
  }
}
