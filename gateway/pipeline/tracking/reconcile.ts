// Owns the round that finds what is still reserved for requests that were decided, once a minute.
import { setTimeout as delay } from 'node:timers/promises';
import { GatewayError } from '../../core/errors.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';

const EVERY_MS = 60_000;

type ReconcileDeps = Pick<PipelineDeps, 'state' | 'observer' | 'warn'>;

/** At once, and then every minute until it is aborted; then ends after the step that is under way. */
export async function reconcileUntil(signal: AbortSignal, deps: ReconcileDeps): Promise<void> {
  while (!signal.aborted) {
    await reconcile(deps, signal);
    await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function reconcile({ state, observer, warn }: ReconcileDeps, signal: AbortSignal): Promise<void> {
  try {
    const requests = await state.reservations.reconcile(signal);
    if (requests > 0) observer.reconciled(requests);
  } catch (error) {
    const fault = error instanceof GatewayError ? error.reason : 'INTERNAL';
    warn('what decided requests have reserved could not be settled', { fault });
  }
}
