// Owns the calls that a listener works on: how many there may be, and their end when the gateway stops.
import { GatewayError } from '../core/errors.ts';
import type { Principal } from '../core/principal/principal.ts';
import type { CallLifetime } from './call-lifetime.ts';
import type { EdgeLimits } from './limits.ts';

export interface OpenCalls {
  /** Throws OVERLOADED or SHUTTING_DOWN. Every call that entered must leave. */
  enter(lifetime: CallLifetime): void;
  /** Marks an entered call as a stream of its caller (`null`: nobody known); throws OVERLOADED above the caller's limit. */
  becomeStream(lifetime: CallLifetime, caller: Principal | null): void;
  leave(lifetime: CallLifetime): void;
  /** Lets no call enter any more and ends all streams, which never end by themselves. */
  drain(): void;
  /** Ends what is still open. */
  abortAll(): void;
}

export function createOpenCalls(limits: EdgeLimits): OpenCalls {
  const calls = new Set<CallLifetime>();
  const streams = new Map<CallLifetime, string>();
  let draining = false;
  return {
    enter(lifetime) {
      if (draining) throw shuttingDown();
      if (calls.size >= limits.maxCallsInFlight) {
        throw overloaded(`the gateway works on ${limits.maxCallsInFlight} calls already`);
      }
      calls.add(lifetime);
    },
    becomeStream(lifetime, caller) {
      if (draining) throw shuttingDown();
      const key = caller === null ? '' : `${caller.kind} ${caller.id}`;
      if (count(streams, key) >= limits.maxStreamsPerPrincipal) {
        throw overloaded(`this caller has ${limits.maxStreamsPerPrincipal} streams open already; close one`);
      }
      streams.set(lifetime, key);
    },
    leave(lifetime) {
      calls.delete(lifetime);
      streams.delete(lifetime);
    },
    drain() {
      draining = true;
      for (const lifetime of streams.keys()) lifetime.abort(shuttingDown());
    },
    abortAll() {
      for (const lifetime of calls) lifetime.abort(shuttingDown());
    },
  };
}

function count(streams: ReadonlyMap<CallLifetime, string>, key: string): number {
  let found = 0;
  for (const other of streams.values()) if (other === key) found++;
  return found;
}

function overloaded(message: string): GatewayError {
  return new GatewayError('OVERLOADED', message);
}

function shuttingDown(): GatewayError {
  return new GatewayError(
    'SHUTTING_DOWN',
    'the gateway is stopping; call another instance, or this one when it is back',
  );
}
