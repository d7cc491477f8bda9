// Owns grpc.health.v1: whether this listener should get calls. Needs no API key.
import { Health, HealthCheckResponse_ServingStatus as Status } from '../../proto/gen/grpc/health/v1/health_pb.ts';
import { GatewayError } from '../core/errors.ts';
import { type BoundMethod, serverStream, unary } from './bound-method.ts';

/** One answer for all services of a gateway: they share every dependency. */
export interface HealthState {
  serving(): boolean;
  setServing(serving: boolean): void;
  /** Calls back after every change; returns how to stop. */
  onChange(callback: () => void): () => void;
}

/** Not serving until told otherwise. */
export function createHealthState(): HealthState {
  const callbacks = new Set<() => void>();
  let serving = false;
  return {
    serving: () => serving,
    setServing(next) {
      if (next === serving) return;
      serving = next;
      for (const callback of callbacks) callback();
    },
    onChange(callback) {
      const own = () => callback();
      callbacks.add(own);
      return () => callbacks.delete(own);
    },
  };
}

/** `services`: full names that a caller may ask for; the empty name is the whole listener. */
export function healthMethods(state: HealthState, services: readonly string[]): readonly BoundMethod<null>[] {
  const isKnown = (service: string) => service === '' || services.includes(service);
  return [
    unary(Health.method.check, async ({ service }) => {
      if (isKnown(service)) return { status: statusOf(state) };
      throw new GatewayError('SERVICE_NOT_FOUND', `this listener has no such service; it has ${services.join(', ')}`);
    }),
    serverStream(Health.method.watch, ({ service }, { signal }) =>
      isKnown(service) ? changes(state, signal) : never(Status.SERVICE_UNKNOWN, signal),
    ),
  ];
}

function statusOf(state: HealthState): Status {
  return state.serving() ? Status.SERVING : Status.NOT_SERVING;
}

async function* changes(state: HealthState, signal: AbortSignal): AsyncGenerator<{ status: Status }> {
  let wake = () => {};
  const wakeUp = () => wake();
  const stop = state.onChange(wakeUp);
  signal.addEventListener('abort', wakeUp);
  try {
    let told: Status | null = null;
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const status = statusOf(state);
      if (status === told) await woken;
      else yield { status };
      told = status;
    }
  } finally {
    stop();
    signal.removeEventListener('abort', wakeUp);
  }
}

async function* never(status: Status, signal: AbortSignal): AsyncGenerator<{ status: Status }> {
  yield { status };
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
