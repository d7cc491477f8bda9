// Owns what happens around every handler: caller, bounds, lifetime, errors, metrics. No handler is reached any other way.
import { randomUUID } from 'node:crypto';
import {
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type Metadata,
  type ServerReadableStream,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';
import { GatewayError } from '../core/errors.ts';
import type { Principal } from '../core/principal/principal.ts';
import type { BoundMethod } from './bound-method.ts';
import { type CallLifetime, type EndingCall, openLifetime } from './call-lifetime.ts';
import { type CallLimits, type IncomingCall, isRefusal } from './call-limits.ts';
import { type CallStatus, internalError, statusOf } from './error-status.ts';
import type { EdgeLimits } from './limits.ts';
import type { OpenCalls } from './open-calls.ts';

/** Where faults that nobody foresaw go. */
export interface FaultLog {
  error(facts: object, message: string): void;
}

/** Told of every call: full service name, method name, name of the gRPC status, seconds. */
export interface CallObserver {
  grpcCall(service: string, method: string, statusName: string, seconds: number): void;
}

/** Who the caller is (`null`: nobody has to be known); throws what the caller is told when it may not call. */
export type Admission<P extends Principal | null> = (metadata: Metadata) => P | Promise<P>;

export interface Edge {
  readonly limits: EdgeLimits;
  readonly openCalls: OpenCalls;
  readonly callLimits: CallLimits;
  readonly log: FaultLog;
  readonly observer: CallObserver;
}

interface Served<P extends Principal | null> {
  readonly edge: Edge;
  readonly service: string;
  readonly admit: Admission<P>;
  readonly method: BoundMethod<P>;
}

export function unaryHandler<P extends Principal | null>(
  edge: Edge,
  service: string,
  admit: Admission<P>,
  method: BoundMethod<P> & { readonly kind: 'unary' },
): handleUnaryCall<Buffer, Uint8Array> {
  const served = { edge, service, admit, method };
  return (call, callback) => {
    const answer = async (lifetime: CallLifetime) => {
      const response = await lifetime.whileOpen(runUnary(served, method, call, lifetime.signal));
      lifetime.close();
      callback(null, response);
    };
    void serve(served, call, edge.limits.unaryDeadlineMs, answer).then((failure) => failure && callback(failure));
  };
}

export function streamHandler<P extends Principal | null>(
  edge: Edge,
  service: string,
  admit: Admission<P>,
  method: BoundMethod<P> & { readonly kind: 'stream' },
): handleServerStreamingCall<Buffer, Uint8Array> {
  const served = { edge, service, admit, method };
  return (call) => {
    const answer = async (lifetime: CallLifetime) => {
      const principal = await lifetime.whileOpen(edge.callLimits.admit(call, admit));
      edge.openCalls.becomeStream(lifetime, principal);
      const stopAsking = principal === null ? () => {} : endWhenRefused(lifetime, async () => admit(call.metadata));
      try {
        await pump(method.run(call.request, { principal, signal: lifetime.signal }), call, lifetime);
      } finally {
        stopAsking();
      }
      lifetime.close();
      call.end();
    };
    void serve(served, call, null, answer).then((failure) => failure && call.emit('error', failure));
  };
}

const ASKED_AGAIN_MS = 500;

/** Keys are revoked and roles taken while a stream is open: it then ends. Returns how to stop asking. */
function endWhenRefused(lifetime: CallLifetime, admitted: () => Promise<unknown>): () => void {
  const ask = (): void => {
    admitted().catch((error: unknown) => {
      if (isRefusal(error)) lifetime.abort(error);
    });
  };
  const timer = setInterval(ask, ASKED_AGAIN_MS).unref();
  return () => clearInterval(timer);
}

/** What a client sends in parts; the caller is known before the first of them is read. */
export function uploadHandler<P extends Principal | null>(
  edge: Edge,
  service: string,
  admit: Admission<P>,
  method: BoundMethod<P> & { readonly kind: 'upload' },
): handleClientStreamingCall<Buffer, Uint8Array> {
  const served = { edge, service, admit, method };
  return (call, callback) => {
    const answer = async (lifetime: CallLifetime) => {
      const principal = await lifetime.whileOpen(edge.callLimits.admit(call, admit));
      lifetime.signal.throwIfAborted();
      const run = method.run(received(call, lifetime), { principal, signal: lifetime.signal });
      const response = await lifetime.whileOpen(run);
      lifetime.close();
      callback(null, response);
    };
    void serve(served, call, edge.limits.unaryDeadlineMs, answer).then((failure) => failure && callback(failure));
  };
}

async function* received(
  call: ServerReadableStream<Buffer, Uint8Array>,
  lifetime: CallLifetime,
): AsyncIterable<Uint8Array> {
  const parts: AsyncIterator<Buffer> = call[Symbol.asyncIterator]();
  for (;;) {
    const next = await lifetime.whileOpen(parts.next());
    if (next.done === true) return;
    yield next.value;
  }
}

async function runUnary<P extends Principal | null>(
  { edge, admit }: Served<P>,
  method: BoundMethod<P> & { readonly kind: 'unary' },
  call: IncomingCall & { readonly request: Buffer },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const principal = await edge.callLimits.admit(call, admit);
  // The caller may have left while it was looked up.
  signal.throwIfAborted();
  return method.run(call.request, { principal, signal });
}

/** `null`: answered; otherwise what the caller has to be told. Never rejects: grpc-js would leave the client hanging. */
async function serve<P extends Principal | null>(
  served: Served<P>,
  call: EndingCall,
  deadlineMs: number | null,
  answer: (lifetime: CallLifetime) => Promise<void>,
): Promise<CallStatus | null> {
  const { edge, service, method } = served;
  const started = performance.now();
  const lifetime = openLifetime(call, deadlineMs);
  let failure: CallStatus | null = null;
  try {
    edge.openCalls.enter(lifetime);
    await answer(lifetime);
  } catch (error) {
    failure = statusOf(foreseen(error, served));
  } finally {
    lifetime.close();
    edge.openCalls.leave(lifetime);
  }
  const statusName = status[failure === null ? status.OK : failure.code] ?? 'UNKNOWN';
  edge.observer.grpcCall(service, method.name, statusName, (performance.now() - started) / 1000);
  return failure;
}

/** The text of a fault that nobody foresaw stays in the log. */
function foreseen<P extends Principal | null>(error: unknown, { edge, service, method }: Served<P>): GatewayError {
  if (error instanceof GatewayError && error.reason !== 'INTERNAL') return error;
  const correlationId = randomUUID();
  const facts = { err: error, correlation_id: correlationId, grpc_service: service, grpc_method: method.name };
  edge.log.error(facts, 'a call failed inside the gateway');
  return internalError(correlationId, error);
}

/** Writes as fast as the client reads, and stops when the call ends. */
async function pump(
  messages: AsyncIterable<Uint8Array>,
  call: ServerWritableStream<Buffer, Uint8Array>,
  lifetime: CallLifetime,
): Promise<void> {
  const iterator = messages[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await lifetime.whileOpen(iterator.next());
      if (next.done === true) return;
      if (!call.write(next.value)) await lifetime.whileOpen(drained(call));
    }
  } finally {
    // Not awaited: a generator that still waits for its own next value would hold the call.
    void iterator.return?.().catch(() => undefined);
  }
}

function drained(call: ServerWritableStream<Buffer, Uint8Array>): Promise<void> {
  return new Promise((resolve) => {
    call.once('drain', resolve);
  });
}
