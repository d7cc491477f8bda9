// Owns how long a call lives: until it is answered, its client leaves, its deadline passes or the gateway stops.
import type { EventEmitter } from 'node:events';
import { GatewayError } from '../core/errors.ts';

/** The part of a grpc-js server call that tells of its end. */
export interface EndingCall extends EventEmitter {
  getDeadline(): Date | number;
}

export interface CallLifetime {
  readonly signal: AbortSignal;
  /** Settles as the promise does, or rejects when the call ends first, whatever the promise does then. */
  whileOpen<T>(work: Promise<T>): Promise<T>;
  /** Ends the call from the gateway's side. */
  abort(reason: GatewayError): void;
  /** The call is answered; nothing is aborted from here on. */
  close(): void;
}

/** grpc-js only emits `cancelled`, for a client that left, for its deadline, and after every answer. */
export function openLifetime(call: EndingCall, deadlineMs: number | null): CallLifetime {
  const controller = new AbortController();
  const onCancelled = () => controller.abort(whyCancelled(call));
  call.once('cancelled', onCancelled);
  const timer = deadlineMs === null ? undefined : setTimeout(() => controller.abort(tooLate(deadlineMs)), deadlineMs);
  return {
    signal: controller.signal,
    whileOpen: (work) => whileOpen(work, controller.signal),
    abort: (reason) => controller.abort(reason),
    close() {
      call.off('cancelled', onCancelled);
      clearTimeout(timer);
    },
  };
}

function whileOpen<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function whyCancelled(call: EndingCall): GatewayError {
  const deadline = Number(call.getDeadline());
  return Date.now() >= deadline
    ? new GatewayError('DEADLINE_EXCEEDED', "the call's deadline has passed")
    : new GatewayError('CANCELLED', 'the client cancelled the call');
}

function tooLate(deadlineMs: number): GatewayError {
  return new GatewayError('DEADLINE_EXCEEDED', `the gateway answers a call within ${deadlineMs} ms`);
}
