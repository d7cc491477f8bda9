// Owns waiting for a recorded request to move on, wherever it is moved.
import { GatewayError } from '../core/errors.ts';
import { isFinal } from '../core/request/request-state.ts';
import type { RequestRecord, RequestStore } from '../state/contract/request-store.ts';
import { abortReason } from './abort.ts';

/** Whether the one who asked has nothing to wait for: what is not to be sent ends with the signature, whatever becomes of it later. */
export function isSettled(request: RequestRecord): boolean {
  const { state, ask, walletSignature, isDue } = request;
  // Nobody will ever know more of it.
  const isGivenUp = state === 'INDETERMINATE' && !isDue;
  return isFinal(state) || isGivenUp || (walletSignature !== null && ask.method !== 'sign_and_send');
}

/** The current record and each later one that differs in state, slot, error or approval. Ends after a settled one. */
export async function* follow(
  requests: RequestStore,
  requestId: string,
  signal: AbortSignal,
): AsyncGenerator<RequestRecord, void, undefined> {
  const changes = changeSignal(requests, requestId, signal);
  try {
    let last: string | null = null;
    for (;;) {
      const changed = changes.next();
      const request = await requests.find(requestId);
      if (request === null) throw new GatewayError('REQUEST_NOT_FOUND', `no request ${requestId}`);
      const seen = `${request.state} ${request.slot} ${request.error} ${request.approvalId}`;
      if (seen !== last) yield request;
      last = seen;
      if (isSettled(request)) return;
      await changed;
      if (signal.aborted) throw leftWaiting(request, signal);
    }
  } finally {
    changes.stop();
  }
}

/** Resolves with the first record for which `done` holds, or the last settled one. Throws when `signal` is aborted first. */
export async function waitUntil(
  requests: RequestStore,
  requestId: string,
  done: (request: RequestRecord) => boolean,
  signal: AbortSignal,
): Promise<RequestRecord> {
  for await (const request of follow(requests, requestId, signal)) {
    if (done(request) || isSettled(request)) return request;
  }
  throw new GatewayError('INTERNAL', `the request ${requestId} ended without a record`);
}

/** What was recorded goes on without the one who waited for it. */
function leftWaiting({ requestId, state }: RequestRecord, signal: AbortSignal): GatewayError {
  const message = `the caller left or its deadline passed while the request was ${state}; it goes on, GetTransaction tells how`;
  return new GatewayError(abortReason(signal), message, { metadata: { request_id: requestId } });
}

interface ChangeSignal {
  /** Resolves at the next change or abort after this call. */
  next(): Promise<void>;
  stop(): void;
}

function changeSignal(requests: RequestStore, requestId: string, signal: AbortSignal): ChangeSignal {
  let wake: () => void = () => undefined;
  const callback = (): void => wake();
  const unsubscribe = requests.onChange(requestId, callback);
  signal.addEventListener('abort', callback);
  return {
    next: () =>
      new Promise((resolve) => {
        wake = resolve;
        if (signal.aborted) resolve();
      }),
    stop: () => {
      unsubscribe();
      signal.removeEventListener('abort', callback);
    },
  };
}
